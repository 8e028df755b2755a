"""What the ledger says of an issue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from digest.model import Delivery, DeliveryState, IssueId
from digest.store.deliveries.columns import DELIVERY_COLUMNS, as_delivery
from digest.store.schema import deliveries, sends, subscribers
from digest.store.statements import address_key


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
        select(*DELIVERY_COLUMNS).where(deliveries.c.issue == issue).order_by(deliveries.c.id).limit(limit)
    )
    if state is not None:
        query = query.where(deliveries.c.state == state)
    return tuple(as_delivery(row) for row in connection.execute(query))


@dataclass(frozen=True, slots=True)
class Account:
    """What happened to one person's mail of an issue."""

    delivery: Delivery
    bounced_at: datetime | None


def accounts(
    connection: Connection,
    issue: IssueId,
    state: DeliveryState | None = None,
    address: str | None = None,
    limit: int | None = None,
) -> Iterator[Account]:
    """What happened to each mail of an issue, in the order of its rows; streamed, for there may be a million."""
    query = select(*DELIVERY_COLUMNS, deliveries.c.bounced_at).where(deliveries.c.issue == issue)
    if state is not None:
        query = query.where(deliveries.c.state == state)
    if address is not None:
        theirs = select(subscribers.c.id).where(subscribers.c.address_key == address_key(address))
        query = query.where(deliveries.c.subscriber.in_(theirs) | (deliveries.c.address == address))
    streamed = query.order_by(deliveries.c.id).limit(limit).execution_options(yield_per=1000)
    for row in connection.execute(streamed):
        yield Account(Delivery(*row[:-1]), row[-1])


def gone_since(connection: Connection, since: datetime) -> Iterator[datetime]:
    """When each mail of any issue went, or was refused, since then, the earliest first."""
    recent = select(sends.c.issue).where(sends.c.expires_at > since)
    query = select(deliveries.c.settled_at).where(
        deliveries.c.issue.in_(recent),
        deliveries.c.state.in_((DeliveryState.ACCEPTED, DeliveryState.REJECTED)),
        deliveries.c.settled_at > since,
    )
    streamed = query.order_by(deliveries.c.settled_at).execution_options(yield_per=1000)
    yield from connection.execute(streamed).scalars()
