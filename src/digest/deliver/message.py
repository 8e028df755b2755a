"""One person's message as bytes: headers that say exactly what they should, and bodies any relay may carry.

Headers are written here and not by ``email.message``: that decodes a title such as ``=?utf-8?q?x=0D=0ABcc:…?=``
into a header of its own, and folds a long List-Unsubscribe into an encoded word, which destroys it.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256

from email_validator import EmailNotValidError, validate_email

from digest.errors import ConfigError, DigestError
from digest.model import IssueId, Message, Rendering
from digest.settings import DigestSettings, MailSettings, PublishSettings
from digest.tokens import Keys, copy_url, unsubscribe_url

HEADERS = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "MIME-Version",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Feedback-ID",
    "Content-Type",
)
OPTIONAL = frozenset({"Reply-To"})

_LINE = 78  # RFC 5322, section 2.1.1
_WORD_BYTES = 42  # of UTF-8 in one encoded word: 68 characters of at most 75 (RFC 2047, section 2)
_LONG_WORD = 60  # a longer one could not be folded in plain ASCII


# ── what all messages of one send have in common ─────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes, and for which digest; ``placeholder`` stands in a rendering where the personal link goes."""

    digest: str
    title: str
    name: str  # of the sender, or ""
    sender: str  # the sender's address, in the From header and on the envelope
    reply_to: str
    domain: str  # permanent: message and list ids end with it
    app_url: str
    placeholder: str
    keys: Keys = field(repr=False)


def letterhead(
    digest: DigestSettings, mail: MailSettings, publish: PublishSettings, keys: Keys, placeholder: str
) -> Letterhead:
    """The letterhead that config.toml describes. Ids take the domain of ``[publish] tag``, which never changes.

    Raises:
        ConfigError: ``from`` or ``reply_to`` is no address.
    """
    name, sender = _mailbox("from", mail.from_)
    return Letterhead(
        digest=digest.slug,
        title=digest.title,
        name=name,
        sender=sender,
        reply_to=_mailbox("reply_to", mail.reply_to)[1] if mail.reply_to else "",
        domain=publish.tag.removeprefix("tag:").partition(",")[0].rpartition("@")[2].lower(),
        app_url=publish.app_url,
        placeholder=placeholder,
        keys=keys,
    )


def _mailbox(setting: str, text: str) -> tuple[str, str]:
    name, bracket, address = text.strip().removesuffix(">").rpartition("<")
    try:
        parts = validate_email(
            address if bracket else text.strip(), check_deliverability=False, test_environment=True
        )
    except EmailNotValidError as error:
        raise ConfigError(f"[mail] {setting}: expected Name <address>, got {text!r}: {error}") from error
    return one_line(name).strip('" '), f"{parts.local_part}@{parts.ascii_domain}"


# ── messages ─────────────────────────────────────────────────────────────────────────────────────


def letter(rendering: Rendering, head: Letterhead, subscriber: int, address: str, date: datetime) -> Message:
    """The message for one subscriber; the same row always gets the same Message-ID.

    Raises:
        DigestError: its headers are not exactly the expected ones, so it must not leave.
    """
    # A corrected copy is another message: mailboxes drop what comes under a Message-ID that they have.
    own = _hash(rendering.issue, subscriber, *([rendering.version] if rendering.version > 1 else []))
    link = unsubscribe_url(head.app_url, head.keys, head.digest, subscriber)
    return _message(rendering, head, address, _message_id(rendering.issue, own, head.domain), link, date)


def test_copy(rendering: Rendering, head: Letterhead, address: str, date: datetime) -> Message:
    """A copy for an editor: marked in its subject, and with a link that explains and unsubscribes nobody.

    Raises:
        DigestError: as ``letter``.
    """
    own = "test." + _hash(rendering.issue, address, date.isoformat())
    marked = replace(rendering, subject=f"[Test] {rendering.subject}")
    link = copy_url(head.app_url, head.digest)
    return _message(marked, head, address, _message_id(rendering.issue, own, head.domain), link, date)


test_copy.__test__ = False  # type: ignore[attr-defined]  # pytest would collect it where it is imported


def _message(
    rendering: Rendering, head: Letterhead, address: str, message_id: str, link: str, date: datetime
) -> Message:
    recipient = wire_address(address)
    body, boundary = _alternatives(
        rendering.text.replace(head.placeholder, link),
        rendering.html.replace(head.placeholder, html.escape(link)),
    )
    lines = (
        _folded("From", *_phrase(head.name), f"<{head.sender}>"),
        _folded("To", one_line(recipient)),
        _folded("Subject", *_unstructured(rendering.subject)),
        _folded("Date", format_datetime(date.astimezone(UTC))),
        _folded("Message-ID", message_id),
        *([_folded("Reply-To", head.reply_to)] if head.reply_to else []),
        _folded("MIME-Version", "1.0"),
        _folded("List-Id", *_phrase(head.title), f"<{head.digest}.{head.domain}>"),
        f"List-Unsubscribe: <{link}>",  # never folded: some clients read only its first line
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",  # RFC 8058, section 3.1
        _folded("Feedback-ID", f"{_edition(rendering.issue)}:{head.digest}:issue:{head.domain}"),
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
    )
    data = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    _check_names(data, rendering.issue)
    return Message(head.sender, recipient, message_id, data)


def _edition(issue: IssueId) -> str:
    """Which issue of its digest it is: the slot, and the name of an extra one."""
    return str(issue).partition("/")[2]


def _message_id(issue: IssueId, own: str, domain: str) -> str:
    return f"<{issue.digest}.{issue.slot}.{own}@{domain}>"


def _hash(issue: IssueId, *key: object) -> str:
    row = "\0".join(map(str, (issue, *key)))
    return sha256(row.encode(errors="surrogatepass")).hexdigest()[:20]


def header_names(data: bytes) -> tuple[str, ...]:
    """The names of a message's headers, as a receiver sees them."""
    block = data.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    return tuple(
        line.partition(":")[0] for line in re.split("\r\n|\r|\n", block) if line[:1] not in (" ", "\t")
    )


def _check_names(data: bytes, issue: IssueId) -> None:
    names = header_names(data)
    if names != tuple(name for name in HEADERS if name in names or name not in OPTIONAL):
        raise DigestError(
            f"A message of {issue} would have the headers {', '.join(names)}, which are not the expected ones: nothing was sent."
        )


# ── headers ──────────────────────────────────────────────────────────────────────────────────────

# Controls (line ends among them), separators of lines, marks of direction, halves of characters.
_UNFIT = re.compile(
    "[\x00-\x20\x7f-\xa0\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]+"
)
_ENCODED_WORD = re.compile(r"=(?=\?)")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")


def one_line(text: str) -> str:
    """Any text as one harmless line: what could end a header or open an encoded word (``=?``) is broken."""
    return _ENCODED_WORD.sub("= ", _UNFIT.sub(" ", text).strip())


def wire_address(address: str) -> str:
    """The address with its domain in A-labels (RFC 5891); one that is none stays as it is, for the relay to judge."""
    local, at, domain = address.rpartition("@")
    if domain.isascii() or not at:
        return address
    try:
        return f"{local}@{validate_email(f'a@{domain}', check_deliverability=False, test_environment=True).ascii_domain}"
    except EmailNotValidError:
        return address


def _folded(name: str, *tokens: str) -> str:
    """A header field, folded between its tokens so that lines stay within 78 characters where they can."""
    lines = [f"{name}:"]
    for position, token in enumerate(tokens):
        if position and len(lines[-1]) + 1 + len(token) > _LINE:
            lines.append("")
        lines[-1] += f" {token}"
    return "\r\n".join(lines)


def _unstructured(text: str) -> list[str]:
    """Tokens of a Subject: its words, or encoded words where ASCII cannot say it."""
    words = one_line(text).split()
    if all(word.isascii() and len(word) <= _LONG_WORD for word in words):
        return words
    return _encoded_words(" ".join(words))


def _phrase(text: str) -> list[str]:
    """Tokens of a display name (RFC 5322, section 3.2.5): atoms, a quoted string or encoded words."""
    text = one_line(text)
    if (
        not text.isascii() or len(text) > _LONG_WORD or "<" in text or ">" in text
    ):  # simple readers count brackets
        return _encoded_words(text)
    if all(_ATOM.fullmatch(word) for word in text.split()):
        return text.split()
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return [f'"{escaped}"']


def _encoded_words(text: str) -> list[str]:
    """RFC 2047, in UTF-8 and base64; no character is split between two words."""
    chunks: list[bytes] = [b""]
    for character in text:
        encoded = character.encode()
        if len(chunks[-1]) + len(encoded) > _WORD_BYTES:
            chunks.append(b"")
        chunks[-1] += encoded
    return [f"=?utf-8?b?{base64.b64encode(chunk).decode('ascii')}?=" for chunk in chunks]


# ── bodies ───────────────────────────────────────────────────────────────────────────────────────

_LINE_END = re.compile("\r\n|\r|\n")


def _alternatives(text: str, page: str) -> tuple[bytes, str]:
    """The two bodies, plain text first, and the boundary between them: it comes from what they say."""
    parts = (_part("plain", text), _part("html", page))
    # "=_" can stand neither in quoted-printable nor in base64 (RFC 2045, section 6.7).
    boundary = f"=_{sha256(b''.join(parts)).hexdigest()[:24]}"
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n", boundary


def _part(subtype: str, text: str) -> bytes:
    data = _LINE_END.sub("\r\n", text.rstrip() + "\n").encode("utf-8", "replace")
    encoding, encoded = "quoted-printable", binascii.b2a_qp(data, istext=True)
    packed = base64.encodebytes(data).replace(b"\n", b"\r\n")
    if len(packed) < len(encoded):
        encoding, encoded = "base64", packed
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + encoded
