"""What became of rows: by the relay's answer, or by a person's word."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, update

from digest.deliver.ledger import LEGAL, Claim, Settled, claim_of
from digest.errors import DigestError
from digest.model import Delivery, DeliveryState, IssueId, SendState
from digest.store.columns import Instant, Member
from digest.store.deliveries.columns import LONGEST_REPLY, NOBODYS, locked
from digest.store.deliveries.steering import finish_if_done, locked_send
from digest.store.schema import deliveries, sends, subscribers
from digest.store.statements import address_key, write

_SETTLE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("row"))
    .values(
        state=bindparam("becomes", type_=Member(DeliveryState)),
        reply=bindparam("words"),
        next_try_at=bindparam("again", type_=Instant),
        attempts=bindparam("tried"),
        settled_at=bindparam("at", type_=Instant),
        owner=bindparam("held_by"),
        lease_until=None,
    )
)
_CANCELLED = (
    select(sends.c.issue)
    .where(sends.c.issue.in_(bindparam("of", expanding=True)), sends.c.state == SendState.CANCELLED)
    .with_for_update(read=True)
)


def settle(
    connection: Connection, settled: Sequence[tuple[Delivery, Settled]], now: datetime
) -> frozenset[Claim]:
    """Write what became of rows; the claims that were still their owner's: the others stay as they are.

    A late owner may still close with ``accepted`` what became ``in_doubt`` meanwhile, unless a person has
    settled it; it can never put such a row back into the queue. A row that goes back under a cancelled send
    is cancelled.
    """
    return settle_locked(connection, settled, locked(connection, (row for row, _ in settled)), now)


def settle_locked(
    connection: Connection,
    settled: Sequence[tuple[Delivery, Settled]],
    held: Mapping[Claim, DeliveryState],
    now: datetime,
) -> frozenset[Claim]:
    """``settle`` of rows that are locked already."""
    going_back = {row.issue for row, became in settled if became.state is DeliveryState.QUEUED}
    cancelled = (
        set(connection.execute(_CANCELLED, {"of": list(going_back)}).scalars()) if going_back else set()
    )
    ours = [(row, became) for row, became in settled if held.get(claim_of(row)) in _before(became.state)]
    if ours:
        values = [_values(row, became, row.issue in cancelled, now) for row, became in ours]
        connection.execute(_SETTLE, values)
    return frozenset(claim_of(row) for row, _ in ours)


_LEADING_TO = {
    state: frozenset(was for was, following in LEGAL.items() if state in following) for state in DeliveryState
}


def _before(state: DeliveryState) -> Collection[DeliveryState]:
    """The states from which an owner may bring its row into ``state``; from a doubt only a person puts it back."""
    if state is DeliveryState.QUEUED:
        return (DeliveryState.CLAIMED, DeliveryState.SENDING)
    return _LEADING_TO[state] - {DeliveryState.QUEUED}


def _values(row: Delivery, became: Settled, is_cancelled: bool, now: datetime) -> dict[str, Any]:
    state = became.state
    if state is DeliveryState.QUEUED and is_cancelled:
        state = DeliveryState.CANCELLED
    in_doubt = state is DeliveryState.IN_DOUBT
    return {
        "row": row.id,
        "becomes": state,
        "words": became.reply[:LONGEST_REPLY],
        "again": (became.next_try_at or now) if state is DeliveryState.QUEUED else row.next_try_at,
        "tried": row.attempts + became.tried,
        "at": None if in_doubt or state is DeliveryState.QUEUED else now,
        "held_by": row.owner if in_doubt else "",  # so that a late answer can still be written
    }


def settle_doubt(connection: Connection, issue: IssueId, address: str, sent: bool, now: datetime) -> bool:
    """A person's word on a row in doubt: it was sent, or send it once more; False where none is in doubt.

    Raises:
        NotFoundError: nobody asked to send this issue.
        DigestError: once more, of a send that was cancelled.
    """
    if locked_send(connection, issue).state is SendState.CANCELLED and not sent:
        raise DigestError(f"The send of {issue} was cancelled; what is in doubt can only be marked as sent.")
    theirs = (
        select(subscribers.c.id).where(subscribers.c.address_key == address_key(address)).scalar_subquery()
    )
    doubtful = and_(deliveries.c.issue == issue, deliveries.c.subscriber == theirs)
    accepted = {"state": DeliveryState.ACCEPTED, "reply": "marked as sent by a person", "settled_at": now}
    again = {
        "state": DeliveryState.QUEUED,
        "reply": "to be sent again by a person's word",
        "next_try_at": now,
    }
    settled = update(deliveries).where(doubtful, deliveries.c.state == DeliveryState.IN_DOUBT)
    values = (accepted if sent else again) | {"fence": deliveries.c.fence + 1, **NOBODYS}
    done = write(connection, settled.values(**values)) == 1
    finish_if_done(connection, issue, now)
    return done
