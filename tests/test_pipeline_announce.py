"""A WebSub hub on loopback: told once of each feed with new bytes, and again later when it is away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

import loopback
from digest import store
from digest.model import IssueId
from digest.pipeline.drafts.draft import draft
from digest.pipeline.installation import Installation
from digest.pipeline.issues.announce import AGAIN_AFTER, announce
from digest.pipeline.issues.publish import approve, publish, rebuild
from digest.pipeline.posts.collect import collect
from digest.store.database import reading
from digest.store.pings import Ping
from installation import NOW, Clock, Place, installed

HOUR = timedelta(hours=1)
MAIN = {
    "weekly/atom.xml",
    "weekly/rss.xml",
    "weekly/feed.json",
    "weekly/quotes.xml",
    "weekly/themes/water.xml",
}


@dataclass
class Hub:
    """Remembers what it was told, and answers as a test says."""

    status: str = "202 Accepted"
    forms: list[dict[str, list[str]]] = field(default_factory=list)

    def answer(self, request: loopback.Request) -> None:
        self.forms.append(parse_qs(request.body.decode()))
        request.send(loopback.response(status=self.status))

    @property
    def topics(self) -> set[str]:
        return {form["hub.url"][0].partition("/feeds/")[2] for form in self.forms}


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def home(tmp_path: Path, hub: Hub, request: pytest.FixtureRequest) -> Iterator[Installation]:
    both = "database_url" in request.fixturenames
    database = {"database": request.getfixturevalue("database_url")} if both else {}
    with loopback.serve(hub.answer) as server, installed(tmp_path, **database) as place:
        _configure(place, server, **database)
        place.blog.write("sluice", "weir", at=NOW)
        with place.opened() as installation:
            yield installation


def _configure(place: Place, hub: loopback.Server, **database: object) -> None:
    endpoints = f'{place.server.endpoint}", "{hub.endpoint}'
    place.configure(publish=f'hub = "{hub.url("/hub")}"', endpoint=endpoints, **database)


def published(home: Installation) -> IssueId:
    collect(home, Clock(NOW), everything=True)
    issue = draft(home, "weekly", NOW).issue.id
    approve(home, issue, NOW)
    publish(home, issue, NOW)
    return issue


def pings(home: Installation) -> dict[str, Ping]:
    with reading(home.engine) as connection:
        return {ping.feed.partition("/feeds/")[2]: ping for ping in store.pings.pings(connection)}


@pytest.mark.usefixtures("database_url")  # on PostgreSQL as well
def test_the_hub_is_told_of_every_feed_that_has_new_bytes(home: Installation, hub: Hub) -> None:
    """As WebSub has it; what it answers is kept."""
    published(home)
    assert hub.topics == MAIN
    assert {form["hub.mode"][0] for form in hub.forms} == {"publish"}
    assert {(ping.told_at, ping.next_try_at, ping.reply) for ping in pings(home).values()} == {
        (NOW, None, "it answers 202")
    }


def test_nothing_is_told_twice(home: Installation, hub: Hub) -> None:
    """Publishing again, writing all again, a tick of the scheduler: the same bytes are no news."""
    issue = published(home)
    hub.forms.clear()
    publish(home, issue, NOW + HOUR)
    rebuild(home)
    assert announce(home, NOW + HOUR) == ()
    assert hub.forms == []


def test_only_the_feed_that_changed_is_told_of(home: Installation, hub: Hub) -> None:
    """Here by another hand; the file is what counts."""
    published(home)
    hub.forms.clear()
    feed = home.settings.publish.feeds_dir / "weekly" / "quotes.xml"
    feed.write_bytes(feed.read_bytes() + b"\n")
    (ping,) = announce(home, NOW + HOUR)
    assert (hub.topics, ping.told_at) == ({"weekly/quotes.xml"}, NOW + HOUR)


@pytest.mark.parametrize("status", ["500 Oops", "404 Not Found", "302 Found"])
def test_a_hub_that_refuses_is_asked_again_later(home: Installation, hub: Hub, status: str) -> None:
    """Publishing succeeds all the same; each attempt comes later than the last, and then no more."""
    hub.status = status
    published(home)
    now = NOW
    for number, pause in enumerate(AGAIN_AFTER, 2):
        assert announce(home, now + pause - timedelta(seconds=1)) == ()
        now += pause
        assert {ping.attempts for ping in announce(home, now)} == {number}
    assert {ping.next_try_at for ping in pings(home).values()} == {None}
    assert announce(home, now + timedelta(days=9)) == ()


def test_a_hub_that_comes_back_is_told(home: Installation, hub: Hub) -> None:
    """Of all that it has missed."""
    hub.status = "503 Later"
    published(home)
    hub.status, hub.forms = "204 No Content", []
    told = announce(home, NOW + AGAIN_AFTER[0])
    assert hub.topics == MAIN
    assert {ping.told_at for ping in told} == {NOW + AGAIN_AFTER[0]}


def test_a_hub_that_is_away_is_asked_once(tmp_path: Path) -> None:
    """Not once for each feed, which would keep publishing waiting; all of them are tried again."""
    with loopback.serve(Hub().answer) as gone:
        pass
    with installed(tmp_path) as place:
        _configure(place, gone)
        place.blog.write("sluice", at=NOW)
        with place.opened() as home:
            published(home)
            assert len({ping.reply for ping in pings(home).values()}) == 1
            assert {(ping.attempts, ping.next_try_at) for ping in pings(home).values()} == {
                (1, NOW + AGAIN_AFTER[0])
            }


def test_without_a_hub_nobody_is_told(tmp_path: Path) -> None:
    """It is off until an address is set."""
    with installed(tmp_path) as place:
        place.blog.write("sluice", at=NOW)
        with place.opened() as home:
            published(home)
            assert pings(home) == {}


def test_a_private_hub_is_not_contacted(tmp_path: Path, hub: Hub) -> None:
    """The address guard holds for what we send as for what we fetch."""
    with loopback.serve(hub.answer) as server, installed(tmp_path) as place:
        place.configure(publish=f'hub = "{server.url("/hub")}"')
        place.blog.write("sluice", at=NOW)
        with place.opened() as home:
            published(home)
            assert hub.forms == []
            assert all("127.0.0.1" in ping.reply for ping in pings(home).values())
