"""Which mails machines wrote, and which of those come from a mail system and not from somebody's mailbox.

Automatic mail is never answered and never counts (RFC 3834): somebody who is on leave has an address that works.
"""

from __future__ import annotations

import re
from email.utils import parseaddr

from digest.deliver.bounces.report import Report

_SYSTEMS = re.compile(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|post[-_]?master\d*|mail[-_ ]?delivery|maildelivery|no-?reply-?mail"
    r"|microsoftexchange[0-9a-f]*|bounces?|bounce-?handler|daemon|smtp|mailsystem|mail-?admin|mta)\b",
    re.IGNORECASE,
)
_SYSTEM_NAMES = re.compile(
    r"mail(?:er)? ?(?:delivery|[-_]?daemon)|(?:delivery|mail) (?:sub)?system|postmaster|mail administrator|system administrator",
    re.IGNORECASE,
)
_RETURNED = re.compile(
    r"^\W*(?:undeliver(?:able|ed)|un?delivered mail|delivery (?:status notification|failure|has failed|report|problem)"
    r"|mail (?:delivery )?(?:failed|failure|system error)|failure notice|returned (?:mail|to sender)|non ?delivery"
    r"|message (?:undeliverable|could not be delivered)|unzustellbar|nicht zustellbar|nachricht konnte nicht zugestellt"
    r"|non remis|échec de (?:la )?(?:remise|distribution)|no se puede entregar|no entregado|non recapitabile"
    r"|onbestelbaar|niet bezorgd)",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"^(?:\W*(?:auto(?:matic(?:ally)?|mated)?|autom\w*)[\s:._-]*(?:re(?:ply|sponse|sponder)|antwort|réponse|respuesta|risposta|svar)"
    r"|\W*(?:out of (?:the )?office|away from|on (?:vacation|leave|holiday)|vacation|i am away|absent|annual leave"
    r"|abwesend|abwesenheit\w*|urlaub|absence|réponse automatique|fuera de (?:la )?oficina|respuesta automática"
    r"|assente|fuori (?:sede|ufficio)|autoreply|auto:|automatische))",
    re.IGNORECASE,
)
_REPLY_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponse",
    "x-auto-response",
    "x-vacation",
    "x-mail-autoreply",
)


def is_from_system(report: Report) -> bool:
    """Whether a mail system wrote it: by its From, by what only they write, or by its subject."""
    name, address = parseaddr(report.header("from"))
    local = address.partition("@")[0]
    if _SYSTEMS.match(local) or _SYSTEM_NAMES.search(name) or report.header("x-failed-recipients"):
        return True
    return report.parameter("report-type") == "delivery-status" or bool(
        _RETURNED.match(report.header("subject"))
    )


def is_reply(report: Report) -> bool:
    """Whether a mailbox answered by itself: on leave, "we have received your message", a read receipt (RFC 8098)."""
    if report.parameter("report-type") == "disposition-notification":
        return True
    if any(report.header(name) for name in _REPLY_HEADERS):
        return True
    if _AWAY.match(report.header("subject").removeprefix("Re: ")):
        return True
    if is_from_system(report):
        return False
    said = report.header("auto-submitted").lower()
    precedence = report.header("precedence").lower()
    return (bool(said) and not said.startswith("no")) or precedence in (
        "auto_reply",
        "auto-reply",
        "junk",
        "bulk",
    )
