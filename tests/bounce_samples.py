"""Mails that come back, in the shapes of the systems that write them; people, hosts and sentences are invented.

Each one gives back the headers of a mail of ours, or its beginning; ``returned`` says which mark they carry.
"""

from __future__ import annotations

READER = "mira@mail.example.net"
OURS = "bounces@example.org"


def mail(headers: str, body: str) -> bytes:
    """A mail with CRLF line ends."""
    return f"{headers.strip()}\n\n{body.strip()}\n".replace("\n", "\r\n").encode()


def returned(mark: str = "") -> str:
    """The headers of a newsletter as a bounce gives them back."""
    marked = f"X-Digest-Delivery: {mark}\n" if mark else ""
    return (
        f"From: The Lowland Weekly <news@example.org>\nTo: {READER}\nSubject: Water, schools and a bridge\n"
        f"Message-ID: <weekly.2026-11-22.0a1b2c@example.org>\n{marked}List-Id: <weekly.example.org>\n"
    )


def report(
    status: str,
    text: str = "This is the mail system.",
    mark: str = "",
    sender: str = "MAILER-DAEMON@mx.example.net (Mail Delivery System)",
    headers: str = "",
    back: str = "message/rfc822",
) -> bytes:
    """A multipart/report (RFC 3464) with these groups of status fields."""
    head = (
        f"Return-Path: <>\nFrom: {sender}\nTo: {OURS}\nSubject: Undelivered Mail Returned to Sender\n"
        f"{headers}Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="=_b1"'
    )
    body = (
        f"--=_b1\nContent-Type: text/plain; charset=us-ascii\n\n{text}\n\n"
        f"--=_b1\nContent-Type: message/delivery-status\n\n{status.strip()}\n\n"
        f"--=_b1\nContent-Type: {back}\n\n{returned(mark)}\nHello\n\n--=_b1--"
    )
    return mail(head, body)


def status(action: str, code: str, diagnostic: str, recipient: str = READER) -> str:
    """The two groups of a report on one recipient."""
    return (
        "Reporting-MTA: dns; mx.example.net\nArrival-Date: Sun, 22 Nov 2026 09:00:01 +0000\n\n"
        f"Final-Recipient: rfc822; {recipient}\nOriginal-Recipient: rfc822;{recipient}\nAction: {action}\n"
        f"Status: {code}\nRemote-MTA: dns; in.example.net\nDiagnostic-Code: smtp; {diagnostic}"
    )


def prose(sender: str, subject: str, text: str, headers: str = "") -> bytes:
    """A report for people only."""
    head = f"Return-Path: <>\nFrom: {sender}\nTo: {OURS}\nSubject: {subject}\n{headers}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8"
    return mail(head, text)


def arf(kind: str = "abuse", mark: str = "", fields: str = "") -> bytes:
    """A feedback report (RFC 5965)."""
    head = (
        f"From: Feedback loop <fbl@mail.example.net>\nTo: {OURS}\nSubject: complaint about a message\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="=_a1"'
    )
    body = (
        "--=_a1\nContent-Type: text/plain\n\nThis is a report about mail from 192.0.2.7.\n\n"
        f"--=_a1\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: Loop/1.0\nVersion: 1\n{fields}\n"
        f"--=_a1\nContent-Type: message/rfc822\n\n{returned(mark)}\nHello\n\n--=_a1--"
    )
    return mail(head, body)


# ── absent: there is no such mailbox ─────────────────────────────────────────────────────────────

POSTFIX = report(
    status(
        "failed", "5.1.1", f"550 5.1.1 <{READER}>: Recipient address rejected: User unknown in virtual table"
    ),
    f"<{READER}>: host in.example.net[192.0.2.9] said: 550 5.1.1 <{READER}>: Recipient address rejected",
)
POSTFIX_NO_HOST = report(
    status(
        "failed",
        "5.4.4",
        "X-Postfix; Host or domain name not found. Name service error for name=mail.example.net type=A: Host not found",
    )
)
EXIM = report(
    status("failed", "5.0.0", "550 No such user here"),
    f"A message that you sent could not be delivered.\n\n  {READER}\n    host in.example.net [192.0.2.9]\n"
    f"    SMTP error from remote mail server after RCPT TO:<{READER}>:\n    550 No such user here",
    sender="Mail Delivery System <Mailer-Daemon@relay.example.org>",
    headers=f"X-Failed-Recipients: {READER}\n",
)
EXIM_OLD = prose(
    "Mail Delivery System <Mailer-Daemon@relay.example.org>",
    "Mail delivery failed: returning message to sender",
    "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one\n"
    f"or more of its recipients. This is a permanent error.\n\n  {READER}\n    unrouteable address\n\n"
    f"------ This is a copy of the message, including all the headers. ------\n\n{returned('{mark}')}\nHello",
    headers=f"X-Failed-Recipients: {READER}\nAuto-Submitted: auto-replied\n",
)
EXCHANGE = report(
    status(
        "failed", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP lookup"
    ),
    "Ihre Nachricht konnte nicht zugestellt werden.",
    sender="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@mail.example.net>",
    headers="X-MS-Exchange-Message-Is-Ndr:\nContent-Language: de-DE\n",
)
OUTLOOK_EDGE = report(
    status("failed", "5.4.1", "550 5.4.1 Recipient address rejected: Access denied. [X1.example.net]"),
    sender="postmaster@example.onmicrosoft.test",
)
GMAIL = report(
    status(
        "failed",
        "5.1.1",
        "550-5.1.1 The email account that you tried to reach does not exist. Please try\n"
        " 550-5.1.1 double-checking the recipient's email address for typos or\n 550 5.1.1 unnecessary spaces. - gsmtp",
    ),
    "** Address not found **\n\nYour message wasn't delivered because the address couldn't be found.",
    sender="Mail Delivery Subsystem <mailer-daemon@googlemail.test>",
)
GMAIL_DISABLED = report(
    status("failed", "5.2.1", "550 5.2.1 The email account that you tried to reach is disabled. - gsmtp")
)
YAHOO = report(
    status(
        "failed",
        "5.0.0",
        f"554 delivery error: dd This user doesn't have a yahoo.test account ({READER}) [0]",
    )
)
YAHOO_OLD = prose(
    "MAILER-DAEMON@yahoo.test",
    "Failure Notice",
    f"Sorry, we were unable to deliver your message to the following address.\n\n<{READER}>:\nRemote host said:\n"
    f"554 delivery error: dd Not a valid recipient - in.example.net\n\n--- Below this line is a copy of the message.\n\n{returned()}",
)
QMAIL = prose(
    "MAILER-DAEMON@relay.example.org",
    "failure notice",
    "Hi. This is the qmail-send program at relay.example.org.\nI'm afraid I wasn't able to deliver your message to the following"
    f" addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<{READER}>:\n"
    "192.0.2.9 does not like recipient.\nRemote host said: 550 5.1.1 unknown or illegal alias\nGiving up on 192.0.2.9.\n\n"
    f"--- Below this line is a copy of the message.\n\n{returned('{mark}')}\nHello",
)
SENDMAIL = report(
    status("failed", "5.1.1", f"550 5.1.1 <{READER}>... User unknown"),
    "   ----- The following addresses had permanent fatal errors -----\n"
    f"<{READER}>\n    (reason: 550 5.1.1 <{READER}>... User unknown)\n\n   ----- Transcript of session follows -----\n"
    "... while talking to in.example.net.:\n>>> DATA\n<<< 550 5.1.1 User unknown",
    sender="Mail Delivery Subsystem <MAILER-DAEMON@relay.example.org>",
    back="text/rfc822-headers",
)
DOMINO = report(
    status("failed", "5.1.1", "X-Notes; User mira (mira@mail.example.net) not listed in Domino Directory")
)
NULL_MX = report(status("failed", "5.1.10", "556 5.1.10 Domain does not accept mail (null MX)"))
WEB_PAGE_ONLY = mail(
    f"Return-Path: <>\nFrom: Mail Delivery System <postmaster@gate.example.net>\nTo: {OURS}\n"
    "Subject: Nachricht konnte nicht zugestellt werden\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8",
    f"<html><body><p>Ihre Nachricht an <b>{READER}</b> ist nicht zugestellt worden.</p><p>Empfänger unbekannt</p></body></html>",
)

# ── not now ──────────────────────────────────────────────────────────────────────────────────────

FULL = report(status("failed", "5.2.2", "552-5.2.2 The email account that you tried to reach is over quota."))
FULL_IN_WORDS = report(status("failed", "5.0.0", "552 1 Requested mail action aborted: mailbox is full"))
GIVEN_UP = report(
    status("failed", "4.4.1", "connect to in.example.net[192.0.2.9]:25: Connection timed out"),
    "delivery temporarily suspended",
)
NO_REASON = report(
    "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; someone@mail.example.net\nAction: failed\nStatus: 5.0.0"
)

# ── not from you, not this ───────────────────────────────────────────────────────────────────────

GMAIL_POLICY = report(
    status(
        "failed",
        "5.7.1",
        "550-5.7.1 [192.0.2.7] Our system has detected that this message is likely unsolicited mail.",
    )
)
BLOCKED = report(
    status("failed", "5.0.0", "554 Service unavailable; Client host [192.0.2.7] blocked using a block list")
)
UNKNOWN_BUT_POLICY = report(status("failed", "5.7.1", "550 5.7.1 User unknown"))
SENDER_REJECTED = report(
    status("failed", "5.1.8", "553 5.1.8 <news@example.org>: Sender address rejected: Domain not found")
)
TOO_LARGE = report(status("failed", "5.3.4", "552 5.3.4 Message size exceeds fixed limit"))

# ── no failure ───────────────────────────────────────────────────────────────────────────────────

DELAYED = report(
    status("delayed", "4.4.1", "connect to in.example.net: Connection refused"),
    "THIS IS A WARNING MESSAGE ONLY. You do not need to resend your message.",
)
DELIVERED = report(status("delivered", "2.1.5", "250 2.1.5 delivered"))
QMAIL_WARNING = prose(
    "MAILER-DAEMON@relay.example.org",
    "Warning: message delayed",
    f"Your mail to <{READER}> has not yet been delivered: 451 4.3.0 try again later.\nIt will be retried for 3 more days."
    " No action is required on your part.",
)
PARTLY = report(
    status("failed", "5.1.1", "550 5.1.1 User unknown", "old@elsewhere.example.com")
    + f"\n\nFinal-Recipient: rfc822; {READER}\nAction: delivered\nStatus: 2.0.0"
)

# ── machines of people ───────────────────────────────────────────────────────────────────────────


def away(subject: str, headers: str = "", text: str = "I am away until Monday.") -> bytes:
    """An answer that a mailbox wrote by itself."""
    return mail(
        f"Return-Path: <>\nFrom: Mira Oduya <{READER}>\nTo: {OURS}\nSubject: {subject}\n{headers}"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8",
        text,
    )


AUTOMATIC: dict[str, bytes] = {
    "out of office": away("Automatic reply: Water, schools and a bridge", "X-Auto-Response-Suppress: All\n"),
    "vacation": away("Re: Water", "Auto-Submitted: auto-replied (vacation)\nPrecedence: bulk\n"),
    "left the company": away(
        "Automatische Antwort: Wasser", "", "Diese Adresse gibt es nicht mehr. 550 5.1.1 user unknown"
    ),
    "ticket": away("[#4711] We have received your message", "Auto-Submitted: auto-generated\n"),
    "french": away("Réponse automatique : Eau", ""),
    "encoded subject": away("=?utf-8?q?Fuera_de_la_oficina=3A_Agua?="),
    "autoreply header": away("Thanks", "X-Autoreply: yes\n"),
    "read receipt": mail(
        f"From: Mira <{READER}>\nTo: {OURS}\nSubject: Read: Water\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="=_m"',
        "--=_m\nContent-Type: text/plain\n\nIt was displayed.\n\n--=_m\nContent-Type: message/disposition-notification\n\n"
        f"Final-Recipient: rfc822;{READER}\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--=_m--",
    ),
}

ABSENT: dict[str, bytes] = {
    "postfix": POSTFIX,
    "postfix, no such host": POSTFIX_NO_HOST,
    "exim": EXIM,
    "exim, before reports": EXIM_OLD,
    "exchange": EXCHANGE,
    "exchange online, at the edge": OUTLOOK_EDGE,
    "gmail": GMAIL,
    "gmail, disabled": GMAIL_DISABLED,
    "yahoo": YAHOO,
    "yahoo, before reports": YAHOO_OLD,
    "qmail": QMAIL,
    "sendmail": SENDMAIL,
    "domino": DOMINO,
    "null mx": NULL_MX,
    "a page only": WEB_PAGE_ONLY,
}
SOFT = {"full": FULL, "full, in words": FULL_IN_WORDS, "given up": GIVEN_UP, "no reason": NO_REASON}
POLICY = {
    "gmail": GMAIL_POLICY,
    "blocked": BLOCKED,
    "unknown, but 5.7.1": UNKNOWN_BUT_POLICY,
    "our sender": SENDER_REJECTED,
}
NO_FAILURE = {"delayed": DELAYED, "delivered": DELIVERED, "qmail warns": QMAIL_WARNING, "partly": PARTLY}
