"""The ledger as a person looks at it: page by page, and how a send went over time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from digest.model import Delivery, DeliveryState, IssueId, Send
from digest.store.deliveries.columns import DELIVERY_COLUMNS, SEND_COLUMNS, as_send
from digest.store.deliveries.reading import Account
from digest.store.schema import deliveries, sends, subscribers
from digest.store.schema import issues as issues_table
from digest.store.statements import address_key

_MOST_MINUTES = 1_000


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
    """What happened to the mails of an issue behind the row ``after``: in one state, to one address, or all."""
    query = select(*DELIVERY_COLUMNS, deliveries.c.bounced_at)
    query = query.where(deliveries.c.issue == issue, deliveries.c.id > after)
    if state is not None:
        query = query.where(deliveries.c.state == state)
    if address:
        theirs = select(subscribers.c.id).where(subscribers.c.address_key == address_key(address))
        query = query.where(deliveries.c.subscriber.in_(theirs))
    rows = connection.execute(query.order_by(deliveries.c.id).limit(limit)).all()
    return tuple(Account(Delivery(*row[:-1]), row[-1]) for row in rows)


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
