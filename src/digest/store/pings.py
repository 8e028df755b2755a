"""What a WebSub hub was told of our feeds: a row for each feed, with the bytes that it is to know of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select, update

from digest.store.schema import pings as pings_table
from digest.store.statements import insert_into, write


@dataclass(frozen=True, slots=True)
class Ping:
    """A feed by its address, and how far the hub knows of its present bytes."""

    feed: str
    hub: str
    sha256: str
    attempts: int
    next_try_at: datetime | None  # None: it knows, or it was tried often enough
    told_at: datetime | None = None
    reply: str = ""


def wanted(connection: Connection, hub: str, feeds: Mapping[str, str], now: datetime) -> None:
    """The hub is to know of these bytes (their SHA-256 by address); what it was told of already stays told."""
    for feed, sha256 in feeds.items():
        row = {"hub": hub, "sha256": sha256, "attempts": 0, "next_try_at": now, "told_at": None, "reply": ""}
        insert = insert_into(connection, pings_table).values(feed=feed, **row)
        other = or_(pings_table.c.sha256 != sha256, pings_table.c.hub != hub)
        connection.execute(insert.on_conflict_do_update(index_elements=["feed"], set_=row, where=other))


def due(connection: Connection, hub: str, now: datetime) -> tuple[Ping, ...]:
    """What the hub is to be told by now, by address."""
    query = (
        select(pings_table)
        .where(pings_table.c.hub == hub, pings_table.c.next_try_at <= now)
        .order_by(pings_table.c.feed)
    )
    return tuple(Ping(**row._mapping) for row in connection.execute(query))


def settle(connection: Connection, ping: Ping) -> bool:
    """Store what came of an attempt; False where the feed has other bytes by now, of which the hub is to be told."""
    same = and_(pings_table.c.feed == ping.feed, pings_table.c.sha256 == ping.sha256)
    outcome = {
        "attempts": ping.attempts,
        "next_try_at": ping.next_try_at,
        "told_at": ping.told_at,
        "reply": ping.reply,
    }
    return write(connection, update(pings_table).where(same).values(**outcome)) == 1


def pings(connection: Connection) -> tuple[Ping, ...]:
    """Every feed that a hub was to be told of, by address."""
    return tuple(
        Ping(**row._mapping) for row in connection.execute(select(pings_table).order_by(pings_table.c.feed))
    )
