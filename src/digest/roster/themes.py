"""Words of a list → themes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from digest.model import Theme
from digest.roster.formats import plain

_REMEMBERED = 10_000  # tags: a list has few, in many rows


class Offer:
    """The themes that readers of one digest can choose, by their slugs and titles however these are spelled."""

    def __init__(self, themes: Iterable[Theme]) -> None:
        offered = list(themes)
        self._slugs = {plain(theme.title): theme.slug for theme in offered}
        self._slugs |= {plain(theme.slug): theme.slug for theme in offered}
        self._named = lru_cache(_REMEMBERED)(self._find)

    def chosen(self, tags: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The slugs that tags name, and the tags that name none; several slugs may stand in one with spaces between."""
        slugs: dict[str, None] = {}
        unknown: list[str] = []
        for tag in tags:
            found = self._named(tag)
            slugs.update(dict.fromkeys(found))
            if not found:
                unknown.append(tag)
        return tuple(slugs), tuple(unknown)

    def _find(self, tag: str) -> Collection[str]:
        if whole := self._slugs.get(plain(tag)):
            return (whole,)
        parts = [self._slugs.get(plain(part), "") for part in tag.split()]
        return parts if all(parts) else ()
