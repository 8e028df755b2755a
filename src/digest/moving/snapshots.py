"""One state of a database, of exactly the schema that this digest knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from digest.errors import StoreError
from digest.store.database import newest_revision, reading, require_current, revision, shown


def require_same(engine: Engine) -> None:
    """Refuse a database of any other schema: rows of a newer one may have columns that nobody here would carry.

    Raises:
        StoreError: its schema is another one; the sentence says what to do.
    """
    require_current(engine)
    with reading(engine) as connection:
        present = revision(connection)
    if present != newest_revision():
        raise StoreError(
            f"A newer digest has brought {shown(engine.url)} to schema {present}: use that version for this."
        )


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """One state of a database, whoever writes to it meanwhile.

    Raises:
        StoreError: it cannot be used.
    """
    with reading(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield connection
