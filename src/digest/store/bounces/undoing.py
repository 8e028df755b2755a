"""A storm taken back, and a person forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from digest.model import BounceEffect, BounceKind
from digest.store import holds, suppressions
from digest.store.schema import bounces, subscribers
from digest.store.schema import holds as holds_table
from digest.store.schema import suppressions as suppressions_table
from digest.store.statements import address_key, write
from digest.store.suppressions import Window, within


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: suppressions, holds, pauses of domains, and bounces that no longer count."""

    suppressions: int
    holds: int
    pauses: int
    bounces: int


def undo(connection: Connection, window: Window, now: datetime) -> Undone:
    """Take back what bounces did in a window, and let those bounces count no more.

    Complaints, and what a person or an import has suppressed, stay.
    """
    at, key = suppressions_table.c.at, suppressions_table.c.address_key
    lifted = suppressions.lift(connection, within(at, key, window))
    released = holds.release(connection, within(holds_table.c.since, holds_table.c.address_key, window))
    ended = holds.end_pauses(connection, window.domain or None, now)
    return Undone(lifted, released, ended, _discount(connection, window))


def _discount(connection: Connection, window: Window) -> int:
    keys = select(bounces.c.id).join(subscribers, subscribers.c.id == bounces.c.subscriber)
    which = keys.where(within(bounces.c.at, subscribers.c.address_key, window))
    kinds = (BounceKind.ADDRESS, BounceKind.SOFT, BounceKind.POLICY)
    counting = bounces.c.kind.in_(kinds) & bounces.c.effect.not_in(
        (BounceEffect.UNDONE, BounceEffect.UNMATCHED)
    )
    undone = update(bounces).where(bounces.c.id.in_(which.scalar_subquery()), counting)
    return write(connection, undone.values(effect=BounceEffect.UNDONE, why="taken back by a person"))


def erase(connection: Connection, address: str) -> None:
    """Forget what an address's bounces said, and its hold; that they happened stays, without words."""
    key = address_key(address)
    holds.release(connection, holds_table.c.address_key == key)
    theirs = select(subscribers.c.id).where(subscribers.c.address_key == key)
    connection.execute(
        update(bounces).where(bounces.c.subscriber.in_(theirs.scalar_subquery())).values(words="")
    )
    named = bounces.c.words.icontains(address.strip(), autoescape=True)
    connection.execute(delete(bounces).where(bounces.c.effect == BounceEffect.UNMATCHED, named))
