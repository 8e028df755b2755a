"""A feed as values, before any format: the document, its entries, their links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.model import Picture

HTML = "text/html"
ATOM = "application/atom+xml"
RSS = "application/rss+xml"
JSON = "application/feed+json"
OPML = "text/x-opml"


@dataclass(frozen=True, slots=True)
class TypedLink:
    """A link with all that says where it leads (RFC 4287 §4.2.7); ``count`` is of replies (RFC 4685), or None."""

    rel: str
    href: str
    type: str = ""
    title: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A theme or topic: ``term`` is for programs and unique within ``scheme``, ``label`` for people."""

    term: str
    scheme: str
    label: str


@dataclass(frozen=True, slots=True)
class FeedSource:
    """The feed from which a post came (RFC 4287 §4.2.11); ``site_url`` may be empty."""

    title: str
    feed_url: str
    site_url: str


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture on our own host."""

    url: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry as every format writes it: texts cleaned, ``html`` sanitised with absolute links, ``links`` each once.

    The first link is the ``alternate``.
    """

    id: str
    title: str
    published: datetime
    updated: datetime
    author: str
    summary: str  # plain
    html: str
    language: str
    links: tuple[TypedLink, ...]
    categories: tuple[Category, ...] = ()
    source: FeedSource | None = None
    source_updated: datetime | None = None  # what we knew of the source when we took the post
    thumbnail: Thumbnail | None = None


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """One document of a feed: the one that readers poll, or a closed archive (RFC 5005 §4)."""

    id: str
    title: str
    subtitle: str
    language: str
    updated: datetime
    author: str
    author_url: str
    links: tuple[TypedLink, ...]
    entries: tuple[FeedEntry, ...]  # newest first
    archived: bool = False

    def link(self, rel: str) -> str:
        """The address of its first link of this relation, or ""."""
        return next((link.href for link in self.links if link.rel == rel), "")
