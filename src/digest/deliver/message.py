"""One person's message as bytes. What all copies share is made once, as a stencil; a copy fills in its own parts.

A copy of a stencil is ready for the wire: its lines end with CRLF, and none begins with a dot.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime

from digest import tokens
from digest.deliver import dkim, verp
from digest.deliver.bodies import Alternatives, Gap, Pieces, alternatives, filled
from digest.deliver.headers import folded, header_names, one_line, phrase, unstructured, wire_address
from digest.deliver.letterhead import Letterhead
from digest.errors import DigestError
from digest.model import IssueId, Message, Rendering

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
    verp.MARK,
    "Content-Type",
)
OPTIONAL = frozenset({"Reply-To", verp.MARK})


def letter(
    rendering: Rendering,
    head: Letterhead,
    subscriber: int,
    address: str,
    date: datetime,
    row: int | None = None,
) -> Message:
    """The message for one subscriber, as ``Stencil.letter``, which many copies are made with.

    Raises:
        DigestError: its headers are not exactly the expected ones, so it must not leave.
    """
    return stencil(rendering, head, date).letter(subscriber, address, row)


def test_copy(rendering: Rendering, head: Letterhead, address: str, date: datetime) -> Message:
    """A copy for an editor: marked in its subject, and with a link that explains and unsubscribes nobody.

    Raises:
        DigestError: as ``letter``.
    """
    marked = replace(rendering, subject=f"[Test] {rendering.subject}")
    own = "test." + _hash(rendering.issue, address, date.isoformat())
    return stencil(marked, head, date).copy(address, _id(rendering.issue, own, head.domain), tokens.COPY)


test_copy.__test__ = False  # type: ignore[attr-defined]  # pytest would collect it where it is imported


def message_id(issue: IssueId, subscriber: int, version: int, domain: str) -> str:
    """The Message-ID of a subscriber's letter, always the same; that of a corrected version is another one.

    Mailboxes drop what comes under a Message-ID that they have.
    """
    return _id(issue, _hash(issue, subscriber, *([version] if version > 1 else [])), domain)


def _id(issue: IssueId, own: str, domain: str) -> str:
    return f"<{issue.digest}.{issue.slot}.{own}@{domain}>"


def _hash(issue: IssueId, *key: object) -> str:
    row = "\0".join(map(str, (issue, *key)))
    return hashlib.sha256(row.encode(errors="surrogatepass")).hexdigest()[:20]


# ── what all copies share ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Stencil:
    """A rendering under a letterhead, encoded once. Any number of threads may make copies of it."""

    head: Letterhead
    issue: IssueId
    version: int
    stem: str  # of the personal link: all of it but the token
    fixed: Mapping[str, str]  # headers that all copies share, folded, by name
    relaxed: Mapping[str, bytes]  # the same, canonical, for a signature
    body: Alternatives
    hashes: tuple[_BodyHash, ...]  # of each form of the body; none where nobody signs

    def letter(self, subscriber: int, address: str, row: int | None = None) -> Message:
        """The message for one subscriber; the same row always gets the same bytes.

        Args:
            row: of the ledger, by which a bounce is told; None for what has none, such as a dry run.

        Raises:
            DigestError: its headers are not exactly the expected ones, so it must not leave.
        """
        own = message_id(self.issue, subscriber, self.version, self.head.domain)
        token = tokens.token(self.head.keys, tokens.UNSUBSCRIBE, self.head.digest, subscriber)
        return self.copy(address, own, token, row)

    def copy(self, address: str, message_id: str, token: str, row: int | None = None) -> Message:
        """A message with these personal parts.

        Raises:
            DigestError: as ``letter``.
        """
        recipient = wire_address(address)
        tag = verp.tag(self.head.keys, row) if row else ""
        own = self._own(recipient, message_id, token, tag)
        lines = [own.get(name) or self.fixed[name] for name in HEADERS if name in own or name in self.fixed]
        block = "\r\n".join(lines).encode()
        _check_names(block, self.issue)
        mark = token.encode()
        body = filled(self.body.pieces(mark), mark)
        data = b"".join((self._signatures(own, mark), block, b"\r\n\r\n", *body))
        sender = self.head.envelope_of(tag) if tag else self.head.envelope
        return Message(sender, recipient, message_id, data, ready=True)

    def _own(self, recipient: str, message_id: str, token: str, tag: str) -> Mapping[str, str]:
        """The headers that are this copy's own, folded, by name."""
        ways_out = f"<{self.stem}{token}>"
        if self.head.by_mail and token != tokens.COPY:
            ways_out += f", <{verp.unsubscribe_url(self.head.inbox, self.head.digest, token)}>"
        own = {
            "To": folded("To", one_line(recipient)),
            "Message-ID": folded("Message-ID", message_id),
            "List-Unsubscribe": f"List-Unsubscribe: {ways_out}",  # never folded: some clients read one line
        }
        return own | {verp.MARK: f"{verp.MARK}: {tag}"} if tag else own

    def _signatures(self, own: Mapping[str, str], token: bytes) -> bytes:
        if not self.hashes:
            return b""
        relaxed = {**self.relaxed, **_relaxed(own)}
        body_hash = self.hashes[len(token) % len(self.hashes)].digest(token)
        return b"".join(dkim.signature(signer, relaxed, body_hash) for signer in self.head.signers)


def stencil(rendering: Rendering, head: Letterhead, date: datetime) -> Stencil:
    """All that can be done once for the copies of a rendering. ``date`` is that of each of them."""
    stem = tokens.unsubscribe_stem(head.app_url, head.digest)
    body = alternatives(
        _split(rendering.text, head.placeholder, stem),
        _split(rendering.html, head.placeholder, html.escape(stem)),
    )
    fixed = {
        "From": folded("From", *phrase(head.name), f"<{head.sender}>"),
        "Subject": folded("Subject", *unstructured(rendering.subject)),
        "Date": folded("Date", format_datetime(date.astimezone(UTC))),
        "MIME-Version": folded("MIME-Version", "1.0"),
        "List-Id": folded("List-Id", *phrase(head.title), f"<{head.digest}.{head.domain}>"),
        "List-Unsubscribe-Post": "List-Unsubscribe-Post: List-Unsubscribe=One-Click",  # RFC 8058, section 3.1
        "Feedback-ID": folded(
            "Feedback-ID", f"{_edition(rendering.issue)}:{head.digest}:issue:{head.domain}"
        ),
        "Content-Type": f'Content-Type: multipart/alternative; boundary="{body.boundary}"',
    }
    if head.reply_to:
        fixed["Reply-To"] = folded("Reply-To", head.reply_to)
    hashes = tuple(_BodyHash(pieces) for pieces in body.forms) if head.signers else ()
    return Stencil(head, rendering.issue, rendering.version, stem, fixed, _relaxed(fixed), body, hashes)


def _split(text: str, placeholder: str, stem: str) -> list[str]:
    """What stands between the tokens: all of a link but its token is the same for everybody."""
    *linked, last = text.split(placeholder)
    return [*(each + stem for each in linked), last]


def _edition(issue: IssueId) -> str:
    """Which issue of its digest it is: the slot, and the name of an extra one."""
    return str(issue).partition("/")[2]


def _check_names(block: bytes, issue: IssueId) -> None:
    names = header_names(block)
    if names != tuple(name for name in HEADERS if name in names or name not in OPTIONAL):
        raise DigestError(
            f"A message of {issue} would have the headers {', '.join(names)}, which are not the expected ones: nothing was sent."
        )


# ── signing ──────────────────────────────────────────────────────────────────────────────────────


def _relaxed(headers: Mapping[str, str]) -> dict[str, bytes]:
    """Folded headers as a signature takes them."""
    values = ((name, line.partition(":")[2].encode()) for name, line in headers.items())
    return {name.lower(): dkim.relaxed_header(name, value) for name, value in values}


class _BodyHash:
    """SHA-256 of the relaxed body, computed once up to the first token; wholly where there is none."""

    def __init__(self, pieces: Pieces) -> None:
        first, *rest = (piece if isinstance(piece, Gap) else dkim.relaxed_lines(piece) for piece in pieces)
        assert isinstance(first, bytes)  # a boundary
        self._begun, self._rest = hashlib.sha256(first), tuple(rest)

    def digest(self, token: bytes) -> bytes:
        """Of the body with this token in its gaps."""
        state = self._begun.copy()
        for piece in filled(self._rest, token):
            state.update(piece)
        return state.digest()
