"""Sends and deliveries as answers have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.masks import masked, veiled
from digest.model import Delivery, DeliveryState, Send, SendState


@dataclass(frozen=True, slots=True)
class Counts:
    """How many mails of an issue are in each state."""

    queued: int = 0
    claimed: int = 0
    sending: int = 0
    in_doubt: int = 0
    accepted: int = 0
    rejected: int = 0
    suppressed: int = 0
    cancelled: int = 0
    expired: int = 0
    nothing_for_them: int = 0


@dataclass(frozen=True, slots=True)
class SendNow:
    """Where the send of an issue stands; no mail leaves before ``begins_at``, and until then it can be taken back."""

    issue: str
    state: SendState
    why: str  # it is paused, or ""
    version: int
    begins_at: datetime
    expires_at: datetime
    first_part: bool  # only a part of the audience gets it, until that went well
    deliveries: Counts


@dataclass(frozen=True, slots=True)
class SendAsked:
    """A send that was asked for."""

    issue: str
    version: int
    begins_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BeforeSend:
    """What is to be known before an issue is sent; ``confirm_audience``: whether the number must be given."""

    people: int
    confirm_audience: bool
    ends_at: datetime  # when the last one would have it
    expires_at: datetime
    too_late: bool
    last_issue: str | None  # the send before
    last_deliveries: Counts | None


@dataclass(frozen=True, slots=True)
class DeliveryNow:
    """One mail of an issue, and the relay's words; the address is masked unless one sends or manages."""

    address: str
    state: DeliveryState
    attempts: int
    reply: str
    next_try_at: datetime | None
    settled_at: datetime | None
    bounced_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Requeued:
    """How many mails are queued again, by the state that they were in."""

    again: Counts


def counts_of(counts: Mapping[DeliveryState, int]) -> Counts:
    """Counts by state."""
    return Counts(**{state.value: count for state, count in counts.items()})


def send_now(send: Send, counts: Mapping[DeliveryState, int]) -> SendNow:
    """Where a send stands."""
    return SendNow(
        str(send.issue),
        send.state,
        send.why,
        send.version,
        send.requested_at,
        send.expires_at,
        bool(send.first_until),
        counts_of(counts),
    )


def send_asked(send: Send) -> SendAsked:
    """A send that was asked for."""
    return SendAsked(str(send.issue), send.version, send.requested_at, send.expires_at)


def delivery_now(delivery: Delivery, bounced_at: datetime | None, *, whole: bool) -> DeliveryNow:
    """One mail.

    Args:
        whole: whether who asks sees addresses; else they are masked, also in the words of relays, which repeat them.
    """
    return DeliveryNow(
        delivery.address if whole else masked(delivery.address),
        delivery.state,
        delivery.attempts,
        delivery.reply if whole else veiled(delivery.reply),
        delivery.next_try_at,
        delivery.settled_at,
        bounced_at,
        delivery.version,
    )
