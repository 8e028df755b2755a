"""A mail that is no issue: a confirmation, a link, a notice. It says so, and asks that nothing answers it (RFC 3834).

It belongs to no list, so it has neither List-Id nor List-Unsubscribe.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256

from digest.deliver.bodies import alternatives
from digest.deliver.headers import folded, one_line, phrase, unstructured, wire_address
from digest.deliver.letterhead import Letterhead
from digest.model import Message


def notice(
    head: Letterhead, address: str, subject: str, text: str, page: str, key: str, date: datetime
) -> Message:
    """The message, in plain text and HTML; the same ``key`` always gets the same Message-ID."""
    recipient = wire_address(address)
    message_id = f"<{head.digest}.notice.{sha256(key.encode()).hexdigest()[:20]}@{head.domain}>"
    bodies = alternatives(text, page)
    lines = (
        folded("From", *phrase(head.name), f"<{head.sender}>"),
        folded("To", one_line(recipient)),
        folded("Subject", *unstructured(subject)),
        folded("Date", format_datetime(date.astimezone(UTC))),
        folded("Message-ID", message_id),
        *([folded("Reply-To", head.reply_to)] if head.reply_to else []),
        folded("MIME-Version", "1.0"),
        folded("Auto-Submitted", "auto-generated"),
        f'Content-Type: multipart/alternative; boundary="{bodies.boundary}"',
    )
    data = "\r\n".join(lines).encode() + b"\r\n\r\n" + bodies.copy()
    return Message(head.envelope, recipient, message_id, data)
