"""How many had confirmed a digest, day by day: reckoned from when each began and left, without a row per day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, Connection, String, and_, case, func, or_, select

from digest.model import SubscriptionState
from digest.store.schema import subscriptions

_EARLIER = ""  # than the first day: sorts before all days


def confirmed_by(connection: Connection, digest: str, days: Sequence[date]) -> tuple[int, ...]:
    """How many had confirmed a digest at the end of each of some days (UTC), which are in their order.

    Whoever left and came back counts since the consent that holds now; who was erased, at no time. It takes one pass over
    the subscriptions of the digest.
    """
    table = subscriptions.c
    has_left = and_(
        table.state == SubscriptionState.UNSUBSCRIBED,
        or_(table.consent_at.is_(None), table.consent_at < table.unsubscribed_at),
    )
    is_known = and_(table.digest == digest, or_(table.state == SubscriptionState.CONFIRMED, has_left))
    begun = _day(connection, table.consent_at, days[0]).label("begun")
    ended = case((has_left, _day(connection, table.unsubscribed_at, days[0])), else_=None).label("ended")
    query = select(begun, ended, func.count()).where(is_known).group_by("begun", "ended")
    rows = connection.execute(query).all()
    return tuple(
        sum(count for joined, left, count in rows if joined <= day and (left is None or left > day))
        for day in map(date.isoformat, days)
    )


def _day(connection: Connection, column: ColumnElement[datetime], first: date) -> ColumnElement[str]:
    """The day of a moment, as ``2026-11-20``; of what is earlier than ``first``, or not known, one word."""
    if connection.dialect.name == "sqlite":
        day = func.substr(column, 1, 10, type_=String())
    else:
        day = func.to_char(func.timezone("UTC", column), "YYYY-MM-DD", type_=String())
    return case((column >= datetime.combine(first, time(), UTC), day), else_=_EARLIER)
