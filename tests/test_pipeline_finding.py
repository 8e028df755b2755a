"""From what somebody types to a feed that answers, on invented sites that behave as such sites do."""

from __future__ import annotations

import pytest

from digest.errors import FetchError, ParseError
from digest.pipeline.posts.finding import MOST_ASKED, Found, find_feed
from town import Page, host_of, link, page, rss, town

ID = "UCharbour0000000000000_-"
CHANNEL_FEED = f"https://www.youtube.com/feeds/videos.xml?channel_id={ID}"
POSTS = rss("boats", "nets")
COMMENTS = rss("1", "2", title="Anmerkungen", at="https://quay.example/boats/#comment-{}")


def find(typed: str, pages: dict[str, Page]) -> tuple[Found, list[str]]:
    """What is found, and what was asked for it."""
    with town(pages) as built:
        found = find_feed(built.fetcher, typed)
    assert len(built.asked) == len(set(built.asked)), "asked twice"
    return found, built.asked


def refusal(typed: str, pages: dict[str, Page]) -> tuple[str, list[str]]:
    """The one sentence, and what was asked before it."""
    with town(pages) as built, pytest.raises((FetchError, ParseError)) as caught:
        find_feed(built.fetcher, typed)
    assert "\n" not in str(caught.value)
    return str(caught.value), built.asked


SITES: dict[str, tuple[str, dict[str, Page], str]] = {
    "the feed itself": (
        "quay.example/feed.xml", {"https://quay.example/feed.xml": POSTS}, "https://quay.example/feed.xml",
    ),
    "a site that offers it": (
        "https://quay.example",
        {"https://quay.example": page(link("/posts.xml")), "https://quay.example/posts.xml": POSTS},
        "https://quay.example/posts.xml",
    ),
    "a site that has moved": (
        "http://quay.example/",
        {
            "http://quay.example/": "https://www.quay.example/",
            "https://www.quay.example/": page(link("feed.xml")),
            "https://www.quay.example/feed.xml": POSTS,
        },
        "https://www.quay.example/feed.xml",
    ),
    "a feed that has moved": (
        "http://quay.example/rss",
        {"http://quay.example/rss": "https://quay.example/feed", "https://quay.example/feed": POSTS},
        "https://quay.example/feed",
    ),
    "a post of WordPress, its comments first": (
        "https://quay.example/2026/11/boats/",
        {
            "https://quay.example/2026/11/boats/": page(
                link("https://quay.example/2026/11/boats/feed/", "Quay » Boats Comments Feed")
                + link("https://quay.example/comments/feed/", "Quay » Comments Feed")
                + link("https://quay.example/feed/", "Quay » Feed")
            ),
            "https://quay.example/2026/11/boats/feed/": COMMENTS,
            "https://quay.example/comments/feed/": COMMENTS,
            "https://quay.example/feed/": POSTS,
        },
        "https://quay.example/feed/",
    ),
    "comments under a title that nobody translated": (
        "https://quay.example/boats/",
        {
            "https://quay.example/boats/": page(link("/boats/feed/", "Anmerkungen") + link("/feed/", "Alles")),
            "https://quay.example/boats/feed/": COMMENTS,
            "https://quay.example/feed/": POSTS,
        },
        "https://quay.example/feed/",
    ),
    "Blogger on a domain of its own": (
        "https://www.quay.example/2026/11/boats.html",
        {
            "https://www.quay.example/2026/11/boats.html": page("<meta content='blogger' name='generator'/>"),
            "https://www.quay.example/feeds/posts/default": POSTS,
        },
        "https://www.quay.example/feeds/posts/default",
    ),
    "WordPress that hides its links": (
        "https://quay.example/",
        {"https://quay.example/": page('<meta name="generator" content="WordPress 6.9">'), "https://quay.example/feed/": POSTS},
        "https://quay.example/feed/",
    ),
    "Ghost": (
        "https://quay.example/boats/",
        {"https://quay.example/boats/": page('<meta name="generator" content="Ghost 6.1">'), "https://quay.example/rss/": POSTS},
        "https://quay.example/rss/",
    ),
    "a site that says nothing": (
        "https://quay.example/about.html",
        {"https://quay.example/about.html": page(), "https://quay.example/atom.xml": POSTS},
        "https://quay.example/atom.xml",
    ),
    "a blog in a folder": (
        "https://quay.example/~ada/",
        {"https://quay.example/~ada/": page(), "https://quay.example/~ada/index.xml": POSTS},
        "https://quay.example/~ada/index.xml",
    ),
    "a site that refuses its page": (
        "https://quay.example/", {"https://quay.example/": 403, "https://quay.example/feed": POSTS}, "https://quay.example/feed",
    ),
    "a link at the bottom of the page": (
        "https://quay.example/",
        {"https://quay.example/": page(body='<a href="/news/all.rss">RSS</a>'), "https://quay.example/news/all.rss": POSTS},
        "https://quay.example/news/all.rss",
    ),
    "Substack, by its address": (
        "https://quay.substack.com/p/boats", {"https://quay.substack.com/feed": POSTS}, "https://quay.substack.com/feed",
    ),
    "Medium, by its address": (
        "medium.com/@ada", {"https://medium.com/feed/@ada": POSTS}, "https://medium.com/feed/@ada",
    ),
    "Mastodon, by a handle": (
        "@ada@social.example",
        {"https://social.example/@ada": page("<title>Ada</title>"), "https://social.example/@ada.rss": POSTS},
        "https://social.example/@ada.rss",
    ),
    "PeerTube": (
        "https://tube.example/c/quay/videos",
        {
            "https://tube.example/c/quay/videos": page('<meta property="og:platform" content="PeerTube">'),
            "https://tube.example/feeds/videos.xml?videoChannelName=quay": POSTS,
        },
        "https://tube.example/feeds/videos.xml?videoChannelName=quay",
    ),
    "a podcast in a directory": (
        "https://pods.example/show/7",
        {
            "https://pods.example/show/7": page(body='<script>{"feedUrl":"https:\\/\\/caster.example\\/quay"}</script>'),
            "https://caster.example/quay": POSTS,
        },
        "https://caster.example/quay",
    ),
    "Vimeo": ("https://vimeo.com/quay", {"https://vimeo.com/quay/videos/rss": POSTS}, "https://vimeo.com/quay/videos/rss"),
    "Dailymotion": (
        "dailymotion.com/quay", {"https://www.dailymotion.com/rss/user/quay": POSTS}, "https://www.dailymotion.com/rss/user/quay",
    ),
    "YouTube by a handle": (
        "youtube.com/@quay",
        {
            "https://www.youtube.com/@quay": page(f'<link rel="canonical" href="https://www.youtube.com/channel/{ID}">'),
            CHANNEL_FEED: POSTS,
        },
        CHANNEL_FEED,
    ),
    "YouTube by a video": (
        "https://youtu.be/aBcDeFgHiJk?t=12",
        {
            "https://www.youtube.com/watch?v=aBcDeFgHiJk": page(f'<meta itemprop="channelId" content="{ID}">'),
            CHANNEL_FEED: POSTS,
        },
        CHANNEL_FEED,
    ),
    "YouTube by an old name": (
        "https://www.youtube.com/c/QuayTV",
        {"https://www.youtube.com/c/QuayTV": page(body=f'<script>{{"externalId":"{ID}"}}</script>'), CHANNEL_FEED: POSTS},
        CHANNEL_FEED,
    ),
    "YouTube by its id": (f"https://www.youtube.com/channel/{ID}/about", {CHANNEL_FEED: POSTS}, CHANNEL_FEED),
    "a playlist": (
        "https://www.youtube.com/playlist?list=PLquay0123456789",
        {"https://www.youtube.com/feeds/videos.xml?playlist_id=PLquay0123456789": POSTS},
        "https://www.youtube.com/feeds/videos.xml?playlist_id=PLquay0123456789",
    ),
}  # fmt: skip


@pytest.mark.parametrize("site", SITES)
def test_the_feed_is_found(site: str) -> None:
    """And was read: its entries are known before it is followed; no address is asked twice."""
    typed, pages, feed = SITES[site]
    found, _ = find(typed, pages)
    assert found.url == feed
    assert [entry.title for entry in found.feed.entries] == ["boats", "nets"]


def test_an_address_that_tells_its_feed_costs_one_request() -> None:
    """Nobody is asked for a page that is not needed."""
    _, asked = find(f"https://m.youtube.com/channel/{ID}", {CHANNEL_FEED: POSTS})
    assert asked == [CHANNEL_FEED]


def test_the_other_feeds_of_a_page_are_named() -> None:
    """An editor may have meant another one."""
    head = link("/feed/", "All") + link("/boats/feed/", "Boats") + link("/comments/feed/", "Comments")
    found, _ = find(
        "https://quay.example/", {"https://quay.example/": page(head), "https://quay.example/feed/": POSTS}
    )
    assert [(other.title, other.url) for other in found.others] == [
        ("Boats", "https://quay.example/boats/feed/"),
        ("Comments", "https://quay.example/comments/feed/"),
    ]  # fmt: skip


def test_an_offer_that_does_not_hold_is_passed_over() -> None:
    """A feed that is gone, a page in its place, broken beyond repair: the next one is tried."""
    head = link("/gone.xml") + link("/page.xml") + link("/broken.xml") + link("/good.xml")
    pages: dict[str, Page] = {
        "https://quay.example/": page(head),
        "https://quay.example/gone.xml": 404,
        "https://quay.example/page.xml": page(),
        "https://quay.example/broken.xml": b"<rss><channel><",
        "https://quay.example/good.xml": POSTS,
    }
    assert find("https://quay.example/", pages)[0].url == "https://quay.example/good.xml"


def test_a_feed_with_entries_is_preferred_to_an_empty_one() -> None:
    """Systems make feeds that nobody fills; where there is no other, an empty one is a beginning."""
    head = link("/empty.xml") + link("/full.xml")
    pages: dict[str, Page] = {"https://quay.example/": page(head), "https://quay.example/empty.xml": rss()}
    assert find("https://quay.example/", pages)[0].url == "https://quay.example/empty.xml"
    pages["https://quay.example/full.xml"] = POSTS
    assert find("https://quay.example/", pages)[0].url == "https://quay.example/full.xml"


def test_a_feed_of_comments_is_taken_where_it_was_typed() -> None:
    """Who gives its address means it."""
    pages: dict[str, Page] = {"https://quay.example/comments/feed/": COMMENTS}
    assert find("https://quay.example/comments/feed/", pages)[0].url == "https://quay.example/comments/feed/"


@pytest.mark.parametrize(
    "shown",
    ["https://consent.youtube.com/m?continue=x", page(body='<form action="https://consent.youtube.com/save">'), page("<title>Quay</title>")],
    ids=["redirect", "form", "nothing"],
)  # fmt: skip
def test_a_consent_page_is_not_answered(shown: Page) -> None:
    """It says what to paste instead, and nothing else is tried."""
    pages: dict[str, Page] = {
        "https://www.youtube.com/@quay": shown,
        "https://consent.youtube.com/m?continue=x": page("Before you continue"),
    }
    why, asked = refusal("https://www.youtube.com/@quay", pages)
    assert why.startswith("https://www.youtube.com/@quay shows a page that ")
    assert "https://www.youtube.com/channel/UC" in why
    assert {host_of(url) for url in asked} <= {"www.youtube.com", "consent.youtube.com"}
    assert len(asked) <= 2


def test_a_site_without_a_feed_is_one_sentence() -> None:
    """After a bounded number of questions, all to that site."""
    why, asked = refusal("https://quay.example/blog/", {"https://quay.example/blog/": page()})
    assert "https://quay.example/blog/ leads to no feed" in why
    assert "Look for RSS" in why
    assert {host_of(url) for url in asked} == {"quay.example"}
    assert 8 <= len(asked) <= MOST_ASKED + 1


def test_a_page_cannot_send_us_round_the_world() -> None:
    """However many feeds it claims to have."""
    head = "".join(link(f"https://{number}.example/feed") for number in range(100))
    _, asked = refusal("https://quay.example/", {"https://quay.example/": page(head)})
    assert len(asked) <= MOST_ASKED + 1


@pytest.mark.parametrize(
    ("typed", "pages", "why"),
    [
        ("quay", {}, "'quay' is no web address"),
        ("https://quay.example/gone", {"https://quay.example/gone": 404}, "answered 404"),
        ("https://quay.example/", {"https://quay.example/": 503}, "it answered 503"),
        ("https://quay.example/x", {"https://quay.example/x": b"{}"}, "not a feed"),
        ("https://quay.example/x", {"https://quay.example/x": b"%PDF-1.7"}, "not a feed"),
    ],
)
def test_what_cannot_be_is_told(typed: str, pages: dict[str, Page], why: str) -> None:
    """With the address, and what is wrong with it."""
    assert why in refusal(typed, pages)[0]


def test_a_channel_whose_feed_is_down_can_be_followed_all_the_same() -> None:
    """At YouTube a 404 is weather; the sentence has the command."""
    pages: dict[str, Page] = {f"https://www.youtube.com/channel/{ID}": page(), CHANNEL_FEED: 404}
    why, asked = refusal(f"https://www.youtube.com/channel/{ID}", pages)
    assert f'digest sources add --unchecked "{CHANNEL_FEED}"' in why
    assert len(asked) == 2


def test_a_feed_of_youtube_that_is_down_is_told_as_such() -> None:
    """It was typed as it should be."""
    why, _ = refusal(CHANNEL_FEED, {CHANNEL_FEED: 404})
    assert "which happens at YouTube for days" in why


def test_a_video_in_a_playlist_stands_for_its_channel_and_names_the_list() -> None:
    """Most people mean the channel; a mix that was made for one viewer is no list to follow."""
    pages: dict[str, Page] = {
        "https://www.youtube.com/watch?v=aBcDeFgHiJk": page(f'<meta itemprop="channelId" content="{ID}">'),
        CHANNEL_FEED: POSTS,
    }
    found, _ = find("https://www.youtube.com/watch?v=aBcDeFgHiJk&list=PLquay0123456789&index=2", pages)
    assert (found.url, [other.url for other in found.others]) == (
        CHANNEL_FEED,
        ["https://www.youtube.com/feeds/videos.xml?playlist_id=PLquay0123456789"],
    )
    assert find("https://www.youtube.com/watch?v=aBcDeFgHiJk&list=RDaBcDeFgHiJk", pages)[0].others == ()


def test_a_host_without_https_is_found_by_its_name() -> None:
    """Where no scheme was typed; who types https means it."""
    pages: dict[str, Page] = {"https://quay.example/feed": None, "http://quay.example/feed": POSTS}
    assert find("quay.example/feed", pages)[0].url == "http://quay.example/feed"
    assert "/https/quay.example/feed could not be fetched" in refusal("https://quay.example/feed", pages)[0]
    pages["http://quay.example/feed"] = None
    assert "/https/quay.example/feed could not be fetched" in refusal("quay.example/feed", pages)[0]
