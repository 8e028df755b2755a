"""Sources and themes given on the command line, under the same rules as those in config.toml."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import ValidationError

from digest.config.declared import source_value, theme_value
from digest.config.mistakes import of_table
from digest.config.naming import slug_for
from digest.errors import ConfigError
from digest.model import Source, SourceOwner, Theme
from digest.settings import Section, SourceSettings, ThemeSettings

S = TypeVar("S", bound=Section)


def new_source(url: str, slug: str, title: str, own: bool, weight: float, taken: Collection[str]) -> Source:
    """A source to be added by command; without a slug one is made that is not ``taken``.

    Raises:
        ConfigError: a value is none that config.toml would take.
    """
    given = {"url": url, "slug": slug or slug_for(url, taken), "title": title, "own": own, "weight": weight}
    return replace(source_value(_checked(SourceSettings, given)), owner=SourceOwner.COMMAND)


def new_theme(slug: str, title: str, terms: tuple[str, ...], not_terms: tuple[str, ...]) -> Theme:
    """A theme to be added by command; without terms its title is its term.

    Raises:
        ConfigError: a value is none that config.toml would take.
    """
    given = {"slug": slug, "title": title, "terms": terms or (title,), "not_terms": not_terms}
    return replace(theme_value(_checked(ThemeSettings, given)), owner=SourceOwner.COMMAND)


def _checked(kind: type[S], values: dict[str, Any]) -> S:
    try:
        return kind(**values)
    except ValidationError as error:
        found = of_table((), kind, error.errors())
        raise ConfigError(*(f"{mistake.place[-1]}: {mistake.what}." for mistake in found)) from error
