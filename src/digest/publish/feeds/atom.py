"""A feed document as Atom (RFC 4287), built with feedgen, with archives (RFC 5005), replies (RFC 4685), Media RSS.

feedgen drops rel, type and title from the links of entries, writes ``atom:source`` without id and date and knows none
of the other vocabularies, so that is added to what it makes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from feedgen.entry import FeedEntry as Entry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from digest.publish.feeds.entries import (
    HTML,
    FeedDocument,
    FeedEntry,
    FeedSource,
    Thumbnail,
    TypedLink,
)
from digest.text.times import rfc3339

NAMESPACES = {
    "fh": "http://purl.org/syndication/history/1.0",
    "media": "http://search.yahoo.com/mrss/",
    "thr": "http://purl.org/syndication/thread/1.0",
}
_FH, _MEDIA, _THR = (f"{{{NAMESPACES[prefix]}}}" for prefix in ("fh", "media", "thr"))
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

Element = etree._Element


def write(document: FeedDocument) -> bytes:
    """The document's bytes; the same document gives the same bytes."""
    feed: Any = FeedGenerator()
    feed.id(document.id)
    feed.title(document.title)
    feed.subtitle(document.subtitle or None)
    feed.language(document.language)
    feed.author(name=document.author, uri=document.author_url)
    feed.generator("digest")
    feed.updated(document.updated)
    feed.register_extension("digest", _of_feed(document), None, atom=True, rss=False)
    for entry in document.entries:
        feed.add_entry(_entry(entry, document.language), order="append")
    data: bytes = feed.atom_str(pretty=True)
    return data


def size(entry: FeedEntry, language: str) -> int:
    """How many bytes an entry takes in a feed of that language, closely."""
    return len(etree.tostring(_entry(entry, language).atom_entry(), encoding="utf-8", pretty_print=True))


def _entry(entry: FeedEntry, language: str) -> Any:
    written: Any = Entry()
    written.id(entry.id)
    written.title(entry.title)
    written.published(entry.published)
    written.updated(entry.updated)
    written.author(name=entry.author)
    written.content(entry.html, type="html")
    written.summary(entry.summary)
    for category in entry.categories:
        written.category(term=category.term, scheme=category.scheme, label=category.label)
    written.register_extension("digest", _of_entry(entry, language), rss=False)
    return written


def add_links(parent: Element, links: Iterable[TypedLink], tag: str = "link") -> None:
    """The links as elements, each attribute where it is known. (feedgen leaves Atom's namespace to the root.)"""
    for link in links:
        known = {"rel": link.rel, "type": link.type, "title": link.title, "href": link.href}
        element = etree.SubElement(parent, tag, {name: text for name, text in known.items() if text})
        if link.count is not None:
            element.set(f"{_THR}count", str(link.count))


def add_thumbnail(parent: Element, thumbnail: Thumbnail) -> None:
    """The picture as Media RSS has it, with its size in pixels."""
    sizes = {"width": str(thumbnail.picture.width), "height": str(thumbnail.picture.height)}
    etree.SubElement(parent, f"{_MEDIA}thumbnail", {"url": thumbnail.url, **sizes})


# ── what feedgen leaves out ──────────────────────────────────────────────────────────────────────


def _of_feed(document: FeedDocument) -> type[BaseExtension]:
    class Addition(BaseExtension):
        def extend_ns(self) -> dict[str, str]:
            return NAMESPACES

        def extend_atom(self, feed: Element) -> Element:
            add_links(feed, document.links)
            if document.archived:
                etree.SubElement(feed, f"{_FH}archive")
            return feed

    return Addition


def _of_entry(entry: FeedEntry, language: str) -> type[BaseEntryExtension]:
    class Addition(BaseEntryExtension):
        def extend_atom(self, element: Element) -> Element:
            _extend(element, entry, language)
            return element

    return Addition


def _extend(element: Element, entry: FeedEntry, language: str) -> None:
    if entry.language != language:
        element.set(_LANG, entry.language)
    add_links(element, entry.links)
    if entry.source:
        _add_source(element, entry, entry.source)
    if entry.thumbnail:
        add_thumbnail(element, entry.thumbnail)


def _add_source(element: Element, entry: FeedEntry, source: FeedSource) -> None:
    """The feed that the post is from. Its id is its address, the only name of it that everybody knows."""
    parent = etree.SubElement(element, "source")
    etree.SubElement(parent, "id").text = source.feed_url
    etree.SubElement(parent, "title").text = source.title
    etree.SubElement(parent, "updated").text = rfc3339(entry.source_updated or entry.published)
    add_links(parent, [TypedLink("self", source.feed_url)])  # of which format is not known
    if source.site_url:
        add_links(parent, [TypedLink("alternate", source.site_url, HTML)])
