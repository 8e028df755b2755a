"""The fence: what is asked, and committed, before the first byte of a body leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, literal, select, union_all, update

from digest.deliver.ledger import OPEN, Claim, claim_of
from digest.model import Delivery, DeliveryState, SendState, SubscriptionState
from digest.store.columns import Instant, Many, is_among
from digest.store.deliveries.columns import (
    CANCELLED,
    EXPIRED,
    HELD,
    IDS,
    NOBODYS,
    SUPPRESSED,
    Closing,
    locked,
)
from digest.store.schema import deliveries, holds, sends, subscriptions, suppressions
from digest.store.schema import issues as issues_table
from digest.store.statements import address_key

SENDING_LEASE = timedelta(minutes=20)  # RFC 5321 §4.5.3.2.6 gives a relay 10 minutes to answer the dot

# The send is locked, and so who pauses or corrects it at this moment is waited for.
_LOOK = (
    select(
        deliveries.c.id,
        sends.c.state,
        sends.c.version,
        sends.c.expires_at,
        subscriptions.c.state.label("subscription"),
    )
    .join(sends, sends.c.issue == deliveries.c.issue)
    .join(issues_table, issues_table.c.id == deliveries.c.issue)
    .outerjoin(
        subscriptions,
        and_(
            subscriptions.c.subscriber == deliveries.c.subscriber,
            subscriptions.c.digest == issues_table.c.digest,
        ),
    )
    .where(is_among(deliveries.c.id, IDS))
    .with_for_update(read=True, of=sends)
)
_KEYS = bindparam("keys", type_=Many(str))
_NOT_TO_BE_WRITTEN_TO = union_all(
    select(suppressions.c.address_key, literal(SUPPRESSED)).where(
        is_among(suppressions.c.address_key, _KEYS)
    ),
    select(holds.c.address_key, literal(HELD)).where(
        is_among(holds.c.address_key, _KEYS), holds.c.until > bindparam("now", type_=Instant)
    ),
)
_BEGIN = (
    update(deliveries)
    .where(is_among(deliveries.c.id, IDS))
    .values(state=DeliveryState.SENDING, lease_until=bindparam("until", type_=Instant))
)


def begin(
    connection: Connection, rows: Sequence[Delivery], now: datetime, lease: timedelta = SENDING_LEASE
) -> frozenset[Claim]:
    """The fence, to be committed before the first byte of these bodies: the claims that may be sent.

    Those are the rows that are still claimed by this owner under this fence, their send running, not over, and
    of the row's version, their subscription confirmed, and their address not suppressed. Another one that is
    still ours goes where it belongs: closed, or back to the queue. Commit in either case.
    """
    return begin_locked(connection, rows, locked(connection, rows), now, lease)


def begin_locked(
    connection: Connection,
    rows: Sequence[Delivery],
    held: Mapping[Claim, DeliveryState],
    now: datetime,
    lease: timedelta = SENDING_LEASE,
) -> frozenset[Claim]:
    """``begin`` of rows that are locked already."""
    ours = [row for row in rows if held.get(claim_of(row)) is DeliveryState.CLAIMED]
    if not ours:
        return frozenset()
    present = _present(connection, ours, now)
    refused = {row: why for row in ours if (why := refusal(row, present, now))}
    begun = frozenset(claim_of(row) for row in ours if row not in refused)
    if begun:
        connection.execute(_BEGIN, {"ids": [row for row, _ in begun], "until": now + lease})
    _put_back(connection, refused, now)
    return begun


class Look(NamedTuple):
    """What the database says of a row's send and subscription."""

    row: int
    state: SendState
    version: int
    expires_at: datetime
    subscription: SubscriptionState | None


@dataclass(frozen=True, slots=True)
class Present:
    """What holds at this moment for the rows that ask."""

    looks: Mapping[int, Look]  # by the row's id
    refused: Mapping[str, str]  # address keys that are not written to, and why


def _present(connection: Connection, rows: Sequence[Delivery], now: datetime) -> Present:
    """What is asked after the rows are locked, so that whoever changes it at this moment is waited for or comes later."""
    keys = [address_key(row.address) for row in rows]
    refused = connection.execute(_NOT_TO_BE_WRITTEN_TO, {"keys": keys, "now": now})
    looks = connection.execute(_LOOK, {"ids": [row.id for row in rows]})
    return Present({look[0]: Look(*look) for look in looks}, dict(map(tuple, refused)))


def refusal(row: Delivery, present: Present, now: datetime) -> Closing | None:
    """Where a row belongs that may not be sent, and why; None where it may."""
    if why := present.refused.get(address_key(row.address)):
        return DeliveryState.SUPPRESSED, why
    _, state, version, expires_at, subscription = present.looks[row.id]
    if subscription is not SubscriptionState.CONFIRMED or not row.address:
        return DeliveryState.CANCELLED, "unsubscribed"
    if state in (SendState.CANCELLED, SendState.FINISHED):
        return CANCELLED
    if state is SendState.RUNNING and expires_at <= now:
        return EXPIRED
    if state is SendState.RUNNING and version == row.version:
        return None
    return DeliveryState.QUEUED, row.reply


def _put_back(connection: Connection, refused: Mapping[Delivery, Closing], now: datetime) -> None:
    places: defaultdict[Closing, list[int]] = defaultdict(list)
    for row, place in refused.items():
        places[place].append(row.id)
    for (state, why), ids in places.items():
        values = {"state": state, "reply": why, "settled_at": None if state in OPEN else now, **NOBODYS}
        connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(**values))
