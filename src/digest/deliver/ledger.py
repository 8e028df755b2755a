"""Delivery states: what may follow what, and what the outcome of one attempt means for its row.

The promise (docs/architecture.md, "The ledger"): never twice by itself, never lost; at most one message per
open connection waits for a person. It rests on one fact about SMTP: until the last write of a message's body
the relay cannot have taken it, and after that only its reply tells (RFC 5321, section 4.2.5, and RFC 1047).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType

from digest.errors import DigestError, RelayError
from digest.model import Delivery, DeliveryState

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

OPEN = frozenset(state for state, following in LEGAL.items() if following)
AT_WORK = frozenset({_S.CLAIMED, _S.SENDING})  # a sender holds the row


@dataclass(frozen=True, slots=True)
class Settled:
    """What to write into a row after an attempt; ``next_try_at`` only where it goes back to the queue."""

    state: DeliveryState
    next_try_at: datetime | None
    reply: str


def after(delivery: Delivery, outcome: Outcome, now: datetime) -> Settled:
    """What ``outcome`` means for a row that is ``claimed``, or ``sending`` once its body was begun.

    ``delivery.attempts`` counts the attempts that were over before this one.

    Raises:
        IllegalTransitionError: the outcome cannot follow the row's state, for example a message that was
            accepted although ``sending`` was never committed.
    """
    settled = _meaning(delivery, outcome, now)
    _check(delivery, settled.state)
    return settled


def unreached(delivery: Delivery, why: str) -> Settled:
    """Nothing was tried for this row, because the relay itself was not to be had: it is due as before.

    The waiting is the sender's, for all rows at once, so that nothing stands in the way once the relay is back.
    """
    _check(delivery, DeliveryState.QUEUED)
    return Settled(DeliveryState.QUEUED, delivery.next_try_at, why)


def abandoned(delivery: Delivery) -> Settled:
    """What a row comes to whose sender died holding it: only a body that was begun leaves a doubt."""
    if delivery.state is DeliveryState.SENDING:
        why = "the sender stopped before the relay's answer was stored"
        return Settled(DeliveryState.IN_DOUBT, None, why)
    return unreached(delivery, "the sender stopped before it began")


def _meaning(delivery: Delivery, outcome: Outcome, now: datetime) -> Settled:
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
            return Settled(DeliveryState.QUEUED, delivery.next_try_at, delivery.reply)


def _check(delivery: Delivery, state: DeliveryState) -> None:
    if state not in LEGAL[delivery.state] or delivery.state not in AT_WORK:
        raise IllegalTransitionError(
            f"Delivery {delivery.id} of {delivery.issue} cannot go from {delivery.state} to {state} by an attempt."
        )


# ── trying again ─────────────────────────────────────────────────────────────────────────────────

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 67))
GIVE_UP_AFTER = timedelta(days=5)  # RFC 5321, section 4.5.4.1: at least 4–5 days
_JITTER = 0.2


def _again(delivery: Delivery, reply: str, now: datetime) -> Settled:
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
