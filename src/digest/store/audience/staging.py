"""The rows of an import on their way in: a temporary table, in which the most careful of several about one person stays.

It belongs to its connection and holds nobody up: nothing else is locked while it is filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Table, Text, UniqueConstraint
from sqlalchemy.schema import CreateTable, DropTable

from digest.model import SuppressionCause
from digest.roster.rows import Standing
from digest.store.audience.columns import choice_of, shown
from digest.store.columns import ColumnValue, Member, instant, string
from digest.store.statements import address_key, batches, insert_into

_AT_ONCE = 5000  # rows
_KEY = ("number", "address_key", "digest")

staged = Table(
    "staged_audience",
    MetaData(),
    Column("number", Integer, primary_key=True),  # in the order of the rows
    Column("address_key", Text, nullable=False),
    Column("digest", Text, nullable=False),
    string("address"),
    Column("care", Integer, nullable=False),  # of its Standing
    string("choice"),
    instant("consent_at"),
    string("consent_source"),
    instant("left_at"),
    string("why"),
    Column("cause", Member(SuppressionCause), nullable=False),
    instant("paused_until"),
    Column("wanted_id", BigInteger),
    UniqueConstraint("address_key", "digest"),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One subscription from elsewhere; ``themes`` None or empty means all of them.

    ``left_at`` and ``why`` are of people who left or are suppressed; an address may be suppressed without a digest.
    """

    address: str
    digest: str
    themes: tuple[str, ...] | None
    consent_at: datetime | None
    consent_source: str
    standing: Standing = Standing.SUBSCRIBED
    left_at: datetime | None = None
    why: str = ""
    cause: SuppressionCause = SuppressionCause.PERSON
    paused_until: datetime | None = None
    number: int = 0  # that the subscriber had elsewhere and is to have here, where it is free; 0: any


@dataclass(frozen=True, slots=True)
class Staged:
    """How many rows came, and how many of them are of people who were erased and so were dropped."""

    rows: int
    erased: int


def stage(connection: Connection, rows: Iterable[ImportRow], is_erased: Callable[[str], bool]) -> Staged:
    """Fill the table anew; of equally careful rows the first counts, and its spelling of the address."""
    clear(connection)
    connection.execute(CreateTable(staged))
    insert = insert_into(connection, staged)
    said = [column.name for column in staged.columns if column.name not in _KEY]
    kept = insert.on_conflict_do_update(
        index_elements=["address_key", "digest"],
        set_={name: insert.excluded[name] for name in said},
        where=staged.c.care < insert.excluded.care,
    )
    count = erased = 0
    for batch in batches(rows, _AT_ONCE):
        values = [
            _values(number, row) for number, row in enumerate(batch, count) if not is_erased(row.address)
        ]
        count += len(batch)
        erased += len(batch) - len(values)
        if values:
            connection.execute(kept, values)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ANALYZE {staged.name}")
    return Staged(count, erased)


def clear(connection: Connection) -> None:
    """Drop the table where it is there."""
    connection.execute(DropTable(staged, if_exists=True))


def _values(number: int, row: ImportRow) -> Mapping[str, ColumnValue]:
    return {
        "address_key": address_key(row.address),
        "digest": row.digest,
        "number": number,
        "address": shown(row.address),
        "care": row.standing.care,
        "choice": choice_of(row.themes),
        "consent_at": row.consent_at,
        "consent_source": row.consent_source,
        "left_at": row.left_at,
        "why": row.why,
        "cause": row.cause,
        "paused_until": row.paused_until,
        "wanted_id": row.number or None,
    }
