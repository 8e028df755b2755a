"""The addresses that we must not write to, why, and how that is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, select

from digest.model import DeliveryState, Suppression, SuppressionCause
from digest.store.deliveries import cancel_for
from digest.store.schema import subscribers, suppressions
from digest.store.statements import address_key, insert_into, write

_COLUMNS = tuple(suppressions.c[field.name] for field in fields(Suppression))


@dataclass(frozen=True, slots=True)
class Window:
    """Which suppressions or holds: from ``since`` on, before ``until``, at one domain; None or "" leaves it open."""

    since: datetime | None = None
    until: datetime | None = None
    domain: str = ""


def suppress(
    connection: Connection,
    address: str,
    reason: str,
    now: datetime,
    cause: SuppressionCause = SuppressionCause.PERSON,
) -> None:
    """Never write to an address again, and close its mail that has not begun to leave; the first reason stays."""
    key = address_key(address)
    local, _, domain = address.strip().rpartition("@")
    row = {"address": f"{local}@{domain.lower()}", "reason": reason, "cause": cause, "at": now}
    insert = insert_into(connection, suppressions).values(address_key=key, **row)
    connection.execute(insert.on_conflict_do_nothing())
    known = connection.execute(select(subscribers.c.id).where(subscribers.c.address_key == key)).scalar()
    if known is not None:
        cancel_for(connection, known, None, DeliveryState.SUPPRESSED, "the address is suppressed", now)


def listed(connection: Connection, window: Window) -> Iterator[Suppression]:
    """The suppressions of a window, the oldest first; streamed."""
    which = within(suppressions.c.at, suppressions.c.address_key, window)
    query = select(*_COLUMNS).where(which).order_by(suppressions.c.at, suppressions.c.address_key)
    for row in connection.execute(query.execution_options(yield_per=1000)):
        yield Suppression(**row._mapping)


def of(connection: Connection, address: str) -> Suppression | None:
    """Why an address must not be written to, or None."""
    query = select(*_COLUMNS).where(suppressions.c.address_key == address_key(address))
    row = connection.execute(query).one_or_none()
    return Suppression(**row._mapping) if row else None


def lift(connection: Connection, which: ColumnElement[bool]) -> int:
    """Take back the suppressions that bounces caused, among those that a condition names; how many there were."""
    caused = suppressions.c.cause == SuppressionCause.BOUNCE
    return write(connection, delete(suppressions).where(which, caused))


def lift_one(connection: Connection, address: str) -> bool:
    """Take back the suppression of one address, whoever caused it; False where there is none."""
    key = address_key(address)
    return write(connection, delete(suppressions).where(suppressions.c.address_key == key)) == 1


def within(at: ColumnElement[datetime], key: ColumnElement[str], window: Window) -> ColumnElement[bool]:
    """The condition that a row, by the columns of its time and of its address, is of a window."""
    conditions: list[ColumnElement[bool]] = [key.is_not(None)]
    if window.since is not None:
        conditions.append(at >= window.since)
    if window.until is not None:
        conditions.append(at < window.until)
    if window.domain:
        conditions.append(key.endswith(f"@{window.domain.lower()}", autoescape=True))
    return and_(*conditions)
