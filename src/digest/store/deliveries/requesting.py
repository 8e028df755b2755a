"""The request to send an issue, and the audience that it writes down."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, Select, and_, case, func, literal, select, update

from digest.deliver.ledger import first_part
from digest.model import DeliveryState, IssueId, Send, SendState, SubscriptionState
from digest.store.columns import ColumnValue, Instant, Member
from digest.store.deliveries.columns import SEND_COLUMNS, as_send
from digest.store.schema import deliveries, holds, sends, subscribers, subscriptions, suppressions
from digest.store.statements import columns_of, insert_into, write

_STATE = Member(DeliveryState)


def request_send(
    connection: Connection, send: Send, empty_choices: Collection[str], first_percent: float = 0
) -> bool:
    """Store the request to send an issue, with a ledger row for each confirmed subscriber of its digest.

    False, and nothing is written, where the issue has such a request already. Who pauses gets no row. Rows of suppressed
    and held addresses, and of choices of themes for which the issue has nothing, are closed from the start. The rows are
    written by the database itself: a million readers never pass through this program. With ``first_percent`` the send
    begins with a part of them.
    """
    insert = insert_into(connection, sends).values(**columns_of(send)).on_conflict_do_nothing()
    if not write(connection, insert):
        return False
    columns = ["issue", "subscriber", "address", "choice", "state", "next_try_at", "settled_at"]
    connection.execute(deliveries.insert().from_select(columns, _audience(send, empty_choices)))
    if first_percent:
        _set_first_part(connection, send.issue, first_percent)
    return True


def _set_first_part(connection: Connection, issue: IssueId, percent: float) -> None:
    queued = and_(deliveries.c.issue == issue, deliveries.c.state == DeliveryState.QUEUED)
    audience = connection.execute(select(func.count()).select_from(deliveries).where(queued)).scalar_one()
    if count := first_part(audience, percent):
        last = select(deliveries.c.id).where(queued).order_by(deliveries.c.id).offset(count - 1).limit(1)
        until = connection.execute(last).scalar_one()
        connection.execute(update(sends).where(sends.c.issue == issue).values(first_until=until))


def _audience(send: Send, empty_choices: Collection[str]) -> Select[*tuple[ColumnValue, ...]]:
    # Joined once: two conditions on the same address would be looked up twice for each of a million people.
    suppressed = suppressions.c.address_key.is_not(None) | holds.c.address_key.is_not(None)
    is_here = subscriptions.c.paused_until.is_(None) | (subscriptions.c.paused_until <= send.requested_at)
    nothing = subscriptions.c.choice.in_(empty_choices)
    state = case(
        (suppressed, literal(DeliveryState.SUPPRESSED, _STATE)),
        (nothing, literal(DeliveryState.NOTHING_FOR_THEM, _STATE)),
        else_=literal(DeliveryState.QUEUED, _STATE),
    )
    issue, requested_at = literal(send.issue, deliveries.c.issue.type), literal(send.requested_at, Instant)
    settled_at = case((suppressed | nothing, requested_at))
    return (
        select(
            issue,
            subscribers.c.id,
            subscribers.c.address,
            subscriptions.c.choice,
            state,
            requested_at,
            settled_at,
        )
        .join(subscriptions, subscriptions.c.subscriber == subscribers.c.id)
        .outerjoin(suppressions, suppressions.c.address_key == subscribers.c.address_key)
        .outerjoin(
            holds,
            and_(holds.c.address_key == subscribers.c.address_key, holds.c.until > send.requested_at),
        )
        .where(
            subscriptions.c.digest == send.issue.digest,
            subscriptions.c.state == SubscriptionState.CONFIRMED,
            is_here,
        )
        .order_by(subscribers.c.id)
    )


def send(connection: Connection, issue: IssueId) -> Send | None:
    """The request to send an issue, or None."""
    row = connection.execute(select(*SEND_COLUMNS).where(sends.c.issue == issue)).one_or_none()
    return as_send(row) if row else None


def running_sends(connection: Connection) -> tuple[Send, ...]:
    """The sends that go on, the first requested first; an expired one too, until ``expire`` has closed its rows."""
    query = select(*SEND_COLUMNS).where(sends.c.state == SendState.RUNNING)
    ordered = query.order_by(sends.c.requested_at, sends.c.issue)
    return tuple(as_send(row) for row in connection.execute(ordered))
