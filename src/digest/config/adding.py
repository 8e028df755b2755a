"""Sources and themes given on the command line, under the same rules as those in config.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import ValidationError

from digest.config.checks import check
from digest.config.declared import source_value, theme_value
from digest.config.lines import Place
from digest.config.mistakes import of_table
from digest.config.naming import slug_for
from digest.errors import ConfigError
from digest.model import Source, SourceOwner, Theme
from digest.settings import Section, SourceSettings, ThemeSettings
from digest.text.links import canonical

S = TypeVar("S", bound=Section)


def new_source(given: Mapping[str, object], known: Iterable[Source] = ()) -> Source:
    """A source to be added by command beside the ``known`` ones; without a slug one is made that none of them has.

    Args:
        given: the keys of a ``[[sources]]`` table, ``url`` among them; values may be texts that say them.

    Raises:
        ConfigError: a value is none that config.toml would take, or the address is a known one's in other words.
    """
    known, url = tuple(known), str(given["url"])
    taken = {other.slug for other in known if other.url != url}
    slug = given.get("slug") or slug_for(url, taken, str(given.get("title") or ""))
    checked = _checked("sources", SourceSettings, {**given, "slug": slug})
    for other in known:
        if other.url != url and not other.retired and canonical(other.url) == canonical(url):
            raise ConfigError(f"url: {url} is followed already, as {other.slug}: {other.url}.")
    return replace(source_value(checked), owner=SourceOwner.COMMAND)


def new_theme(slug: str, title: str, terms: tuple[str, ...], not_terms: tuple[str, ...]) -> Theme:
    """A theme to be added by command; without terms its title is its term.

    Raises:
        ConfigError: a value is none that config.toml would take.
    """
    given = {"slug": slug, "title": title, "terms": terms or (title,), "not_terms": not_terms}
    return replace(theme_value(_checked("themes", ThemeSettings, given)), owner=SourceOwner.COMMAND)


def _checked(table: str, kind: type[S], values: Mapping[str, Any]) -> S:
    place: Place = (table, 0)
    try:
        section = kind(**values)
        found = check({place: section}, {})
    except ValidationError as error:
        found = of_table(place, kind, error.errors())
    if found:
        raise ConfigError(*(f"{mistake.place[-1]}: {mistake.what}." for mistake in found))
    return section
