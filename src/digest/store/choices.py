"""What readers chose, where themes change under them: whoever chose a theme gets what takes its place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from sqlalchemy import Connection, Table, and_, func, literal, select, tuple_, update

from digest.model import SourceOwner, SubscriptionState
from digest.store.audience import choice_of
from digest.store.schema import digests as digests_table
from digest.store.schema import rules, sign_ups, subscriptions
from digest.store.statements import write

_MOST_CHOICES = 1_000  # of one digest and state


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


def readers_of(connection: Connection, theme: str, most: int) -> int:
    """How many subscriptions chose a theme; counted up to ``most``, so that it does not matter how many there are."""
    found = 0
    for digest, state, choice in _distinct(connection):
        if theme in choice.split(",") and found < most:
            columns = (subscriptions.c.digest, subscriptions.c.state, subscriptions.c.choice)
            some = select(literal(1)).where(tuple_(*columns) == (digest, state, choice)).limit(most - found)
            found += connection.execute(select(func.count()).select_from(some.subquery())).scalar_one()
    return found


def _distinct(connection: Connection) -> Iterator[tuple[str, SubscriptionState, str]]:
    """The choices that there are, by digest and state, each read off the index behind the one before; at most 1,000."""
    digests = connection.execute(select(digests_table.c.slug).order_by(digests_table.c.slug)).scalars().all()
    for digest, state in product(digests, SubscriptionState):
        theirs = and_(subscriptions.c.digest == digest, subscriptions.c.state == state)
        choice = ""
        for _ in range(_MOST_CHOICES):
            following = select(func.min(subscriptions.c.choice)).where(
                theirs, subscriptions.c.choice > choice
            )
            found: str | None = connection.execute(following).scalar()
            if found is None:
                break
            choice = found
            yield digest, state, choice


def _rename(connection: Connection, table: Table, old: str, into: str) -> int:
    within = literal(",").concat(table.c.choice).concat(",").contains(f",{old},", autoescape=True)
    changed = 0
    for choice in connection.execute(select(table.c.choice).where(within).distinct()).scalars().all():
        renamed = choice_of(into if theme == old else theme for theme in choice.split(","))
        changed += write(connection, update(table).where(table.c.choice == choice).values(choice=renamed))
    return changed
