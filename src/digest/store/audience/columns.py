"""What the statements on the audience share."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, exists

from digest.model import SubscriptionState
from digest.store.schema import subscribers, subscriptions, suppressions

IS_SUPPRESSED = exists().where(suppressions.c.address_key == subscribers.c.address_key)


def choice_of(themes: Iterable[str] | None) -> str:
    """Themes as a rendering's choice: sorted slugs joined by ",", or "" for all of them."""
    return ",".join(sorted(set(themes or ())))


def shown(address: str) -> str:
    """An address as it is kept and printed: as it was given, its domain lower-cased."""
    local, _, domain = address.strip().rpartition("@")
    return f"{local}@{domain.lower()}"


def of(subscriber: int, digest: str | None) -> ColumnElement[bool]:
    """Which subscriptions: a person's to one digest, or all of theirs."""
    theirs = subscriptions.c.subscriber == subscriber
    return theirs if digest is None else theirs & (subscriptions.c.digest == digest)


def confirmed(digest: str) -> ColumnElement[bool]:
    """Which subscriptions: those to a digest that get its mail."""
    return and_(subscriptions.c.digest == digest, subscriptions.c.state == SubscriptionState.CONFIRMED)
