"""Where a feed's older entries are, and when going back ends. A decision is a value; nothing is fetched here.

A feed names its older page itself (RFC 5005 ``next`` and ``prev-archive``, Blogger, JSON Feed ``next_url``); one of
WordPress does not, and takes ``?paged=2``. What a page leads to is somebody else's text, so the walk is bounded in
pages and entries, never comes back to a page, and ends where a page has nothing new or nothing young enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from digest.model import Entry, SourceFeed
from digest.text.links import absolute

MOST_PAGES = 100
MOST_ENTRIES = 5_000

# /feed/, /feed/atom/, /category/news/feed: the permalinks of WordPress. A site of another system ignores the page
# number and gives the same entries again, which ends the walk.
_WORDPRESS = re.compile(r"/feed(?:/(?:rss2?|atom|rdf))?/?$")


@dataclass(frozen=True, slots=True)
class Walk:
    """How far we went back: the pages that were read, and the ids of what is on them."""

    since: datetime
    pages: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()

    def after(self, feed: SourceFeed, url: str) -> Walk:
        """The walk with one more page: ``feed``, which was asked for at ``url``."""
        ids = self.ids | {entry.id for entry in feed.entries}
        return Walk(self.since, self.pages | {url}, ids)

    def older(self, feed: SourceFeed) -> tuple[Entry, ...]:
        """The entries of a further page that were not on an earlier one and are young enough, or have no date."""
        return tuple(entry for entry in feed.entries if entry.id not in self.ids and self._wanted(entry))

    def next_page(self, feed: SourceFeed, url: str) -> str:
        """The address of the page after ``feed``, which was read at ``url``, or "" where the walk ends.

        It ends where there is no such page, at one that was read, and after 100 pages or 5,000 entries; where no
        entry of this page is new, or none is as young as asked for. One old entry is no end: some sites keep an
        old post on top.
        """
        full = len(self.pages) + 1 >= MOST_PAGES or len(self.ids) >= MOST_ENTRIES
        if full or not any(map(self._wanted, feed.entries)) or not self._has_new(feed):
            return ""
        found = feed.next_url or _numbered(url)
        return "" if found in self.pages or found == url else found

    def _wanted(self, entry: Entry) -> bool:
        return entry.published is None or entry.published >= self.since

    def _has_new(self, feed: SourceFeed) -> bool:
        return any(entry.id not in self.ids for entry in feed.entries)


def _numbered(url: str) -> str:
    """The next page of a feed of WordPress, or "" where the address is none of such a feed."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if not _WORDPRESS.search(parts.path) and "feed" not in dict(query):
        return ""
    return absolute(parts._replace(query=urlencode([*_with_next_number(query)])).geturl())


def _with_next_number(query: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    number = 1
    for name, value in query:
        if name != "paged":
            yield name, value
        elif re.fullmatch(r"[0-9]{1,4}", value):
            number = int(value)
    yield "paged", str(number + 1)
