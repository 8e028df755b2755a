"""Sources, in requests and answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field, Strict

from digest.api.shapes.words import WHOLE, Line, Slug, Term, Url, Wanted, Yes
from digest.collect.discover import Offer
from digest.collect.health import Health, HealthState
from digest.model import Entry, FullText, Quote, Reading, Source, SourceOwner


class AddressWanted(Wanted):
    """The address of a feed, a site, a channel or a video."""

    url: Url


class SettingsWanted(Wanted):
    """Settings of a source; null stands for the default, and what is left out stays as it is."""

    title: Line | None = None
    own: Yes | None = None
    weight: Annotated[float, Strict(), Field(gt=0, le=10, allow_inf_nan=False)] | None = None
    shorts: Yes | None = None
    live: Yes | None = None
    premieres: Yes | None = None
    quotes: Annotated[int, Field(ge=0, le=10), WHOLE] | None = None
    excerpt_words: Annotated[int, Field(ge=5, le=200), WHOLE] | None = None
    fulltext: FullText | None = None
    labels: Annotated[tuple[Term, ...], Field(max_length=50)] | None = None

    def given(self) -> dict[str, object]:
        """The settings that are named and not the default, as a source that is added takes them."""
        named = {name: getattr(self, name) for name in SettingsWanted.model_fields}
        return {name: value for name, value in named.items() if value is not None}

    def texts(self) -> dict[str, str]:
        """The settings that are named, as a source that is changed takes them: each as a text, "" for the default."""
        named = (name for name in SettingsWanted.model_fields if name in self.model_fields_set)
        return {name: _text(getattr(self, name)) for name in named}


class SourceWanted(SettingsWanted):
    """A source to be followed."""

    url: Url
    slug: Slug | None = None


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case tuple():
            return ", ".join(value)
    return str(value)


@dataclass(frozen=True, slots=True)
class SourceNow:
    """A source, how it is, and its settings as texts."""

    slug: str
    url: str
    title: str
    owner: SourceOwner  # what stands in config.toml is changed there only
    state: HealthState
    sentence: str
    last_polled_at: datetime | None
    next_poll_at: datetime | None
    newest_at: datetime | None
    settings: dict[str, str]


@dataclass(frozen=True, slots=True)
class EntryTried:
    """An entry of a feed, and what would be read in it."""

    title: str
    url: str
    published: datetime | None
    summary: str
    themes: tuple[str, ...]
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class FeedOffered:
    """Another feed of the same page."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class SourceTried:
    """What is to be had at an address; nothing of it is stored."""

    url: str
    title: str
    entries: int
    newest: tuple[EntryTried, ...]
    others: tuple[FeedOffered, ...]


def source_now(source: Source, health: Health, settings: dict[str, str]) -> SourceNow:
    """A source."""
    return SourceNow(
        source.slug,
        source.url,
        source.title,
        source.owner,
        health.state,
        health.sentence,
        source.last_polled_at,
        source.next_poll_at,
        source.newest_at,
        settings,
    )


def entry_tried(entry: Entry, reading: Reading) -> EntryTried:
    """An entry that was tried."""
    titles = tuple(theme.title for theme in reading.themes)
    return EntryTried(entry.title, entry.url, entry.published, reading.summary, titles, reading.quotes)


def offered(offers: Sequence[Offer]) -> tuple[FeedOffered, ...]:
    """Other feeds."""
    return tuple(FeedOffered(offer.url, offer.title) for offer in offers)
