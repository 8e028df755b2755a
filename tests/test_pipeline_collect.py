"""Collecting: what is asked of a source, what is stored, and what one bad source cannot do to another."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event

import pytest

import loopback
from digest import store
from digest.demo import site
from digest.model import Post, PostKind, Source
from digest.net.http import Answer, Fetcher, Visit
from digest.pipeline.drafts.draft import open_posts
from digest.pipeline.installation import Installation
from digest.pipeline.posts.collect import Polled, collect
from digest.store.database import reading
from installation import NOW, Clock, Place, installed

HOUR = timedelta(hours=1)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("sluice", "weir", at=NOW)
        yield place


@pytest.fixture
def home(here: Place) -> Iterator[Installation]:
    with here.opened() as installation:
        yield installation


def polled(home: Installation, now: datetime = NOW, *, everything: bool = False) -> Polled:
    """How polling the one source went."""
    (result,) = collect(home, Clock(now), everything=everything)
    return result


def open_now(home: Installation, now: datetime) -> dict[str, Post]:
    """What an issue could take, by title."""
    with reading(home.engine) as connection:
        return {post.title: post for post in open_posts(connection, home.digest("weekly"), now)}


def source(home: Installation, slug: str = "hollin") -> Source:
    with reading(home.engine) as connection:
        found = store.sources.source(connection, slug)
    assert found
    return found


# ── asking ───────────────────────────────────────────────────────────────────────────────────────


def test_what_did_not_change_is_not_sent_again(here: Place, home: Installation) -> None:
    """The validators of the last answer go with the question, also with ``--all``; a 304 is a good poll."""
    assert polled(home).stored.new == 2
    again = polled(home, NOW + HOUR / 2, everything=True)
    assert (again.ok, again.stored.entries) == (True, 0)
    first, second = here.server.requests
    assert "if-none-match" not in first.headers
    assert second.headers["if-none-match"] == source(home).etag != ""
    assert source(home).last_good_at == NOW + HOUR / 2


def test_nothing_is_polled_before_its_time(here: Place, home: Installation) -> None:
    """The time of the next poll is stored, so that a restart asks nobody early."""
    polled(home)
    assert collect(home, Clock(NOW + timedelta(minutes=20))) == ()
    with here.opened(NOW + timedelta(minutes=30)) as restarted:
        assert collect(restarted, Clock(NOW + timedelta(minutes=30))) == ()
        assert len(here.server.requests) == 1
        assert polled(restarted, NOW + 5 * HOUR).ok
    assert len(here.server.requests) == 2


def test_we_say_who_we_are(here: Place, home: Installation) -> None:
    """Name, version, where to complain, and how many people read it."""
    here.subscribe("ada@example.org", "bo@example.org")
    with here.opened() as installation:
        polled(installation)
    agent = here.server.requests[0].headers["user-agent"]
    assert agent.startswith("digest/")
    assert f"+{home.settings.publish.app_url}; 2 subscribers" in agent


# ── storing ──────────────────────────────────────────────────────────────────────────────────────


def test_an_edited_post_is_a_revision_of_the_same_post(here: Place, home: Installation) -> None:
    """Its key stays, its first sight stays, both texts are kept."""
    polled(home)
    before = open_now(home, NOW)["The sluice"]
    here.blog.posts[0] = replace(here.blog.posts[0], about="river")
    assert polled(home, NOW + 2 * HOUR, everything=True).stored.revised == 1
    after = open_now(home, NOW + 2 * HOUR)["The sluice"]
    assert (after.key, after.first_seen, after.revision) == (before.key, NOW, 2)
    assert "about the river" in after.text
    with reading(home.engine) as connection:
        assert "about the water" in store.posts.revision_text(connection, before.key, 1)


def test_a_post_is_first_seen_when_it_was_stored(home: Installation) -> None:
    """Not when the run began: a draft made meanwhile has not seen it, and has to know."""
    clock = iter([NOW, NOW + HOUR])
    collect(home, lambda: next(clock))
    assert {post.first_seen for post in open_now(home, NOW + HOUR).values()} == {NOW + HOUR}


def test_an_archive_is_held_back_and_let_in_by_hand(here: Place, home: Installation) -> None:
    """Of a first collection the last period is new, and at least the newest five; the rest waits for a person."""
    here.blog.posts.clear()
    here.blog.write(*(f"mill{number}" for number in range(8)), at=NOW - timedelta(days=40))
    result = polled(home)
    assert (result.stored.new, result.stored.held) == (8, 3)
    assert len(open_now(home, NOW)) == 5
    held = here.done("posts", "held", "--json").rows
    assert {row["title"] for row in held} == {"The mill5", "The mill6", "The mill7"}
    assert all(row["held"] for row in held)
    ran = here.done("posts", "release", held[0]["key"], held[1]["url"], "nobody")
    assert ran.out.startswith("2 of 3 were held")
    assert len(open_now(home, NOW)) == 7


def test_a_source_learns_its_name_from_its_feed(here: Place, home: Installation) -> None:
    """Title and kind, where config.toml gives none."""
    polled(home)
    assert (source(home).title, source(home).kind) == ("Mill Lane", PostKind.ARTICLE)
    now = datetime.now(UTC)
    with site.serve(now) as base:
        endpoint = base.removeprefix("http://")
        here.configure(
            sources=f'[[sources]]\nurl = "{base}{site.CHANNEL_FEED}"\nslug = "channel"', endpoint=endpoint
        )
        with here.opened(now) as both:
            collect(both, Clock(now), everything=True)
            assert source(both, "channel").kind is PostKind.VIDEO
            assert source(both, "channel").title


# ── trouble ──────────────────────────────────────────────────────────────────────────────────────


class BrokenVisit(Visit):
    """Brings out a defect at one address."""

    def get(self, url: str, *arguments: str, **named: str) -> Answer:
        if url.endswith("/broken"):
            raise KeyError("a defect of digest")
        return super().get(url, *arguments, **named)


class BrokenFetcher(Fetcher):
    def visit(self) -> Visit:
        return BrokenVisit(self)


def test_a_defect_that_one_source_brings_out_stops_no_other(
    here: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are polled, it has its failure and its next time, and the log has the traceback."""
    here.configure(sources=f'[[sources]]\nurl = "{here.server.url("/broken")}"\nslug = "broken"')
    with here.opened() as installation:
        broken = replace(installation, fetcher=BrokenFetcher([here.server.endpoint]))
        with caplog.at_level(logging.ERROR):
            results = {result.source: result for result in collect(broken, Clock())}
        assert (results["hollin"].stored.new, results["broken"].ok) == (2, False)
        assert (source(installation, "broken").failures, source(installation).failures) == (1, 0)
    assert "a defect of digest" in caplog.text
    assert "Traceback" in caplog.text


def test_a_failing_source_is_asked_less_often(here: Place, home: Installation) -> None:
    """Each failure in a row puts the next poll further off; one good answer ends it."""
    here.blog.status = "500 Internal Server Error"
    waits = []
    now = NOW
    for _ in range(3):
        polled(home, now, everything=True)
        next_poll = source(home).next_poll_at
        assert next_poll
        waits.append(next_poll - now)
        now = next_poll
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
    here.blog.status = "200 OK"
    assert polled(home, now).ok
    assert source(home).failures == 0


def test_a_run_that_is_stopped_begins_no_further_source(here: Place) -> None:
    """What was under way is kept; what was not begun is due as before."""
    stop = Event()

    def answer_and_stop(request: loopback.Request) -> None:
        stop.set()
        here.blog.answer(request)

    with loopback.serve(answer_and_stop) as server:
        more = (f'[[sources]]\nurl = "{server.url(f"/{number}")}"\nslug = "s{number}"' for number in range(4))
        here.configure(feed=server.url("/feed"), endpoint=server.endpoint, sources="\n".join(more))
        with here.opened() as installation:
            assert [each.ok for each in collect(installation, Clock(), stop=stop)] == [True]
            with reading(installation.engine) as connection:
                assert len(store.sources.due(connection, NOW)) == 4


def test_a_hostile_feed_is_refused_and_the_last_good_state_kept(here: Place, home: Installation) -> None:
    """Entities, a login page, half a document: told in a sentence, and no post is lost."""
    polled(home)
    bombs = (
        b'<!DOCTYPE f [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><feed xmlns="http://www.w3.org/2005/Atom">&b;</feed>',
        b"<!doctype html><title>Sign in</title><p>Please sign in.",
        b"",
    )
    for number, body in enumerate(bombs, 1):
        with loopback.serve(partial(_say, body)) as hostile:
            here.configure(feed=hostile.url("/feed"), endpoint=hostile.endpoint)
            with here.opened() as moved:
                result = polled(moved, NOW + number * 24 * HOUR, everything=True)
                assert not result.ok
                assert result.status
                assert set(open_now(moved, NOW + number * 24 * HOUR)) == {"The sluice", "The weir"}


def _say(body: bytes, request: loopback.Request) -> None:
    request.send(loopback.response(body))
