"""Pages, pictures and offers of strangers lead into nobody's network: by any spelling, directly or by a redirect."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.collect.parse import parse_feed
from digest.errors import DigestError
from digest.model import Entry, Source
from digest.net.http import Fetcher
from digest.pipeline.posts import pages
from digest.pipeline.posts.collect import collect
from digest.pipeline.posts.finding import find_feed
from installation import NOW, Clock, installed
from loopback import Request, Server, redirect, response, serve
from test_net_guard import PRIVATE_HOSTS, canary, fetcher

__all__ = ["canary"]  # a fixture

LINE = "The ferry at Almeda has a nurse on board again, three years after the clinic was closed"
PAGE = f"<!doctype html><title>Ferry</title><article><h1>Ferry</h1><p>{LINE}. {'She knows them all. ' * 40}</p></article>"
SOURCE = Source("quay", "https://quay.example/feed")


def feed(page: str, picture: str = "") -> bytes:
    """A short feed of one post; its page, and everything else that it names, is where a stranger says."""
    return f"""<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"
    ><channel><title>Quay</title><link>{picture}</link><atom:link rel="next" href="{picture}"/>
    <atom:link rel="hub" href="{picture}"/><image><url>{picture}</url></image><icon>{picture}</icon>
    <item><title>Ferry</title><guid>tag:quay.example,2026:1</guid><link>{page}</link><comments>{picture}</comments>
    <enclosure url="{picture}" type="image/png" length="9"/><media:thumbnail url="{picture}"/>
    <description>{LINE} … &lt;img src="{picture}"&gt;&lt;iframe src="{picture}"&gt;&lt;/iframe&gt;</description>
    </item></channel></rss>""".encode()


def completed(guarded: Fetcher, page: str) -> Entry:
    """The entry after its page was asked for."""
    entries = parse_feed(feed(page), SOURCE.url).entries
    (entry,) = pages.complete(guarded, SOURCE, entries, siblings=entries, pause=0)
    return entry


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_a_page_on_a_private_host_is_not_fetched_however_it_is_spelled(host: str, canary: Server) -> None:
    """The link of an entry that is a stub is an address that a stranger wrote; the stub is kept."""
    assert completed(fetcher(canary), f"http://{host}:{canary.port}/ferry").text.startswith(LINE)
    assert canary.connections == 0


def test_a_page_that_redirects_to_a_private_host_is_not_followed(canary: Server) -> None:
    """An honest address may lead on to any spelling; robots.txt is redirected as well as the page."""

    def send_on(request: Request) -> None:
        number = request.path.strip("/")
        if not number.isdecimal():
            return request.send(response(b"", "404 Not Found"))
        return request.send(
            redirect(f"http://{PRIVATE_HOSTS[int(number)]}:{canary.port}/".encode().decode("latin-1"))
        )

    with serve(send_on) as server:
        for number in range(len(PRIVATE_HOSTS)):
            entry = completed(fetcher(canary, server.endpoint), server.url(f"/{number}"))
            assert entry.text.startswith(LINE)
        asked = {request.path for request in server.requests}
        assert asked >= {f"/{number}" for number in range(len(PRIVATE_HOSTS))}
    assert canary.connections == 0


def test_robots_txt_that_redirects_to_a_private_host_is_not_followed(canary: Server) -> None:
    """What says whether a page may be fetched is fetched with the same guard; without it the page is let be."""

    def send_on(request: Request) -> None:
        request.send(
            redirect(canary.url("/robots.txt")) if "robots" in request.path else response(PAGE.encode())
        )

    with serve(send_on) as server:
        completed(fetcher(canary, server.endpoint), server.url("/ferry"))
        assert [request.path for request in server.requests] == ["/robots.txt"]
    assert canary.connections == 0


def test_a_page_that_may_be_contacted_is_fetched() -> None:
    """A control: the silence above is the guard's doing."""
    with serve(lambda request: request.send(response(PAGE.encode()))) as server:
        assert "She knows them all" in completed(Fetcher([server.endpoint]), server.url("/ferry")).text


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_an_offered_feed_on_a_private_host_is_not_asked_however_it_is_spelled(
    host: str, canary: Server
) -> None:
    """A site that is to be added names its feeds itself, in its head and in its text."""
    secret = f"http://{host}:{canary.port}/feed.xml"
    page = f"""<!doctype html><head><title>x</title><link rel="alternate" type="application/rss+xml" href="{secret}">
    <meta http-equiv="refresh" content="0; url={secret}"><base href="{secret}"></head>
    <body><a href="{secret}">RSS</a></body>"""

    def answer(request: Request) -> None:
        request.send(response(page.encode()) if request.path == "/" else response(b"", "404 Not Found"))

    with serve(answer) as site, pytest.raises(DigestError):
        find_feed(fetcher(canary, site.endpoint), site.url("/"))
    assert canary.connections == 0


def test_collecting_touches_no_picture_player_or_comment_page(canary: Server, tmp_path: Path) -> None:
    """What a feed shows is a matter for who looks at it: the collector asks for none of it, even where it might."""
    shown = canary.url("/shown.png")
    body = feed("https://quay.example/ferry", shown)
    allowed = f"127.0.0.1:{canary.port}"
    with serve(lambda request: request.send(response(body))) as server:
        place = installed(
            tmp_path,
            feed=server.url("/feed"),
            endpoint=f'{server.endpoint}", "{allowed}',
            sources='fulltext = "never"',
        )
        with place as here, here.opened() as installation:
            (polled,) = collect(installation, Clock(NOW))
            assert (polled.ok, polled.stored.new) == (True, 1)
            assert canary.connections == 0
            assert installation.fetcher.get(shown).body == b"secret"  # a control: it might have
