"""Many web sites on one loopback server: a test writes their pages, and a fetcher finds each host there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import unquote, urlsplit

import loopback
from digest.net.http import ACCEPT_FEED, Answer, Fetcher

NEWEST = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)

# A page's bytes; an address that it redirects to for good; a status; or None: the line goes dead.
Page = bytes | str | int | None


@dataclass
class Town:
    """The sites, by address, and what was asked of them."""

    pages: Mapping[str, Page]
    asked: list[str] = field(default_factory=list)
    server: loopback.Server | None = None

    @property
    def fetcher(self) -> Fetcher:
        """A fetcher to which every host is this server."""
        return _Townsfolk(self)

    def inside(self, url: str) -> str:
        """The address on the server at which a page of the town is."""
        assert self.server
        return self.server.url(f"/{url.replace('://', '/', 1)}") if url else ""

    def outside(self, url: str) -> str:
        """The address in the town that one on the server stands for."""
        assert self.server
        return url.removeprefix(self.server.url("/")).replace("/", "://", 1)

    def answer(self, request: loopback.Request) -> None:
        assert self.server
        url = self.outside(self.server.url(request.path))
        self.asked.append(url)
        page = self.pages.get(url, self.pages.get(unquote(url), 404))
        if page is None:
            return
        if isinstance(page, str):
            request.send(loopback.redirect(self.inside(page), "301 Moved Permanently"))
        elif isinstance(page, int):
            request.send(loopback.response(b"", f"{page} So"))
        else:
            request.send(loopback.response(page))


class _Townsfolk(Fetcher):
    def __init__(self, town: Town) -> None:
        assert town.server
        super().__init__([town.server.endpoint], timeout=5)
        self._town = town

    def get(self, url: str, etag: str = "", last_modified: str = "", accept: str = ACCEPT_FEED) -> Answer:
        answer = super().get(self._town.inside(url), etag, last_modified, accept)
        there = self._town.outside
        return replace(
            answer, url=there(answer.url), permanent=there(answer.permanent) if answer.permanent else ""
        )


@contextmanager
def town(pages: Mapping[str, Page]) -> Iterator[Town]:
    """A town with these pages."""
    built = Town(pages)
    with loopback.serve(built.answer) as server:
        built.server = server
        yield built


def page(head: str = "", body: str = "") -> bytes:
    """An HTML page."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    ).encode()


def link(href: str, title: str = "Posts") -> str:
    """How a page offers a feed."""
    return f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">'


def rss(*names: str, title: str = "Quay", at: str = "https://quay.example/{}/") -> bytes:
    """A feed of a post of each name, the first one newest, a day between them."""
    items = "".join(
        f"<item><title>{escape(name)}</title><link>{at.format(name)}</link><guid>{at.format(name)}</guid>"
        f"<pubDate>{NEWEST - timedelta(days=number):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for number, name in enumerate(names)
    )
    return (
        f'<rss version="2.0"><channel><title>{escape(title)}</title><link>https://quay.example/</link>{items}'
        "</channel></rss>"
    ).encode()


def host_of(url: str) -> str:
    """Whose page was asked."""
    return urlsplit(url).netloc
