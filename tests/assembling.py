"""Invented posts, readings and digests for the tests of ``digest.assemble``; each maker takes only what matters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from digest.assemble.quotes import quote_id
from digest.assemble.window import Material
from digest.model import (
    KeyTheme,
    Pick,
    PickQuote,
    Post,
    PostKind,
    Quote,
    QuoteOrigin,
    Reading,
    Source,
    Theme,
    ThemeOrigin,
    Video,
)
from digest.settings import DigestSettings

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday
STRINGS = {"more_posts": "More posts"}

PRESS = Theme("press", "Press freedom", ("press freedom", "journalist", "censorship"))
WATER = Theme("water", "Water", ("drought", "river", "reservoir"))
SCHOOLS = Theme("schools", "Schools", ("school", "teacher"))
THEMES = (PRESS, WATER, SCHOOLS)


def digest(**settings: Any) -> DigestSettings:
    """A weekly digest that goes out on Sundays at nine in Berlin."""
    defaults: dict[str, Any] = {
        "slug": "weekly",
        "title": "The Harbour Weekly",
        "days": ("sunday",),
        "at": time(9, 0),
        "zone": "Europe/Berlin",
    }
    return DigestSettings(**(defaults | settings))


def post(key: str, title: str = "", *, days_old: float = 1, source: str = "harbour", **fields: Any) -> Post:
    """An article seen the moment it was published."""
    when = NOW - timedelta(days=days_old)
    defaults: dict[str, Any] = {
        "key": key,
        "source": source,
        "kind": PostKind.ARTICLE,
        "guid": f"guid-{key}",
        "url": f"https://{source}.example.org/{key}.html",
        "title": title or f"Post {key}",
        "first_seen": when,
        "published": when,
        "language": "en",
    }
    return Post(**(defaults | fields))


def material(
    key: str,
    title: str = "",
    *,
    own: bool = True,
    weight: float = 1.0,
    quotes: Sequence[Quote] = (),
    reading: Reading | None = None,
    **fields: Any,
) -> Material:
    """An article with what was read in it."""
    made = post(key, title, **fields)
    source = Source(
        made.source, f"https://{made.source}.example.org/feed", made.source.title(), own=own, weight=weight
    )
    return Material(made, reading or Reading(quotes=tuple(quotes)), source)


def channel_video(
    key: str, title: str, text: str = "", *, video: Video | None = None, **fields: Any
) -> Material:
    """A post of a video channel."""
    found = video or youtube(key)
    fields = {"source": "channel", "url": found.url, "videos": (found,), "text": text, **fields}
    return material(key, title, kind=PostKind.VIDEO, **fields)


def youtube(id: str, title: str = "") -> Video:
    """A video by its id, padded to the length of a YouTube id."""
    padded = f"{id:_<11}"[:11]
    return Video("youtube", padded, f"https://www.youtube.com/watch?v={padded}", title)


def quote(text: str, *, start: int = 0, speaker: str = "Mira Halden", **fields: Any) -> Quote:
    """Words that a post lists, found at ``start`` of its text."""
    defaults: dict[str, Any] = {
        "topics": (),
        "spans": ((start, start + len(text)),),
        "origin": QuoteOrigin.LISTED,
        "confidence": 1.0,
        "link": "https://harbour.example.org/",
    }
    return Quote(text, speaker, **(defaults | fields))


def pick(key: str, *quotes: Quote, score: float = 1.0, title: str = "") -> Pick:
    """A pick that prints these quotes."""
    printed = tuple(PickQuote(quote_id(key, each), each) for each in quotes)
    return Pick(
        id=f"p-{key}",
        post=key,
        revision=1,
        url="",
        title=title or f"Post {key}",
        source="",
        source_title="",
        published=NOW,
        updated=None,
        language="en",
        authors=(),
        minutes=1,
        blurb="",
        quotes=printed,
        videos=(),
        related_posts=(),
        comments=None,
        why="",
        score=score,
    )


def listed(*titles: str) -> Reading:
    """A reading of a post that lists these key themes, each ``Title: description`` or a title alone."""
    pairs = (title.partition(": ") for title in titles)
    return Reading(themes=tuple(KeyTheme(name, about, ThemeOrigin.LISTED) for name, _, about in pairs))
