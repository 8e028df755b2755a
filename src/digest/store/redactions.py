"""What was removed on request: the rules that stay in force, and the database's files without a trace of it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, select

from digest.model import Redaction
from digest.store.database import exclusive
from digest.store.schema import metadata
from digest.store.schema import redactions as redactions_table
from digest.store.statements import columns_of, insert_into
from digest.text.blackout import Blackout

_NEVER_SWEPT = frozenset(
    {"sends", "deliveries", "subscribers", "subscriptions", "suppressions", "redactions"}
)


def rules_in_force(connection: Connection) -> tuple[Redaction, ...]:
    """All redactions, in the order of their fingerprints."""
    query = select(redactions_table).order_by(redactions_table.c.fingerprint)
    return tuple(Redaction(**row._mapping) for row in connection.execute(query))


def blackout(connection: Connection) -> Blackout:
    """All redactions, as they are applied."""
    return Blackout(rules_in_force(connection))


def add(connection: Connection, new: Iterable[Redaction]) -> None:
    """Remember rules; one that is there stays as it is."""
    for rule in new:
        insert = insert_into(connection, redactions_table).values(**columns_of(rule))
        connection.execute(insert.on_conflict_do_nothing())


def settle_first(connection: Connection) -> None:
    """Wait until nobody else stores posts or removes words: what comes in is held against the rules of now."""
    exclusive(connection, "digest: posts")


def scrub(engine: Engine) -> None:
    """Write the database's files anew, so that no free page holds what was overwritten.

    SQLite: ``VACUUM``, and its write-ahead log is emptied. PostgreSQL: ``VACUUM FULL`` of the tables that had words,
    which locks each while it is written; its own log and backups keep what they have until they are rotated.
    """
    if engine.dialect.name == "sqlite":
        _scrub_sqlite(engine)
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in sorted(set(metadata.tables) - _NEVER_SWEPT):
            connection.exec_driver_sql(f"VACUUM FULL {table}")


def _scrub_sqlite(engine: Engine) -> None:
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.close()
    finally:
        raw.close()
