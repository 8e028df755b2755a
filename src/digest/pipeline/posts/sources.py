"""The verbs on what is followed: add a source, import a list of them, export one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import cast

from sqlalchemy import Connection

from digest import config, store
from digest.collect.discover import Offer, address
from digest.collect.opml import LARGEST, Outline, read_opml, write_opml
from digest.errors import DigestError, NotFoundError, ParseError
from digest.model import Entry, Source, SourceFeed
from digest.pipeline.installation import Installation
from digest.pipeline.posts.finding import Found, find_feed
from digest.settings import SourceSettings
from digest.store.database import reading, transaction
from digest.text.links import canonical

Given = Mapping[str, object]  # keys of a [[sources]] table with their values, or texts that say them


@dataclass(frozen=True, slots=True)
class Added:
    """A source that is followed now, and what its feed has; ``others`` are the other feeds of its page."""

    source: Source
    entries: int = 0
    newest: Entry | None = None
    others: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a list: slugs of what is new, how many were there, a sentence for each that was refused."""

    added: tuple[str, ...]
    known: int
    refused: tuple[str, ...]


# ── one source ───────────────────────────────────────────────────────────────────────────────────


def add(installation: Installation, typed: str, given: Given, now: datetime) -> Added:
    """Follow the source that somebody means by an address, after its feed was found, fetched and read.

    Args:
        given: settings of the source beside its address.

    Raises:
        ConfigError: a setting is none that config.toml would take, or the source is followed already.
        FetchError: no feed is to be found from the address.
        ParseError: what is there is neither a page nor a feed.
        DigestError: the slug is taken.
    """
    with reading(
        installation.engine
    ) as connection:  # what is wrong already is told before anything is fetched
        known = store.sources.all_sources(connection, retired=True)
    config.new_source({**given, "url": address(typed) or typed}, known)
    found = look_at(installation, typed)
    source = add_unasked(installation, found.url, {"title": found.feed.title, **given}, now)
    return Added(source, len(found.feed.entries), _newest(found.feed.entries), found.others)


def look_at(installation: Installation, typed: str) -> Found:
    """The feed that somebody means by an address, as it is now; nothing is stored. Raises as ``add``."""
    return find_feed(installation.fetcher, typed, partial(_parse, installation))


def add_unasked(installation: Installation, url: str, given: Given, now: datetime) -> Source:
    """Follow the source whose feed is at ``url``, without asking there. Raises as ``add``, but for the asking."""
    with transaction(installation.engine) as connection:
        known = store.sources.all_sources(connection, retired=True)
        source = config.new_source({**given, "url": address(url) or url}, known)
        return replace(source, slug=store.sources.add_source(connection, source, now))


def change(installation: Installation, slug: str, given: Mapping[str, str]) -> Source:
    """Change settings of a source that was added by command; an empty text stands for the default.

    Args:
        given: keys of a ``[[sources]]`` table but ``url`` and ``slug``, with texts that say their values.

    Raises:
        NotFoundError: there is no such source.
        ConfigError: a key or value is none that config.toml would take.
        DigestError: the source is in config.toml.
    """
    with transaction(installation.engine) as connection:
        changed = config.changed_source(_source(connection, slug), given)
        store.sources.change_source(connection, changed)
    return changed


def one(installation: Installation, slug: str) -> Source:
    """A source that is followed.

    Raises:
        NotFoundError: there is no such source.
    """
    with reading(installation.engine) as connection:
        return _source(connection, slug)


def stated(source: Source) -> dict[str, str]:
    """The settings of a source as ``change`` takes them, each as a text."""
    settings = config.source_settings(source)
    names = (name for name in SourceSettings.model_fields if name not in ("url", "slug"))
    return {name: _text(getattr(settings, name)) for name in names}


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case tuple():
            return ", ".join(map(str, value))
    return str(value)


def _source(connection: Connection, slug: str) -> Source:
    found = store.sources.source(connection, slug)
    if found is None or found.retired:
        raise NotFoundError(f"There is no source {slug}; digest sources names those there are.")
    return found


def _parse(installation: Installation, body: bytes, url: str) -> SourceFeed:
    """Read a feed where a crash of the parser costs nothing."""
    return cast(SourceFeed, installation.parsers.run("digest.collect.parse:parse_feed", body, url))


def _newest(entries: Sequence[Entry]) -> Entry | None:
    """The one published last; of entries without a date, the one that stands first."""
    dated = [(entry.published, entry) for entry in entries if entry.published]
    if dated:
        return max(dated, key=lambda each: each[0])[1]
    return entries[0] if entries else None


# ── lists of them ────────────────────────────────────────────────────────────────────────────────


def import_opml(installation: Installation, path: Path, now: datetime) -> Imported:
    """Follow what an OPML file names; what is followed already stays as it is, so it can be repeated.

    Nothing is fetched. What cannot be followed is reported, and the rest is kept.

    Raises:
        ParseError: the file cannot be read, or is no OPML.
    """
    subscriptions = read_opml(_bytes(path), path.name)
    refused = list(subscriptions.refused)
    added: list[str] = []
    with transaction(installation.engine) as connection:
        stored = store.sources.all_sources(connection, retired=True)
        followed = _followed(stored)
        new = [each for each in subscriptions.outlines if canonical(each.url) not in followed]
        taken = {source.slug for source in stored}
        for outline in new:
            try:
                added.append(_add_outline(connection, outline, taken, now))
            except DigestError as error:
                refused.append(f"{outline.title or outline.url}: {error}")
    known = len(subscriptions.outlines) - len(new) + subscriptions.repeated
    return Imported(tuple(added), known, tuple(refused))


def export_opml(installation: Installation, now: datetime) -> str:
    """What is followed, as an OPML 2.0 document that other readers take, and ``import_opml`` reads back equal."""
    with reading(installation.engine) as connection:
        sources = store.sources.all_sources(connection)
    return write_opml(map(_outline, sources), "What digest follows", now)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise ParseError(f"{path} cannot be read: {error.strerror}. Give an OPML file.") from error


def _followed(stored: Iterable[Source]) -> frozenset[str]:
    """The addresses, in one spelling, of what is followed now, also those that it moved from."""
    live = (source for source in stored if not source.retired)
    return frozenset(canonical(url) for source in live for url in (source.url, source.old_url) if url)


def _add_outline(connection: Connection, outline: Outline, taken: set[str], now: datetime) -> str:
    """Under the slug that the list gives, where it is free; else under one made from the address.

    One that was followed before comes back under the slug it had. What is given is added to ``taken``.
    """
    given: dict[str, object] = {
        key: value for key, value in outline.settings.items() if key in SourceSettings.model_fields
    }
    if not given.get("slug") or given["slug"] in taken:
        given["slug"] = config.slug_for(outline.url, taken, outline.title)
    source = config.new_source(
        {"title": outline.title, **given, "url": outline.url, "labels": outline.labels}
    )
    slug = store.sources.add_source(connection, source, now)
    taken.add(slug)
    return slug


def _outline(source: Source) -> Outline:
    """With the settings that are not the defaults, for which outlines have no attribute."""
    defaults = {name: _text(field.default) for name, field in SourceSettings.model_fields.items()}
    changed = {
        name: text
        for name, text in stated(source).items()
        if name not in ("title", "labels") and text != defaults[name]
    }
    return Outline(source.url, source.title, source.site_url, {"slug": source.slug, **changed}, source.labels)
