"""The Outbox: mail that is no issue, written in the transaction that causes it and sent by the sender of issues.

Each row has a key, of which there is only one: what causes a mail twice still writes it once. States, lease and fence
are those of the ledger (``store.deliveries``); the bytes go when a row is closed, for a link may stand in them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    update,
)

from digest.deliver.headers import wire_address
from digest.deliver.ledger import AT_WORK, OPEN, Claim, Settled, claim_of
from digest.model import (
    DeliveryState,
    Message,
    OutboxKind,
    OutboxMail,
    OutboxRow,
    SubscriptionState,
    Unit,
    Work,
)
from digest.store import jobs
from digest.store.columns import ColumnValue, Member
from digest.store.schema import outbox, subscriptions, suppressions
from digest.store.statements import address_key, insert_into, write

LEASE = timedelta(minutes=30)  # outlasts every wait for one message
_LONGEST_REPLY = 500  # characters
_STATE = Member(DeliveryState)
_COLUMNS = tuple(outbox.c[field.name] for field in fields(OutboxRow))
_NOBODYS: dict[str, ColumnValue] = {"owner": "", "lease_until": None}
_IS_SUPPRESSED = exists().where(suppressions.c.address_key == outbox.c.address_key)
_HAS_LEFT = and_(
    outbox.c.subscriber.is_not(None),
    ~exists().where(
        subscriptions.c.subscriber == outbox.c.subscriber,
        subscriptions.c.digest == outbox.c.digest,
        subscriptions.c.state == SubscriptionState.CONFIRMED,
    ),
)
_SUPPRESSED = "the address is suppressed"
_EXPIRED = "the time to send it was over"


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def put(connection: Connection, mail: OutboxMail, only_if: ColumnElement[bool] | None = None) -> bool:
    """Write a mail, unless there is one of its key already, or ``only_if`` is false; whether it was written.

    The same statement in every case. Mail to an address that we must not write to is closed from the start.
    """
    key = address_key(mail.address)
    suppressed = exists().where(suppressions.c.address_key == key)
    columns: dict[str, ColumnElement[ColumnValue]] = {
        "kind": literal(mail.kind, outbox.c.kind.type),
        "key": literal(mail.key),
        "address": literal(mail.address),
        "address_key": literal(key),
        "sender": literal(mail.message.sender),
        "message_id": literal(mail.message.message_id),
        "data": case((suppressed, literal(b"")), else_=literal(mail.message.data)),
        "subscriber": literal(mail.subscriber, outbox.c.subscriber.type),
        "digest": literal(mail.digest),
        "created_at": literal(mail.created_at, outbox.c.created_at.type),
        "expires_at": literal(mail.expires_at, outbox.c.expires_at.type),
        "state": case(
            (suppressed, literal(DeliveryState.SUPPRESSED, _STATE)),
            else_=literal(DeliveryState.QUEUED, _STATE),
        ),
        "next_try_at": literal(mail.created_at, outbox.c.created_at.type),
        "reply": case((suppressed, _SUPPRESSED), else_=""),
        "settled_at": case((suppressed, literal(mail.created_at, outbox.c.created_at.type))),
    }
    values = select(*columns.values()).where(true() if only_if is None else only_if)
    insert = insert_into(connection, outbox).from_select(list(columns), values).on_conflict_do_nothing()
    written = write(connection, insert) == 1
    jobs.put(connection, Unit(Work.OUTBOX))
    return written


def erase(connection: Connection, address: str, now: datetime) -> None:
    """Keep nothing of a person's mail; what must never be sent twice keeps its key, which holds no address."""
    theirs = outbox.c.address_key == address_key(address)
    connection.execute(delete(outbox).where(theirs, outbox.c.kind != OutboxKind.ISSUE))
    gone = {"address": "", "address_key": "", "data": b"", **_NOBODYS, "fence": outbox.c.fence + 1}
    closed = case((outbox.c.state.in_(OPEN), literal(DeliveryState.CANCELLED, _STATE)), else_=outbox.c.state)
    connection.execute(update(outbox).where(theirs).values(state=closed, settled_at=now, **gone))


def sweep(connection: Connection, before: datetime) -> int:
    """Delete what was closed before a moment; an issue's row stays, for nobody gets an issue twice."""
    old = and_(outbox.c.settled_at < before, outbox.c.kind != OutboxKind.ISSUE)
    return write(connection, delete(outbox).where(old))


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def rows(
    connection: Connection, states: Collection[DeliveryState] = (), limit: int = 200
) -> Iterator[OutboxRow]:
    """Rows in these states, or in any; the newest first."""
    query = select(*_COLUMNS).order_by(outbox.c.id.desc()).limit(limit)
    for row in connection.execute(query.where(outbox.c.state.in_(states)) if states else query):
        yield OutboxRow(**row._mapping)


def in_doubt(connection: Connection) -> int:
    """How many mails wait for a person's word."""
    doubtful = outbox.c.state == DeliveryState.IN_DOUBT
    return connection.execute(select(func.count()).select_from(outbox).where(doubtful)).scalar_one()


def known(connection: Connection, keys: Collection[str]) -> frozenset[str]:
    """Those of some keys under which a mail was written."""
    query = select(outbox.c.key).where(outbox.c.key.in_(keys))
    return frozenset(connection.execute(query).scalars())


def message(connection: Connection, row: OutboxRow) -> Message:
    """The message of an open row."""
    found = connection.execute(
        select(outbox.c.sender, outbox.c.message_id, outbox.c.data).where(outbox.c.id == row.id)
    ).one()
    # No line of what ``deliver.bodies`` makes begins with a dot.
    return Message(found.sender, wire_address(row.address), found.message_id, found.data, ready=True)


# ── sending ──────────────────────────────────────────────────────────────────────────────────────


def close_late(connection: Connection, now: datetime) -> None:
    """Take back the rows whose leases ended, and close what is not worth sending any more."""
    ended = outbox.c.lease_until <= now
    claimed = update(outbox).where(outbox.c.state == DeliveryState.CLAIMED, ended)
    connection.execute(claimed.values(state=DeliveryState.QUEUED, **_NOBODYS))
    why = "the sender stopped before the relay's answer was stored"  # should it come late, its owner may write it
    sending = update(outbox).where(outbox.c.state == DeliveryState.SENDING, ended)
    connection.execute(sending.values(state=DeliveryState.IN_DOUBT, reply=why, lease_until=None))
    late = and_(outbox.c.state == DeliveryState.QUEUED, outbox.c.expires_at <= now)
    connection.execute(update(outbox).where(late).values(**_closed(DeliveryState.EXPIRED, _EXPIRED, now)))


def has_work(connection: Connection, now: datetime) -> bool:
    """Whether a mail is due, is too late, or is held by a sender that may be gone."""
    queued = and_(outbox.c.state == DeliveryState.QUEUED, outbox.c.next_try_at <= now)
    return connection.execute(select(exists().where(or_(queued, outbox.c.state.in_(AT_WORK))))).scalar_one()


def claim(connection: Connection, owner: str, limit: int, now: datetime) -> tuple[OutboxRow, ...]:
    """Take up to ``limit`` rows that are due, the oldest first; nobody waits for another and none gets another's row."""
    due = select(outbox.c.id).where(_is_due(now)).order_by(outbox.c.next_try_at, outbox.c.id).limit(limit)
    ids = list(connection.execute(due.with_for_update(skip_locked=True)).scalars())
    taken = update(outbox).where(outbox.c.id.in_(ids)).returning(*_COLUMNS)
    values = {"state": DeliveryState.CLAIMED, "owner": owner, "lease_until": now + LEASE}
    found = connection.execute(taken.values(**values, fence=outbox.c.fence + 1)).all() if ids else ()
    return tuple(sorted((OutboxRow(**row._mapping) for row in found), key=lambda row: ids.index(row.id)))


def begin(connection: Connection, claimed: Sequence[OutboxRow], now: datetime) -> frozenset[Claim]:
    """The fence, to be committed before the first byte of a body: the claims that may leave.

    The others that are still ours go where they belong: closed, or back to the queue.
    """
    ours = and_(_are_ours(claimed), outbox.c.state == DeliveryState.CLAIMED)
    may_leave = and_(ours, outbox.c.expires_at > now, ~_IS_SUPPRESSED, ~_HAS_LEFT)
    begun = update(outbox).where(may_leave).returning(outbox.c.id, outbox.c.fence)
    values = {"state": DeliveryState.SENDING, "lease_until": now + LEASE}
    leaving = frozenset((row, fence) for row, fence in connection.execute(begun.values(**values)))
    suppressed = _closed(DeliveryState.SUPPRESSED, _SUPPRESSED, now)
    connection.execute(update(outbox).where(ours, _IS_SUPPRESSED).values(**suppressed))
    unsubscribed = _closed(DeliveryState.CANCELLED, "unsubscribed", now)
    connection.execute(update(outbox).where(ours, _HAS_LEFT).values(**unsubscribed))
    connection.execute(update(outbox).where(ours).values(**_closed(DeliveryState.EXPIRED, _EXPIRED, now)))
    return leaving


def settle(
    connection: Connection, settled: Iterable[tuple[OutboxRow, Settled]], now: datetime
) -> frozenset[Claim]:
    """Write what became of rows; the claims that were still ours."""
    return frozenset(claim_of(row) for row, what in settled if _settle(connection, row, what, now))


def abandoned(connection: Connection, is_gone: Callable[[str], bool], now: datetime) -> None:
    """Take back at once what senders held that are no more, without waiting for their leases."""
    held = select(outbox.c.owner).where(outbox.c.state.in_(AT_WORK)).distinct()
    gone = [owner for owner in connection.execute(held).scalars() if is_gone(owner)]
    theirs = update(outbox).where(outbox.c.owner.in_(gone), outbox.c.state.in_(AT_WORK))
    connection.execute(theirs.values(lease_until=now))
    close_late(connection, now)


def settle_doubt(connection: Connection, number: int, sent: bool, now: datetime) -> bool:
    """A person's word on a row in doubt: it was sent, or send it once more; False where that row is not in doubt."""
    doubtful = update(outbox).where(outbox.c.id == number, outbox.c.state == DeliveryState.IN_DOUBT)
    accepted = _closed(DeliveryState.ACCEPTED, "marked as sent by a person", now)
    again = {
        "state": DeliveryState.QUEUED,
        "reply": "to be sent again by a person's word",
        "next_try_at": now,
    }
    values = (accepted if sent else again | _NOBODYS) | {"fence": outbox.c.fence + 1}
    return write(connection, doubtful.values(**values)) == 1


def _settle(connection: Connection, row: OutboxRow, what: Settled, now: datetime) -> bool:
    """One row; a late answer may still settle a doubt of its own, but never put the row back into the queue."""
    reply, attempts = what.reply[:_LONGEST_REPLY], row.attempts + what.tried
    if what.state is DeliveryState.QUEUED:
        before: Collection[DeliveryState] = AT_WORK
        values = {"reply": reply, "next_try_at": what.next_try_at or now, **_NOBODYS}
    elif what.state is DeliveryState.IN_DOUBT:
        before, values = (DeliveryState.SENDING,), {"reply": reply, "lease_until": None}
    else:
        before, values = (*AT_WORK, DeliveryState.IN_DOUBT), _closed(what.state, reply, now)
    ours = update(outbox).where(_are_ours([row]), outbox.c.state.in_(before))
    return write(connection, ours.values(**values | {"state": what.state, "attempts": attempts})) == 1


def _closed(state: DeliveryState, why: str, now: datetime) -> dict[str, ColumnValue]:
    return {"state": state, "reply": why, "settled_at": now, "data": b"", **_NOBODYS}


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        outbox.c.state == DeliveryState.QUEUED, outbox.c.next_try_at <= now, outbox.c.expires_at > now
    )


def _are_ours(claimed: Sequence[OutboxRow]) -> ColumnElement[bool]:
    ours = [(row.id, row.owner, row.fence) for row in claimed]
    return tuple_(outbox.c.id, outbox.c.owner, outbox.c.fence).in_(ours)
