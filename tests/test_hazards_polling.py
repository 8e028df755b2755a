"""What is remembered of a server from one question to the next, and what must not be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.collect.parse import parse_feed
from digest.collect.poll import NEVER, PollAnswer, adopted, after, failed
from digest.model import Source
from digest.net.http import Fetcher
from loopback import Request, redirect, response, serve

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BLOG = Source(
    "quay", "https://quay.example/feed", etag='"old"', last_modified="Mon, 16 Nov 2026 08:00:00 GMT"
)
FEED = PollAnswer(200, etag='"new"', body_hash="ab" * 32)


def polled(source: Source, answer: PollAnswer, now: datetime = NOW) -> Source:
    return after(source, answer, 60, now)


def test_a_validator_that_is_sent_no_more_is_forgotten() -> None:
    """It belonged to another document: an old Last-Modified beside a new ETag would be a lie."""
    known = polled(BLOG, FEED)
    assert (known.etag, known.last_modified) == ('"new"', "")
    bare = polled(known, replace(FEED, etag=""))
    assert (bare.etag, bare.last_modified) == ("", "")


@pytest.mark.parametrize(
    "answer",
    [
        failed("It is busy.", 503, retry_after=4e9),
        replace(FEED, max_age=4e9),
        replace(FEED, ttl_minutes=10**9),
    ],
    ids=["Retry-After", "max-age", "ttl"],
)
def test_nobody_can_send_us_away_for_more_than_thirty_days(answer: PollAnswer) -> None:
    """A typing error in a server's configuration must not end a subscription."""
    due = polled(BLOG, answer).next_poll_at
    assert due is not None
    assert 29 * DAY < due - NOW <= 30 * DAY + timedelta(hours=1)


def test_a_portal_that_redirects_for_two_days_to_its_login_takes_nothing_away() -> None:
    """Captive portals answer every address with a permanent redirect to a page that is no feed."""
    source = BLOG
    for hour in range(0, 72, 6):
        portal = PollAnswer(200, "It is not a feed.", moved_to="https://portal.example/login")
        source = polled(source, portal, NOW + timedelta(hours=hour))
    assert adopted(source, NOW + 3 * DAY) == ""
    assert (source.url, source.etag) == (BLOG.url, BLOG.etag)


def test_four_moves_or_two_days_less_an_hour_are_not_enough() -> None:
    """Both have to be: five identical answers, and forty-eight hours from the first to the last."""

    def moved(times: int, hours: int) -> str:
        source, step = BLOG, timedelta(hours=hours) / (times - 1)
        for at in range(times):
            source = polled(source, replace(FEED, moved_to="https://new.example/feed"), NOW + at * step)
        return adopted(source, NOW + timedelta(hours=hours))

    assert moved(4, 96) == moved(9, 47) == ""
    assert moved(5, 48) == "https://new.example/feed"


def test_a_channel_of_youtube_is_never_given_up() -> None:
    """Its 404 is weather for days, its 410 would be as well; any other source that says 410 means it."""
    channel = replace(BLOG, url="https://www.youtube.com/feeds/videos.xml?channel_id=UC0")
    for status in (404, 410, 500):
        for day in range(20):
            channel = polled(channel, failed("It is not there.", status), NOW + day * DAY)
            assert channel.next_poll_at is not None
            assert channel.next_poll_at - (NOW + day * DAY) <= 1.2 * DAY
    assert polled(BLOG, failed("It is gone.", 410)).next_poll_at == NEVER


def test_a_cookie_of_a_redirect_is_forgotten_before_the_next_document() -> None:
    """Within one document it goes along, because some servers redirect until it does; then the jar is thrown away."""
    cookies: list[tuple[str, str]] = []

    def answer(request: Request) -> None:
        cookies.append((request.path, request.headers.get("cookie", "")))
        if request.path == "/first":
            request.send(redirect("/feed", set_cookie="seen=1; Path=/", connection="keep-alive"))
        else:
            request.send(response(b"whole"))

    with serve(answer) as server, Fetcher([server.endpoint]).visit() as visit:
        visit.get(server.url("/first"))
        visit.get(server.url("/second"))
    assert cookies == [("/first", ""), ("/feed", "seen=1"), ("/second", "")]


def test_a_broken_feed_keeps_its_players_and_loses_its_scripts() -> None:
    """feedparser reads what is broken; its own sanitiser would strip the one and let the other through."""
    body = b"""<rss version="2.0"><channel><title>Quay & Co</title><item><title>A</title><link>https://quay.example/1</link>
    <description><![CDATA[<p>Look<iframe src="https://www.youtube.com/embed/AbC_def-123"></iframe></p>
    <svg/onload=alert(1)><iframe/src=javascript:alert(1)></iframe><math><a xlink:href="javascript:alert(1)">x</a></math>
    <p onclick="alert(1)">after</p>]]></description></item></channel>"""
    (entry,) = parse_feed(body, "https://quay.example/feed").entries
    assert [video.id for video in entry.videos] == ["AbC_def-123"]
    assert "alert" not in entry.html
    assert entry.text.startswith("Look")
    assert entry.text.endswith("after")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "999999999"}, 30 * 86_400),
        ({"retry_after": "Fri, 31 Dec 2199 23:59:59 GMT"}, 30 * 86_400),
        ({"retry_after": "Fri, 01 Jan 1999 00:00:00 GMT"}, 0),
        ({"retry_after": "-5"}, None),
        ({"retry_after": "soon"}, None),
    ],
)
def test_what_a_server_asks_for_is_clamped_as_it_is_read(
    headers: dict[str, str], seconds: int | None
) -> None:
    """No number of a header gets further than thirty days into the programme."""
    with serve(lambda request: request.send(response(b"", "503 Busy", **headers))) as server:
        assert Fetcher([server.endpoint]).get(server.url("/feed")).retry_after == seconds
