"""Which worker a row belongs to, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import BigInteger, Connection, Select, and_, bindparam, select, update

from digest.deliver.ledger import AT_WORK
from digest.model import Delivery, DeliveryState, IssueId
from digest.store.columns import Instant, is_among
from digest.store.deliveries.columns import DELIVERY_COLUMNS, IDS, NOBODYS, as_delivery
from digest.store.deliveries.requesting import running_sends
from digest.store.schema import deliveries, sends

_LAST_ID = 2**63 - 1
_MOST_LEASES = 1000  # ended in one transaction
_DOUBT = {"state": DeliveryState.IN_DOUBT, "lease_until": None}

_DUE = (
    select(deliveries.c.id)
    .where(
        deliveries.c.issue == bindparam("of", type_=deliveries.c.issue.type),
        deliveries.c.state == DeliveryState.QUEUED,
        deliveries.c.next_try_at <= bindparam("now", type_=Instant),
        deliveries.c.id <= bindparam("last", type_=BigInteger),
    )
    .order_by(deliveries.c.next_try_at, deliveries.c.id)
    .limit(bindparam("most"))
)
_CLAIM = (
    update(deliveries)
    .where(is_among(deliveries.c.id, IDS))
    .values(
        state=DeliveryState.CLAIMED,
        owner=bindparam("by"),
        lease_until=bindparam("until", type_=Instant),
        fence=deliveries.c.fence + 1,
        version=select(sends.c.version).where(sends.c.issue == deliveries.c.issue).scalar_subquery(),
    )
    .returning(*DELIVERY_COLUMNS)
)


def claim(
    connection: Connection, issue: IssueId | None, owner: str, limit: int, now: datetime, lease: timedelta
) -> tuple[Delivery, ...]:
    """Take up to ``limit`` rows that are queued and due, of one running send or of any, for ``lease``.

    Where fewer are due, the leases that ended are taken back: ``claimed`` to the queue, ``sending`` to ``in_doubt``.
    Workers may claim at the same time; none waits for another and none gets another's row.
    """
    ids = _due(connection, issue, limit, now)
    if len(ids) < limit and _end_leases(connection, now):
        ids = _due(connection, issue, limit, now)
    if not ids:
        return ()
    rows = connection.execute(_CLAIM, {"ids": ids, "by": owner, "until": now + lease})
    place = {id_: number for number, id_ in enumerate(ids)}
    return tuple(sorted(map(as_delivery, rows), key=lambda row: place[row.id]))


def _due(connection: Connection, issue: IssueId | None, limit: int, now: datetime) -> list[int]:
    ids: list[int] = []
    for running in running_sends(connection):
        if running.expires_at > now and issue in (None, running.issue) and len(ids) < limit:
            last = running.first_until or _LAST_ID
            values = {"of": running.issue, "now": now, "last": last, "most": limit - len(ids)}
            ids += _unlocked_ids(connection, _DUE, values)
    return ids


def _end_leases(connection: Connection, now: datetime) -> bool:
    """Whether there was one that ended."""
    ended = select(deliveries.c.id).where(deliveries.c.lease_until <= now).order_by(deliveries.c.lease_until)
    ids = _unlocked_ids(connection, ended.limit(_MOST_LEASES))
    _take_back(connection, ids, "the sender stopped before it had an answer")
    return bool(ids)


def give_back_of(connection: Connection, issue: IssueId, is_gone: Callable[[str], bool]) -> int:
    """Take back the rows of an issue whose owners are gone, as if their leases had ended; how many there were."""
    held = and_(deliveries.c.issue == issue, deliveries.c.state.in_(AT_WORK))
    owners = connection.execute(select(deliveries.c.owner).where(held).distinct()).scalars()
    gone = [owner for owner in owners if is_gone(owner)]
    if not gone:
        return 0
    ids = _unlocked_ids(connection, select(deliveries.c.id).where(held, deliveries.c.owner.in_(gone)))
    _take_back(connection, ids, "the sender stopped before the relay's answer was stored")
    return len(ids)


def _take_back(connection: Connection, ids: list[int], doubt: str) -> None:
    if not ids:
        return
    theirs = update(deliveries).where(deliveries.c.id.in_(ids))
    sending, claimed = (
        deliveries.c.state == state for state in (DeliveryState.SENDING, DeliveryState.CLAIMED)
    )
    connection.execute(theirs.where(sending).values(**_DOUBT, reply=doubt))
    connection.execute(theirs.where(claimed).values(state=DeliveryState.QUEUED, **NOBODYS))


def _unlocked_ids(
    connection: Connection, query: Select[int], values: Mapping[str, object] = MappingProxyType({})
) -> list[int]:
    """Rows for this transaction alone; those that another one holds are passed over, not waited for."""
    return list(connection.execute(query.with_for_update(skip_locked=True), values).scalars())
