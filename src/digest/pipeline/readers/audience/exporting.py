"""The audience as our own list: who is subscribed with which consent, and who must not be written to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from sqlalchemy import Connection

from digest import store
from digest.roster.writing import COLUMNS, csv_lines, subscription_cells, suppression_cells
from digest.store.suppressions import Window


def audience_lines(connection: Connection, digest: str = "") -> Iterator[str]:
    """A CSV file line by line, which an import reads back equal; all digests without one, suppressed addresses last."""
    return csv_lines(COLUMNS, chain(subscribed(connection, digest), suppressed(connection)))


def subscribed(connection: Connection, digest: str = "") -> Iterator[Sequence[str]]:
    """Subscriptions as cells, by subscriber."""
    return map(subscription_cells, store.audience.subscriptions(connection, digest or None))


def suppressed(connection: Connection) -> Iterator[Sequence[str]]:
    """Suppressed addresses as cells, but for those that were erased."""
    return (
        suppression_cells(each) for each in store.suppressions.listed(connection, Window()) if each.address
    )
