"""The pages of posts whose feed gives only a stub, fetched with manners: robots.txt, one at a time, not too many."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event
from urllib.parse import urlsplit

from protego import Protego

from digest.collect.fulltext import completed
from digest.collect.page import is_page
from digest.collect.page import read_page as read_here
from digest.collect.stubs import stubs
from digest.errors import DigestError, FetchError, ParseError
from digest.model import Entry, FullText, Source
from digest.net.http import Fetcher

MOST_PAGES = 20  # of one source in one poll
PAUSE = 1.0  # seconds between two pages of a host; its Crawl-delay where that is longer
LONGEST_WAIT = 60.0  # seconds in all that one source is waited for between its pages
ACCEPT_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"

_ROBOT = "digest"  # our name in robots.txt (RFC 9309 §2.2.1)
_MOST_RULES = 500 * 1024  # bytes of robots.txt (RFC 9309 §2.5)
_MOST_FAILURES = 3  # in a row, after which a host is left alone until the next poll
_OVERLOADED = frozenset({429, 503})

log = logging.getLogger(__name__)

ReadPage = Callable[[bytes, str], Entry]


def complete(
    fetcher: Fetcher,
    source: Source,
    entries: Sequence[Entry],
    *,
    siblings: Sequence[Entry],
    mode: FullText = FullText.AUTO,
    read_page: ReadPage = read_here,
    pause: float = PAUSE,
    stop: Event | None = None,
) -> tuple[Entry, ...]:
    """The entries, stubs with the text of their page where it is better; in the same order, with the same ids.

    Fetches at most 20 pages, newest posts first, and nothing at all where there is no stub. A page that cannot be
    had, that robots.txt keeps from us or that is no better leaves its entry as it was, and the log says why.

    Args:
        fetcher: asks for pages, with its guard and its limits.
        source: whose entries they are.
        entries: those that are new or changed, each id once.
        siblings: all entries of the feed.
        mode: the source's setting.
        read_page: reads a page's bytes, perhaps in another process.
        pause: seconds between two pages of a host.
        stop: once it is set, no further page is fetched.
    """
    visit = _Visit(fetcher, read_page, pause, stop or Event())
    whole: dict[str, Entry] = {}
    for entry in stubs(entries, siblings, mode)[:MOST_PAGES]:
        try:
            whole[entry.id] = completed(entry, visit.page(entry.url))
        except DigestError as error:
            log.info("source %s: the feed's text of %s is kept: %s", source.slug, entry.url, error)
    return tuple(whole.get(entry.id, entry) for entry in entries)


@dataclass(slots=True)
class _Host:
    """What is known of one host during one poll."""

    rules: Protego | None  # None: it does not say, so nothing is fetched
    failures: int = 0
    asked: bool = False


@dataclass(slots=True)
class _Visit:
    """The pages fetched for one source in one poll."""

    fetcher: Fetcher
    read_page: ReadPage
    pause: float
    stop: Event
    waited: float = 0.0
    hosts: dict[str, _Host] = field(default_factory=dict)

    def page(self, url: str) -> Entry:
        """The page at an address.

        Raises:
            FetchError: it may not or cannot be fetched, or is no page.
            ParseError: there is nothing on it.
        """
        host = self._host(url)
        if host.rules is None or not host.rules.can_fetch(url, _ROBOT):
            raise FetchError("its robots.txt does not let us fetch it, or cannot be had")
        if host.failures >= _MOST_FAILURES:
            raise FetchError(f"its host failed {_MOST_FAILURES} times in a row")
        self._wait(host)
        try:
            page = self._fetch(host, url)
        except FetchError:
            host.failures += 1
            raise
        host.failures = 0
        return page

    def _fetch(self, host: _Host, url: str) -> Entry:
        answer = self.fetcher.get(url, accept=ACCEPT_PAGE)
        if answer.status in _OVERLOADED:
            host.failures = _MOST_FAILURES
        if answer.status != 200:
            raise FetchError(f"it answers {answer.status}")
        if not is_page(answer.body):
            raise ParseError("it is no web page")
        return self.read_page(answer.body, answer.url)

    def _wait(self, host: _Host) -> None:
        """Wait before every page of a host but the first."""
        if host.asked and host.rules:
            seconds = max(self.pause, host.rules.crawl_delay(_ROBOT) or 0.0)
            if self.waited + seconds > LONGEST_WAIT:
                raise FetchError(f"pages of this source were waited for {LONGEST_WAIT:g} s already")
            self.waited += seconds
            self.stop.wait(seconds)
        if self.stop.is_set():
            raise FetchError("the collection was stopped")
        host.asked = True

    def _host(self, url: str) -> _Host:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self.hosts:
            self.hosts[origin] = _Host(self._rules(f"{origin}/robots.txt"))
        return self.hosts[origin]

    def _rules(self, url: str) -> Protego | None:
        """What robots.txt says; a host without one allows everything, one in trouble nothing (RFC 9309 §2.3.1)."""
        try:
            answer = self.fetcher.get(url, accept="text/plain, */*;q=0.1")
        except FetchError as error:
            log.info("%s", error)
            return None
        if answer.status >= 500 or answer.status == 429:
            return None
        return Protego.parse(answer.body[:_MOST_RULES].decode("utf-8", "replace"))
