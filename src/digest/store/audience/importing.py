"""Subscribers from elsewhere, with their consent: as often as one likes, and nobody who has left comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)

from digest.model import DeliveryState, SubscriptionState
from digest.roster.rows import Standing
from digest.store.audience.staging import ImportRow, Staged, clear, stage, staged
from digest.store.columns import ColumnValue, Instant, Member
from digest.store.deliveries import cancel_for
from digest.store.schema import deliveries, subscribers, subscriptions, suppressions
from digest.store.statements import insert_into, write

_COLUMNS = (
    "subscriber",
    "digest",
    "state",
    "choice",
    "consent_at",
    "consent_source",
    "unsubscribed_at",
    "paused_until",
)
_UNSENT = (DeliveryState.QUEUED, DeliveryState.CLAIMED)
_UNSUBSCRIBED = literal(SubscriptionState.UNSUBSCRIBED, Member(SubscriptionState))
_HAS_LEFT = Standing.UNSUBSCRIBED.care
_IS_BARRED = exists().where(suppressions.c.address_key == staged.c.address_key)
_PART = 20_000  # rows: a second or so
_MAY_COME = and_(staged.c.care < _HAS_LEFT, ~_IS_BARRED)
_IS_KEPT = or_(
    _MAY_COME, staged.c.care == _HAS_LEFT
)  # who has left as well, so that no other list brings them in

_Part = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the rows of an import; each is counted once."""

    added: int = 0  # they are subscribed from now on
    pending: int = 0  # they wait for their own confirmation
    ended: int = 0  # they are unsubscribed, as their rows say
    barred: int = 0  # their addresses are suppressed, as their rows say
    unchanged: int = 0  # here as they came, whatever themes they chose since; or a further row of one person
    unsubscribed: int = 0  # they left here: no import subscribes them again
    suppressed: int = 0  # their addresses are suppressed here, and stay so
    erased: int = 0  # they asked to be forgotten
    renumbered: int = 0  # beside these counts: their numbers were taken, so that links in mails from elsewhere are not theirs


def import_rows(
    connection: Connection,
    rows: Iterable[ImportRow],
    now: datetime,
    is_erased: Callable[[str], bool] = lambda _: False,
) -> ImportReport:
    """Subscribe people who gave their consent elsewhere; importing the same rows again changes nothing.

    A pending subscription becomes confirmed. Nobody who unsubscribed is subscribed again, no suppression is
    undone, and the themes of a subscription that exists stay as they are. A row of somebody who left ends a
    subscription, unless the consent to it is from a later day.
    """
    report = settle(connection, stage(connection, rows, is_erased), now)
    clear(connection)
    return report


def settle(
    connection: Connection,
    staged_rows: Staged,
    now: datetime,
    unit: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> ImportReport:
    """Bring what is staged into the audience, part by part, so that nobody waits long for their turn to write.

    ``unit`` opens the transaction of one part; without one all of it belongs to the caller's. What was interrupted is
    done again by the same import. Suppressions come last: they undo no subscription of the same list.
    """
    starts = range(0, staged_rows.rows, _PART)
    parts = [staged.c.number.between(start, start + _PART - 1) for start in starts]
    total: Counter[str] = Counter(erased=staged_rows.erased)
    for step in (_numbered, _people, _barred):
        for part in parts:
            with unit():
                total.update(step(connection, part, now))
    renumbered = total.pop("renumbered", 0)
    return ImportReport(**total, unchanged=staged_rows.rows - total.total(), renumbered=renumbered)


def _numbered(connection: Connection, part: _Part, now: datetime) -> Mapping[str, int]:
    """Whoever is new and had a number elsewhere has it here too, so that links in mails from there go on to be theirs."""
    theirs = and_(part, staged.c.wanted_id.is_not(None), _IS_KEPT)
    new = select(staged.c.wanted_id, staged.c.address, staged.c.address_key, literal(now, Instant))
    insert = insert_into(connection, subscribers).from_select(
        ["id", "address", "address_key", "created_at"], new.where(theirs).order_by(staged.c.number)
    )
    if write(connection, insert.on_conflict_do_nothing()):
        _count_on(connection)
    same = and_(subscribers.c.address_key == staged.c.address_key, subscribers.c.id == staged.c.wanted_id)
    return {"renumbered": _count(connection, theirs, ~exists().where(same))}


def _count_on(connection: Connection) -> None:
    """Give no number again that was given by hand; SQLite sees to that itself."""
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(subscribers.name, subscribers.c.id.name)
        last = func.greatest(func.nextval(sequence), func.max(subscribers.c.id))
        connection.execute(select(func.setval(sequence, last)).select_from(subscribers))


def _people(connection: Connection, part: _Part, now: datetime) -> Mapping[str, int]:
    """Subscriptions begin, wait or end; how many of each."""
    suppressed = _count(connection, part, staged.c.care < _HAS_LEFT, _IS_BARRED)
    _add_subscribers(connection, part, now)
    return {
        "suppressed": suppressed,
        "unsubscribed": _left_here(connection, part),
        "added": _subscribe(connection, part, Standing.SUBSCRIBED, SubscriptionState.CONFIRMED),
        "pending": _subscribe(connection, part, Standing.PENDING, SubscriptionState.PENDING),
        "ended": _end(connection, part, now),
    }


def _count(connection: Connection, *which: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(staged).where(*which)).scalar_one()


def _add_subscribers(connection: Connection, part: _Part, now: datetime) -> None:
    """Whoever is still new."""
    new = select(staged.c.address, staged.c.address_key, literal(now, Instant))
    new = new.where(part, _IS_KEPT).order_by(staged.c.number)
    insert = insert_into(connection, subscribers)
    columns = ["address", "address_key", "created_at"]
    connection.execute(insert.from_select(columns, new).on_conflict_do_nothing())


def _left_here(connection: Connection, part: _Part) -> int:
    theirs = and_(
        subscribers.c.address_key == staged.c.address_key,
        subscriptions.c.subscriber == subscribers.c.id,
        subscriptions.c.digest == staged.c.digest,
        subscriptions.c.state == SubscriptionState.UNSUBSCRIBED,
    )
    return _count(connection, part, _MAY_COME, exists().where(theirs))


def _subscribe(connection: Connection, part: _Part, standing: Standing, state: SubscriptionState) -> int:
    """Those of one standing who have no subscription yet, or wait for their confirmation and have it now."""
    values = _values(literal(state, Member(SubscriptionState)), literal(None, Instant))
    insert = insert_into(connection, subscriptions).from_select(
        _COLUMNS, values.where(part, staged.c.care == standing.care, _MAY_COME)
    )
    if standing is not Standing.SUBSCRIBED:
        return write(connection, insert.on_conflict_do_nothing())
    consent = ("state", "consent_at", "consent_source")
    confirmed = insert.on_conflict_do_update(
        index_elements=["subscriber", "digest"],
        set_={name: insert.excluded[name] for name in consent},
        where=subscriptions.c.state == SubscriptionState.PENDING,
    )
    return write(connection, confirmed)


def _end(connection: Connection, part: _Part, now: datetime) -> int:
    left_at = func.coalesce(staged.c.left_at, literal(now, Instant), type_=Instant)
    left = _values(_UNSUBSCRIBED, left_at).where(part, staged.c.care == _HAS_LEFT)
    insert = insert_into(connection, subscriptions).from_select(_COLUMNS, left)
    ended = insert.on_conflict_do_update(
        index_elements=["subscriber", "digest"],
        set_={name: insert.excluded[name] for name in ("state", "unsubscribed_at")},
        where=and_(
            subscriptions.c.state != SubscriptionState.UNSUBSCRIBED,
            func.coalesce(subscriptions.c.consent_at <= insert.excluded.unsubscribed_at, true()),
        ),
    )
    count = write(connection, ended)
    gone = subscriptions.c.state == SubscriptionState.UNSUBSCRIBED
    of_digest = subscriptions.c.digest == staged.c.digest
    theirs = _with_unsent_mail(subscribers.c.id, staged.c.digest).join(
        subscriptions, and_(subscriptions.c.subscriber == subscribers.c.id, of_digest)
    )
    for subscriber, digest in connection.execute(theirs.where(part, gone, staged.c.care == _HAS_LEFT)).all():
        cancel_for(connection, subscriber, digest, DeliveryState.CANCELLED, "unsubscribed", now)
    return count


def _barred(connection: Connection, part: _Part, now: datetime) -> Mapping[str, int]:
    """Addresses that are not written to from now on; how many."""
    barred = and_(part, staged.c.care == Standing.SUPPRESSED.care)
    at = func.coalesce(staged.c.left_at, literal(now, Instant), type_=Instant)
    rows = select(staged.c.address_key, staged.c.address, staged.c.why, staged.c.cause, at).where(barred)
    insert = insert_into(connection, suppressions).from_select(
        ["address_key", "address", "reason", "cause", "at"], rows
    )
    count = write(connection, insert.on_conflict_do_nothing())
    for (subscriber,) in connection.execute(_with_unsent_mail(subscribers.c.id).where(barred)).all():
        cancel_for(connection, subscriber, None, DeliveryState.SUPPRESSED, "the address is suppressed", now)
    return {"barred": count}


def _values(
    state: ColumnElement[StrEnum], left_at: ColumnElement[datetime | None]
) -> Select[*tuple[ColumnValue, ...]]:
    """Staged rows as those of subscriptions."""
    return select(
        subscribers.c.id,
        staged.c.digest,
        state,
        staged.c.choice,
        staged.c.consent_at,
        staged.c.consent_source,
        left_at,
        staged.c.paused_until,
    ).join_from(staged, subscribers, subscribers.c.address_key == staged.c.address_key)


def _with_unsent_mail(*columns: ColumnElement[ColumnValue]) -> Select[*tuple[ColumnValue, ...]]:
    unsent = exists().where(deliveries.c.subscriber == subscribers.c.id, deliveries.c.state.in_(_UNSENT))
    return (
        select(*columns)
        .select_from(staged)
        .join(subscribers, subscribers.c.address_key == staged.c.address_key)
        .where(unsent)
    )
