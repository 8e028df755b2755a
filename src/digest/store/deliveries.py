"""The ledger: one row per (issue, subscriber), written before the first byte is sent.

What may follow what is said by ``deliver.ledger``; here each step is one conditional UPDATE. Owner and fence say
whose a row is: claiming raises the fence, so a worker that was stopped past its lease changes nothing when it
wakes. Only claimed and sending rows have a lease. Claiming also binds a row to the version that its send gives out,
and no body is begun once that is another.

Nobody waits for a row while holding a lock on its send, so a worker that settles a row and then looks at the send
never meets, in a deadlock, an editor who comes from the other side. Rows that an editor passes over because
a worker holds them are stopped by ``begin_sending``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, literal, select, update

from digest.deliver.ledger import LEGAL, OPEN
from digest.errors import DigestError, NotFoundError
from digest.model import Delivery, DeliveryState, IssueId, Send, SendState, SubscriptionState
from digest.store.columns import ColumnValue, Instant, Member
from digest.store.schema import deliveries, sends, subscribers, subscriptions, suppressions
from digest.store.schema import issues as issues_table
from digest.store.statements import address_key, columns_of, insert_into, write

SENDING_LEASE = timedelta(minutes=20)  # RFC 5321 §4.5.3.2.6 gives a relay 10 minutes to answer the dot
UNSENT = (DeliveryState.QUEUED, DeliveryState.CLAIMED)  # not a byte of the body has left
_LONGEST_REPLY = 500  # characters
_MOST_LEASES = 1000  # ended in one transaction
_STATE = Member(DeliveryState)
_DELIVERY_COLUMNS = tuple(deliveries.c[field.name] for field in fields(Delivery))
_SEND_COLUMNS = tuple(sends.c[field.name] for field in fields(Send))
_NOBODYS: Mapping[str, ColumnValue] = {"owner": "", "lease_until": None}

Closing = tuple[DeliveryState, str]  # the state of a closed row, and why
_CANCELLED: Closing = (DeliveryState.CANCELLED, "cancelled by an editor")
_EXPIRED: Closing = (DeliveryState.EXPIRED, "the time to send it was over")

# ── sends ────────────────────────────────────────────────────────────────────────────────────────

_SEND_STATES: Mapping[SendState, frozenset[SendState]] = {
    SendState.RUNNING: frozenset({SendState.PAUSED, SendState.CANCELLED, SendState.FINISHED}),
    SendState.PAUSED: frozenset({SendState.RUNNING, SendState.CANCELLED}),
    SendState.CANCELLED: frozenset(),
    SendState.FINISHED: frozenset(),
}


def request_send(connection: Connection, send: Send, empty_choices: Collection[str]) -> bool:
    """Store the request to send an issue, with a ledger row for each confirmed subscriber of its digest.

    False, and nothing is written, where the issue has such a request already. Rows of suppressed
    addresses, and of choices of themes for which the issue has nothing, are closed from the start.
    """
    insert = insert_into(connection, sends).values(**columns_of(send)).on_conflict_do_nothing()
    if not write(connection, insert):
        return False
    columns = ["issue", "subscriber", "address", "choice", "state", "next_try_at", "settled_at"]
    connection.execute(deliveries.insert().from_select(columns, _audience(send, empty_choices)))
    return True


def _audience(send: Send, empty_choices: Collection[str]) -> Select[*tuple[ColumnValue, ...]]:
    suppressed = exists().where(suppressions.c.address_key == subscribers.c.address_key)
    nothing = subscriptions.c.choice.in_(empty_choices)
    state = case(
        (suppressed, literal(DeliveryState.SUPPRESSED, _STATE)),
        (nothing, literal(DeliveryState.NOTHING_FOR_THEM, _STATE)),
        else_=literal(DeliveryState.QUEUED, _STATE),
    )
    issue, requested_at = literal(send.issue, deliveries.c.issue.type), literal(send.requested_at, Instant)
    settled_at = case((suppressed | nothing, requested_at))
    return (
        select(
            issue,
            subscribers.c.id,
            subscribers.c.address,
            subscriptions.c.choice,
            state,
            requested_at,
            settled_at,
        )
        .join(subscriptions, subscriptions.c.subscriber == subscribers.c.id)
        .where(
            subscriptions.c.digest == send.issue.digest, subscriptions.c.state == SubscriptionState.CONFIRMED
        )
        .order_by(subscribers.c.id)
    )


def send(connection: Connection, issue: IssueId) -> Send | None:
    """The request to send an issue, or None."""
    row = connection.execute(select(*_SEND_COLUMNS).where(sends.c.issue == issue)).one_or_none()
    return Send(**row._mapping) if row else None


def running_sends(connection: Connection) -> tuple[Send, ...]:
    """The sends that go on, the first requested first; an expired one too, until ``expire`` has closed its rows."""
    query = select(*_SEND_COLUMNS).where(sends.c.state == SendState.RUNNING)
    ordered = query.order_by(sends.c.requested_at, sends.c.issue)
    return tuple(Send(**row._mapping) for row in connection.execute(ordered))


def set_send_state(connection: Connection, issue: IssueId, state: SendState, why: str = "") -> Send:
    """Pause, resume or cancel a send, and return it as it is then; pausing gives back what was only claimed.

    Raises:
        NotFoundError: nobody asked to send this issue.
        DigestError: it is cancelled or finished, and so stays.
    """
    present = _locked(connection, issue)
    if state is not present.state and state not in _SEND_STATES[present.state]:
        raise DigestError(f"The send of {issue} is {present.state} and cannot become {state}.")
    connection.execute(update(sends).where(sends.c.issue == issue).values(state=state, why=why))
    if state is SendState.PAUSED:
        claimed = _unheld(deliveries.c.issue == issue, DeliveryState.CLAIMED)
        connection.execute(update(deliveries).where(claimed).values(state=DeliveryState.QUEUED, **_NOBODYS))
    return Send(issue, present.version, state, present.requested_at, present.expires_at, why)


def cancel_open(connection: Connection, issue: IssueId, now: datetime) -> int:
    """Cancel every row whose body was not begun, and return how many; ``sending`` and ``in_doubt`` go their way."""
    _locked(connection, issue)
    return _close_unsent(connection, deliveries.c.issue == issue, *_CANCELLED, now)


def expire(connection: Connection, now: datetime) -> int:
    """Close what is unsent of the running sends whose time is over, and return how many rows that was.

    Closes too what a worker held, and so kept, while its send was cancelled.
    """
    over = and_(sends.c.state == SendState.RUNNING, sends.c.expires_at <= now)
    unsent = exists().where(deliveries.c.issue == sends.c.issue, deliveries.c.state.in_(UNSENT))
    for issue in (
        connection.execute(select(sends.c.issue).where(sends.c.state == SendState.CANCELLED, unsent))
        .scalars()
        .all()
    ):
        _close_unsent(connection, deliveries.c.issue == issue, *_CANCELLED, now)
    issues = connection.execute(select(sends.c.issue).where(over, unsent)).scalars().all()
    return sum(_close_unsent(connection, deliveries.c.issue == issue, *_EXPIRED, now) for issue in issues)


def finish_if_done(connection: Connection, issue: IssueId, now: datetime) -> bool:
    """Mark a running send as finished once no row of it is open; True where this call did."""
    running = select(sends.c.issue).where(sends.c.issue == issue, sends.c.state == SendState.RUNNING)
    # Of two workers that close the last two rows at once, the second must see what the first has written.
    if connection.execute(running.with_for_update(key_share=True)).first() is None:
        return False
    is_open = exists().where(deliveries.c.issue == issue, deliveries.c.state.in_(OPEN))
    finished = update(sends).where(sends.c.issue == issue, ~is_open)
    return write(connection, finished.values(state=SendState.FINISHED, finished_at=now)) == 1


def _locked(connection: Connection, issue: IssueId) -> Send:
    query = select(*_SEND_COLUMNS).where(sends.c.issue == issue).with_for_update(key_share=True)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"Nobody has asked to send {issue}; do so with: digest send {issue}")
    return Send(**row._mapping)


# ── claim, send, settle ──────────────────────────────────────────────────────────────────────────


def claim(
    connection: Connection, issue: IssueId | None, owner: str, limit: int, now: datetime, lease: timedelta
) -> tuple[Delivery, ...]:
    """Take up to ``limit`` rows that are queued and due, of one running send or of any, for ``lease``.

    First the leases that ended are taken back: ``claimed`` to the queue, ``sending`` to ``in_doubt``. Workers
    may claim at the same time; none waits for another and none gets another's row.
    """
    _end_leases(connection, now)
    ids: list[int] = []
    for running in running_sends(connection):
        if running.expires_at > now and issue in (None, running.issue):
            ids += _locked_ids(connection, _due(running.issue, now), limit - len(ids))
    claimed = update(deliveries).where(deliveries.c.id.in_(ids)).returning(*_DELIVERY_COLUMNS)
    version = select(sends.c.version).where(sends.c.issue == deliveries.c.issue).scalar_subquery()
    values = {"state": DeliveryState.CLAIMED, "owner": owner, "lease_until": now + lease, "version": version}
    rows = connection.execute(claimed.values(**values, fence=deliveries.c.fence + 1)).all() if ids else ()
    return tuple(sorted((Delivery(**row._mapping) for row in rows), key=lambda row: ids.index(row.id)))


def begin_sending(
    connection: Connection, delivery: Delivery, now: datetime, lease: timedelta = SENDING_LEASE
) -> bool:
    """The fence, to be committed before the first byte of the body: False means that nothing may be sent.

    True only while the row is still claimed by this owner under this fence, its send is running, not over, and
    of the row's version, its subscription is confirmed, and its address is not suppressed. Otherwise a row that
    is still ours goes where it belongs: closed, or back to the queue. Commit in either case.
    """
    begun = update(deliveries).where(_is_ours(delivery, DeliveryState.CLAIMED), _may_be_sent(delivery, now))
    begun = begun.values(state=DeliveryState.SENDING, lease_until=now + lease)
    is_begun = write(connection, begun) == 1
    if is_begun and _goes_on(connection, delivery):
        return True
    state, why = _refusal(connection, delivery, now)
    values = {"state": state, "reply": why or delivery.reply, "settled_at": None if state in OPEN else now}
    present = DeliveryState.SENDING if is_begun else DeliveryState.CLAIMED
    ours = update(deliveries).where(_is_ours(delivery, present))
    connection.execute(ours.values(**values, **_NOBODYS))
    return False


def _goes_on(connection: Connection, delivery: Delivery) -> bool:
    """Whether the send still gives out this version; who pauses or corrects it at this moment is waited for."""
    query = select(sends.c.state, sends.c.version).where(sends.c.issue == delivery.issue)
    found = connection.execute(query.with_for_update(read=True)).one()
    return found.state is SendState.RUNNING and found.version == delivery.version


def settle(
    connection: Connection,
    delivery: Delivery,
    state: DeliveryState,
    reply: str,
    next_try_at: datetime | None,
    now: datetime,
) -> bool:
    """Write what became of a row; False, and nothing is written, where it is no longer this owner's.

    A late owner may still close with ``accepted`` what became ``in_doubt`` meanwhile, unless a person has
    settled it; it can never put such a row back into the queue. A row that goes back under a cancelled send
    is cancelled. ``next_try_at`` None means at once; the one the row had means that nothing was tried.
    """
    if state is DeliveryState.QUEUED and _is_cancelled(connection, delivery.issue):
        state = DeliveryState.CANCELLED
    values = {"state": state, "reply": reply[:_LONGEST_REPLY], "lease_until": None}
    values |= _progress(delivery, state, next_try_at, now)
    settled = update(deliveries).where(_is_ours(delivery, *_before(state))).values(**values)
    return write(connection, settled) == 1


def settle_doubt(connection: Connection, issue: IssueId, address: str, sent: bool, now: datetime) -> bool:
    """A person's word on a row in doubt: it was sent, or send it once more; False where none is in doubt.

    Raises:
        NotFoundError: nobody asked to send this issue.
        DigestError: once more, of a send that was cancelled.
    """
    if _locked(connection, issue).state is SendState.CANCELLED and not sent:
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
    values = (accepted if sent else again) | {"fence": deliveries.c.fence + 1, **_NOBODYS}
    done = write(connection, settled.values(**values)) == 1
    finish_if_done(connection, issue, now)
    return done


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


def _due(issue: IssueId, now: datetime) -> Select[int]:
    due = and_(deliveries.c.state == DeliveryState.QUEUED, deliveries.c.next_try_at <= now)
    query = select(deliveries.c.id).where(deliveries.c.issue == issue, due)
    return query.order_by(deliveries.c.next_try_at, deliveries.c.id)


def _locked_ids(connection: Connection, query: Select[int], limit: int) -> list[int]:
    """Rows for this transaction alone; those that another one holds are passed over, not waited for."""
    return list(connection.execute(query.limit(limit).with_for_update(skip_locked=True)).scalars())


def _end_leases(connection: Connection, now: datetime) -> None:
    ended = select(deliveries.c.id).where(deliveries.c.lease_until <= now).order_by(deliveries.c.lease_until)
    ids = _locked_ids(connection, ended, _MOST_LEASES)
    ours = update(deliveries).where(deliveries.c.id.in_(ids))
    doubt = {"state": DeliveryState.IN_DOUBT, "reply": "the sender stopped before it had an answer"}
    sending, claimed = (
        deliveries.c.state == state for state in (DeliveryState.SENDING, DeliveryState.CLAIMED)
    )
    if ids:
        connection.execute(ours.where(sending).values(**doubt, lease_until=None))
        connection.execute(ours.where(claimed).values(state=DeliveryState.QUEUED, **_NOBODYS))


def _is_ours(delivery: Delivery, *states: DeliveryState) -> ColumnElement[bool]:
    return and_(
        deliveries.c.id == delivery.id,
        deliveries.c.owner == delivery.owner,
        deliveries.c.fence == delivery.fence,
        deliveries.c.state.in_(states),
    )


def _may_be_sent(delivery: Delivery, now: datetime) -> ColumnElement[bool]:
    running = exists().where(
        sends.c.issue == delivery.issue,
        sends.c.version == delivery.version,
        sends.c.state == SendState.RUNNING,
        sends.c.expires_at > now,
    )
    confirmed = exists().where(
        subscriptions.c.subscriber == delivery.subscriber,
        subscriptions.c.digest == delivery.issue.digest,
        subscriptions.c.state == SubscriptionState.CONFIRMED,
    )
    suppressed = exists().where(suppressions.c.address_key == address_key(delivery.address))
    return and_(running, confirmed, ~suppressed)


def _refusal(connection: Connection, delivery: Delivery, now: datetime) -> Closing:
    """Where a row belongs that may not be sent, and why."""
    suppression = select(suppressions.c.reason).where(
        suppressions.c.address_key == address_key(delivery.address)
    )
    if connection.execute(suppression).first():
        return DeliveryState.SUPPRESSED, "the address is suppressed"
    theirs = and_(
        subscriptions.c.subscriber == delivery.subscriber, subscriptions.c.digest == delivery.issue.digest
    )
    if (
        connection.execute(select(subscriptions.c.state).where(theirs)).scalar()
        is not SubscriptionState.CONFIRMED
    ):
        return DeliveryState.CANCELLED, "unsubscribed"
    present = send(connection, delivery.issue)
    if present is None or present.state in (SendState.CANCELLED, SendState.FINISHED):
        return _CANCELLED
    if present.state is SendState.RUNNING and present.expires_at <= now:
        return _EXPIRED
    return DeliveryState.QUEUED, ""


def _before(state: DeliveryState) -> Collection[DeliveryState]:
    """The states from which an owner may bring its row into ``state``."""
    if state in (DeliveryState.QUEUED, DeliveryState.CANCELLED):
        return (DeliveryState.CLAIMED, DeliveryState.SENDING)
    owned = (DeliveryState.CLAIMED, DeliveryState.SENDING, DeliveryState.IN_DOUBT)
    return [was for was in owned if state in LEGAL[was]]


def _is_cancelled(connection: Connection, issue: IssueId) -> bool:
    query = select(sends.c.state).where(sends.c.issue == issue).with_for_update(read=True)
    return connection.execute(query).scalar() is SendState.CANCELLED


def _progress(
    delivery: Delivery, state: DeliveryState, next_try_at: datetime | None, now: datetime
) -> Mapping[str, ColumnValue]:
    if state is DeliveryState.QUEUED:
        tried = next_try_at != delivery.next_try_at
        return {"owner": "", "next_try_at": next_try_at or now, "attempts": delivery.attempts + tried}
    attempts = {"attempts": delivery.attempts + 1}
    if state is DeliveryState.IN_DOUBT:
        return attempts  # its owner stays, so that a late answer can still be written
    return {"settled_at": now, "owner": "", **attempts}


def _close_unsent(
    connection: Connection, which: ColumnElement[bool], state: DeliveryState, why: str, now: datetime
) -> int:
    unsent = update(deliveries).where(_unheld(which, *UNSENT))
    return write(connection, unsent.values(state=state, reply=why, settled_at=now, **_NOBODYS))


def _unheld(which: ColumnElement[bool], *states: DeliveryState) -> ColumnElement[bool]:
    """Those rows in one of the states that no other transaction holds at this moment."""
    rows = select(deliveries.c.id).where(which, deliveries.c.state.in_(states))
    return deliveries.c.id.in_(rows.with_for_update(skip_locked=True))


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def counts(connection: Connection, issue: IssueId) -> Mapping[DeliveryState, int]:
    """How many rows of an issue are in each state; every state is there."""
    query = select(deliveries.c.state, func.count().label("rows")).where(deliveries.c.issue == issue)
    found = {row.state: row.rows for row in connection.execute(query.group_by(deliveries.c.state))}
    return dict.fromkeys(DeliveryState, 0) | found


def rows(
    connection: Connection, issue: IssueId, state: DeliveryState | None = None, limit: int | None = None
) -> tuple[Delivery, ...]:
    """The rows of an issue, in one state or any, in the order of their ids."""
    query = (
        select(*_DELIVERY_COLUMNS).where(deliveries.c.issue == issue).order_by(deliveries.c.id).limit(limit)
    )
    if state is not None:
        query = query.where(deliveries.c.state == state)
    return tuple(Delivery(**row._mapping) for row in connection.execute(query))
