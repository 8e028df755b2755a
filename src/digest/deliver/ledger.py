"""Delivery states: what may follow what, and what the outcome of one attempt means for its row.

The promise (docs/architecture.md, "The ledger"): never twice by itself, never lost; at most one message per
open connection waits for a person. It rests on one fact about SMTP: until the last write of a message's body
the relay cannot have taken it, and after that only its reply tells (RFC 5321, section 4.2.5, and RFC 1047).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

from digest.errors import DigestError, RelayError
from digest.model import DeliveryState

# ── what an attempt comes to ─────────────────────────────────────────────────────────────────────


class Stage(StrEnum):
    """Where in a transaction the relay refused."""

    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    BODY = "after the dot"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The relay answered 2xx after the dot: the message is theirs."""

    reply: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The relay answered ``code`` (4xx or 5xx): the message is certainly not theirs."""

    code: int
    reply: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection ended without an answer, before or after the last write of the body."""

    after_dot: bool
    reply: str = "the connection was lost"


@dataclass(frozen=True, slots=True)
class Withheld:
    """We did not send it: the ledger said no after all, and the connection was closed without the dot."""


Outcome = Accepted | Refused | Lost | Withheld


class UnreachableError(RelayError):
    """The relay cannot be reached now, or asks to come back later: nothing was tried, and waiting may help."""


class IllegalTransitionError(DigestError):
    """A row was to go where no row may go from its state: a defect, and better loud than a second copy."""


# ── what may follow what ─────────────────────────────────────────────────────────────────────────

_S = DeliveryState

LEGAL: Mapping[DeliveryState, frozenset[DeliveryState]] = MappingProxyType(
    {
        _S.QUEUED: frozenset({_S.CLAIMED, _S.SUPPRESSED, _S.CANCELLED, _S.EXPIRED}),
        # A relay may refuse before the body, while the row is only claimed.
        _S.CLAIMED: frozenset({_S.QUEUED, _S.SENDING, _S.REJECTED, _S.SUPPRESSED, _S.CANCELLED, _S.EXPIRED}),
        _S.SENDING: frozenset({_S.ACCEPTED, _S.REJECTED, _S.QUEUED, _S.IN_DOUBT, _S.EXPIRED}),
        # Only a person settles a doubt: "it was sent", or "send it again once".
        _S.IN_DOUBT: frozenset({_S.ACCEPTED, _S.QUEUED}),
        **dict.fromkeys(
            (_S.ACCEPTED, _S.REJECTED, _S.SUPPRESSED, _S.CANCELLED, _S.EXPIRED, _S.NOTHING_FOR_THEM),
            frozenset[DeliveryState](),
        ),
    }
)


class Row(Protocol):
    """What may be sent by the rules below: a ``Delivery``, or a row of the outbox."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> int:
        """Its number, never given twice."""

    @property
    def fence(self) -> int:
        """How often it has been claimed: each claim is a value of its own."""

    @property
    def address(self) -> str:
        """To whom."""

    @property
    def state(self) -> DeliveryState:
        """How far it has come."""

    @property
    def attempts(self) -> int:
        """Those that were over before this one."""

    @property
    def next_try_at(self) -> datetime | None:
        """When it was due."""

    @property
    def reply(self) -> str:
        """The last words about it."""


Claim = tuple[int, int]  # a row's id, and the fence under which it was claimed


def claim_of(row: Row) -> Claim:
    """Which claim a row's value comes from. A sender that slept past its lease may hold two values of one row."""
    return row.id, row.fence


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the rows of a ledger may be sent now."""

    running: bool
    over: bool = False  # nothing of it will ever be due again
    why: str = ""  # it does not run
    resting: Mapping[str, datetime] = field(
        default_factory=dict
    )  # domains that are left alone, and until when


OPEN = frozenset(state for state, following in LEGAL.items() if following)
AT_WORK = frozenset({_S.CLAIMED, _S.SENDING})  # a sender holds the row


@dataclass(frozen=True, slots=True)
class Settled:
    """What to write into a row after an attempt; ``next_try_at`` only where it goes back to the queue."""

    state: DeliveryState
    next_try_at: datetime | None  # None: at once
    reply: str
    tried: bool = True  # whether it counts as an attempt


def after(delivery: Row, outcome: Outcome, now: datetime) -> Settled:
    """What ``outcome`` means for a row that is ``claimed``, or ``sending`` once its body was begun.

    ``delivery.attempts`` counts the attempts that were over before this one.

    Raises:
        IllegalTransitionError: the outcome cannot follow the row's state, for example a message that was
            accepted although ``sending`` was never committed.
    """
    settled = _meaning(delivery, outcome, now)
    _check(delivery, settled.state)
    return settled


def unreached(delivery: Row, why: str) -> Settled:
    """Nothing was tried for this row, because the relay itself was not to be had: it is due as before.

    The waiting is the sender's, for all rows at once, so that nothing stands in the way once the relay is back.
    """
    _check(delivery, DeliveryState.QUEUED)
    return Settled(DeliveryState.QUEUED, delivery.next_try_at, why, tried=False)


def deferred(delivery: Row, until: datetime, why: str) -> Settled:
    """Nothing was tried for this row, because its domain is left alone until then."""
    _check(delivery, DeliveryState.QUEUED)
    return Settled(DeliveryState.QUEUED, until, why, tried=False)


def _meaning(delivery: Row, outcome: Outcome, now: datetime) -> Settled:
    match outcome:
        case Accepted(reply):
            return Settled(DeliveryState.ACCEPTED, None, reply)
        case Refused(code, reply) if code >= 500:
            return Settled(DeliveryState.REJECTED, None, reply)
        case Lost(after_dot=True, reply=reply):
            return Settled(DeliveryState.IN_DOUBT, None, reply)
        case Refused(reply=reply) | Lost(reply=reply):
            return _again(delivery, reply, now)
        case Withheld():
            return Settled(DeliveryState.QUEUED, delivery.next_try_at, delivery.reply, tried=False)


def _check(delivery: Row, state: DeliveryState) -> None:
    if state not in LEGAL[delivery.state] or delivery.state not in AT_WORK:
        raise IllegalTransitionError(
            f"Row {delivery.id} cannot go from {delivery.state} to {state} by an attempt."
        )


# ── trying again ─────────────────────────────────────────────────────────────────────────────────

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 67))
GIVE_UP_AFTER = timedelta(days=5)  # RFC 5321, section 4.5.4.1: at least 4–5 days
_JITTER = 0.2


def _again(delivery: Row, reply: str, now: datetime) -> Settled:
    if _waited(delivery.attempts) >= GIVE_UP_AFTER:
        return Settled(DeliveryState.EXPIRED, None, f"given up after {GIVE_UP_AFTER.days} days: {reply}")
    return Settled(DeliveryState.QUEUED, now + back_off(delivery.id, delivery.attempts), reply)


def back_off(delivery_id: int, attempts: int) -> timedelta:
    """How long to wait after the attempt that followed ``attempts`` others: 5, 15, 30, 60, then 67 min, ±20 %.

    The jitter comes from the row, not from chance: rows that failed together do not come back together,
    and the same row always waits as long.
    """
    seed = sha256(f"{delivery_id}:{attempts}".encode()).digest()
    lean = int.from_bytes(seed[:4]) / 0xFFFFFFFF * 2 - 1
    return BACK_OFF[min(attempts, len(BACK_OFF) - 1)] * (1 + _JITTER * lean)


def _waited(attempts: int) -> timedelta:
    steps = BACK_OFF[:attempts]
    return sum(steps, timedelta()) + BACK_OFF[-1] * (attempts - len(steps))


# ── when to stop and ask ─────────────────────────────────────────────────────────────────────────

HARD_FAILURES = 10
HARD_SHARE = 0.05
UNREACHED_IN_A_ROW = 20


def alarm(tried: int, rejected: int, last_reply: str) -> str:
    """Why a send should pause and ask a person, or "": at least 10 hard failures and more than 5 % of those tried."""
    if rejected < HARD_FAILURES or rejected <= HARD_SHARE * tried:
        return ""
    return f"{rejected} of {tried} addresses were refused for good, the last with: {last_reply}"


COMPLAINTS = 5
COMPLAINT_SHARE = 0.001


def complained(accepted: int, complaints: int) -> str:
    """Why a send should pause and ask a person, or "": at least 5 complaints, of more than 0.1 % of those who have it."""
    if complaints < COMPLAINTS or complaints <= COMPLAINT_SHARE * accepted:
        return ""
    return f"{complaints} of {accepted} people called it spam"


# ── a first part ─────────────────────────────────────────────────────────────────────────────────

FEWEST_FIRST = 10
_FIRST_HARD_FAILURES = 3
_FIRST_COMPLAINTS = 2


def first_part(audience: int, percent: float) -> int:
    """How many people get an issue before all others: so much of the audience, at least ten; 0 where that is everybody."""
    count = max(FEWEST_FIRST, math.ceil(audience * percent / 100))
    return count if percent and count < audience else 0


@dataclass(frozen=True, slots=True)
class FirstPart:
    """How the first part of a send stands."""

    counts: Mapping[DeliveryState, int]
    untried: int  # queued or in a sender's hands, and never tried
    complaints: int
    last_at: datetime | None  # when the last row of it was settled


def first_went(part: FirstPart, wait: timedelta, now: datetime) -> bool | str:
    """Whether all others may follow: True; False for not yet; a sentence where a person is to decide.

    Stricter than for a whole send, because that is what it is for: of those tried not more than 5 % (and 3) refused,
    at least half accepted, one complaint at most.
    """
    rejected, accepted = part.counts[_S.REJECTED], part.counts[_S.ACCEPTED]
    tried = sum(
        part.counts[state] for state in (_S.ACCEPTED, _S.REJECTED, _S.QUEUED, _S.IN_DOUBT, _S.EXPIRED)
    )
    if rejected >= _FIRST_HARD_FAILURES and rejected > HARD_SHARE * tried:
        return f"of the first {tried} addresses {rejected} were refused for good"
    if part.complaints >= _FIRST_COMPLAINTS:
        return f"of the first {tried} people {part.complaints} called it spam"
    if part.untried:
        return False
    if accepted * 2 < tried:
        return f"of the first {tried} mails only {accepted} were accepted"
    return part.last_at is None or now - part.last_at >= wait
