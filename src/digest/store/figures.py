"""Numbers for whoever watches an installation, read at the moment they are asked for, each by an index or a small table.

Any number of processes that read them agree, for nothing is counted in a process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from digest.collect.poll import NEVER
from digest.model import DeliveryState, Mark, NoticeState, SendState
from digest.store import jobs, marks
from digest.store.columns import ColumnValue
from digest.store.schema import (
    bounces,
    deliveries,
    domain_pauses,
    holds,
    issues,
    notices,
    outbox,
    posts,
    sends,
    sources,
    suppressions,
)

RECENT_SENDS = 5  # the newest, of which deliveries are counted by state
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sources:
    """How many there are by state, and since when the worst have waited."""

    by_state: Mapping[str, int]  # "new", "answering", "failing", "gone", "retired"
    due: int
    due_since: datetime | None
    failing_since: datetime | None  # when the one that has failed for longest last answered well
    last_poll: datetime | None


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits: rows by state or queue, and since when the oldest has waited."""

    by_state: Mapping[str, int]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Mailing:
    """What is being sent, and what came of it."""

    deliveries: Mapping[tuple[str, ...], int]  # of the newest sends, by issue and state
    sends: Mapping[str, int]
    in_doubt: int  # of all sends
    pending_since: datetime | None  # the request of the oldest running send that is not through
    bounces: Mapping[str, int]  # of the last day, by what they mean


@dataclass(frozen=True, slots=True)
class Figures:
    """All of them, as of one moment."""

    sources: Sources
    posts_of_a_day: int
    posts_held: int
    issues: Mapping[tuple[str, ...], int]  # by digest and state
    mailing: Mailing
    outbox: Queue
    notices: Queue
    suppressions: Mapping[str, int]
    holds: int
    paused_domains: int
    jobs: Queue  # units of work, by queue
    marks: Mapping[Mark, datetime]


def figures(connection: Connection, now: datetime) -> Figures:
    """Everything, from one look at the database."""
    return Figures(
        sources=of_sources(connection, now),
        posts_of_a_day=_count(connection, posts, posts.c.first_seen > now - _DAY),
        # Spelt as in the partial index, which SQLite uses for nothing else.
        posts_held=_count(connection, posts, literal_column("posts.held <> ''")),
        issues=_grouped_twice(connection, issues.c.digest, issues.c.state),
        mailing=_mailing(connection, now),
        outbox=_outbox(connection),
        notices=_notices(connection),
        suppressions=_grouped(connection, suppressions.c.cause),
        holds=_count(connection, holds, holds.c.until > now),
        paused_domains=_count(connection, domain_pauses, domain_pauses.c.until > now),
        jobs=_jobs(connection),
        marks=marks.all_marks(connection),
    )


def of_sources(connection: Connection, now: datetime) -> Sources:
    """How the sources are, from one pass over them."""
    state = case(
        (sources.c.retired, "retired"),
        (sources.c.last_polled_at.is_(None), "new"),
        (sources.c.next_poll_at == NEVER, "gone"),
        (sources.c.failures > 0, "failing"),
        else_="answering",
    )
    by_state = {row[0]: row[1] for row in connection.execute(select(state, func.count()).group_by(state))}
    followed = ~sources.c.retired
    due = and_(followed, or_(sources.c.next_poll_at.is_(None), sources.c.next_poll_at <= now))
    since = func.coalesce(sources.c.next_poll_at, sources.c.added_at)
    oldest = func.min(since, type_=since.type)
    failing = and_(followed, sources.c.failures > 0, sources.c.next_poll_at != NEVER)
    well = func.min(func.coalesce(sources.c.last_good_at, sources.c.added_at), type_=since.type)
    last = func.max(sources.c.last_polled_at, type_=since.type)
    return Sources(
        by_state,
        _count(connection, sources, due),
        connection.execute(select(oldest).where(due)).scalar_one(),
        connection.execute(select(well).where(failing)).scalar_one(),
        connection.execute(select(last)).scalar_one(),
    )


def _mailing(connection: Connection, now: datetime) -> Mailing:
    newest = select(sends.c.issue).order_by(sends.c.requested_at.desc()).limit(RECENT_SENDS)
    recent = [row.issue for row in connection.execute(newest)]
    of_recent = deliveries.c.issue.in_(recent)
    counts = _grouped_twice(connection, deliveries.c.issue, deliveries.c.state, of_recent)
    doubtful = and_(
        deliveries.c.issue.in_(select(sends.c.issue)), deliveries.c.state == DeliveryState.IN_DOUBT
    )
    return Mailing(
        counts,
        _grouped(connection, sends.c.state),
        _count(connection, deliveries, doubtful),
        _pending_since(connection),
        _grouped(connection, bounces.c.kind, bounces.c.at > now - _DAY),
    )


def _pending_since(connection: Connection) -> datetime | None:
    is_queued = exists().where(
        deliveries.c.issue == sends.c.issue, deliveries.c.state == DeliveryState.QUEUED
    )
    query = select(sends.c.requested_at).where(sends.c.state == SendState.RUNNING, is_queued)
    found: datetime | None = connection.execute(query.order_by(sends.c.requested_at).limit(1)).scalar()
    return found


def _outbox(connection: Connection) -> Queue:
    query = select(outbox.c.created_at).where(outbox.c.state == DeliveryState.QUEUED)
    since = connection.execute(query.order_by(outbox.c.created_at).limit(1)).scalar()
    return Queue(_grouped(connection, outbox.c.state), since)


def _notices(connection: Connection) -> Queue:
    query = select(notices.c.created_at).where(notices.c.state == NoticeState.QUEUED)
    since = connection.execute(query.order_by(notices.c.created_at).limit(1)).scalar()
    return Queue(_grouped(connection, notices.c.state), since)


def _jobs(connection: Connection) -> Queue:
    waiting = jobs.waiting(connection)
    return Queue({queue.value: count for queue, count in waiting.items()}, jobs.oldest(connection))


def _count(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(which)
    return connection.execute(query).scalar_one()


def _grouped(
    connection: Connection, column: ColumnElement[ColumnValue], which: ColumnElement[bool] | None = None
) -> Mapping[str, int]:
    query = select(column, func.count()).group_by(column)
    rows = connection.execute(query if which is None else query.where(which))
    return {str(value): count for value, count in rows}


def _grouped_twice(
    connection: Connection,
    first: ColumnElement[ColumnValue],
    second: ColumnElement[ColumnValue],
    which: ColumnElement[bool] | None = None,
) -> dict[tuple[ColumnValue, ...], int]:
    query = select(first, second, func.count()).group_by(first, second)
    rows = connection.execute(query if which is None else query.where(which))
    return {(str(one), str(other)): count for one, other, count in rows}
