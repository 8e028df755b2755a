"""All that is kept of one kind, streamed in an order that stays: what an export is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from digest.model import DeliveryState, IssueId, Post, Version
from digest.store.posts import newest
from digest.store.schema import deliveries, versions
from digest.store.schema import posts as posts_table

_AT_ONCE = 500  # rows


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one issue for one person; ``address`` is "" after an erasure."""

    issue: IssueId
    version: int
    address: str
    choice: str
    state: DeliveryState
    attempts: int
    settled_at: datetime | None
    bounced_at: datetime | None
    reply: str


_SENT = tuple(deliveries.c[name] for name in Sent.__slots__)


def posts(connection: Connection) -> Iterator[Post]:
    """Every post as of its newest revision, in the order of first sight."""
    query = newest().order_by(posts_table.c.first_seen, posts_table.c.key)
    for row in connection.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield Post(**row._mapping)


def frozen(connection: Connection) -> Iterator[Version]:
    """Every frozen version of every issue, by issue and number."""
    query = select(versions).order_by(versions.c.issue, versions.c.number)
    for row in connection.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield Version(**row._mapping)


def sent(connection: Connection) -> Iterator[Sent]:
    """The whole ledger, in the order in which it was written."""
    query = select(*_SENT).order_by(deliveries.c.id)
    for row in connection.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield Sent(*row)
