"""Themes that readers chose, when editors merge or rename them."""

from __future__ import annotations

from sqlalchemy import Connection

from digest import store
from digest.errors import DigestError, NotFoundError
from digest.model import SourceOwner


def merge(connection: Connection, old: str, into: str) -> int:
    """Have who chose ``old`` choose ``into``, and cover ``old`` no longer; how many subscriptions changed.

    What stands in config.toml goes on to be covered until it is taken out there.

    Raises:
        NotFoundError: there is no theme ``into``.
        DigestError: they are the same.
    """
    themes = {theme.slug: theme for theme in store.sources.themes(connection)}
    if into not in themes:
        raise NotFoundError(f"There is no theme {into}; digest theme list names those there are.")
    if old == into:
        raise DigestError(f"{old} cannot take its own place; name two themes.")
    if old in themes and themes[old].owner is SourceOwner.COMMAND:
        store.sources.retire_theme(connection, old)
    return store.choices.merge_theme(connection, old, into)


def unread(connection: Connection) -> dict[str, int]:
    """Themes that are covered no longer, and how many subscriptions still choose them."""
    known = {theme.slug for theme in store.sources.themes(connection)}
    return {slug: readers for slug, readers in store.choices.chosen(connection).items() if slug not in known}
