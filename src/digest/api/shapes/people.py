"""Subscribers and suppressed addresses, in requests and answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from digest.api.shapes.words import Line, Mailbox, Slug, Wanted, Yes
from digest.model import Consent, Subscription, SubscriptionState, SuppressionCause


class SubscriberWanted(Wanted):
    """A person who is to get a digest: asked by mail whether they want it, or (``consent``) who has said so elsewhere."""

    address: Mailbox
    digest: Slug
    themes: Annotated[tuple[Slug, ...], Field(max_length=100)] = ()  # all of them
    consent: Line = ""  # when and how they gave it, such as "on paper, at the fair of 2026-11-14"


class LeavingWanted(Wanted):
    """A subscription that is ended for somebody who asked us to."""

    digest: Slug
    why: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]


class ErasureWanted(Wanted):
    """A person who is to be forgotten; ``sure`` must be true, for nothing brings them back."""

    address: Mailbox
    sure: Yes


class SuppressionWanted(Wanted):
    """An address that is never to be written to again."""

    address: Mailbox
    why: Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]


class LiftingWanted(SuppressionWanted):
    """An address that may be written to again."""


@dataclass(frozen=True, slots=True)
class SubscriptionNow:
    """A subscription to one digest; ``themes`` null: all of them."""

    digest: str
    state: SubscriptionState
    themes: tuple[str, ...] | None
    consent_at: datetime | None
    consent_source: str
    paused_until: datetime | None
    unsubscribed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    """A person in a list; ``suppressed`` is why we must not write to them, or ""."""

    number: int
    address: str
    subscriptions: tuple[SubscriptionNow, ...]
    suppressed: str


@dataclass(frozen=True, slots=True)
class SubscriberNow:
    """One person, with all that they agreed to, the newest first; ``held_until``: their mail comes back for now."""

    number: int
    address: str
    since: datetime
    subscriptions: tuple[SubscriptionNow, ...]
    consents: tuple[Consent, ...]
    suppressed: str
    held_until: datetime | None


@dataclass(frozen=True, slots=True)
class Welcomed:
    """What became of a person who was to get a digest, in a sentence."""

    sentence: str


@dataclass(frozen=True, slots=True)
class SuppressionNow:
    """An address that is never written to; ``number`` is its subscriber's, or null."""

    address: str
    reason: str
    cause: SuppressionCause
    at: datetime
    number: int | None


def subscription_now(subscription: Subscription) -> SubscriptionNow:
    """A subscription, without whose it is."""
    return SubscriptionNow(
        subscription.digest,
        subscription.state,
        subscription.themes,
        subscription.consent_at,
        subscription.consent_source,
        subscription.paused_until,
        subscription.unsubscribed_at,
    )
