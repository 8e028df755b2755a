"""Where a feed's older entries are, and when going back ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.collect.paging import MOST_ENTRIES, MOST_PAGES, Walk
from digest.model import Entry, SourceFeed

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FEED = "https://quay.example.org/feeds/posts/default"
WORDPRESS = "https://quay.example.org/feed/"


def feed(*ages: int | None, next_url: str = "", prefix: str = "") -> SourceFeed:
    """A page whose entries are so many days old; None has no date."""
    entries = (
        Entry(f"{prefix}{age}", "", "", published=None if age is None else NOW - timedelta(age))
        for age in ages
    )
    return SourceFeed("Quay", "", "en", tuple(entries), next_url)


def back(days: int) -> Walk:
    return Walk(NOW - timedelta(days))


def test_a_feed_names_its_older_page() -> None:
    """RFC 5005, Blogger and JSON Feed; its address may be on another host, as Blogger's is."""
    page = feed(1, 2, next_url="https://pages.example.com/quay?start=26")
    assert back(30).next_page(page, FEED) == "https://pages.example.com/quay?start=26"
    assert back(30).next_page(feed(1, 2), FEED) == ""


@pytest.mark.parametrize(
    ("url", "following"),
    [
        (WORDPRESS, f"{WORDPRESS}?paged=2"),
        (f"{WORDPRESS}?paged=2", f"{WORDPRESS}?paged=3"),
        ("https://quay.example.org/category/boats/feed/atom/", "https://quay.example.org/category/boats/feed/atom/?paged=2"),
        ("https://quay.example.org/?feed=rss2", "https://quay.example.org/?feed=rss2&paged=2"),
        ("https://quay.example.org/feed?paged=x", "https://quay.example.org/feed?paged=2"),
        ("https://quay.example.org/feed.xml", ""),
        ("https://quay.example.org/feeds/all.atom", ""),
    ],
)  # fmt: skip
def test_a_feed_of_wordpress_is_numbered(url: str, following: str) -> None:
    """It names no older page, and takes ``?paged``."""
    assert back(30).next_page(feed(1, 2), url) == following


def test_the_walk_ends_where_everything_is_older_than_asked_for() -> None:
    """One old post on top is no end, for some sites keep one there; entries without a date neither."""
    assert back(30).next_page(feed(31, 40), WORDPRESS) == ""
    assert back(30).next_page(feed(400, 1, 2), WORDPRESS) != ""
    assert back(30).next_page(feed(None, 40), WORDPRESS) != ""
    assert back(30).next_page(feed(), WORDPRESS) == ""


def test_the_walk_ends_where_a_page_has_nothing_new() -> None:
    """A site that ignores the page number gives the same entries for ever."""
    walk = back(30).after(feed(1, 2), WORDPRESS)
    assert walk.next_page(feed(1, 2), f"{WORDPRESS}?paged=2") == ""
    assert walk.next_page(feed(2, 3), f"{WORDPRESS}?paged=2") == f"{WORDPRESS}?paged=3"


def test_the_walk_never_comes_back_to_a_page() -> None:
    """A page that names itself, or an earlier one, as its next."""
    assert back(30).next_page(feed(1, next_url=FEED), FEED) == ""
    walk = back(30).after(feed(1), FEED)
    assert walk.next_page(feed(2, next_url=FEED), f"{FEED}?page=2") == ""


def test_the_walk_is_bounded() -> None:
    """In pages and in entries, whatever the site goes on to offer."""
    walk, steps = back(10_000), 1
    while walk.next_page(page := feed(steps, next_url=f"{FEED}?{steps + 1}"), f"{FEED}?{steps}"):
        walk, steps = walk.after(page, f"{FEED}?{steps}"), steps + 1
    assert steps == MOST_PAGES
    full = back(10_000).after(feed(*range(1, MOST_ENTRIES + 1)), FEED)
    assert full.next_page(feed(1, prefix="new", next_url=f"{FEED}?2"), f"{FEED}?1") == ""


def test_only_what_is_young_enough_and_new_is_kept_of_a_page() -> None:
    """Undated entries are kept: nobody knows that they are old."""
    walk = back(30).after(feed(1, 2), FEED)
    assert [entry.id for entry in walk.older(feed(2, 29, 31, None))] == ["29", "None"]
