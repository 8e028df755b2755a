"""Tables as they are carried: their columns as plain values, whatever kind of database holds them.

A value of the model stays the text by which it is stored, so that nothing is understood, and nothing can be
changed, on the way. The canonical form of a row is a JSON list: times in UTC with microseconds, bytes in Base64.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

from digest.store.columns import Instant
from digest.store.schema import metadata

Value = Any  # None, bool, int, float, str, bytes, date or datetime, as the kind of its column says
Row = Sequence[Value]

_OWN = frozenset({"moves", "upgrades"})  # what happened to a database, and to its schema, stays with it


class Kind(StrEnum):
    """What a column holds."""

    INTEGER = "integer"
    REAL = "real"
    TEXT = "text"
    BOOLEAN = "boolean"
    BYTES = "bytes"
    DATE = "date"
    INSTANT = "instant"


_TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.INTEGER: BigInteger(),
    Kind.REAL: Float(),
    Kind.TEXT: Text(),
    Kind.BOOLEAN: Boolean(),
    Kind.BYTES: LargeBinary(),
    Kind.DATE: Date(),
    Kind.INSTANT: Instant(),
}
_WRITE: dict[Kind, Callable[[Any], str]] = {
    Kind.BYTES: lambda value: b64encode(value).decode(),
    Kind.DATE: date.isoformat,
    Kind.INSTANT: lambda value: datetime.isoformat(value, timespec="microseconds"),
}
_READ: dict[Kind, Callable[[str], Any]] = {
    Kind.BYTES: lambda text: b64decode(text, validate=True),
    Kind.DATE: date.fromisoformat,
    Kind.INSTANT: datetime.fromisoformat,
}
_PLAIN: dict[Kind, tuple[type, ...]] = {
    Kind.INTEGER: (int,),
    Kind.REAL: (float, int),
    Kind.TEXT: (str,),
    Kind.BOOLEAN: (bool,),
}
_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: the columns in their order, and those of its key, by which its rows are ordered."""

    name: str
    columns: tuple[tuple[str, Kind], ...]
    key: tuple[str, ...]

    def table(self) -> Table:
        """The same table for SQLAlchemy, with plain columns and nothing else."""
        return _table(self)

    @property
    def counter(self) -> str:
        """The column that the database numbers by itself, or ""."""
        kinds = dict(self.columns)
        return self.key[0] if len(self.key) == 1 and kinds[self.key[0]] is Kind.INTEGER else ""


@cache
def _table(shape: Shape) -> Table:
    """One of a shape, by which SQLAlchemy knows its statements again."""
    columns = [
        Column(name, _TYPES[kind], primary_key=name in shape.key, autoincrement=False)
        for name, kind in shape.columns
    ]
    return Table(shape.name, MetaData(), *columns)


def shapes() -> tuple[Shape, ...]:
    """Every table of this digest, each after those that it refers to."""
    return tuple(_shape(table) for table in metadata.sorted_tables if table.name not in _OWN)


def _shape(table: Table) -> Shape:
    columns = tuple((column.name, _kind(column)) for column in table.columns)
    return Shape(table.name, columns, tuple(column.name for column in table.primary_key.columns))


def _kind(column: Column[Any]) -> Kind:
    of = column.type
    if isinstance(of, Instant):
        return Kind.INSTANT
    if isinstance(of, (TypeDecorator, Text)):
        return Kind.TEXT
    kinds = (
        (Boolean, Kind.BOOLEAN),
        (Integer, Kind.INTEGER),
        (Float, Kind.REAL),
        (Date, Kind.DATE),
        (LargeBinary, Kind.BYTES),
    )
    return next(kind for known, kind in kinds if isinstance(of, known))


def encoder(shape: Shape) -> Callable[[Row], bytes]:
    """What gives the canonical form of a row of this shape, without an end of line."""
    special = [(place, _WRITE[kind]) for place, (_, kind) in enumerate(shape.columns) if kind in _WRITE]

    def encode(row: Row) -> bytes:
        values = list(row)
        for place, written in special:
            if values[place] is not None:
                values[place] = written(values[place])
        return _encoder.encode(values).encode()

    return encode


def decoder(shape: Shape) -> Callable[[bytes], Row]:
    """What reads a canonical form back.

    Raises:
        ValueError: (by the reader) the line is no row of this shape.
    """
    kinds = [kind for _, kind in shape.columns]

    def decode(line: bytes) -> Row:
        try:
            values = json.loads(line)
        except RecursionError as error:
            raise ValueError("nested too deep") from error
        if not isinstance(values, list) or len(values) != len(kinds):
            raise ValueError(f"expected a list of {len(kinds)} values")
        return tuple(
            None if value is None else _value(kind, value) for kind, value in zip(kinds, values, strict=True)
        )

    return decode


def _value(kind: Kind, value: Value) -> Value:
    if kind in _READ:
        if not isinstance(value, str):
            raise ValueError(f"expected {kind} as text, got {value!r:.40}")
        return _READ[kind](value)
    if type(value) not in _PLAIN[kind]:
        raise ValueError(f"expected {kind}, got {value!r:.40}")
    return value
