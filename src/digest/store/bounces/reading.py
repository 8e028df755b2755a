"""What came back, to be listed, counted and matched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, distinct, exists, func, select

from digest.model import Bounce, BounceKind, Delivery, DeliveryState, IssueId
from digest.store.deliveries.columns import DELIVERY_COLUMNS
from digest.store.schema import bounces, deliveries, sends, subscribers
from digest.store.statements import address_key

_JUDGED_WITHIN = timedelta(days=10)  # of the request to send
_MOST_COPIES = 50  # of one person, in which a mail is looked for


def listed(connection: Connection, since: datetime | None, limit: int) -> Iterator[Bounce]:
    """The bounces from ``since`` on, or all, the newest first; streamed."""
    address, issue = func.coalesce(deliveries.c.address, "").label("address"), deliveries.c.issue
    names = ("at", "kind", "status", "words", "source", "effect", "why")
    columns = (bounces.c[name] for name in names)
    query = select(address, issue, *columns).outerjoin(deliveries, deliveries.c.id == bounces.c.delivery)
    if since is not None:
        query = query.where(bounces.c.at >= since)
    newest = query.order_by(bounces.c.at.desc(), bounces.c.id.desc()).limit(limit)
    for row in connection.execute(newest.execution_options(yield_per=500)):
        yield Bounce(**row._mapping)


def complaints(connection: Connection, issue: IssueId) -> int:
    """How many people complained about an issue."""
    query = select(func.count(distinct(bounces.c.subscriber)))
    query = query.join(deliveries, deliveries.c.id == bounces.c.delivery)
    theirs = (bounces.c.kind == BounceKind.COMPLAINT) & (deliveries.c.issue == issue)
    return connection.execute(query.where(theirs)).scalar_one()


def refused(connection: Connection, now: datetime, limit: int = 1_000) -> tuple[Delivery, ...]:
    """Deliveries of recent sends that the relay refused for good, and that nobody has judged yet."""
    recent = select(sends.c.issue).where(sends.c.requested_at > now - _JUDGED_WITHIN)
    unjudged = (deliveries.c.state == DeliveryState.REJECTED) & ~exists().where(
        bounces.c.delivery == deliveries.c.id
    )
    query = select(*DELIVERY_COLUMNS).where(deliveries.c.issue.in_(recent), unjudged)
    return tuple(
        Delivery(**row._mapping) for row in connection.execute(query.order_by(deliveries.c.id).limit(limit))
    )


def sent_to(connection: Connection, address: str) -> tuple[Delivery, ...]:
    """The newest deliveries to an address, in which a provider's report is looked for."""
    theirs = select(subscribers.c.id).where(subscribers.c.address_key == address_key(address))
    query = select(*DELIVERY_COLUMNS).where(deliveries.c.subscriber.in_(theirs))
    newest = query.order_by(deliveries.c.id.desc()).limit(_MOST_COPIES)
    return tuple(Delivery(**row._mapping) for row in connection.execute(newest))
