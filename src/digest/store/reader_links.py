"""Links that were mailed to a reader and work once; of each only the hash of its token is kept."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, literal, select, true, update

from digest.model import LinkPurpose, ReaderLink
from digest.store.columns import ColumnValue
from digest.store.schema import reader_links
from digest.store.statements import columns_of, insert_into, write

KEPT = timedelta(days=2)  # after they have expired: as long as somebody may ask when the last one was made
_COLUMNS = tuple(reader_links.c[field.name] for field in fields(ReaderLink))


def put(connection: Connection, link: ReaderLink, only_if: ColumnElement[bool] | None = None) -> bool:
    """Keep a new link where ``only_if`` is true; whether it was kept. The same statement in either case."""
    columns = columns_of(link)
    values: list[ColumnElement[ColumnValue]] = [
        literal(value, reader_links.c[name].type) for name, value in columns.items()
    ]
    query = select(*values).where(true() if only_if is None else only_if)
    insert = insert_into(connection, reader_links).from_select(list(columns), query)
    return write(connection, insert.on_conflict_do_nothing()) == 1


def find(connection: Connection, proof: str) -> ReaderLink | None:
    """A link, used or not, by the hash of its token."""
    row = connection.execute(select(*_COLUMNS).where(reader_links.c.proof == proof)).one_or_none()
    return ReaderLink(**row._mapping) if row else None


def use(connection: Connection, proof: str, purpose: LinkPurpose, now: datetime) -> ReaderLink | None:
    """Use a link up; None where there is none, or it was used or is too old. Of two at once, one gets it."""
    unused = and_(reader_links.c.used_at.is_(None), reader_links.c.expires_at > now)
    this = and_(reader_links.c.proof == proof, reader_links.c.purpose == purpose, unused)
    used = update(reader_links).where(this).values(used_at=now).returning(*_COLUMNS)
    row = connection.execute(used).one_or_none()
    return ReaderLink(**row._mapping) if row else None


def use_up(connection: Connection, subscriber: int, digest: str, now: datetime) -> None:
    """Of several confirmations of one wish, the others are of no use once one was used."""
    theirs = and_(
        reader_links.c.subscriber == subscriber,
        reader_links.c.digest == digest,
        reader_links.c.purpose == LinkPurpose.CONFIRM,
        reader_links.c.used_at.is_(None),
    )
    connection.execute(update(reader_links).where(theirs).values(used_at=now))


def made_since(connection: Connection, subscriber: int, purpose: LinkPurpose, since: datetime) -> int:
    """How many links of one purpose were made for a subscriber after ``since``."""
    theirs = and_(reader_links.c.subscriber == subscriber, reader_links.c.purpose == purpose)
    query = select(func.count()).where(theirs, reader_links.c.made_at > since)
    return connection.execute(query).scalar_one()


def sweep(connection: Connection, now: datetime) -> int:
    """Forget the links that have long been of no use; how many there were."""
    return write(connection, delete(reader_links).where(reader_links.c.expires_at <= now - KEPT))
