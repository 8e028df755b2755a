"""Mail for the Outbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from digest.model import Message, OutboxKind, OutboxMail
from digest.store import outbox

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def a_mail(
    key: str, address: str = "reader@example.org", kind: OutboxKind = OutboxKind.NOTICE, now: datetime = NOW
) -> OutboxMail:
    data = (
        f"From: news@example.org\r\nTo: {address}\r\nSubject: {key}\r\nDate: Sun, 22 Nov 2026 09:00:00 +0000\r\n"
        f"Message-ID: <{key}@example.org>\r\nAuto-Submitted: auto-generated\r\n\r\nHello.\r\n"
    )
    message = Message("news@example.org", address, f"<{key}@example.org>", data.encode())
    return OutboxMail(kind, key, address, message, now, now + timedelta(hours=24))


def put(connection: Connection, key: str, address: str = "reader@example.org", now: datetime = NOW) -> bool:
    return outbox.put(connection, a_mail(key, address, now=now))
