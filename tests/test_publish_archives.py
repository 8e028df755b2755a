"""The document that readers poll is small, and whatever it has no room for is in archives that never change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import feedparser
import pytest
from lxml import etree

from atom_schema import HISTORY, check
from digest.publish.addresses import Edition, PublishedIssue
from digest.publish.feeds.documents import LARGEST, NEWEST
from digest.publish.feeds.timeline import shelved
from feed_samples import made, week, weeks, without_quotes
from publish_samples import PUBLISH, PUBLISHED_AT, issue

BASE = f"{PUBLISH.feeds_url}/"


def chain(tree: Mapping[str, bytes], path: str) -> list[str]:
    """The documents of a feed, from the polled one back, as a reader follows them (RFC 5005 §4.2)."""
    found = [path]
    while True:
        (link, *_) = [*_links(tree[found[-1]], "prev-archive"), ""]
        if not link:
            return found
        found.append(link.removeprefix(BASE))


def _links(data: bytes, rel: str) -> list[str]:
    links = etree.fromstring(data).findall("{http://www.w3.org/2005/Atom}link")
    return [link.get("href", "") for link in links if link.get("rel") == rel]


def ids(data: bytes) -> list[str]:
    return [entry.id for entry in feedparser.parse(data).entries]


@pytest.mark.parametrize("path", ["weekly/atom.xml", "weekly/quotes.xml", "weekly/themes/press-freedom.xml"])
@pytest.mark.parametrize("number", [1, 5, 7, 27])
def test_who_follows_the_archives_reads_every_entry(path: str, number: int) -> None:
    """However many issues there are, none is between two documents; and each document is valid."""
    issues = weeks(number, picks=6)
    tree = made(*issues)
    documents = chain(tree, path)
    assert [finding for each in documents for finding in check(tree[each])] == []
    found = {entry for each in documents for entry in ids(tree[each])}
    wanted = {
        "weekly/atom.xml": {str(each.document.id) for each in issues},
        "weekly/quotes.xml": {
            f"weekly/{quote.id}" for each in issues for pick in each.document.picks for quote in pick.quotes
        },
        "weekly/themes/press-freedom.xml": {
            f"weekly/{pick.id}" for each in issues for pick in each.document.groups[0].picks
        },
    }[path]
    assert found == {f"tag:example.org,2026:{name}" for name in wanted}


def test_the_polled_document_has_the_newest_twenty_five() -> None:
    """Newest first, where they are short enough; in all three formats the same."""
    tree = made(*weeks(30, picks=1))
    found = ids(tree["weekly/atom.xml"])
    assert len(found) == NEWEST
    assert found == sorted(found, reverse=True)
    assert ids(tree["weekly/rss.xml"]) == found
    assert len(tree["weekly/atom.xml"]) < LARGEST


@pytest.mark.parametrize("picks", [5, 12, 20])
def test_long_issues_are_fewer_in_the_polled_document(picks: int) -> None:
    """It stays below 100 KB; the others are one step away."""
    data = made(*weeks(30, picks=picks))["weekly/atom.xml"]
    assert len(data) < LARGEST
    assert 0 < len(ids(data)) < NEWEST
    assert _links(data, "prev-archive") == [f"{BASE}weekly/atom.6.xml"]


def test_what_is_in_no_archive_is_in_the_polled_document_however_long_it_is() -> None:
    """Four issues of 50 picks are more than 100 KB, and still all there."""
    data = made(*weeks(9, picks=50))["weekly/atom.xml"]
    assert len(ids(data)) == 4
    assert len(data) > LARGEST


def test_a_closed_archive_says_so_and_never_changes() -> None:
    """``fh:archive``, a link to the current document; fifty issues later it has the same bytes."""
    early, late = made(*weeks(60)[50:]), made(*weeks(60))
    archives = [path for path in early if path.endswith((".1.xml", ".2.xml"))]
    assert {"weekly/atom.1.xml", "weekly/atom.2.xml", "weekly/quotes.1.xml"} <= set(archives)
    for path in archives:
        assert etree.fromstring(early[path]).find(f"{HISTORY}archive") is not None
        assert _links(early[path], "current") == [BASE + path.replace(".1.", ".").replace(".2.", ".")]
        assert late[path] == early[path]
    assert etree.fromstring(late["weekly/atom.xml"]).find(f"{HISTORY}archive") is None


def test_a_correction_changes_only_the_archive_that_it_is_in() -> None:
    """Also where it takes something back or adds it: nothing moves from one archive into the next."""
    issues = weeks(30, picks=5)
    before = made(*issues)
    old = issues[-1]
    fewer = without_quotes(old.document, [old.document.picks[0].quotes[0].id])
    reworded = replace(fewer, introduction="Some words are no longer here.")
    edition = Edition(reworded, PUBLISHED_AT.replace(day=23))
    mended = shelved([Edition(old.document, old.published_at), edition], 2, "mended")
    after = made(*issues[:-1], mended)
    archives = {path for path in before if path.split(".")[-2].isdecimal()}
    assert {path for path in archives if before[path] != after[path]} == {
        "weekly/atom.1.xml",
        "weekly/quotes.1.xml",
        "weekly/themes/press-freedom.1.xml",  # the pick, of which a quote is gone
    }
    assert archives == {path for path in after if path.split(".")[-2].isdecimal()}


def test_a_feed_of_few_entries_has_no_archive_to_go_back_to() -> None:
    """Nothing is linked that is not needed."""
    data = made(*weeks(3))["weekly/atom.xml"]
    assert _links(data, "prev-archive") == []


def test_issues_of_one_moment_stay_in_order() -> None:
    """Two that were published at once are not swapped by a third."""
    regular, extra = week(1), week(1)
    extra = PublishedIssue(
        issue(1, slot=extra.document.id.slot, name="extra"), 1, regular.published_at, regular.published_at
    )
    two, three = made(regular, extra), made(week(0), regular, extra)
    assert ids(three["weekly/atom.xml"])[1:] == ids(two["weekly/atom.xml"])
