"""Addresses and domains that are not written to for now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, select, update

from digest.model import DomainPause, Hold
from digest.store.schema import domain_pauses, holds
from digest.store.statements import address_key, insert_into, write

_PAUSE_COLUMNS = tuple(domain_pauses.c[field.name] for field in fields(DomainPause))
_HOLD_COLUMNS = tuple(holds.c[field.name] for field in fields(Hold))


def is_held(key: ColumnElement[str], now: datetime) -> ColumnElement[bool]:
    """The condition that an address, by the column with its key, is held at ``now``."""
    return exists().where(holds.c.address_key == key, holds.c.until > now)


def hold(connection: Connection, address: str, until: datetime, why: str, now: datetime) -> None:
    """Do not write to an address before ``until``; of two holds the longer one stays."""
    row = {"address_key": address_key(address), "address": address, "since": now, "until": until, "why": why}
    insert = insert_into(connection, holds).values(**row)
    later = insert.on_conflict_do_update(
        index_elements=["address_key"],
        set_={name: insert.excluded[name] for name in ("address", "since", "until", "why")},
        where=holds.c.until < insert.excluded.until,
    )
    connection.execute(later)


def held(connection: Connection, now: datetime) -> tuple[Hold, ...]:
    """The holds that last, the newest first; at most 10,000."""
    query = select(*_HOLD_COLUMNS).where(holds.c.until > now).order_by(holds.c.since.desc()).limit(10_000)
    return tuple(Hold(**row._mapping) for row in connection.execute(query))


def release(connection: Connection, which: ColumnElement[bool]) -> int:
    """End the holds that a condition on the table ``holds`` names; how many there were."""
    return write(connection, delete(holds).where(which))


def release_one(connection: Connection, address: str) -> bool:
    """Write to an address again, before its hold is over; False where there is none."""
    return release(connection, holds.c.address_key == address_key(address)) == 1


def forget_ended(connection: Connection, now: datetime) -> int:
    """Delete the holds that are over: an address stays no longer than it is needed."""
    return write(connection, delete(holds).where(holds.c.until <= now))


# ── domains ──────────────────────────────────────────────────────────────────────────────────────


def pause_domain(
    connection: Connection, domain: str, until: datetime, why: str, now: datetime, is_storm: bool = False
) -> None:
    """Do not write to a domain before ``until``; its mail stays queued."""
    row = {"domain": domain.lower(), "since": now, "until": until, "why": why, "is_storm": is_storm}
    connection.execute(domain_pauses.insert().values(**row))


def paused_domains(connection: Connection, now: datetime) -> Mapping[str, datetime]:
    """The domains that are paused at ``now``, each with the end of its longest pause."""
    query = select(domain_pauses.c.domain, func.max(domain_pauses.c.until).label("until"))
    query = query.where(domain_pauses.c.until > now).group_by(domain_pauses.c.domain)
    return {row.domain: row.until for row in connection.execute(query)}


def last_pause(connection: Connection, domain: str, *, is_storm: bool) -> DomainPause | None:
    """The newest pause of a domain, by a storm or for another reason."""
    which = and_(domain_pauses.c.domain == domain.lower(), domain_pauses.c.is_storm == is_storm)
    query = select(*_PAUSE_COLUMNS).where(which).order_by(domain_pauses.c.since.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return DomainPause(**row._mapping) if row else None


def pauses(connection: Connection, now: datetime) -> tuple[DomainPause, ...]:
    """The pauses that last, by domain."""
    query = select(*_PAUSE_COLUMNS).where(domain_pauses.c.until > now).order_by(domain_pauses.c.domain)
    return tuple(DomainPause(**row._mapping) for row in connection.execute(query))


def end_pauses(connection: Connection, domain: str | None, now: datetime) -> int:
    """End the pauses of one domain, or of all; how many there were."""
    which = domain_pauses.c.until > now
    if domain is not None:
        which &= domain_pauses.c.domain == domain.lower()
    return write(connection, update(domain_pauses).where(which).values(until=now))
