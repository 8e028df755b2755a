"""The ledger as a person looks at it: page by page, and how a send went over time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, func, literal, select, tuple_

from digest.model import Delivery, DeliveryState, IssueId, Send
from digest.store.columns import Instant
from digest.store.deliveries.columns import DELIVERY_COLUMNS, SEND_COLUMNS, as_send
from digest.store.deliveries.reading import Account
from digest.store.schema import deliveries, sends, subscribers
from digest.store.schema import issues as issues_table
from digest.store.statements import address_key

_MOST_MINUTES = 1_000
_ACCOUNT = (*DELIVERY_COLUMNS, deliveries.c.bounced_at)
_DUE = (deliveries.c.next_try_at, deliveries.c.id)


def last_send(connection: Connection, digest: str, before: IssueId) -> Send | None:
    """The newest send of a digest beside that of one issue."""
    query = select(*SEND_COLUMNS).join(issues_table, issues_table.c.id == sends.c.issue)
    query = query.where(issues_table.c.digest == digest, sends.c.issue != before)
    row = connection.execute(query.order_by(sends.c.requested_at.desc()).limit(1)).one_or_none()
    return as_send(row) if row else None


def finished_since(connection: Connection, since: datetime, until: datetime) -> tuple[Send, ...]:
    """The sends that came to their end between two moments, the first one first."""
    query = select(*SEND_COLUMNS).where(sends.c.finished_at > since, sends.c.finished_at <= until)
    return tuple(as_send(row) for row in connection.execute(query.order_by(sends.c.finished_at)))


def page(
    connection: Connection,
    issue: IssueId,
    limit: int,
    *,
    state: DeliveryState | None = None,
    address: str = "",
    after: int = 0,
) -> tuple[Account, ...]:
    """What happened to the mails of an issue behind the row ``after``: in one state, to one address, or all.

    State by state, and in each the row first that was due first: the order of the index by which rows are claimed, so
    that a page takes as long at the end of a million rows as at their beginning.
    """
    if address:
        return _to(connection, issue, address, after)[:limit]
    last = _place(connection, issue, after)
    if after and last is None:
        return ()
    states = tuple(DeliveryState) if state is None else (state,)
    found: tuple[Account, ...] = ()
    for each in states[states.index(last[0]) :] if last and last[0] in states else states:
        behind = last[1:] if last and (state or last[0] is each) else None
        found += _in_order(connection, issue, each, behind, limit - len(found))
        if len(found) == limit:
            break
    return found


def _place(
    connection: Connection, issue: IssueId, row: int
) -> tuple[DeliveryState, datetime | None, int] | None:
    query = select(deliveries.c.state, *_DUE).where(deliveries.c.id == row, deliveries.c.issue == issue)
    found = connection.execute(query).one_or_none()
    return (found[0], found[1], found[2]) if found else None


def _in_order(
    connection: Connection,
    issue: IssueId,
    state: DeliveryState,
    behind: tuple[datetime | None, int] | None,
    limit: int,
) -> tuple[Account, ...]:
    query = select(*_ACCOUNT).where(deliveries.c.issue == issue, deliveries.c.state == state)
    if behind:
        query = query.where(tuple_(*_DUE) > tuple_(*map(literal, behind, (Instant, BigInteger))))
    return _accounts(connection, query.order_by(*_DUE).limit(limit))


def _to(connection: Connection, issue: IssueId, address: str, after: int) -> tuple[Account, ...]:
    theirs = select(subscribers.c.id).where(subscribers.c.address_key == address_key(address))
    query = select(*_ACCOUNT).where(
        deliveries.c.subscriber.in_(theirs), deliveries.c.issue == issue, deliveries.c.id > after
    )
    return _accounts(connection, query.order_by(deliveries.c.id))


def _accounts(connection: Connection, query: Select[*tuple[Any, ...]]) -> tuple[Account, ...]:
    return tuple(Account(Delivery(*row[:-1]), row[-1]) for row in connection.execute(query))


def newest_to(connection: Connection, subscriber: int, limit: int) -> tuple[Account, ...]:
    """What happened to the newest mails of issues to one person, the newest first."""
    query = select(*_ACCOUNT).where(deliveries.c.subscriber == subscriber)
    return _accounts(connection, query.order_by(deliveries.c.id.desc()).limit(limit))


def per_minute(connection: Connection, issue: IssueId) -> tuple[tuple[datetime, int], ...]:
    """How many mails of an issue the relay accepted in each minute in which it did, the earliest first."""
    accepted = (deliveries.c.issue == issue) & (deliveries.c.state == DeliveryState.ACCEPTED)
    if connection.dialect.name == "sqlite":
        minute = func.substr(deliveries.c.settled_at, 1, 16, type_=deliveries.c.address.type)
    else:
        minute = func.to_char(func.timezone("UTC", deliveries.c.settled_at), 'YYYY-MM-DD"T"HH24:MI')
    query = select(minute.label("minute"), func.count()).where(accepted).group_by("minute").order_by("minute")
    rows = connection.execute(query.limit(_MOST_MINUTES)).all()
    return tuple((datetime.fromisoformat(f"{name}:00+00:00"), count) for name, count in rows)
