"""Posts that their authors have taken back: no new issue prints them, and what was printed stays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select

from digest.store.schema import withdrawals as withdrawals_table
from digest.store.statements import batches, insert_into, write


def withdraw(connection: Connection, key: str, why: str, now: datetime) -> None:
    """Remember that a post was taken back; said again, the newer reason counts."""
    insert = insert_into(connection, withdrawals_table).values(post=key, why=why, at=now)
    latest = {"why": insert.excluded.why, "at": insert.excluded.at}
    connection.execute(insert.on_conflict_do_update(index_elements=["post"], set_=latest))


def restore(connection: Connection, key: str) -> bool:
    """The post may be printed again; False where nobody had taken it back."""
    return write(connection, delete(withdrawals_table).where(withdrawals_table.c.post == key)) == 1


def withdrawn(connection: Connection, keys: Collection[str]) -> Mapping[str, str]:
    """Those of the posts that were taken back, each with why."""
    query = select(withdrawals_table.c.post, withdrawals_table.c.why)
    return {
        row.post: row.why
        for batch in batches(sorted(keys))
        for row in connection.execute(query.where(withdrawals_table.c.post.in_(batch)))
    }
