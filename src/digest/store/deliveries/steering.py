"""Sends as a whole: paused, resumed, cancelled, over, finished; and the unsent rows of one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, select, true, update

from digest.deliver.ledger import OPEN
from digest.errors import DigestError, NotFoundError
from digest.model import DeliveryState, IssueId, Send, SendState, Unit, Work
from digest.store import jobs
from digest.store.deliveries.columns import (
    CANCELLED,
    EXPIRED,
    NOBODYS,
    SEND_COLUMNS,
    UNSENT,
    as_send,
    unheld,
)
from digest.store.schema import deliveries, sends
from digest.store.schema import issues as issues_table
from digest.store.statements import write

_FOLLOWING: Mapping[SendState, frozenset[SendState]] = {
    SendState.RUNNING: frozenset({SendState.PAUSED, SendState.CANCELLED, SendState.FINISHED}),
    SendState.PAUSED: frozenset({SendState.RUNNING, SendState.CANCELLED}),
    SendState.CANCELLED: frozenset(),
    SendState.FINISHED: frozenset(),
}


def set_send_state(connection: Connection, issue: IssueId, state: SendState, why: str = "") -> Send:
    """Pause, resume or cancel a send, and return it as it is then; pausing gives back what was only claimed.

    Raises:
        NotFoundError: nobody asked to send this issue.
        DigestError: it is cancelled or finished, and so stays.
    """
    present = locked_send(connection, issue)
    if state is not present.state and state not in _FOLLOWING[present.state]:
        raise DigestError(f"The send of {issue} is {present.state} and cannot become {state}.")
    connection.execute(update(sends).where(sends.c.issue == issue).values(state=state, why=why))
    if state is SendState.PAUSED:
        claimed = unheld(deliveries.c.issue == issue, [DeliveryState.CLAIMED])
        connection.execute(update(deliveries).where(claimed).values(state=DeliveryState.QUEUED, **NOBODYS))
    elif state is SendState.RUNNING:
        jobs.put(connection, Unit(Work.SEND, str(issue)))
    return replace(present, state=state, why=why)


def locked_send(connection: Connection, issue: IssueId) -> Send:
    """The request to send an issue, which nobody else changes before this transaction ends.

    Raises:
        NotFoundError: there is none.
    """
    query = select(*SEND_COLUMNS).where(sends.c.issue == issue).with_for_update(key_share=True)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"Nobody has asked to send {issue}; do so with: digest send {issue}")
    return as_send(row)


def cancel_open(connection: Connection, issue: IssueId, now: datetime) -> int:
    """Cancel every row whose body was not begun, and return how many; ``sending`` and ``in_doubt`` go their way."""
    locked_send(connection, issue)
    return _close_unsent(connection, deliveries.c.issue == issue, *CANCELLED, now)


def cancel_for(
    connection: Connection,
    subscriber: int,
    digest: str | None,
    state: DeliveryState,
    why: str,
    now: datetime,
) -> int:
    """Close the unsent rows of one subscriber, of one digest or all, and return how many there were."""
    theirs = deliveries.c.subscriber == subscriber
    if digest is not None:
        theirs &= deliveries.c.issue.in_(select(issues_table.c.id).where(issues_table.c.digest == digest))
    return _close_unsent(connection, theirs, state, why, now)


def expire(connection: Connection, now: datetime) -> int:
    """Close what is unsent of the running sends whose time is over, and return how many rows that was.

    Closes too what a worker held, and so kept, while its send was cancelled.
    """
    unsent = exists().where(deliveries.c.issue == sends.c.issue, deliveries.c.state.in_(UNSENT))
    cancelled = select(sends.c.issue).where(sends.c.state == SendState.CANCELLED, unsent)
    for issue in connection.execute(cancelled).scalars().all():
        _close_unsent(connection, deliveries.c.issue == issue, *CANCELLED, now)
    over = select(sends.c.issue).where(sends.c.state == SendState.RUNNING, sends.c.expires_at <= now, unsent)
    issues = connection.execute(over).scalars().all()
    return sum(_close_unsent(connection, deliveries.c.issue == issue, *EXPIRED, now) for issue in issues)


def finish_if_done(connection: Connection, issue: IssueId, now: datetime) -> bool:
    """Mark a running send as finished once no row of it is open; True where this call did."""
    running = select(sends.c.issue).where(sends.c.issue == issue, sends.c.state == SendState.RUNNING)
    # Of two workers that close the last two rows at once, the second must see what the first has written.
    if connection.execute(running.with_for_update(key_share=True)).first() is None:
        return False
    is_open = exists().where(deliveries.c.issue == issue, deliveries.c.state.in_(OPEN))
    finished = update(sends).where(sends.c.issue == issue, ~is_open)
    return write(connection, finished.values(state=SendState.FINISHED, finished_at=now)) == 1


def retry(
    connection: Connection, issue: IssueId, expires_at: datetime, now: datetime
) -> Mapping[DeliveryState, int]:
    """Try again, now, what waits to be tried, what is too late, and what was refused for a policy of the receiver's;
    how many rows there were of each. The send goes on until ``expires_at``, unless it is paused.

    Never what was accepted or may have been, nor an address that is no more, nor who left.

    Raises:
        NotFoundError: nobody asked to send this issue.
        DigestError: its send was cancelled.
    """
    present = locked_send(connection, issue)
    if present.state is SendState.CANCELLED:
        raise DigestError(f"The send of {issue} was cancelled, and so stays: nothing of it is sent again.")
    refused = deliveries.c.reply.like("5__ 5.7.%") | deliveries.c.reply.like("5__-5.7.%")
    again = {
        DeliveryState.QUEUED: deliveries.c.next_try_at > now,
        DeliveryState.EXPIRED: true(),
        DeliveryState.REJECTED: refused,
    }
    queued = {"state": DeliveryState.QUEUED, "next_try_at": now, "settled_at": None, **NOBODYS}
    counts = {
        state: write(
            connection,
            update(deliveries)
            .where(unheld(and_(deliveries.c.issue == issue, which), [state]))
            .values(**queued, fence=deliveries.c.fence + 1),
        )
        for state, which in again.items()
    }
    values = {"expires_at": max(present.expires_at, expires_at), "finished_at": None}
    if any(counts.values()):
        state = SendState.PAUSED if present.state is SendState.PAUSED else SendState.RUNNING
        connection.execute(update(sends).where(sends.c.issue == issue).values(**values, state=state))
    return counts


def _close_unsent(
    connection: Connection, which: ColumnElement[bool], state: DeliveryState, why: str, now: datetime
) -> int:
    unsent = update(deliveries).where(and_(unheld(which, UNSENT)))
    return write(connection, unsent.values(state=state, reply=why, settled_at=now, **NOBODYS))
