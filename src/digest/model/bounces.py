"""What comes back: mail that could not be delivered, complaints, and what they do to an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.model.issues import IssueId


class BounceKind(StrEnum):
    """What a report says of one recipient."""

    ADDRESS = "address"  # there is no such mailbox or domain (RFC 3463: 5.1.x of the recipient)
    SOFT = "soft"  # it could not be had this time: full, busy, unreachable, or for reasons that nobody gave
    POLICY = "policy"  # they do not want mail like this, or from us (5.7.x): it says nothing of the address
    MESSAGE = "message"  # this one message was too large, malformed or badly handed over: it says nothing of the address
    COMPLAINT = "complaint"  # its owner pressed "this is spam"


class BounceEffect(StrEnum):
    """What a bounce did when it came in, or became of it since."""

    NOTHING = "nothing"
    HELD = "held"
    SUPPRESSED = "suppressed"
    PAUSED = "paused"  # its domain was paused
    SPARED = "spared"  # it came in a storm at its domain, and does not count
    UNDONE = "undone"  # a person took it back, and it does not count
    UNMATCHED = "unmatched"  # nothing proves that it speaks of a mail of ours


class SuppressionCause(StrEnum):
    """Who caused a suppression; only what bounces caused is undone as a storm."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Bounce:
    """One bounce or complaint as it is listed; ``issue`` is None and ``address`` "" where it matches no delivery."""

    at: datetime
    address: str
    issue: IssueId | None
    kind: BounceKind
    status: str  # like "5.1.1", or ""
    words: str  # the reporter's own
    source: str  # "lmtp", "imap", "file", "smtp", or the provider of a webhook
    effect: BounceEffect
    why: str


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that is never written to; ``address`` may be "" after an erasure."""

    address_key: str
    address: str
    reason: str
    cause: SuppressionCause
    at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """An address that is not written to for now."""

    address_key: str
    address: str
    since: datetime
    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class DomainPause:
    """A domain that is not written to for now: many of its mailboxes failed at once, or it refuses us."""

    domain: str
    since: datetime
    until: datetime
    why: str
    is_storm: bool
