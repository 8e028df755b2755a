"""Documents that hold mostly what they held before: what is known is not read again, and nothing is missed by that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html import escape
from pathlib import Path

import pytest
from sqlalchemy import text

import loopback
from digest import store
from digest.isolate import Crew
from digest.model import Post, Source, SourceFeed
from digest.pipeline.installation import Installation
from digest.pipeline.posts.collect import Polled, collect
from digest.store.database import reading
from installation import NOW, Clock, installed

WORDS = " ".join(
    f"Word {number} of what the keeper wrote down that night, by lamplight." for number in range(20)
)


class Counting(Crew):
    """A crew that remembers how many entries each feed had that it read."""

    def __init__(self) -> None:
        super().__init__(1)
        self.read: list[int] = []

    def run(self, function: str, *arguments: object) -> object:
        result = super().run(function, *arguments)
        if isinstance(result, tuple) and isinstance(result[0], SourceFeed):
            self.read.append(len(result[0].entries))
        return result


@dataclass
class Lighthouse:
    """A feed that a test writes and rewrites, and what follows it."""

    home: Installation
    crew: Counting
    server: loopback.Server | None = None
    posts: list[str] = field(default_factory=list)
    days: int = 0

    def write(self, name: str, words: str = "", guid: str = "", link: str = "", title: str = "") -> None:
        """Put a post on top; each name is published a day after the one before."""
        assert self.server
        when = (NOW - timedelta(days=90 - len(self.posts))).isoformat()
        self.posts.insert(
            0,
            f"<entry><id>{guid or f'tag:light.test,2026:{name}'}</id><title>{title or f'Night of {name}'}</title>"
            f'<link href="{link or self.server.url(f"/{name}")}"/><published>{when}</published><updated>{when}</updated>'
            f'<content type="html">{escape(f"<p>{words}</p>" if words else f"<p>{name}.</p><p>{WORDS}</p>")}</content></entry>',
        )

    def answer(self, request: loopback.Request) -> None:
        body = (
            '<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:light.test,2026:x</id><title>Light</title>'
            f"<updated>2026-11-20T08:{len(self.posts):02d}:00Z</updated>{''.join(self.posts)}</feed>"
        )
        request.send(loopback.response(body.encode()) if request.path == "/feed" else loopback.response(PAGE))

    def polled(self, since: datetime | None = None) -> Polled:
        """How the next poll went, two days after the last."""
        self.days += 2
        self.crew.read.clear()
        home = replace(self.home, parsers=self.crew)
        (result,) = collect(home, Clock(NOW + timedelta(days=self.days)), everything=True, since=since)
        return result

    @property
    def source(self) -> Source:
        with reading(self.home.engine) as connection:
            (found,) = store.sources.all_sources(connection)
        return found

    @property
    def stored(self) -> dict[str, Post]:
        with reading(self.home.engine) as connection:
            return {post.guid: post for post in store.posts.recent(connection, None, None, 99)}


PAGE = f"<!doctype html><title>Night</title><article><h1>Night of fog</h1><p>Fog came in. {WORDS}</p></article>".encode()


@pytest.fixture
def light(tmp_path: Path) -> Iterator[Lighthouse]:
    """Ten posts, collected."""
    made: list[Lighthouse] = []
    with (
        installed(tmp_path) as here,
        loopback.serve(lambda request: made[0].answer(request)) as server,
        Counting() as crew,
    ):
        here.configure(feed=server.url("/feed"), endpoint=server.endpoint)
        with here.opened() as home:
            made.append(Lighthouse(home, crew, server))
            for number in range(10):
                made[0].write(f"n{number}")
            assert made[0].polled().stored.new == 10
            yield made[0]


def test_only_the_new_post_is_read(light: Lighthouse) -> None:
    """The others are counted, and are as they were."""
    before = light.stored
    light.write("fog")
    stored = light.polled().stored
    assert light.crew.read == [1]
    assert (stored.entries, stored.new, stored.revised) == (11, 1, 0)
    assert light.stored.items() >= before.items()


def test_a_changed_post_is_read_and_revised(light: Lighthouse) -> None:
    """And read no more once that is stored."""
    light.posts[4] = light.posts[4].replace("lamplight", "moonlight")
    assert light.polled().stored.revised == 1
    assert light.crew.read == [1]
    light.write("fog")
    assert light.polled().stored.revised == 0
    assert light.crew.read == [1]


def test_a_post_that_is_gone_and_comes_back_is_known(light: Lighthouse) -> None:
    """Its item is read again, for a document holds only what it holds; its words are what they were."""
    taken = light.posts.pop(4)
    light.polled()
    light.posts.insert(4, taken)
    stored = light.polled().stored
    assert (light.crew.read, stored.new, stored.revised) == ([1], 0, 0)


def test_what_is_learned_of_a_source_is_the_same(light: Lighthouse) -> None:
    """How often it publishes, and when it did last."""
    light.write("fog")
    light.polled()
    partly = light.source
    light.polled(since=NOW)
    assert (partly.pace_minutes, partly.newest_at) == (light.source.pace_minutes, light.source.newest_at)
    assert partly.pace_minutes == 24 * 60
    assert partly.kind is light.source.kind


def test_an_id_that_is_given_again_is_told_apart(light: Lighthouse) -> None:
    """A new post under the id of another one is no revision of it: for that, all that have the id are read."""
    light.write("fog", guid="tag:light.test,2026:n3")
    stored = light.polled().stored
    assert light.crew.read == [1, 11]
    assert (stored.new, stored.revised) == (1, 0)
    assert {"Night of n3", "Night of fog"} <= {post.title for post in light.stored.values()}
    assert light.polled().stored.new == 0
    assert len(light.stored) == 11


def test_a_post_whose_id_changed_is_still_known_by_its_words(light: Lighthouse) -> None:
    """Beside posts that are only named."""
    light.posts[4] = light.posts[4].replace("tag:light.test,2026", "https://light.test/2026")
    stored = light.polled().stored
    assert (light.crew.read, stored.new) == ([1], 0)
    assert len(light.stored) == 10


def test_the_habits_of_a_feed_are_those_of_all_its_posts(light: Lighthouse) -> None:
    """A short post may be a summary: then all are read, to see whether the feed gives nothing else."""
    light.write("fog", words="Fog came in from the sea and stayed until the morning of the second day.")
    light.polled()
    assert light.crew.read == [1, 11]
    assert light.stored["tag:light.test,2026:fog"].text.endswith("second day.")


def test_a_stub_is_completed_beside_posts_that_are_known(light: Lighthouse) -> None:
    """As it would be on a first collection."""
    light.write("fog", words="Fog came in …")
    light.polled()
    assert light.stored["tag:light.test,2026:fog"].text.endswith("by lamplight.")


def test_what_is_stored_no_more_is_read_again(light: Lighthouse) -> None:
    """The memory of a document is no proof of a post."""
    with light.home.engine.begin() as connection:
        connection.execute(text("DELETE FROM identities WHERE identity = 'tag\\:light.test,2026\\:n5'"))
    light.write("fog")
    light.polled()
    assert light.crew.read == [1, 11]


def test_a_memory_of_before_is_made_by_the_next_poll(light: Lighthouse) -> None:
    """As after an upgrade: everything is read once more, and nothing is revised."""
    with light.home.engine.begin() as connection:
        connection.execute(text("DELETE FROM source_items"))
    light.write("fog")
    assert light.polled().stored.new == 1
    light.write("ice")
    assert light.polled().stored.revised == 0
    assert light.crew.read == [1]
