"""What issues decided about one post, and the ids under which it is found."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Select, select

from digest.model import IssueId, Post, Settlement
from digest.store import posts
from digest.store.schema import identities, merges, settlements


def settled(connection: Connection, key: str) -> Mapping[str, tuple[IssueId, Settlement]]:
    """Where a post is settled, by digest."""
    query = select(settlements.c.digest, settlements.c.issue, settlements.c.settlement)
    rows = connection.execute(query.where(settlements.c.post == key))
    return {row.digest: (row.issue, row.settlement) for row in rows}


def find(connection: Connection, name: str) -> Post | None:
    """The post of that key, address, or id in its feed; also by the address of an entry that was merged into it.

    Of an id in several feeds the first by source is meant.
    """
    by_identity = select(identities.c.post).where(identities.c.identity == posts.indexed(name))
    merged = select(merges.c.post).where(merges.c.url == name, merges.c.undone_at.is_(None))
    return (
        posts.post(connection, name)
        or posts.by_url(connection, name)
        or _first(connection, by_identity.order_by(identities.c.source))
        or _first(connection, merged.order_by(merges.c.merged_at))
    )


def _first(connection: Connection, keys: Select[str]) -> Post | None:
    key = connection.execute(keys.limit(1)).scalar()
    return posts.post(connection, key) if key else None
