"""A feed document as RSS 2.0, built with feedgen.

feedgen formats dates under a process-wide locale that it switches back and forth, which other threads would see, and
starts from the present hour. Its dates are therefore taken out, and written here (RFC 822 as RSS asks).
"""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from typing import Any

from feedgen.entry import FeedEntry as Entry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from digest.publish.feeds.atom import NAMESPACES, add_links, add_thumbnail
from digest.publish.feeds.entries import RSS, FeedDocument, FeedEntry, TypedLink

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"

Element = etree._Element


def write(document: FeedDocument, url: str) -> bytes:
    """The document's bytes, to stand at ``url``; the same document gives the same bytes."""
    feed: Any = FeedGenerator()
    feed._FeedGenerator__rss_lastBuildDate = None
    feed.title(document.title)
    feed.link(href=document.link("alternate"))
    feed.description(document.subtitle or document.title)
    feed.language(document.language)
    feed.generator("digest")
    feed.register_extension("digest", _of_channel(document, url), None, atom=False, rss=True)
    for entry in document.entries:
        feed.add_entry(_item(entry), order="append")
    data: bytes = feed.rss_str(pretty=True)
    return data


def _item(entry: FeedEntry) -> Any:
    item: Any = Entry()
    item.title(entry.title)
    item.link(href=entry.links[0].href)
    item.description(entry.summary)
    item.content(entry.html)
    item.guid(entry.id, permalink=False)
    for category in entry.categories:
        item.category(term=category.label, scheme=category.scheme)
    for link in entry.links:
        if link.rel == "enclosure":  # its length is not known, which RSS says with a nought
            item.enclosure(link.href, "0", link.type)
        elif link.rel == "replies":
            item.comments(link.href)
    if entry.source:
        item.source(url=entry.source.feed_url, title=entry.source.title)
    item.register_extension("digest", _of_item(entry), atom=False)
    return item


def _of_channel(document: FeedDocument, url: str) -> type[BaseExtension]:
    class Addition(BaseExtension):
        def extend_ns(self) -> dict[str, str]:
            return {"dc": _DC, "media": NAMESPACES["media"]}

        def extend_rss(self, rss: Element) -> Element:
            (channel,) = rss
            hubs = (link for link in document.links if link.rel == "hub")
            add_links(channel, [TypedLink("self", url, RSS), *hubs], f"{{{_ATOM}}}link")
            etree.SubElement(channel, "lastBuildDate").text = _date(document.updated)
            return rss

    return Addition


def _of_item(entry: FeedEntry) -> type[BaseEntryExtension]:
    class Addition(BaseEntryExtension):
        def extend_rss(self, item: Element) -> Element:
            etree.SubElement(item, "pubDate").text = _date(entry.published)
            etree.SubElement(item, f"{{{_DC}}}creator").text = entry.author
            if entry.thumbnail:
                add_thumbnail(item, entry.thumbnail)
            return item

    return Addition


def _date(moment: datetime) -> str:
    return format_datetime(moment)
