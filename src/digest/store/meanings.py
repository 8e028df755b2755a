"""What texts mean, kept by the hashes of the texts, so that an encoder reads each of them once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, delete, select

from digest.assemble.meanings import Point
from digest.store.schema import meanings
from digest.store.statements import batches, insert_into


def known(connection: Connection, model: str, texts: Iterable[str]) -> Mapping[str, Point]:
    """The points of those of the texts that are kept, as this model gave them."""
    by_hash = {_hash(text): text for text in texts}
    query = select(meanings.c.text_hash, meanings.c.point).where(meanings.c.model == model)
    return {
        by_hash[bytes(row.text_hash)]: bytes(row.point)
        for batch in batches(sorted(by_hash))
        for row in connection.execute(query.where(meanings.c.text_hash.in_(batch)))
    }


def keep(connection: Connection, model: str, points: Mapping[str, Point], now: datetime) -> None:
    """Keep the points of texts; of one that is kept already, nothing changes."""
    rows = [
        {"model": model, "text_hash": _hash(text), "point": point, "at": now}
        for text, point in points.items()
    ]
    for batch in batches(rows):
        connection.execute(insert_into(connection, meanings).on_conflict_do_nothing(), batch)


def forget(connection: Connection, before: datetime) -> None:
    """Let go of what was kept before a moment: what is still needed is asked again."""
    connection.execute(delete(meanings).where(meanings.c.at < before))


def _hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
