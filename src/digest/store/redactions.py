"""What was removed on request: the rules that stay in force, and the database's files without a trace of it."""

from __future__ import annotations

from collections.abc import Iterable
from sqlite3 import OperationalError

from sqlalchemy import Connection, Engine, select

from digest.errors import StoreError
from digest.model import Redaction
from digest.store.database import exclusive
from digest.store.schema import redactions as redactions_table
from digest.store.statements import columns_of, insert_into
from digest.text.blackout import Blackout

_SWEPT = tuple(  # what has words of others or of editors
    sorted(
        [
            "audit",
            "edits",
            "identities",
            "issues",
            "meanings",
            "merges",
            "posts",
            "renderings",
            "revisions",
            "rules",
            "settlements",
            "source_items",
            "sources",
            "telling",
            "term_counts",
            "themes",
            "versions",
            "withdrawals",
        ]
    )
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

    Raises:
        StoreError: another program keeps SQLite's file.
    """
    if engine.dialect.name == "sqlite":
        scrub_sqlite(engine)
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in _SWEPT:
            connection.exec_driver_sql(f"VACUUM FULL {table}")


def scrub_sqlite(engine: Engine) -> None:
    """What ``scrub`` does on SQLite; nothing on another database.

    Raises:
        StoreError: another program keeps the file.
    """
    if engine.dialect.name != "sqlite":
        return
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")  # from here on: ``pruning.give_back``
        cursor.execute("VACUUM")
        (is_kept, _, _) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.close()
    except OperationalError:
        is_kept = True
    finally:
        raw.close()
    if is_kept:
        raise StoreError(
            "What was removed may still stand in free pages of the database's file, because another program uses it: "
            "stop that, and do it once more."
        )
