"""Posts of which the feed gives only a beginning: what is stored of them as their pages come and go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

import loopback
from digest import store
from digest.model import Post
from digest.pipeline.installation import Installation
from digest.pipeline.posts.collect import Polled, collect
from digest.store.database import reading
from installation import NOW, Clock, installed

LEAD = "The ferry at Almeda has a nurse on board again, three years after the clinic was closed"
STORY = f"{LEAD}. " + " ".join(f"On trip {number} she met people from quay {number}." for number in range(30))


@dataclass
class Site:
    """A feed with one post, and the post's page."""

    home: Installation
    server: loopback.Server | None = None
    title: str = "A nurse on the ferry"
    excerpt: str = f"{LEAD} …"
    page: str = STORY
    page_status: str = "200 OK"
    days: int = 0

    def answer(self, request: loopback.Request) -> None:
        assert self.server
        if request.path == "/feed":
            entry = (
                f"<item><guid>tag:almeda.test,2026:1</guid><title>{self.title}</title>"
                f"<link>{self.server.url('/nurse')}</link><description>{self.excerpt}</description></item>"
            )
            request.send(loopback.response(f"<rss><channel><title>x</title>{entry}</channel></rss>".encode()))
        elif request.path == "/nurse":
            html = f"<!doctype html><title>{self.title}</title><article><h1>{self.title}</h1><p>{self.page}</p></article>"
            request.send(loopback.response(html.encode(), self.page_status, content_type="text/html"))
        else:
            request.send(loopback.response(b"", "404 Not Found"))

    def polled(self) -> Polled:
        """How the next poll went, two days after the last."""
        self.days += 2
        (result,) = collect(self.home, Clock(NOW + timedelta(days=self.days)), everything=True)
        return result

    @property
    def post(self) -> Post:
        with reading(self.home.engine) as connection:
            (post,) = store.posts.recent(connection, None, None, 9)
        return post


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """The site, and an installation that follows it."""
    sites: list[Site] = []
    with installed(folder) as here, loopback.serve(lambda request: sites[0].answer(request)) as server:
        here.configure(feed=server.url("/feed"), endpoint=server.endpoint)
        with here.opened() as home:
            sites.append(Site(home, server))
            yield sites[0]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path) as made:
        assert made.polled().stored.new == 1
        assert "quay 29" in made.post.text
        yield made


def test_a_page_that_fails_makes_no_revision_of_a_known_post(site: Site) -> None:
    """Its title was mended while its page could not be had: the post does not shrink to the feed's beginning of it."""
    site.title, site.page_status = "A nurse on board", "503 Service Unavailable"
    result = site.polled()
    assert (result.ok, result.stored.revised) == (True, 0)
    assert (site.post.revision, site.post.title) == (1, "A nurse on the ferry")
    assert "quay 29" in site.post.text


def test_so_does_a_wall_in_its_place(site: Site) -> None:
    """It answers "200 OK", and has not a word of the post."""
    site.title, site.page = "A nurse on board", "Please accept our cookies to go on. " * 30
    assert site.polled().stored.revised == 0
    assert "quay 29" in site.post.text


def test_it_is_revised_once_its_page_can_be_had_again(site: Site) -> None:
    """With the next change of the feed, and with what both say by then."""
    site.title, site.page_status = "A nurse on board", "503 Service Unavailable"
    site.polled()
    site.page_status, site.excerpt = "200 OK", f"{LEAD} and her shift was cut …"
    assert site.polled().stored.revised == 1
    assert (site.post.revision, site.post.title) == (2, "A nurse on board")
    assert "quay 29" in site.post.text


def test_a_post_that_its_feed_now_gives_whole_is_revised_by_it(site: Site) -> None:
    """It is no stub any more, however short it has become."""
    site.excerpt, site.page_status = "<p>This post was withdrawn by its author.</p>", "410 Gone"
    assert site.polled().stored.revised == 1
    assert site.post.text == "This post was withdrawn by its author."


def test_a_new_post_whose_page_fails_is_stored_as_its_feed_gives_it(tmp_path: Path) -> None:
    """There is nothing better to keep."""
    with serving(tmp_path) as site:
        site.page_status = "503 Service Unavailable"
        assert site.polled().stored.new == 1
        assert site.post.text.startswith(LEAD)
        site.title = "A nurse on board"
        assert site.polled().stored.revised == 1
