"""What statements on any table share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, Table, UpdateBase
from sqlalchemy.dialects import postgresql, sqlite

from digest.store.columns import ColumnValue

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")


def address_key(address: str) -> str:
    """What two spellings of one mailbox have in common."""
    return address.strip().casefold()


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, in the dialect of this connection."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def write(connection: Connection, statement: UpdateBase) -> int:
    """Execute an INSERT, UPDATE or DELETE, and return how many rows it wrote."""
    options = {"preserve_rowcount": True}  # else it is not known for an INSERT on PostgreSQL
    return connection.execute(statement, execution_options=options).rowcount


def columns_of(value: DataclassInstance, without: Collection[str] = ()) -> dict[str, ColumnValue]:
    """The fields of a model value as the columns of its row."""
    return {name: getattr(value, name) for name in _field_names(type(value)) if name not in without}


@cache
def _field_names(kind: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def batches(values: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """The values in lists short enough for the parameters of one statement."""
    remaining = iter(values)
    while batch := list(islice(remaining, size)):
        yield batch
