"""What readers chose, where themes change under them: whoever chose a theme gets what takes its place."""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, literal, select, update

from digest.model import SourceOwner
from digest.store.audience import choice_of
from digest.store.schema import rules, sign_ups, subscriptions
from digest.store.statements import write


def merge_theme(connection: Connection, old: str, into: str) -> int:
    """Have everybody who chose ``old`` choose ``into``, and rules name it; how many subscriptions changed.

    Nobody loses a theme by it, and who takes everything goes on to do so. A new name for a theme is the same.
    """
    theirs = update(rules).where(rules.c.theme == old, rules.c.owner == SourceOwner.COMMAND)
    connection.execute(theirs.values(theme=into))
    _rename(connection, sign_ups, old, into)
    return _rename(connection, subscriptions, old, into)


def chosen(connection: Connection) -> dict[str, int]:
    """How many subscriptions chose each theme that anybody chose."""
    counted = select(subscriptions.c.choice, func.count().label("readers")).where(
        subscriptions.c.choice != ""
    )
    found: dict[str, int] = {}
    for row in connection.execute(counted.group_by(subscriptions.c.choice)):
        for theme in row.choice.split(","):
            found[theme] = found.get(theme, 0) + row.readers
    return found


def _rename(connection: Connection, table: Table, old: str, into: str) -> int:
    within = literal(",").concat(table.c.choice).concat(",").contains(f",{old},", autoescape=True)
    changed = 0
    for choice in connection.execute(select(table.c.choice).where(within).distinct()).scalars().all():
        renamed = choice_of(into if theme == old else theme for theme in choice.split(","))
        changed += write(connection, update(table).where(table.c.choice == choice).values(choice=renamed))
    return changed
