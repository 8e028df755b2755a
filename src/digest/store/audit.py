"""What was done, by whom and when: rows are added in the transaction of what they tell, and never changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select, true

from digest.model import AuditEntry, Editor
from digest.store.schema import audit
from digest.store.statements import columns_of

COMMAND_LINE = "command line"
SCHEDULER = "scheduler"

_COLUMNS = tuple(audit.c[name] for name in ("at", "editor", "who", "action", "subject", "detail"))
_BATCH = 1_000
_LATELY = 10_000  # entries


@dataclass(frozen=True, slots=True)
class Which:
    """Some entries: of one person, one action, one subject ("" for any), from ``since`` on, before ``until``."""

    who: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def add(
    connection: Connection, whose: Editor | str, action: str, subject: str, now: datetime, detail: str = ""
) -> None:
    """Remember what an editor did, or (a name) somebody who is none, such as "command line"."""
    number, who = (whose.id, whose.address) if isinstance(whose, Editor) else (None, whose)
    entry = AuditEntry(now, number, who, action, subject, detail)
    connection.execute(audit.insert().values(**columns_of(entry)))


def newest(
    connection: Connection,
    limit: int,
    *,
    subject: str | None = None,
    before: int | None = None,
    which: Which | None = None,
) -> tuple[tuple[int, AuditEntry], ...]:
    """The newest entries, newest first, each with its number: of one subject or all, older than ``before``."""
    query = select(audit.c.id, *_COLUMNS).order_by(audit.c.id.desc()).limit(limit)
    query = query.where(_is(which or Which(subject=subject or "")))
    if before is not None:
        query = query.where(audit.c.id < before)
    return tuple((row.id, AuditEntry(*row[1:])) for row in connection.execute(query))


def last(connection: Connection, subject: str, action: str) -> datetime | None:
    """When something was last done to a subject."""
    query = select(audit.c.at).where(audit.c.subject == subject, audit.c.action == action)
    return connection.execute(query.order_by(audit.c.id.desc()).limit(1)).scalar()


def actions(connection: Connection) -> tuple[str, ...]:
    """What was done lately, each once, in the order of the alphabet."""
    lately = select(audit.c.action).order_by(audit.c.id.desc()).limit(_LATELY).subquery()
    return tuple(connection.execute(select(lately.c.action).distinct().order_by(lately.c.action)).scalars())


def entries(connection: Connection, which: Which | None = None) -> Iterator[AuditEntry]:
    """All of it, or some, oldest first, a thousand rows in memory at a time."""
    last, wanted = 0, _is(which or Which())
    while True:
        query = select(audit.c.id, *_COLUMNS).where(audit.c.id > last, wanted)
        rows = connection.execute(query.order_by(audit.c.id).limit(_BATCH)).all()
        if not rows:
            return
        yield from (AuditEntry(*row[1:]) for row in rows)
        last = rows[-1].id


def _is(which: Which) -> ColumnElement[bool]:
    named = {"who": which.who, "action": which.action, "subject": which.subject}
    conditions = [audit.c[name] == value for name, value in named.items() if value]
    if which.since is not None:
        conditions.append(audit.c.at >= which.since)
    if which.until is not None:
        conditions.append(audit.c.at < which.until)
    return and_(true(), *conditions)
