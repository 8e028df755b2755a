"""What each person agreed to, step by step: rows are added in the transaction of what they tell, and never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, literal, select

from digest.model import Consent, ConsentStep
from digest.store.columns import Instant, Member
from digest.store.schema import consents, subscriptions

_MOST = 500  # steps of one person


def note(
    connection: Connection,
    subscriber: int,
    digest: str,
    step: ConsentStep,
    now: datetime,
    source: str = "",
    wording: str = "",
) -> None:
    """Remember one step of a person; the arguments are the fields of a ``Consent``."""
    row = {"subscriber": subscriber, "digest": digest, "at": now, "step": step}
    connection.execute(consents.insert().values(**row, source=source, wording=wording))


def note_each(
    connection: Connection,
    which: ColumnElement[bool],
    step: ConsentStep,
    now: datetime,
    source: str = "",
    wording: str = "",
) -> None:
    """Remember the same step for each subscription that a condition names, before the step is taken."""
    values = (literal(now, Instant), literal(step, Member(ConsentStep)), literal(source), literal(wording))
    query = select(subscriptions.c.subscriber, subscriptions.c.digest, *values).where(which)
    columns = ["subscriber", "digest", "at", "step", "source", "wording"]
    connection.execute(consents.insert().from_select(columns, query))


def trail(connection: Connection, subscriber: int) -> tuple[Consent, ...]:
    """The steps of a person, the newest first; at most 500."""
    columns = (consents.c[name] for name in ("at", "step", "digest", "source", "wording"))
    query = select(*columns).where(consents.c.subscriber == subscriber).order_by(consents.c.id.desc())
    return tuple(Consent(**row._mapping) for row in connection.execute(query.limit(_MOST)))


def erase(connection: Connection, subscriber: int) -> None:
    """Keep nothing of what a person agreed to."""
    connection.execute(delete(consents).where(consents.c.subscriber == subscriber))
