"""Who gets an issue, and how far each delivery has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from digest.model.issues import IssueId


class SubscriptionState(StrEnum):
    """Whether we may write to an address for a digest (double opt-in)."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscriber's subscription to one digest; ``themes`` None means all of them."""

    subscriber: int
    address: str
    digest: str
    state: SubscriptionState
    themes: tuple[str, ...] | None
    consent_at: datetime | None
    consent_source: str
    paused_until: datetime | None = None  # by the reader; None: not paused
    unsubscribed_at: datetime | None = None


class ConsentStep(StrEnum):
    """What a person, or an editor for them, changed about what we may send."""

    CONFIRMED = "confirmed"
    ADDED = "added"  # by an editor, who states their consent
    THEMES = "themes"
    PAUSED = "paused"
    RESUMED = "resumed"
    LEFT = "left"
    RETURNED = "returned"
    MOVED = "moved"  # to another address


@dataclass(frozen=True, slots=True)
class Consent:
    """One step of what a person agreed to; steps are added, and never changed."""

    at: datetime
    step: ConsentStep
    digest: str  # "" where it is about all of them
    source: str  # how it came about, or who did it for them; "": by their own hand
    wording: str = ""  # what they were shown, or chose


class DeliveryState(StrEnum):
    """The states of a ledger row (docs/architecture.md, "The ledger")."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    IN_DOUBT = "in_doubt"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    NOTHING_FOR_THEM = "nothing_for_them"


class SendState(StrEnum):
    """Where the send of one issue stands."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Send:
    """The request to send one issue, stored in the transaction that causes it."""

    issue: IssueId
    version: int
    state: SendState
    requested_at: datetime
    expires_at: datetime
    why: str = ""  # why it is paused, or ""
    first_until: int = 0  # until the first part went well, only rows up to this id are sent; 0: all


@dataclass(frozen=True, slots=True)
class Delivery:
    """One ledger row: issue × subscriber, and once more for each correction that is mailed to who has the issue."""

    id: int
    issue: IssueId
    subscriber: int
    address: str
    choice: str
    state: DeliveryState
    attempts: int = 0
    next_try_at: datetime | None = None
    owner: str = ""
    fence: int = 0
    lease_until: datetime | None = None
    reply: str = ""
    settled_at: datetime | None = None
    version: int = 0  # of the issue that it brings, as of its last claim; 0 before the first


@dataclass(frozen=True, slots=True)
class Message:
    """The bytes for one recipient (RFC 5322, CRLF, not dot-stuffed) and its envelope (RFC 5321)."""

    sender: str
    recipient: str
    message_id: str
    data: bytes = field(repr=False)
    ready: bool = False  # for the wire as it is: every line ends with CRLF, and none begins with a dot
