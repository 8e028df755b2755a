"""Which videos of a YouTube channel are taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.collect.choosing import address, chosen, left_out, title_of
from digest.model import Entry, PostKind, Source, SourceFeed
from digest.text.videos import youtube

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CHANNEL = "https://www.youtube.com/feeds/videos.xml?channel_id=UCharbour0000000000000_-"
LIST = "https://www.youtube.com/feeds/videos.xml?playlist_id={}harbour0000000000000_-"
SOURCE = Source("harbour", CHANNEL)


def entry(id: str, *, hours_old: float = 5, link: str = "watch?v=") -> Entry:
    return Entry(
        f"yt:video:{id}",
        f"https://www.youtube.com/{link}{id}",
        id,
        published=NOW - timedelta(hours=hours_old),
        videos=(youtube(id),),
        kind=PostKind.VIDEO,
    )


VIDEO, SHORT, STREAM = entry("video000000"), entry("short000000", link="shorts/"), entry("stream00000")
TO_COME = entry("tocome00000", hours_old=-5)


@pytest.mark.parametrize(
    ("shorts", "live", "polled", "asked"),
    [
        (True, True, CHANNEL, ()),
        (False, False, LIST.format("UULF"), ()),
        (False, True, CHANNEL, (LIST.format("UUSH"),)),
        (True, False, CHANNEL, (LIST.format("UULV"),)),
    ],
)
def test_youtube_tells_by_playlists_what_is_what(
    shorts: bool, live: bool, polled: str, asked: tuple[str, ...]
) -> None:
    """Its list of videos has neither; with one of them, the list of the other says what to leave out."""
    source = replace(SOURCE, shorts=shorts, live=live)
    assert (address(source), left_out(source)) == (polled, asked)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/feeds/videos.xml?playlist_id=PLharbour0123456789",
        "https://www.youtube.com/feeds/videos.xml?user=harbour",
        "https://www.youtube.com/feeds/videos.xml?channel_id=UCshort",
        "https://video.example.org/feeds/videos.xml?channel_id=UCharbour0000000000000_-",
        "https://quay.example.org/feed",
    ],
)
def test_what_is_no_channel_of_youtube_is_polled_as_it_is(url: str) -> None:
    """A playlist has no lists of its own, and other platforms have none at all."""
    source = replace(SOURCE, url=url, shorts=False, live=False)
    assert (address(source), left_out(source)) == (url, ())


def test_a_channel_polled_by_its_list_keeps_its_name() -> None:
    """YouTube titles every such list "Videos"; its author is the channel."""
    feed = SourceFeed("Videos", "", "en", (), author="Harbour")
    assert title_of(replace(SOURCE, shorts=False, live=False), feed) == "Harbour"
    assert title_of(SOURCE, replace(feed, title="The Harbour")) == "The Harbour"


def test_a_source_takes_everything_unless_told_otherwise() -> None:
    """Also what is only announced."""
    entries = (VIDEO, SHORT, STREAM, TO_COME)
    assert chosen(SOURCE, entries, (), NOW) == entries


def test_shorts_are_known_by_their_link_or_their_list() -> None:
    """Some feeds link a short as if it were any video."""
    source = replace(SOURCE, shorts=False)
    linked_as_video = entry("short111111")
    entries = (VIDEO, SHORT, STREAM, linked_as_video)
    assert chosen(source, entries, linked_as_video.videos, NOW) == (VIDEO, STREAM)


def test_streams_are_known_by_their_list() -> None:
    """Nothing else tells them from videos."""
    source = replace(SOURCE, live=False)
    assert chosen(source, (VIDEO, SHORT, STREAM), STREAM.videos, NOW) == (VIDEO, SHORT)


def test_an_announced_video_can_wait_until_it_is_out() -> None:
    """It is not kept in mind, so it is new to the poll after that."""
    source = replace(SOURCE, premieres=False)
    assert chosen(source, (VIDEO, TO_COME), (), NOW) == (VIDEO,)
    assert chosen(source, (VIDEO, TO_COME), (), NOW + timedelta(hours=6)) == (VIDEO, TO_COME)


def test_what_nobody_has_watched_is_only_announced() -> None:
    """YouTube dates a premiere by when it was announced; a platform that counts no views says nothing."""
    source = replace(SOURCE, premieres=False)
    waiting = replace(VIDEO, views=0)
    assert chosen(source, (waiting, SHORT), (), NOW) == (SHORT,)
    assert chosen(source, (replace(waiting, views=1),), (), NOW) == (replace(waiting, views=1),)
    assert chosen(SOURCE, (waiting,), (), NOW) == (waiting,)


def test_an_article_is_never_left_out() -> None:
    """A blog may announce an evening, and show a short."""
    article = replace(TO_COME, kind=PostKind.ARTICLE, url="https://quay.example.org/shorts/x")
    source = replace(SOURCE, url="https://quay.example.org/feed", shorts=False, live=False, premieres=False)
    assert chosen(source, (article,), TO_COME.videos, NOW) == (article,)
