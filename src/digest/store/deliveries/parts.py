"""The first part of a send: how it stands, and the end of it."""

from __future__ import annotations

from sqlalchemy import Connection, and_, func, select, update

from digest.deliver.ledger import FirstPart
from digest.model import DeliveryState, Send
from digest.store.schema import deliveries, sends

_WAITING = (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.SENDING)


def first_part_of(connection: Connection, send: Send, complaints: int) -> FirstPart:
    """How the rows of the first part stand."""
    theirs = and_(deliveries.c.issue == send.issue, deliveries.c.id <= send.first_until)
    counts = select(deliveries.c.state, func.count()).where(theirs).group_by(deliveries.c.state)
    found = dict(map(tuple, connection.execute(counts)))
    untried = and_(theirs, deliveries.c.state.in_(_WAITING), deliveries.c.attempts == 0)
    latest = select(func.max(deliveries.c.settled_at)).where(theirs)
    return FirstPart(
        dict.fromkeys(DeliveryState, 0) | found,
        connection.execute(select(func.count()).select_from(deliveries).where(untried)).scalar_one(),
        complaints,
        connection.execute(latest).scalar(),
    )


def end_first_part(connection: Connection, send: Send) -> None:
    """From now on everybody gets the issue."""
    connection.execute(update(sends).where(sends.c.issue == send.issue).values(first_until=0))
