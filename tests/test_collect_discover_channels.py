"""Feeds that an address itself tells, and those that a page of YouTube tells."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.collect.channels import (
    asks_consent,
    feeds_of,
    is_youtube,
    page_of,
    perhaps_of,
    playlists_of,
    youtube_channel,
)
from digest.collect.discover import address, usual_places

ID = "UCharbour0000000000000_-"
OTHER = "UCsomebodyelse0000000000"
FEED = f"https://www.youtube.com/feeds/videos.xml?channel_id={ID}"
LIST = "https://www.youtube.com/feeds/videos.xml?playlist_id="


@pytest.mark.parametrize(
    ("url", "feed"),
    [
        (f"https://www.youtube.com/channel/{ID}", FEED),
        (f"http://m.youtube.com/channel/{ID}/videos?view=0", FEED),
        ("https://www.youtube.com/playlist?list=PLharbour0123456789", f"{LIST}PLharbour0123456789"),
        ("https://music.youtube.com/playlist?list=OLAKharbour01&si=x", f"{LIST}OLAKharbour01"),
        ("https://www.youtube.com/user/harbour", "https://www.youtube.com/feeds/videos.xml?user=harbour"),
        ("https://vimeo.com/harbour", "https://vimeo.com/harbour/videos/rss"),
        ("https://vimeo.com/channels/boats/12345", "https://vimeo.com/channels/boats/videos/rss"),
        ("https://www.dailymotion.com/harbour", "https://www.dailymotion.com/rss/user/harbour"),
        ("https://www.dailymotion.com/playlist/x7abc", "https://www.dailymotion.com/rss/playlist/x7abc"),
        ("https://medium.com/@ada/on-boats-0a1b2c", "https://medium.com/feed/@ada"),
        ("https://boats.medium.com/", "https://boats.medium.com/feed"),
        ("https://quay.substack.com/p/the-winter", "https://quay.substack.com/feed"),
        ("https://quay.tumblr.com/post/12", "https://quay.tumblr.com/rss"),
        ("https://bsky.app/profile/ada.example.org", "https://bsky.app/profile/ada.example.org/rss"),
        ("https://quay.blogspot.com/2026/11/x.html", "https://quay.blogspot.com/feeds/posts/default"),
        ("https://quay.blogspot.co.uk/", "https://quay.blogspot.co.uk/feeds/posts/default"),
        (
            "https://quay.blogspot.de/search/label/Press%20freedom",
            "https://quay.blogspot.de/feeds/posts/default/-/Press%20freedom",
        ),
    ],
)
def test_a_platform_makes_feeds_by_rule(url: str, feed: str) -> None:
    """So nothing has to be asked to know where one is."""
    assert feeds_of(url) == (feed,)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/@harbour",
        "https://www.youtube.com/channel/UCtooshort",
        "https://www.youtube.com/playlist?list=WL",
        "https://www.youtube.com/playlist?list=RDharbour01234",
        "https://www.youtube.com/watch?v=aBcDeFgHiJk",
        "https://vimeo.com/12345",
        "https://vimeo.com/categories/boats",
        "https://www.dailymotion.com/video/x7abc",
        "https://medium.com/",
        "https://quay.substack.com/feed",
        "https://quay.blogspot.com/feeds/posts/default",
        "https://quay.example.org/@ada",
        "https://notyoutube.com/channel/" + ID,
    ],
)
def test_an_address_that_tells_no_feed_is_asked(url: str) -> None:
    """A handle, a video, a list for one viewer only, a feed that is one already, a host that only looks alike."""
    assert feeds_of(url) == ()


@pytest.mark.parametrize(
    ("url", "feeds"),
    [
        ("https://tube.example/c/harbour/videos", ("https://tube.example/feeds/videos.xml?videoChannelName=harbour",)),
        ("https://tube.example/c/harbour@peer.example", ("https://tube.example/feeds/videos.xml?videoChannelName=harbour@peer.example",)),
        ("https://tube.example/a/ada/video-channels", ("https://tube.example/feeds/videos.xml?accountName=ada",)),
        ("https://social.example/@ada", ("https://social.example/@ada.rss",)),
        ("https://social.example/users/ada", ("https://social.example/@ada.rss",)),
        ("https://social.example/@ada.rss", ()),
        ("https://quay.example.org/about", ()),
    ],
)  # fmt: skip
def test_peertube_and_mastodon_are_guessed_on_any_host(url: str, feeds: tuple[str, ...]) -> None:
    """By the shape of the path, for they live on hosts of their own."""
    assert perhaps_of(url) == feeds


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://youtu.be/aBcDeFgHiJk?t=3", "https://www.youtube.com/watch?v=aBcDeFgHiJk"),
        ("https://www.youtube.com/embed/aBcDeFgHiJk", "https://www.youtube.com/watch?v=aBcDeFgHiJk"),
        ("https://m.youtube.com/shorts/aBcDeFgHiJk", "https://www.youtube.com/watch?v=aBcDeFgHiJk"),
        ("http://m.youtube.com/@harbour", "https://www.youtube.com/@harbour"),
        ("https://quay.example.org/x?y=1", "https://quay.example.org/x?y=1"),
    ],
)
def test_a_player_leads_to_the_page_that_names_its_channel(url: str, page: str) -> None:
    """A short link or a frame says nothing of whose it is."""
    assert page_of(url) == page


@pytest.mark.parametrize(
    "html",
    [
        f'<link rel="canonical" href="https://www.youtube.com/channel/{ID}"><p>"channelId":"{OTHER}"',
        f'"channelId":"{OTHER}" <meta itemprop="identifier" content="{ID}">',
        f'<meta itemprop="channelId" content="{ID}"> {{"channelId":"{OTHER}"}}',
        f'{{"channelId":"{OTHER}","metadata":{{"externalId":"{ID}"}}}}',
        f'{{"externalChannelId": "{ID}", "channelId":"{OTHER}"}}',
        f'{{"channelId":"{ID}"}},{{"channelId":"{ID}"}}',
        f"<meta content='{ID}' itemprop='identifier'>",
        f'<link href="https://www.youtube.com/channel/{ID}" rel="canonical">',
        f'<meta property="og:url" content="https://www.youtube.com/channel/{ID}">',
        f'<link rel="alternate" type="application/rss+xml" href="https://www.youtube.com/feeds/videos.xml?channel_id={ID}">',
        rf"{{\"externalId\":\"{ID}\"}}",
    ],
)
def test_a_page_of_youtube_says_whose_it_is(html: str) -> None:
    """In its head or its data, the surest place first; a channel's page names others that it recommends."""
    assert youtube_channel(html.encode()) == FEED


def test_a_page_made_to_stall_us_is_read_in_no_time() -> None:
    """Tags that never end."""
    assert youtube_channel(b"<link <meta itemprop=" * 200_000) == ""


@pytest.mark.parametrize(
    "html", ["", "<html>Before you continue", f'"channelId":"{ID}","channelId":"{OTHER}"', '"externalId":"UCshort"']
)  # fmt: skip
def test_a_page_that_names_no_channel_or_several_says_nothing(html: str) -> None:
    """A guess would follow a stranger."""
    assert youtube_channel(html.encode()) == ""


def test_a_question_for_consent_is_recognised() -> None:
    """By where it leads, or by the form that is shown in the place of the page."""
    assert asks_consent("https://consent.youtube.com/m?continue=x", b"")
    assert asks_consent("https://www.youtube.com/", b'<form action="https://consent.youtube.com/save">')
    assert not asks_consent("https://www.youtube.com/@harbour", b"<html>I consent")
    assert is_youtube("https://m.youtube.com/x")
    assert not is_youtube("https://quay.example.org/youtube.com")


WORDS = st.sampled_from(
    [*"abc/?&=#@:.%[]", "youtube.com/", "https://", "list=", "vimeo.com", "/@", "/c/", "é", "\x00"]
)


@example("HTTP://0//[")  # a path that looks like a host
@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=30).map("".join)))
def test_no_address_makes_a_rule_raise(typed: str) -> None:
    """Whatever is typed is an address that can be asked, or none."""
    if url := address(typed):
        for found in (*feeds_of(url), *perhaps_of(url), page_of(url), *playlists_of(url), *usual_places(url)):
            assert found.startswith(("http://", "https://"))


def test_an_address_with_too_many_parameters_names_no_list() -> None:
    """Nobody wrote it by hand."""
    assert playlists_of("https://www.youtube.com/playlist?" + "&".join(["list=PLquay0123456789"] * 200)) == ()
