"""Column types that hold the values of ``digest.model``, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    BigInteger,
    CheckConstraint,
    Column,
    Dialect,
    Integer,
    Text,
    TypeDecorator,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from digest import codec
from digest.model import IssueId

ColumnValue = Any  # a model value on its way into a column, which checks it


class Instant(TypeDecorator[datetime]):
    """An aware time, in UTC: ``timestamptz``, or on SQLite text of one width, which sorts as time does."""

    impl = TIMESTAMP(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else TIMESTAMP(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        utc = value.astimezone(UTC)
        return utc.isoformat(timespec="microseconds") if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


class Member(TypeDecorator[StrEnum]):
    """A member of a closed set, as its word; ``one_of`` gives the CHECK constraint that goes with it."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, _dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: Any, _dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


class IssueKey(TypeDecorator[IssueId]):
    """An issue's identity, written as people write it: ``weekly/2026-11-22``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: IssueId | None, _dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> IssueId | None:
        return None if value is None else IssueId.parse(value)


class Json(TypeDecorator[Any]):
    """A value of ``digest.model`` as canonical JSON (``digest.codec``); None is NULL."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        if value is None or value == ():  # most posts have no videos, and half of them no labels
            return None if value is None else "[]"
        return codec.dump(self.kind, value).decode()

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        return None if value is None else codec.load(self.kind, value)


Words = Json(tuple[str, ...])
RowId = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only a column declared INTEGER


def one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """The CHECK constraint that holds ``column`` to the members of ``kind``."""
    members = ", ".join(f"'{member.value}'" for member in kind)
    return CheckConstraint(f"{column} IN ({members})", name=column)


def string(name: str, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=False, default=default)


def instant(name: str, *, required: bool = False) -> Column[datetime]:
    return Column(name, Instant, nullable=not required)


class Many(TypeDecorator[Any]):
    """Any number of integers or texts as one parameter, so that a statement is the same for all numbers of them."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[int] | type[str]) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        item = BigInteger() if self.kind is int else Text()
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(item))

    def process_bind_param(self, value: Collection[int] | Collection[str] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        return json.dumps(values) if dialect.name == "sqlite" else values


class is_among(FunctionElement[bool]):  # noqa: N801 - it reads as a condition
    """``is_among(column, bindparam("ids", type_=Many(int)))``.

    It has no type: of a Boolean SQLite is asked ``… = 1``, for which it would read the whole table.
    """

    inherit_cache = True


@compiles(is_among, "sqlite")
def _among_on_sqlite(element: is_among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both are compiled


@compiles(is_among, "postgresql")
def _among_on_postgresql(element: is_among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY({values})"
