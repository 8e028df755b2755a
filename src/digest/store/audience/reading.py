"""Who is subscribed to what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, Row, Select, func, select

from digest.model import Subscription
from digest.store.audience.columns import IS_SUPPRESSED, confirmed, of
from digest.store.columns import ColumnValue
from digest.store.holds import is_held
from digest.store.schema import subscribers
from digest.store.schema import subscriptions as subscriptions_table
from digest.store.statements import address_key


def subscriptions(connection: Connection, digest: str | None = None) -> Iterator[Subscription]:
    """The subscriptions to one digest or to all, by subscriber; streamed, for there may be a million."""
    query = _subscriptions().order_by(subscriptions_table.c.subscriber, subscriptions_table.c.digest)
    if digest is not None:
        query = query.where(subscriptions_table.c.digest == digest)
    for row in connection.execute(query.execution_options(yield_per=1000)):
        yield _subscription(row)


def subscription(connection: Connection, subscriber: int, digest: str) -> Subscription | None:
    """One subscriber's subscription to one digest, or None."""
    query = _subscriptions().where(of(subscriber, digest))
    row = connection.execute(query).one_or_none()
    return _subscription(row) if row else None


def subscriptions_of(connection: Connection, address: str) -> tuple[Subscription, ...]:
    """The subscriptions of one address, however it is cased, by digest."""
    query = _subscriptions().where(subscribers.c.address_key == address_key(address))
    return tuple(map(_subscription, connection.execute(query.order_by(subscriptions_table.c.digest))))


def subscriptions_by(
    connection: Connection, numbers: Collection[int]
) -> Mapping[int, tuple[Subscription, ...]]:
    """The subscriptions of some people, by number; each person's by digest."""
    query = _subscriptions().where(subscriptions_table.c.subscriber.in_(numbers))
    found: defaultdict[int, tuple[Subscription, ...]] = defaultdict(tuple)
    for row in connection.execute(query.order_by(subscriptions_table.c.digest)):
        subscription = _subscription(row)
        found[subscription.subscriber] += (subscription,)
    return found


def confirmed_count(connection: Connection, digest: str) -> int:
    """How many people have confirmed a digest and are not suppressed; some of them may take a rest."""
    query = select(func.count()).select_from(subscriptions_table).join(subscribers)
    return connection.execute(query.where(confirmed(digest), ~IS_SUPPRESSED)).scalar_one()


def reached_count(connection: Connection, digest: str, now: datetime) -> int:
    """How many people an issue of a digest would go to that is sent now: who rests or is held gets none."""
    query = select(func.count()).select_from(subscriptions_table).join(subscribers)
    paused_until = subscriptions_table.c.paused_until
    is_here = paused_until.is_(None) | (paused_until <= now)
    reached = confirmed(digest) & is_here & ~IS_SUPPRESSED & ~is_held(subscribers.c.address_key, now)
    return connection.execute(query.where(reached)).scalar_one()


def choices(connection: Connection, digest: str) -> tuple[str, ...]:
    """The distinct choices of themes among the confirmed subscriptions of a digest, "" for all themes first."""
    query = select(subscriptions_table.c.choice).where(confirmed(digest)).distinct()
    return tuple(sorted(connection.execute(query).scalars()))


def _subscriptions() -> Select[*tuple[ColumnValue, ...]]:
    joined = subscriptions_table.join(subscribers, subscribers.c.id == subscriptions_table.c.subscriber)
    return select(subscribers.c.address, *subscriptions_table.c).select_from(joined)


def _subscription(row: Row[*tuple[ColumnValue, ...]]) -> Subscription:
    columns = dict(row._mapping)
    choice = columns.pop("choice")
    return Subscription(**columns, themes=tuple(choice.split(",")) if choice else None)
