"""When something last happened, on whichever machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from digest.model import Mark
from digest.store.schema import marks
from digest.store.statements import insert_into, write


def remember(connection: Connection, what: Mark, now: datetime) -> None:
    """Remember that it has happened; a clock that was set back does not undo what was later."""
    insert = insert_into(connection, marks).values(what=what, at=now)
    later = insert.on_conflict_do_update(index_elements=["what"], set_={"at": now}, where=marks.c.at < now)
    connection.execute(later)


def all_marks(connection: Connection) -> Mapping[Mark, datetime]:
    """The last time of each that has happened."""
    return {row.what: row.at for row in connection.execute(select(marks.c.what, marks.c.at))}


def take_turn(connection: Connection, what: Mark, due: datetime, now: datetime) -> bool:
    """Whether it is this caller's turn, because it last happened before ``due``; of several at once, one's it is.

    It counts as done from here on. A time after ``now`` is a clock's mistake and keeps nobody waiting.
    """
    insert = insert_into(connection, marks).values(what=what, at=due).on_conflict_do_nothing()
    connection.execute(insert)
    old = (marks.c.what == what) & or_(marks.c.at <= due, marks.c.at > now)
    return write(connection, update(marks).where(old).values(at=now)) == 1
