"""Issues that went out to an audience, and what came back of them: for the tests of bounces."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Engine, select, update

import bounce_samples as samples
from deliver_samples import KEYS, NOW
from digest.deliver import verp
from digest.model import Bounce, BounceEffect, Delivery, DeliveryState, IssueId, Send, SendState, Suppression
from digest.pipeline.mail.bounces import Taken, take
from digest.store import bounces, deliveries, holds, suppressions
from digest.store.database import reading, transaction
from digest.store.schema import deliveries as deliveries_table
from digest.store.suppressions import Window
from store_samples import freeze, subscribe

READER = samples.READER
DAY = timedelta(days=1)


def issue_of(day: datetime) -> IssueId:
    """The issue of a day."""
    return IssueId("weekly", date(day.year, day.month, day.day))


def send_out(
    engine: Engine,
    *addresses: str,
    at: datetime = NOW,
    state: DeliveryState = DeliveryState.ACCEPTED,
    reply: str = "",
) -> IssueId:
    """An issue that went to these addresses and all who were subscribed before; they settle at ``at``."""
    issue = issue_of(at)
    with transaction(engine) as connection:
        subscribe(connection, *addresses)
        freeze(connection, issue)
        send = Send(issue, 1, SendState.RUNNING, at, at + DAY)
        assert deliveries.request_send(connection, send, ())
        sent = (deliveries_table.c.issue == issue) & (deliveries_table.c.state == DeliveryState.QUEUED)
        values = {"state": state, "settled_at": at, "reply": reply or "250 2.0.0 Ok: queued", "version": 1}
        connection.execute(update(deliveries_table).where(sent).values(**values))
    return issue


def delivery_to(engine: Engine, address: str, at: datetime = NOW) -> Delivery:
    """The delivery of a day's issue to an address."""
    with reading(engine) as connection:
        rows = deliveries.rows(connection, issue_of(at))
    (found,) = (row for row in rows if row.address == address)
    return found


def tag_of(engine: Engine, address: str = READER, at: datetime = NOW) -> str:
    """The tag that the delivery's envelope and header carry."""
    return verp.tag(KEYS, delivery_to(engine, address, at).id)


def came_back(
    engine: Engine,
    data: bytes,
    address: str = READER,
    sent: datetime = NOW,
    now: datetime | None = None,
    source: str = "lmtp",
) -> Taken:
    """A mail arrives at the address from which the issue of a day went out to a reader."""
    recipient = verp.sender("bounces@example.org", tag_of(engine, address, sent))
    return take(engine, KEYS, data, recipient, source, now or sent)


def is_held(engine: Engine, address: str = READER, now: datetime = NOW) -> bool:
    """Whether an address is held."""
    with reading(engine) as connection:
        return address in [hold.address for hold in holds.held(connection, now)]


def suppressed(engine: Engine) -> list[Suppression]:
    """All suppressions."""
    with reading(engine) as connection:
        return list(suppressions.listed(connection, Window()))


def recorded(engine: Engine) -> list[Bounce]:
    """All bounces, the newest first."""
    with reading(engine) as connection:
        return list(bounces.listed(connection, None, 1_000))


def effects(engine: Engine) -> list[BounceEffect]:
    """What the bounces did, the oldest first."""
    return [bounce.effect for bounce in reversed(recorded(engine))]


def bounced_at(engine: Engine, address: str = READER, at: datetime = NOW) -> datetime | None:
    """When a delivery came back."""
    with reading(engine) as connection:
        row = delivery_to(engine, address, at)
        query = select(deliveries_table.c.bounced_at).where(deliveries_table.c.id == row.id)
        return connection.execute(query).scalar()
