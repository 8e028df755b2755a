"""Notices for the webhook: each key once, brought by one process at a time, tried again until it is of no use."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, or_, select, update

from digest.model import Notice, NoticeState
from digest.store.columns import ColumnValue
from digest.store.schema import notices as notices_table
from digest.store.statements import columns_of, insert_into, write

LEASE = timedelta(minutes=2)  # outlasts every wait for one answer
_COLUMNS = tuple(notices_table.c[field.name] for field in fields(Notice))


def put(connection: Connection, notice: Notice) -> bool:
    """Write a notice, unless there is one of its key already; whether it was written."""
    insert = insert_into(connection, notices_table).values(**columns_of(notice))
    return write(connection, insert.on_conflict_do_nothing()) == 1


def known(connection: Connection, keys: Collection[str]) -> frozenset[str]:
    """Those of some keys of which there was a notice."""
    query = select(notices_table.c.key).where(notices_table.c.key.in_(keys))
    return frozenset(connection.execute(query).scalars())


def claim(connection: Connection, limit: int, now: datetime) -> tuple[Notice, ...]:
    """Take up to ``limit`` that are due, the oldest first; what is too late is closed before.

    While its lease lasts, nobody else gets a notice. When the process that has it dies, it is brought again.
    """
    queued = notices_table.c.state == NoticeState.QUEUED
    late = update(notices_table).where(queued, notices_table.c.expires_at <= now)
    connection.execute(late.values(state=NoticeState.FAILED, settled_at=now, lease_until=None))
    free = or_(notices_table.c.lease_until.is_(None), notices_table.c.lease_until <= now)
    due = select(notices_table.c.key).where(queued, free, notices_table.c.next_try_at <= now)
    oldest = due.order_by(notices_table.c.next_try_at, notices_table.c.key).limit(limit)
    keys = list(connection.execute(oldest.with_for_update(skip_locked=True)).scalars())
    taken = update(notices_table).where(notices_table.c.key.in_(keys)).returning(*_COLUMNS)
    rows = connection.execute(taken.values(lease_until=now + LEASE)).all() if keys else ()
    return tuple(sorted((Notice(**row._mapping) for row in rows), key=lambda notice: keys.index(notice.key)))


def settle(connection: Connection, notice: Notice) -> bool:
    """Store what came of an attempt; False where its lease had ended, and another has it now."""
    ours = and_(notices_table.c.key == notice.key, notices_table.c.lease_until == notice.lease_until)
    names = ("state", "attempts", "next_try_at", "reply", "settled_at")
    outcome: dict[str, ColumnValue] = {name: getattr(notice, name) for name in names}
    return write(connection, update(notices_table).where(ours).values(**outcome, lease_until=None)) == 1


def newest(connection: Connection, limit: int) -> tuple[Notice, ...]:
    """The newest, newest first."""
    query = select(*_COLUMNS).order_by(notices_table.c.created_at.desc(), notices_table.c.key).limit(limit)
    return tuple(Notice(**row._mapping) for row in connection.execute(query))
