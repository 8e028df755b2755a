"""Rows out of a database and into one, some at a time, and the numbers that it gives next."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest

from sqlalchemy import Connection, Text, func, insert, select, text

from digest.errors import StoreError
from digest.moving.shapes import Row, Shape, encoder
from digest.store.statements import batches

_AT_ONCE = 1_000  # rows held at a time


@dataclass(frozen=True, slots=True)
class Tally:
    """A table, counted: its rows and the SHA-256 of their canonical forms, one a line, in the order of its key."""

    table: str
    rows: int
    sha256: str


def read(connection: Connection, shape: Shape) -> Generator[Row, None, None]:
    """Every row of a table in the order of its key, which is the same on every kind of database."""
    table = shape.table()
    order = [
        table.c[name].collate("C")
        if connection.dialect.name == "postgresql" and isinstance(table.c[name].type, Text)
        else table.c[name]
        for name in shape.key
    ]
    options = {"stream_results": True, "yield_per": _AT_ONCE}
    with connection.execute(select(table).order_by(*order), execution_options=options) as result:
        yield from result


def write(connection: Connection, shape: Shape, rows: Iterable[Row]) -> None:
    """Insert rows into a table."""
    statement = insert(shape.table())
    names = [name for name, _ in shape.columns]
    for batch in batches(rows, _AT_ONCE):
        connection.execute(statement, [dict(zip(names, row, strict=True)) for row in batch])


def count(connection: Connection, shape: Shape) -> int:
    """How many rows a table has."""
    return connection.execute(select(func.count()).select_from(shape.table())).scalar_one()


def is_empty(connection: Connection, shape: Shape) -> bool:
    """Whether a table has no row."""
    return connection.execute(select(shape.table()).limit(1)).first() is None


def clear(connection: Connection, shape: Shape) -> None:
    """Delete every row of a table."""
    connection.execute(shape.table().delete())


# ── checking ─────────────────────────────────────────────────────────────────────────────────────


def tally(connection: Connection, shape: Shape) -> Tally:
    """Count a table."""
    encode, hashed, count = encoder(shape), sha256(), 0
    for count, row in enumerate(read(connection, shape), 1):  # noqa: B007 - the last one is the number of rows
        hashed.update(encode(row) + b"\n")
    return Tally(shape.name, count, hashed.hexdigest())


def compare(source: Connection, target: Connection, shape: Shape) -> Tally:
    """Count a table in two databases at once, row beside row.

    Raises:
        StoreError: they differ; the sentence names the table and the first row.
    """
    encode, hashed, count = encoder(shape), sha256(), 0
    keys = [place for place, (name, _) in enumerate(shape.columns) if name in shape.key]
    with closing(read(source, shape)) as ours, closing(read(target, shape)) as theirs:
        for before, after in zip_longest(ours, theirs):
            wanted = before and encode(before)
            if wanted is None or after is None or wanted != encode(after):
                key = ", ".join(str((before or after)[place]) for place in keys)
                raise StoreError(f"Row {key} of {shape.name} is not the same in both; nothing was changed.")
            hashed.update(wanted + b"\n")
            count += 1
    return Tally(shape.name, count, hashed.hexdigest())


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────


def last_number(connection: Connection, shape: Shape) -> int:
    """The highest number that a table ever gave to a row, 0 for none: links are made from them, so none is given twice."""
    if not shape.counter:
        return 0
    highest = connection.execute(select(func.max(shape.table().c[shape.counter]))).scalar_one() or 0
    if connection.dialect.name == "sqlite":
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        given = connection.execute(query, {"name": shape.name}).scalar()
    elif sequence := _sequence(connection, shape):
        query = text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608 - its own name
        given = connection.execute(query).scalar_one()
    else:
        given = 0
    return max(int(highest), int(given or 0))


def go_on_from(connection: Connection, shape: Shape, number: int) -> None:
    """Let a table number its next row after ``number``."""
    if not shape.counter or not number:
        return
    values = {"name": shape.name, "number": number}
    if connection.dialect.name == "sqlite":
        counts = text("SELECT 1 FROM sqlite_master WHERE name = :name AND sql LIKE '%AUTOINCREMENT%'")
        if connection.execute(counts, values).scalar():
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
            connection.execute(
                text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"), values
            )
    elif sequence := _sequence(connection, shape):
        connection.execute(select(func.setval(sequence, number)))


def _sequence(connection: Connection, shape: Shape) -> str | None:
    """The name of the sequence from which PostgreSQL numbers a table."""
    found: str | None = connection.execute(
        select(func.pg_get_serial_sequence(shape.name, shape.counter))
    ).scalar()
    return found
