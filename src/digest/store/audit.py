"""What was done, by whom and when: rows are added in the transaction of what they tell, and never changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select

from digest.model import AuditEntry, Editor
from digest.store.schema import audit
from digest.store.statements import columns_of

COMMAND_LINE = "command line"
SCHEDULER = "scheduler"

_COLUMNS = tuple(audit.c[name] for name in ("at", "editor", "who", "action", "subject", "detail"))
_BATCH = 1_000


def add(
    connection: Connection, whose: Editor | str, action: str, subject: str, now: datetime, detail: str = ""
) -> None:
    """Remember what an editor did, or (a name) somebody who is none, such as "command line"."""
    number, who = (whose.id, whose.address) if isinstance(whose, Editor) else (None, whose)
    entry = AuditEntry(now, number, who, action, subject, detail)
    connection.execute(audit.insert().values(**columns_of(entry)))


def newest(
    connection: Connection, limit: int, *, subject: str | None = None, before: int | None = None
) -> tuple[tuple[int, AuditEntry], ...]:
    """The newest entries, newest first, each with its number: of one subject or all, older than ``before``."""
    query = select(audit.c.id, *_COLUMNS).order_by(audit.c.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    if before is not None:
        query = query.where(audit.c.id < before)
    return tuple((row.id, AuditEntry(*row[1:])) for row in connection.execute(query))


def entries(connection: Connection) -> Iterator[AuditEntry]:
    """All of it, oldest first, a thousand rows in memory at a time."""
    last = 0
    while True:
        query = select(audit.c.id, *_COLUMNS).where(audit.c.id > last).order_by(audit.c.id).limit(_BATCH)
        rows = connection.execute(query).all()
        if not rows:
            return
        yield from (AuditEntry(*row[1:]) for row in rows)
        last = rows[-1].id
