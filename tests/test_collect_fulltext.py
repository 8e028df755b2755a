"""collect/fulltext.py and pipeline/posts/pages.py: the page's text instead of a stub, fetched with manners."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from digest.collect.entries import Markup, RawEntry, entry
from digest.collect.fulltext import completed
from digest.collect.page import read_page
from digest.model import Entry, FullText, Post, Source
from digest.net.http import Fetcher
from digest.pipeline.drafts.draft import open_posts
from digest.pipeline.installation import Installation
from digest.pipeline.posts import pages
from digest.pipeline.posts.collect import collect
from digest.store.database import reading
from installation import NOW, Clock, installed
from loopback import Request, Server, redirect, response, serve

DAY = timedelta(days=1)
TITLE = "The night ferry"
FIRST = "The night ferry to Port Almeda carries bread, letters and a nurse who knows every passenger by name."
REST = (
    "At two in the morning the engine stops, the lamps go out, and the captain reads the harbour by its smell. "
    * 6
)
VIDEO = '<iframe src="https://www.youtube.com/embed/Abc-_123xyZ" title="The crossing"></iframe>'
SECTIONS = """<h3>Key Quotes</h3><ul><li>“A harbour is a smell before it is a light.” — Ines Aubrey</li></ul>
<h3>Related Posts</h3><ul><li><a href="/2026/10/fog.html">Fog</a></li></ul>"""
POST = f"<p>{FIRST}</p><p>{REST}</p>{SECTIONS}{VIDEO}"
COOKIES = (
    """<h1>Before you continue</h1><p>We and our 812 partners store cookies on your device to measure audiences, to
personalise advertising and to develop products. You can accept everything, refuse everything, or choose what you
allow, and you can change your mind at any time on the page about your privacy. </p>"""
    + "<p>Partners. </p>" * 60
)


def page(body: str, title: str = TITLE) -> str:
    """A page of a blog, with what stands around a post."""
    return f"""<!doctype html><html lang="en"><head><title>{title} – Quay</title></head><body><nav><a href="/">Home</a></nav>
    <article><h1>{title}</h1><div class="entry-content">{body}</div></article><footer>Imprint</footer></body></html>"""


def stub(text: str, url: str = "https://quay.example.org/ferry", title: str = TITLE, **more: object) -> Entry:
    """An entry of a short feed."""
    return entry(RawEntry(id=url, url=url, title=title, body=Markup(text, url), **more))  # type: ignore[arg-type]


def joined(given: Entry, body: str, title: str = TITLE) -> Entry:
    """The entry after its page was read."""
    return completed(given, read_page(page(body, title).encode(), given.url))


# ── which text is better ─────────────────────────────────────────────────────────────────────────


def test_a_stub_gets_its_page_s_text_with_sections_and_videos() -> None:
    """And nothing of what stands around it on the page."""
    whole = joined(stub(FIRST[:80] + "…"), POST)
    assert whole.text.startswith(FIRST)
    assert [
        words
        for words in ("captain reads", "Key Quotes", "— Ines Aubrey", "Related Posts")
        if words not in whole.text
    ] == []
    assert [words for words in ("Home", "Imprint") if words in whole.text] == []
    assert [(video.id, video.title) for video in whole.videos] == [("Abc-_123xyZ", "The crossing")]


def test_what_the_feed_says_of_the_entry_stays() -> None:
    """Identity, title, authors, labels; its own videos come first."""
    given = stub(FIRST[:80] + "…", authors=("Mira Halden",), labels=("Sea",), title="Night ferry")
    given = replace(
        given,
        id="tag:quay,2026:7",
        videos=stub('<iframe src="https://player.vimeo.com/video/76979871">').videos,
    )
    whole = joined(given, POST, "The night ferry")
    assert (whole.id, whole.url, whole.title) == ("tag:quay,2026:7", given.url, "Night ferry")
    assert (whole.authors, whole.labels) == (("Mira Halden",), ("Sea",))
    assert [video.platform for video in whole.videos] == ["vimeo", "youtube"]


def test_a_summary_in_other_words_becomes_the_summary() -> None:
    """What was the text of the entry is not lost when it is not the beginning of the page's."""
    said = "Passengers, captain and nurse of the night ferry to Almeda know the harbour by its smell, its lamps and its bread."
    assert joined(stub(said), POST).summary == said
    assert joined(stub(FIRST), POST).summary == ""
    assert joined(stub(FIRST[:60] + "…"), POST).summary == ""


def test_a_bare_title_is_found_again_on_the_page() -> None:
    """With the name of the site behind it."""
    assert joined(stub(""), POST, "The night ferry").text.startswith(FIRST)


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (COOKIES, "Your privacy"),
        ("<h1>Log in</h1><p>Enter your name and password to go on reading our pages. </p>" * 20, "Members"),
        (
            "<p>The page that you look for has gone. Look at what others read: bread, letters. </p>" * 20,
            "Not found",
        ),
        (f"<p>{FIRST}</p><p>Subscribe to read on.</p>", TITLE),
        (f"<p>{FIRST[:60]}</p>", TITLE),
        ("", TITLE),
    ],
    ids=["consent", "login", "lost", "teaser", "less", "nothing"],
)
@pytest.mark.parametrize("text", [FIRST[:80] + "…", ""], ids=["beginning", "bare title"])
def test_a_page_that_is_no_better_changes_nothing(body: str, title: str, text: str) -> None:
    """A wall, an error that answers 200, and a page that says no more than the feed."""
    given = stub(text)
    assert joined(given, body, title) == given


# ── fetching ─────────────────────────────────────────────────────────────────────────────────────


Answers = Mapping[str, bytes | Callable[[], bytes]]


@contextmanager
def site(answers: Answers) -> Iterator[Server]:
    """A site that answers by path, and 404 where there is nothing."""

    def script(request: Request) -> None:
        found = answers.get(request.path, response(b"", "404 Not Found"))
        request.send(found() if callable(found) else found)

    with serve(script) as server:
        yield server


def html(body: str) -> bytes:
    return response(page(body).encode(), content_type="text/html; charset=utf-8")


def fetched(server: Server) -> list[str]:
    return [request.path for request in server.requests]


def stubs_of(server: Server, *paths: str) -> list[Entry]:
    """Entries of that site, cut."""
    return [stub(FIRST[:80] + "…", server.url(path)) for path in paths]


def complete(
    server: Server,
    entries: list[Entry],
    *,
    mode: FullText = FullText.AUTO,
    pause: float = 0.0,
    stop: Event | None = None,
) -> tuple[Entry, ...]:
    """What collecting does with them."""
    fetcher = Fetcher(allow=[server.endpoint], timeout=5)
    source = Source("quay", server.url("/feed"))
    return pages.complete(fetcher, source, entries, siblings=entries, mode=mode, pause=pause, stop=stop)


def test_the_pages_of_stubs_are_fetched_and_read() -> None:
    """After robots.txt; in the order of the entries."""
    with site({"/a": html(POST), "/b": html(POST)}) as server:
        whole = complete(server, stubs_of(server, "/a", "/b"))
        assert [found.url for found in whole] == [server.url("/a"), server.url("/b")]
        assert all("captain reads" in found.text for found in whole)
        assert fetched(server) == ["/robots.txt", "/a", "/b"]


def test_a_feed_of_whole_posts_costs_no_request() -> None:
    """Nothing is fetched without a reason."""
    with site({}) as server:
        given = [stub(f"<p>{FIRST}</p><p>{REST}</p>", server.url("/a"))]
        assert complete(server, given) == tuple(given)
        assert complete(server, stubs_of(server, "/b"), mode=FullText.NEVER)
        assert fetched(server) == []


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("User-agent: *\nDisallow: /private/", ["/open"]),
        ("User-agent: digest\nDisallow: /\n\nUser-agent: *\nAllow: /", []),
        ("User-agent: other\nDisallow: /", ["/open", "/private/a"]),
        ("<html>not found</html>", ["/open", "/private/a"]),
        ("\0\0 \xff nonsense: : :", ["/open", "/private/a"]),
        ("User-agent: *\nDisallow: /*a*a*a*a*a*a*a*b\nDisallow: /private/*$", ["/open"]),
    ],
)
def test_robots_txt_is_obeyed(rules: str, allowed: list[str]) -> None:
    """What it keeps from us is not asked for, and the feed's text is kept."""
    robots = response(rules.encode("latin-1"), content_type="text/plain")
    with site({"/robots.txt": robots, "/open": html(POST), "/private/a": html(POST)}) as server:
        whole = complete(server, stubs_of(server, "/open", "/private/a"))
        assert fetched(server)[1:] == allowed
        assert ["captain" in found.text for found in whole] == ["/open" in allowed, "/private/a" in allowed]


@pytest.mark.parametrize("status", ["500 Broken", "503 Busy", "429 Too Many"])
def test_a_host_that_cannot_say_its_rules_is_left_alone(status: str) -> None:
    """RFC 9309 §2.3.1.4."""
    with site({"/robots.txt": response(b"", status), "/a": html(POST)}) as server:
        given = stubs_of(server, "/a")
        assert complete(server, given) == tuple(given)
        assert fetched(server) == ["/robots.txt"]


@pytest.mark.parametrize(
    "answer",
    [
        response(b"", "404 Not Found"),
        response(b"", "403 Forbidden"),
        response(b"%PDF-1.7 ...", content_type="application/pdf"),
        response(b"", content_type="text/html"),
        response(b'{"a": 1}', content_type="application/json"),
        html(COOKIES),
        html(f"<p>{FIRST}</p>"),
        redirect("/a"),
        redirect("http://192.168.0.1/a"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<html>cut",
    ],
    ids=["404", "403", "pdf", "empty", "json", "wall", "teaser", "loop", "private", "cut"],
)
def test_a_page_that_cannot_be_used_leaves_the_entry(answer: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """And the next one is fetched all the same; the log names the page and why."""
    with caplog.at_level(logging.INFO), site({"/a": answer, "/b": html(POST)}) as server:
        given = stubs_of(server, "/a", "/b")
        first, second = complete(server, given)
        assert first == given[0]
        assert "captain reads" in second.text
        assert "/a" in caplog.text or b"<article>" in answer


def test_at_most_twenty_pages_are_fetched_in_one_poll() -> None:
    """A first collection of a large archive is no crawl."""
    paths = [f"/{number}" for number in range(30)]
    with site(dict.fromkeys(paths, html(POST))) as server:
        whole = complete(server, stubs_of(server, *paths))
        assert len(fetched(server)) == 1 + pages.MOST_PAGES
        assert sum("captain reads" in found.text for found in whole) == pages.MOST_PAGES


@pytest.mark.parametrize(("status", "asked"), [("503 Busy", 1), ("429 Too Many", 1), ("500 Broken", 6)])
def test_an_overloaded_host_is_not_asked_again(status: str, asked: int) -> None:
    """It said so; an error of one page says nothing of the others."""
    paths = [f"/{number}" for number in range(6)]
    failing = response(b"", status)
    with site(dict.fromkeys(paths[:1], failing) | dict.fromkeys(paths[1:], html(POST))) as server:
        complete(server, stubs_of(server, *paths))
        assert len(fetched(server)) == 1 + asked


def test_a_host_that_fails_three_times_in_a_row_is_left_alone() -> None:
    """Until the next poll."""
    paths = [f"/{number}" for number in range(8)]
    with site({}) as server:
        complete(server, stubs_of(server, *paths))
        assert len(fetched(server)) == 1 + 3


def test_pages_of_one_host_are_fetched_with_a_pause() -> None:
    """Its Crawl-delay, where that is longer."""
    robots = response(b"User-agent: *\nCrawl-delay: 0.3", content_type="text/plain")
    with site({"/robots.txt": robots, "/a": html(POST), "/b": html(POST), "/c": html(POST)}) as server:
        begun = time.monotonic()
        complete(server, stubs_of(server, "/a", "/b", "/c"), pause=0.1)
        assert time.monotonic() - begun >= 0.6


def test_a_host_that_wants_hours_between_pages_gives_one() -> None:
    """The other entries keep the feed's text; nobody waits."""
    robots = response(b"User-agent: *\nCrawl-delay: 3600", content_type="text/plain")
    with site({"/robots.txt": robots, "/a": html(POST), "/b": html(POST)}) as server:
        complete(server, stubs_of(server, "/a", "/b"))
        assert fetched(server) == ["/robots.txt", "/a"]


def test_a_stop_ends_the_waiting() -> None:
    """Ctrl-C does not wait for the pages that are left."""
    stop = Event()

    def answer() -> bytes:
        stop.set()
        return html(POST)

    with site({"/a": answer, "/b": html(POST)}) as server:
        begun = time.monotonic()
        first, second = complete(server, stubs_of(server, "/a", "/b"), pause=20, stop=stop)
        assert time.monotonic() - begun < 10
        assert ("captain" in first.text, "captain" in second.text) == (True, False)


# ── collecting ───────────────────────────────────────────────────────────────────────────────────


@dataclass
class ShortBlog:
    """A blog whose feed gives the beginning of each post and whose pages give all of it."""

    posts: list[str] = field(default_factory=lambda: ["ferry"])

    def answer(self, request: Request) -> None:
        name = request.path.strip("/")
        if name == "feed":
            request.send(response(self._feed(request.headers["host"]).encode()))
        else:
            request.send(html(POST) if name in self.posts else response(b"", "404 Not Found"))

    def _feed(self, host: str) -> str:
        entries = "".join(
            f"""<entry><id>tag:quay,2026:{name}</id><title>{TITLE}</title><published>2026-11-19T08:00:00Z</published>
            <link rel="alternate" href="http://{host}/{name}"/><summary>{FIRST[:70]}...</summary></entry>"""
            for name in self.posts
        )
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:quay,2026:x</id><title>Quay</title>{entries}</feed>'


@contextmanager
def collected(folder: Path, setting: str = "") -> Iterator[tuple[ShortBlog, Server, Installation]]:
    """An installation that has collected the blog once."""
    blog = ShortBlog()
    with (
        serve(blog.answer) as server,
        installed(folder, feed=server.url("/feed"), endpoint=server.endpoint, sources=setting) as place,
        place.opened() as installation,
    ):
        (first,) = collect(installation, Clock(NOW))
        assert first.ok
        yield blog, server, installation


def stored(installation: Installation) -> list[Post]:
    with reading(installation.engine) as connection:
        return list(open_posts(connection, installation.digest("weekly"), NOW + 2 * DAY))


def test_a_short_feed_is_collected_with_its_pages(tmp_path: Path) -> None:
    """What an issue takes is the page's text, with the sections that the post lists itself."""
    with collected(tmp_path) as (_, server, installation):
        (post,) = stored(installation)
        assert "captain reads" in post.text
        assert "Key Quotes" in post.text
        assert [video.id for video in post.videos] == ["Abc-_123xyZ"]
        assert fetched(server) == ["/feed", "/robots.txt", "/ferry"]


def test_a_stub_that_did_not_change_is_neither_fetched_again_nor_a_revision(tmp_path: Path) -> None:
    """The feed goes on giving the stub; the post keeps its text."""
    with collected(tmp_path) as (blog, server, installation):
        blog.posts.append("fog")
        (again,) = collect(installation, Clock(NOW + DAY), everything=True)
        assert (again.stored.new, again.stored.revised) == (1, 0)
        assert fetched(server).count("/ferry") == 1
        assert [(post.revision, "captain reads" in post.text) for post in stored(installation)] == [
            (1, True)
        ] * 2


def test_a_source_may_be_taken_as_its_feed_gives_it(tmp_path: Path) -> None:
    """``fulltext = "never"`` in config.toml."""
    with collected(tmp_path, 'fulltext = "never"') as (_, server, installation):
        (post,) = stored(installation)
        assert post.text == FIRST[:70] + "..."
        assert fetched(server) == ["/feed"]
