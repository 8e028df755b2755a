"""What a person changes: themes, leaving, coming back; and addresses that are never written to again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, exists, update

from digest.model import ConsentStep, DeliveryState, SubscriptionState
from digest.store import consents
from digest.store.audience.columns import choice_of, of
from digest.store.deliveries import cancel_for
from digest.store.schema import subscribers, suppressions
from digest.store.schema import subscriptions as subscriptions_table
from digest.store.statements import write


def choose(
    connection: Connection, subscriber: int, digest: str, themes: Iterable[str] | None, now: datetime
) -> None:
    """The themes that a subscriber wants of a digest from its next issue on; None: all of it."""
    choice = choice_of(themes)
    changed = and_(of(subscriber, digest), subscriptions_table.c.choice != choice)
    consents.note_each(connection, changed, ConsentStep.THEMES, now, wording=choice or "all")
    write(connection, update(subscriptions_table).where(changed).values(choice=choice))


def unsubscribe(
    connection: Connection, subscriber: int, digest: str | None, now: datetime, source: str = ""
) -> bool:
    """End one subscription, or all of a subscriber's, and cancel their mail that has not begun to leave.

    ``source`` says how it came about, where it was not by their own hand. False where there was nothing left to end.
    """
    active = subscriptions_table.c.state != SubscriptionState.UNSUBSCRIBED
    consents.note_each(connection, and_(of(subscriber, digest), active), ConsentStep.LEFT, now, source)
    left = update(subscriptions_table).where(of(subscriber, digest), active)
    values = {"state": SubscriptionState.UNSUBSCRIBED, "unsubscribed_at": now}
    ended = write(connection, left.values(**values)) > 0
    cancel_for(connection, subscriber, digest, DeliveryState.CANCELLED, "unsubscribed", now)
    return ended


def resubscribe(connection: Connection, subscriber: int, digest: str, now: datetime) -> bool:
    """Undo an unsubscription, by the person's own hand; mail that it cancelled stays cancelled.

    False where there is none to undo, or the address is suppressed.
    """
    suppressed = exists().where(
        suppressions.c.address_key == subscribers.c.address_key, subscribers.c.id == subscriber
    )
    undone = and_(
        of(subscriber, digest), subscriptions_table.c.state == SubscriptionState.UNSUBSCRIBED, ~suppressed
    )
    consents.note_each(connection, undone, ConsentStep.RETURNED, now)
    values = {"state": SubscriptionState.CONFIRMED, "unsubscribed_at": None}
    return write(connection, update(subscriptions_table).where(undone).values(**values)) == 1
