"""Sources and themes given on the command line, under the same rules as those in config.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import ValidationError

from digest.config.checks import check
from digest.config.declared import source_settings, source_value, theme_value
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


def changed_source(source: Source, given: Mapping[str, str]) -> Source:
    """A source with some of its settings changed; an empty text stands for the default.

    Args:
        given: keys of a ``[[sources]]`` table but ``url`` and ``slug``, with texts that say their values; labels are
            parted by commas.

    Raises:
        ConfigError: a key or value is none that config.toml would take.
    """
    if fixed := sorted({"url", "slug"} & set(given)):
        raise ConfigError(f"{fixed[0]}: it stays as it is; add another source, and remove this one.")
    stated = source_settings(source).model_dump(exclude={name for name, text in given.items() if not text})
    changes = {name: _split(text) if name == "labels" else text for name, text in given.items() if text}
    changed = source_value(_checked("sources", SourceSettings, {**stated, **changes}))
    names = (name for name in SourceSettings.model_fields if name not in ("url", "slug"))
    return replace(source, **{name: getattr(changed, name) for name in names})


def _split(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, text.split(","))))


def new_theme(slug: str, title: str, terms: tuple[str, ...], not_terms: tuple[str, ...]) -> Theme:
    """A theme to be added by command; without terms its title is its term.

    Raises:
        ConfigError: a value is none that config.toml would take.
    """
    given = {"slug": slug, "title": title, "terms": terms or (title,), "not_terms": not_terms}
    return replace(theme_value(_checked("themes", ThemeSettings, given)), owner=SourceOwner.COMMAND)


def stated_theme(given: Mapping[str, str]) -> Theme:
    """A theme as a form says it, with the keys of a ``[[themes]]`` table; without terms its title is its term.

    Args:
        given: ``terms`` and ``not_terms`` one a line, ``terms_by_language`` as lines like ``de: Wahlen, Wahlkreis``.

    Raises:
        ConfigError: a value is none that config.toml would take.
    """
    by_language: dict[str, tuple[str, ...]] = {}
    for line in _lines(given["terms_by_language"]):
        language, _, terms = line.partition(":")
        key = language.strip().lower()
        by_language[key] = (*by_language.get(key, ()), *_split(terms))
    said: dict[str, Any] = {
        "slug": given["slug"].strip(),
        "title": given["title"].strip(),
        "description": given["description"].strip(),
        "weight": given["weight"].strip() or "1",
        "terms": _lines(given["terms"]) or (given["title"].strip(),),
        "not_terms": _lines(given["not_terms"]),
        "terms_by_language": by_language,
    }
    return replace(theme_value(_checked("themes", ThemeSettings, said)), owner=SourceOwner.COMMAND)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (" ".join(line.split()) for line in text.splitlines())))


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
