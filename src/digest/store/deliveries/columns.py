"""Rows of the ledger as values, and how statements that run thousands of times are kept short."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, select

from digest.deliver.ledger import Claim, claim_of
from digest.model import Delivery, DeliveryState, Send
from digest.store.columns import ColumnValue, Many, is_among
from digest.store.schema import deliveries, sends

UNSENT = (DeliveryState.QUEUED, DeliveryState.CLAIMED)  # not a byte of the body has left
NOBODYS: Mapping[str, ColumnValue] = {"owner": "", "lease_until": None}
LONGEST_REPLY = 500  # characters

DELIVERY_COLUMNS = tuple(deliveries.c[field.name] for field in fields(Delivery))
SEND_COLUMNS = tuple(sends.c[field.name] for field in fields(Send))

Closing = tuple[DeliveryState, str]  # the state of a closed row, and why
CANCELLED: Closing = (DeliveryState.CANCELLED, "cancelled by an editor")
SUPPRESSED, HELD = "the address is suppressed", "the address is held: its mail came back"
EXPIRED: Closing = (DeliveryState.EXPIRED, "the time to send it was over")

# The statements of the sender's inner loop are values of their modules: to build one anew costs more than to run it.
IDS = bindparam("ids", type_=Many(int))
_LOCKED = (
    select(deliveries.c.id, deliveries.c.owner, deliveries.c.fence, deliveries.c.state)
    .where(is_among(deliveries.c.id, IDS))
    .order_by(deliveries.c.id)
    .with_for_update()
)


def locked(connection: Connection, rows: Iterable[Delivery]) -> Mapping[Claim, DeliveryState]:
    """The present states of those rows that are still their owner's, by the claim they come from; nobody else changes
    them before this transaction ends.

    The same row may be among them twice, as an earlier claim and a later one: then the later one is ours.
    """
    owners = {claim_of(row): row.owner for row in rows}
    found = connection.execute(_LOCKED, {"ids": {row for row, _ in owners}})
    return {(row, fence): state for row, owner, fence, state in found if owners.get((row, fence)) == owner}


def as_delivery(row: Row[*tuple[Any, ...]]) -> Delivery:
    """A row of ``DELIVERY_COLUMNS``, which are in the order of the fields."""
    return Delivery(*row)


def as_send(row: Row[*tuple[Any, ...]]) -> Send:
    """A row of ``SEND_COLUMNS``, which are in the order of the fields."""
    return Send(*row)


def unheld(which: ColumnElement[bool], states: Sequence[DeliveryState]) -> ColumnElement[bool]:
    """Those rows in one of the states that no other transaction holds at this moment."""
    rows: Select[int] = select(deliveries.c.id).where(and_(which, deliveries.c.state.in_(states)))
    return deliveries.c.id.in_(rows.with_for_update(skip_locked=True))
