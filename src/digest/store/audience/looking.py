"""The audience as a person looks at it: page by page, and one person with all that happened.

Each page is read off an index in its order, so that it does not matter how many people there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import product

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, exists, select, union

from digest.model import Consent, Hold, SignUp, Subscription, SubscriptionState, Suppression
from digest.store import consents, deliveries, sign_ups
from digest.store.audience.reading import subscriptions_by
from digest.store.deliveries import Account
from digest.store.schema import holds, subscribers, suppressions
from digest.store.schema import subscriptions as subscriptions_table
from digest.store.statements import address_key

_FEW = 5_000  # people: so many are looked for among those of an address, and not the other way round
_BEHIND_ALL = "\U0010ffff"  # sorts after whatever begins alike
_SUPPRESSION = tuple(suppressions.c[field.name] for field in fields(Suppression))
_HOLD = tuple(holds.c[field.name] for field in fields(Hold))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people: with a subscription to ``digest`` in ``state``, at addresses that begin with ``begins``."""

    digest: str = ""  # "": any
    state: SubscriptionState | None = None
    begins: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list: a person with their subscriptions, and why we must not write to them."""

    number: int
    address: str
    subscriptions: tuple[Subscription, ...]
    suppression: Suppression | None


@dataclass(frozen=True, slots=True)
class Barred:
    """An address that we must not write to; ``number`` is None where nobody of it ever subscribed."""

    suppression: Suppression
    number: int | None


@dataclass(frozen=True, slots=True)
class Person:
    """All that is known of one person; the consents and the mails are the newest ones, the newest first."""

    number: int
    address: str
    since: datetime
    subscriptions: tuple[Subscription, ...]
    asked_for: tuple[SignUp, ...]  # and not confirmed
    consents: tuple[Consent, ...]
    mails: tuple[Account, ...]
    suppression: Suppression | None
    hold: Hold | None  # while it lasts


# ── lists ────────────────────────────────────────────────────────────────────────────────────────


def page(
    connection: Connection, wanted: Wanted, digests: Sequence[str], limit: int, after: int = 0
) -> tuple[Listed, ...]:
    """The people behind the number ``after``, by number, or by address where its beginning is asked for.

    ``digests`` are all there are.
    """
    if wanted.begins:
        query = _by_address(connection, wanted, digests, after)
    elif wanted.digest or wanted.state:
        query = _by_subscription(wanted, digests, limit, after)
    else:
        query = _people().where(subscribers.c.id > after).order_by(subscribers.c.id)
    rows = connection.execute(query.limit(limit)).all()
    theirs = subscriptions_by(connection, [row.id for row in rows])
    why = _suppressions(connection, [row.address_key for row in rows])
    return tuple(
        Listed(row.id, row.address, theirs.get(row.id, ()), why.get(row.address_key)) for row in rows
    )


def barred(connection: Connection, begins: str, limit: int, skip: int = 0) -> tuple[Barred, ...]:
    """The addresses that we must not write to, by address, but for those of people who were erased."""
    key = suppressions.c.address_key
    wanted = and_(_begins(connection, key, begins), suppressions.c.address != "")
    some = select(*_SUPPRESSION, key).where(wanted).order_by(key).limit(limit).offset(skip).subquery()
    whose = some.outerjoin(subscribers, subscribers.c.address_key == some.c.address_key)
    columns = (some.c[column.name] for column in _SUPPRESSION)
    query = select(subscribers.c.id, *columns).select_from(whose).order_by(some.c.address_key)
    return tuple(Barred(Suppression(*row[1:]), row[0]) for row in connection.execute(query))


def _people() -> Select[int, str, str]:
    columns = (subscribers.c.id, subscribers.c.address, subscribers.c.address_key)
    return select(*columns).where(subscribers.c.address != "")  # who was erased keeps a number only


def _by_address(
    connection: Connection, wanted: Wanted, digests: Sequence[str], after: int
) -> Select[int, str, str]:
    key = subscribers.c.address_key
    last = connection.execute(select(key).where(subscribers.c.id == after)).scalar()
    query = _people().where(_begins(connection, key, wanted.begins)).order_by(key)
    if last is not None:
        query = query.where(key > last)
    if not (wanted.digest or wanted.state):
        return query
    few = _numbers(wanted, digests, _FEW)
    if len(connection.execute(select(few.c.subscriber)).all()) < _FEW:
        return query.where(subscribers.c.id.in_(select(few.c.subscriber)))
    return query.where(exists().where(subscriptions_table.c.subscriber == subscribers.c.id, _of(wanted)))


def _by_subscription(wanted: Wanted, digests: Sequence[str], limit: int, after: int) -> Select[int, str, str]:
    numbers = _numbers(wanted, digests, limit, after)
    return _people().join(numbers, numbers.c.subscriber == subscribers.c.id).order_by(subscribers.c.id)


def _numbers(wanted: Wanted, digests: Sequence[str], limit: int, after: int = 0) -> Subquery:
    """The first people of each digest and state: each of these stands in the index by number."""
    names = [wanted.digest] if wanted.digest else list(digests)
    states = [wanted.state] if wanted.state else list(SubscriptionState)
    subscriber = subscriptions_table.c.subscriber
    firsts = [
        select(subscriber)
        .where(_of(Wanted(digest, state)), subscriber > after)
        .order_by(subscriber)
        .limit(limit)
        .subquery()
        for digest, state in product(names, states)
    ]
    return union(*(select(first.c.subscriber) for first in firsts)).subquery()


def _of(wanted: Wanted) -> ColumnElement[bool]:
    conditions = []
    if wanted.digest:
        conditions.append(subscriptions_table.c.digest == wanted.digest)
    if wanted.state:
        conditions.append(subscriptions_table.c.state == wanted.state)
    return and_(*conditions)


def _begins(connection: Connection, key: ColumnElement[str], begins: str) -> ColumnElement[bool]:
    """A range of an index in the order of code points, which PostgreSQL's usual order is not."""
    start, end = address_key(begins), address_key(begins) + _BEHIND_ALL
    if connection.dialect.name == "sqlite":
        return and_(key >= start, key < end)
    return and_(key.op("~>=~")(start), key.op("~<~")(end))


def _suppressions(connection: Connection, keys: Sequence[str]) -> dict[str, Suppression]:
    query = select(suppressions.c.address_key, *_SUPPRESSION).where(suppressions.c.address_key.in_(keys))
    return {row[0]: Suppression(*row[1:]) for row in connection.execute(query)}


# ── one person ───────────────────────────────────────────────────────────────────────────────────


def number_of(connection: Connection, address: str) -> int | None:
    """The number of the subscriber at an address, however it is cased."""
    query = select(subscribers.c.id).where(subscribers.c.address_key == address_key(address))
    return connection.execute(query).scalar()


def person(connection: Connection, number: int, mails: int, now: datetime) -> Person | None:
    """All that is known of one person, with the newest ``mails`` of issues; None where there is none, or was erased."""
    row = connection.execute(select(subscribers).where(subscribers.c.id == number)).one_or_none()
    if row is None or not row.address:
        return None
    held = select(*_HOLD).where(holds.c.address_key == row.address_key, holds.c.until > now)
    hold = connection.execute(held).one_or_none()
    return Person(
        number,
        row.address,
        row.created_at,
        subscriptions_by(connection, [number]).get(number, ()),
        sign_ups.waiting(connection, number, now),
        consents.trail(connection, number),
        deliveries.newest_to(connection, number, mails),
        _suppressions(connection, [row.address_key]).get(row.address_key),
        Hold(*hold) if hold else None,
    )
