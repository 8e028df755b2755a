"""What a relay's own log says of mail that we have as open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection, select, update

from digest.model import DeliveryState, IssueId
from digest.store.deliveries.steering import finish_if_done
from digest.store.schema import deliveries, outbox, sends
from digest.store.statements import batches, write

_OPEN = (DeliveryState.QUEUED, DeliveryState.IN_DOUBT)
_SAID = "the relay's log has it"


def open_rows(connection: Connection) -> Iterator[tuple[int, IssueId, int, int]]:
    """(number, issue, subscriber, version) of every mail of an issue that waits or is in doubt."""
    query = (
        select(
            deliveries.c.id,
            deliveries.c.issue,
            deliveries.c.subscriber,
            deliveries.c.version,
            sends.c.version,
        )
        .join(sends, sends.c.issue == deliveries.c.issue)
        .where(deliveries.c.state.in_(_OPEN))
        .order_by(deliveries.c.id)
    )
    for row, issue, subscriber, bound, current in connection.execute(query):
        yield row, issue, subscriber, bound or current


def accept(connection: Connection, numbers: Iterable[int], now: datetime) -> int:
    """Close mails of issues as accepted; how many there were."""
    closed = {
        "state": DeliveryState.ACCEPTED,
        "reply": _SAID,
        "settled_at": now,
        "owner": "",
        "lease_until": None,
    }
    statement = update(deliveries).values(**closed, fence=deliveries.c.fence + 1)
    return sum(
        write(connection, statement.where(deliveries.c.id.in_(batch), deliveries.c.state.in_(_OPEN)))
        for batch in batches(numbers)
    )


def accept_others(connection: Connection, message_ids: Collection[str], now: datetime) -> int:
    """The same of other mail, by Message-ID; its bytes go."""
    closed = {"state": DeliveryState.ACCEPTED, "reply": _SAID, "settled_at": now, "data": b""}
    statement = update(outbox).values(**closed, owner="", lease_until=None, fence=outbox.c.fence + 1)
    return sum(
        write(connection, statement.where(outbox.c.message_id.in_(batch), outbox.c.state.in_(_OPEN)))
        for batch in batches(sorted(message_ids))
    )


def finish(connection: Connection, now: datetime) -> None:
    """Close the sends of which nothing is left."""
    for issue in connection.execute(select(sends.c.issue)).scalars().all():
        finish_if_done(connection, issue, now)
