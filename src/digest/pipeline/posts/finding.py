"""From what a person typed to a feed that answers: asked, read, and seen to have entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from digest.collect import channels
from digest.collect.discover import Offer, Page, address, is_comments, read_links, usual_places
from digest.collect.parse import is_page, parse_feed
from digest.errors import DigestError, FetchError
from digest.model import SourceFeed
from digest.net.http import Answer, Fetcher

MOST_ASKED = 24  # documents for one thing typed
_GONE = frozenset({404, 410})
# What was typed is a page more often than a feed; asked for a feed, some sites give a profile's page as raw data.
_ACCEPT = (
    "text/html, application/xhtml+xml, application/atom+xml;q=0.9, application/rss+xml;q=0.9, "
    "application/feed+json;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)

Parse = Callable[[bytes, str], SourceFeed]


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that answered, and the other feeds of the same page."""

    url: str
    feed: SourceFeed
    others: tuple[Offer, ...] = ()


def find_feed(fetcher: Fetcher, typed: str, parse: Parse = parse_feed) -> Found:
    """The feed that somebody means who types the address of a feed, a site, a post, a channel or a video.

    What the address tells by itself is asked first, then the page at it and what that page offers, then the usual
    places. Of several feeds the posts win over the comments, and one with entries over an empty one.

    Raises:
        FetchError: the address is none, cannot be reached, or no feed is to be found from it.
        ParseError: what is there is neither a page nor a feed that can be read.
    """
    url = address(typed)
    if not url:
        raise FetchError(f"{typed[:200]!r} is no web address; give one such as https://example.org/.")
    search = _Search(fetcher, parse)
    if found := search.first(channels.feeds_of(url)):
        return found
    page_url, answer = _visit(fetcher, channels.page_of(url), typed)
    if answer.status == 200 and not is_page(answer.body):
        return Found(_lasting(page_url, answer), parse(answer.body, answer.url))
    if channels.is_youtube_feed(page_url):
        raise _is_down(page_url)
    if answer.status in _GONE:
        raise FetchError(f"{page_url} answered {answer.status}: there is no such page. Check the address.")
    if channels.is_youtube(page_url):
        lists = tuple(Offer(feed, "The playlist it is in") for feed in channels.playlists_of(url))
        return replace(_of_channel(search, page_url, answer), others=lists)
    return _on_page(search, page_url, answer)


def _visit(fetcher: Fetcher, url: str, typed: str) -> tuple[str, Answer]:
    """The page that was typed, and where: without https where nobody asked for it and the host has none."""
    try:
        return url, fetcher.get(url, accept=_ACCEPT)
    except FetchError:
        plain = url.replace("https://", "http://", 1)
        if "://" in typed or plain == url:
            raise
        with suppress(FetchError):
            return plain, fetcher.get(plain, accept=_ACCEPT)
        raise


def _on_page(search: _Search, url: str, answer: Answer) -> Found:
    page = read_links(answer.body, answer.url) if answer.body else Page()
    candidates = [
        *(offer.url for offer in page.offered if not offer.comments),
        *channels.perhaps_of(answer.url),
        *(offer.url for offer in page.linked),
        *usual_places(answer.url, page.generator),
        *(offer.url for offer in page.offered if offer.comments),
    ]
    found = search.first(candidates)
    if found is None:
        raise FetchError(_nothing(url, answer, search.asked))
    others = tuple(offer for offer in page.offered if offer.url not in (found.url, search.last))
    return Found(found.url, found.feed, others)


def _of_channel(search: _Search, url: str, answer: Answer) -> Found:
    """The feed of the channel whose page, video or playlist it is. Nobody's consent is given for them.

    Raises:
        FetchError: YouTube asks for consent, or shows a page that names no channel; or the feed does not answer.
    """
    channel = channels.youtube_channel(answer.body) or next(iter(channels.feeds_of(url)), "")
    if not channel:
        asks = channels.asks_consent(answer.url, answer.body)
        shows = "a page that asks for consent" if asks else "a page that names no channel"
        raise FetchError(
            f"{url} shows {shows}, and digest cannot see whose it is. Open the channel in a browser, copy its id "
            "(Share channel, Copy channel ID; it begins with UC), and paste it in: "
            "digest sources add https://www.youtube.com/channel/UC…"
        )
    if found := search.first([channel]):
        return found
    raise _is_down(channel)


def _is_down(feed: str) -> FetchError:
    return FetchError(
        f"{feed} is its feed and does not answer as one now, which happens at YouTube for days. "
        f'Follow it all the same with: digest sources add --unchecked "{feed}"'
    )


def _nothing(url: str, answer: Answer, asked: int) -> str:
    answered = "" if answer.status == 200 else f" (it answered {answer.status})"
    return (
        f"{url} leads to no feed{answered}: its page offers none that works, and none of the {asked} addresses that "
        "were tried is one. Look for RSS, Atom or “subscribe” on the site, and give that address."
    )


def _lasting(url: str, answer: Answer) -> str:
    """The address to keep: where the one that was asked leads for good, else itself."""
    return answer.permanent if answer.permanent and answer.permanent == answer.url else url


class _Search:
    """Asks one address after the other, none twice, and not for ever."""

    def __init__(self, fetcher: Fetcher, parse: Parse) -> None:
        self._fetcher = fetcher
        self._parse = parse
        self._seen: set[str] = set()
        self.last = ""  # the address that was asked for what was found

    @property
    def asked(self) -> int:
        """How many addresses were asked."""
        return len(self._seen)

    def first(self, urls: Iterable[str]) -> Found | None:
        """The first of these that is a feed of posts with entries, else an empty one, else one of comments."""
        second: list[tuple[bool, str, Found]] = []
        for url in dict.fromkeys(urls):
            if url in self._seen or self.asked >= MOST_ASKED:
                continue
            self._seen.add(url)
            found = self._ask(url)
            if found and found.feed.entries and not is_comments(found.feed):
                self.last = url
                return found
            if found:
                second.append((bool(found.feed.entries), url, found))
        if not second:
            return None
        _, self.last, found = min(second, key=lambda each: each[0])
        return found

    def _ask(self, url: str) -> Found | None:
        """The feed at an address that was only guessed or offered; whatever else is there is none."""
        try:
            answer = self._fetcher.get(url)
            if answer.status == 200 and not is_page(answer.body):
                return Found(_lasting(url, answer), self._parse(answer.body, answer.url))
        except DigestError:
            pass
        return None
