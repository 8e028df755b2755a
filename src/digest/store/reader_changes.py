"""What readers change beside their themes: a rest, leaving everything at once, another address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, delete, exists, select, update

from digest.model import ConsentStep, DeliveryState, SubscriptionState
from digest.store import audience, consents
from digest.store.deliveries import cancel_for
from digest.store.schema import deliveries, subscribers, subscriptions, suppressions
from digest.store.schema import sign_ups as sign_ups_table
from digest.store.statements import address_key, insert_into, write

_UNSUBSCRIBED = subscriptions.c.state == SubscriptionState.UNSUBSCRIBED
_CONFIRMED = subscriptions.c.state == SubscriptionState.CONFIRMED


# ── a rest ───────────────────────────────────────────────────────────────────────────────────────


def pause(
    connection: Connection, subscriber: int, digest: str, until: datetime | None, now: datetime
) -> bool:
    """Take a rest until then, or, with None, go on at once; mail that has not begun to leave is cancelled.

    False where there is no confirmed subscription.
    """
    theirs = and_(subscriptions.c.subscriber == subscriber, subscriptions.c.digest == digest, _CONFIRMED)
    step, wording = (ConsentStep.PAUSED, f"until {until:%Y-%m-%d}") if until else (ConsentStep.RESUMED, "")
    consents.note_each(connection, theirs, step, now, wording=wording)
    changed = update(subscriptions).where(theirs).values(paused_until=until)
    done = write(connection, changed) == 1
    if done and until is not None:
        cancel_for(connection, subscriber, digest, DeliveryState.CANCELLED, "paused by the reader", now)
    return done


# ── everything ───────────────────────────────────────────────────────────────────────────────────


def others(connection: Connection, subscriber: int, digest: str) -> tuple[str, ...]:
    """The other digests that a subscriber gets."""
    theirs = and_(subscriptions.c.subscriber == subscriber, subscriptions.c.digest != digest)
    query = select(subscriptions.c.digest).where(theirs, _CONFIRMED).order_by(subscriptions.c.digest)
    return tuple(connection.execute(query).scalars())


def leave_everything(connection: Connection, subscriber: int, now: datetime) -> None:
    """End all subscriptions, and forget what was asked for and not confirmed: nothing of it can be undone into mail."""
    connection.execute(delete(sign_ups_table).where(sign_ups_table.c.subscriber == subscriber))
    pending = and_(
        subscriptions.c.subscriber == subscriber, subscriptions.c.state == SubscriptionState.PENDING
    )
    connection.execute(delete(subscriptions).where(pending))
    audience.unsubscribe(connection, subscriber, None, now)


def return_to_everything(connection: Connection, subscriber: int, digest: str, now: datetime) -> None:
    """Undo ``leave_everything``: what ended at the same moment as the subscription to ``digest`` goes on."""
    theirs = and_(subscriptions.c.subscriber == subscriber, _UNSUBSCRIBED)
    when = select(subscriptions.c.unsubscribed_at).where(theirs, subscriptions.c.digest == digest)
    together = select(subscriptions.c.digest).where(
        theirs, subscriptions.c.unsubscribed_at == when.scalar_subquery()
    )
    for each in connection.execute(together).scalars().all():
        audience.resubscribe(connection, subscriber, each, now)


# ── another address ──────────────────────────────────────────────────────────────────────────────


def move(connection: Connection, subscriber: int, address: str, now: datetime) -> bool:
    """Have a subscriber's mail go to another address; their links stay what they are.

    Where somebody reads at that address already, that one gets the subscriptions, and this one leaves. False, and
    nothing is changed, where we must not write to the new address.
    """
    key = address_key(address)
    if connection.execute(select(exists().where(suppressions.c.address_key == key))).scalar():
        return False
    query = select(subscribers.c.id).where(subscribers.c.address_key == key, subscribers.c.id != subscriber)
    other = connection.execute(query.with_for_update()).scalar()
    if other is None:
        renamed = update(subscribers).where(subscribers.c.id == subscriber)
        connection.execute(renamed.values(address=address, address_key=key))
        consents.note(connection, subscriber, "", ConsentStep.MOVED, now)
        waits = and_(deliveries.c.subscriber == subscriber, deliveries.c.state == DeliveryState.QUEUED)
        connection.execute(update(deliveries).where(waits).values(address=address))
    else:
        _hand_over(connection, subscriber, other)
        consents.note(connection, other, "", ConsentStep.MOVED, now)
        leave_everything(connection, subscriber, now)
    return True


def _hand_over(connection: Connection, subscriber: int, other: int) -> None:
    """Give another subscriber the confirmed subscriptions of this one, where they have none of that digest."""
    names = ("digest", "state", "choice", "consent_at", "consent_source", "paused_until")
    query = select(*(subscriptions.c[name] for name in names)).where(
        subscriptions.c.subscriber == subscriber, _CONFIRMED
    )
    for row in connection.execute(query).all():
        insert = insert_into(connection, subscriptions).values(subscriber=other, **row._mapping)
        taken = {name: insert.excluded[name] for name in names[1:]} | {"unsubscribed_at": None}
        confirmed = insert.on_conflict_do_update(
            index_elements=["subscriber", "digest"], set_=taken, where=~_CONFIRMED
        )
        connection.execute(confirmed)
