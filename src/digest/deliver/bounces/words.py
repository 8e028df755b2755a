"""The words by which mail servers' sentences are known, where their codes say nothing.

Most servers speak English; a few of the languages that others speak stand below. No pattern can run away: what repeats
is bounded, and the texts are clipped.
"""

from __future__ import annotations

import re


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


_MAILBOX = r"(?:user|recipient|mailbox|account|address|addressee|alias|e-?mail|inbox)"
_ABSENT = (
    r"(?:(?:is |was )?(?:unknown|not known)|(?:does |did )?(?:n't|not|no longer) exists?\b"
    r"|(?:is |was |were |could )?not (?:be )?found"
    r"|is (?:not|no longer) (?:valid|a valid|available|active|in use)|(?:is |has been )?(?:disabled|inactive"
    r"|deactivated|closed|deleted|discontinued|terminated|frozen|invalid)|unavailable|non-?existent)"
)

URL = re.compile(r"https?://\S+", re.IGNORECASE)  # they lead to pages on spam and policy from any sentence

# They turn our own address away, or the machine that brings our mail.
OF_SENDER = _any(
    r"sender (?:address |domain )?(?:was |is )?(?:rejected|denied|blocked|refused|not allowed|unknown|verif)",
    r"(?:unrout\w+|invalid|bad|unknown|unverified|unauthenticated) senders?\b|\bfrom: \w+ is invalid",
    r"(?:relay|relaying) (?:access )?(?:denied|not permitted|prohibited)|open relay|insecure mail relay",
)
# They want no mail like this, or none from us.
REFUSED = _any(
    r"\b(?:spam|unsolicited|blacklist\w*|blocklist\w*|block list|dnsbl|rbl|spamhaus|reputation|dmarc|dkim|spf)\b",
    r"(?:client host|ip address|your (?:ip|host|server|message|mail|e-?mail)).{0,80}?\b(?:block|reject|ban|refus|deni)",
    r"\b(?:policy|policies|administrative(?:ly)?|forbidden|banned|blocked|denied|abuse)\b",
    r"\b(?:ptr|rdns|reverse dns|helo|ip name lookup|invalid ip)\b|relay quota|(?:address|sender|domain) is not verified",
    r"not (?:authori[sz]ed|allowed|permitted)|no access from",
    r"content (?:was |is )?(?:rejected|refused|denied)",
)
FULL = _any(
    r"(?:over|exceed\w*|insufficient|out of|beyond|above)(?: \w+){0,4} (?:quota|storage|disk|space|limit)",
    r"quota (?:is |was |has been )?(?:exceeded|full)",
    rf"{_MAILBOX}(?: \S+)? (?:is |was )?(?:too )?full",
    r"(?:storage|mailbox|size) (?:limit|quota)",
    r"(?:try|retry) (?:again )?later|temporar|too (?:many|quickly)|at a rate|timed? ?out|greylist",
    r"connection (?:refused|lost)|not accepting connections",
)
TOO_LARGE = _any(
    r"message (?:size |length |is |was )*(?:too (?:large|big|long)|exceeds)|line (?:limit exceeded|too long)",
    r"(?:exceeds|over) (?:the )?(?:max(?:imum)? )?(?:message )?size",
)
NOBODY = _any(
    rf"{_MAILBOX}(?:'s|\(s\)|s)?(?: address| name| account)?(?: [<'\"(][^ ]{{1,320}})?:? {_ABSENT}",
    rf"{_MAILBOX} (?:that )?you (?:tried|are trying) to reach (?:is|does|was)",
    r"(?:no such|unknown|invalid|non-?existent|unrouteable|unroutable|undeliverable|bad|illegal|no|not a valid"
    rf"|not a known|incorrect|nonexisting|no valid) (?:\w+ )?{_MAILBOX}",
    r"no such (?:person|domain|host|destination)|unknown local[- ]?part|not our customer",
    rf"(?:there is )?no (?:one|{_MAILBOX}|person) (?:\w+ )?(?:by|with|of) (?:that|this) (?:name|address)",
    rf"(?:does ?n[o']t|do not) have an? (?:\S+ )?{_MAILBOX}",
    r"recipient address(?:es)? rejected(?: ?: access denied|[.\s]*$)|recipient verif\w+ failed|is not a registered",
    r"(?<!recipient )(?:address|recipients?|user|username)(?: was)? (?:rejected|refused|not recogni[sz]ed|not listed)",
    r"recipientnotfound|recipnotfound|user_not_found|mailbox_not_found",
    r"(?:host|domain)(?: name)?(?: or \w+ name)? (?:was |is )?(?:not found|unknown|not valid|invalid)",
    r"(?:domain(?: \S{1,255})?|\S{1,250}\.[a-z]{2,20}) does not exist|invalid (?:final )?delivery userid|null mx|does not accept mail|nxdomain",
    r"not listed in \w+ directory|no longer (?:works?|with|employed|at this|on (?:this )?server)",
    r"(?:empfänger|benutzer|postfach|adresse)\w* (?:\S+ )?(?:unbekannt|existiert nicht|nicht gefunden|ungültig)",
    r"(?:existiert|gibt es) nicht|unbekannter empfänger",
    r"(?:adresse|destinataire|utilisateur|boîte).{0,60}? (?:introuvable|inconnue?|n['’]existe pas|inexistante?)",
    r"(?:usuario|destinatario|buzón|dirección|cuenta).{0,60}? (?:desconocid[oa]|no existe|inexistente)",
    r"(?:utente|casella|indirizzo).{0,60}? (?:sconosciut[oa]|non esiste|inesistente)",
    r"(?:gebruiker|postbus).{0,60}? (?:onbekend|bestaat niet)",
)
