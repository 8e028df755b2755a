"""The older pages of a feed, for a source that is collected back to a date."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event

from digest.collect.paging import Walk
from digest.collect.parse import parse_feed
from digest.errors import DigestError
from digest.model import Entry, SourceFeed
from digest.net.http import Fetcher

log = logging.getLogger(__name__)

PAUSE = 0.5  # seconds between two pages of one feed


def older_entries(
    fetcher: Fetcher,
    feed: SourceFeed,
    url: str,
    since: datetime,
    *,
    stop: Event | None = None,
    parse: Callable[[bytes, str], SourceFeed] = parse_feed,
    pause: float = PAUSE,
) -> tuple[Entry, ...]:
    """The entries on the pages behind ``feed``, newest page first, back to ``since``.

    At most 99 further pages are fetched, one after the other. A page that cannot be had or read ends the walk, and
    what was found before it is given; so does ``stop``.

    Args:
        url: where ``feed`` was found in the end.
        pause: seconds before each page.
    """
    stop = stop or Event()
    walk, found = Walk(since), list[Entry]()
    while (following := walk.next_page(feed, url)) and not stop.wait(pause):
        walk = walk.after(feed, url)
        try:
            feed, url = _page(fetcher, following, parse), following
        except DigestError as error:
            log.warning("the older posts behind %s: %s", following, error)
            break
        found += walk.older(feed)
    return tuple(found)


def _page(fetcher: Fetcher, url: str, parse: Callable[[bytes, str], SourceFeed]) -> SourceFeed:
    """One page; whatever is no 200 has no entries, as WordPress answers 404 after its last page."""
    answer = fetcher.get(url)
    return parse(answer.body, answer.url) if answer.status == 200 else SourceFeed("", "", "", ())
