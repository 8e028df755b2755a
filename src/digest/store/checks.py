"""What doctor found last."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from digest.doctor.check import Check, Checkup
from digest.store.schema import checks
from digest.store.statements import columns_of


def keep(connection: Connection, checkup: Checkup) -> None:
    """Keep what was found, in the place of what was found before."""
    connection.execute(delete(checks))
    rows = [
        {"place": place, "at": checkup.at, **columns_of(check)} for place, check in enumerate(checkup.checks)
    ]
    if rows:
        connection.execute(checks.insert(), rows)


def newest(connection: Connection) -> Checkup | None:
    """What was found last, in the order in which it was looked at; None before the first time."""
    rows = connection.execute(select(checks).order_by(checks.c.place)).all()
    if not rows:
        return None
    return Checkup(rows[0].at, tuple(Check(row.about, row.level, row.found, row.todo) for row in rows))
