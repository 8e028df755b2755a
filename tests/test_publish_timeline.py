"""When entries came and changed: ``updated`` moves where an editor changed what readers see, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from digest.model import IssueDocument, Pick
from digest.publish.feeds import atom
from feed_samples import corrected, feeds_of, weeks, without_quotes
from publish_samples import PUBLISHED_AT, issue, pick

FIVE_LATER = PUBLISHED_AT + timedelta(hours=5)
TEN_LATER = PUBLISHED_AT + timedelta(hours=10)


def changed(document: IssueDocument, change: Callable[[Pick], Pick]) -> IssueDocument:
    """The issue with another first pick."""
    first, *others = document.groups
    group = replace(first, picks=(change(first.picks[0]), *first.picks[1:]))
    return replace(document, groups=(group, *others))


def entries(name: str, *documents: IssueDocument) -> dict[str, Any]:
    """The entries of a feed of a corrected issue, by the end of their ids."""
    found = feeds_of(corrected(*documents))[name].newest.entries
    return {entry.id.rpartition("/")[2]: entry for entry in found}


@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, score=99.0, why="another reason", parts=(("fresh", 1.0),), pinned=True),
        lambda one: replace(one, quotes=tuple(replace(each, why="it is short") for each in one.quotes)),
        lambda one: replace(one, revision=7, source_feed="https://moved.example.org/feed"),
    ],
)
def test_what_nobody_sees_moves_nothing(change: Callable[[Pick], Pick]) -> None:
    """A new version that shows the same is no update: neither of the issue nor of anything in it."""
    document = issue(5)
    found = corrected(document, changed(document, change))
    assert (found.published_at, found.updated_at, found.version) == (PUBLISHED_AT, PUBLISHED_AT, 2)
    for feed in feeds_of(found).values():
        assert {entry.updated for entry in feed.newest.entries} == {PUBLISHED_AT}


def test_a_correction_moves_only_what_it_corrects() -> None:
    """A blurb moves its issue and its pick, and none of the quotes, videos or other picks."""
    document = issue(6)
    after = changed(document, lambda one: replace(one, blurb="Who paid for it."))
    assert entries("atom", document, after)["2026-11-22"].updated == FIVE_LATER
    picks = entries("themes/press-freedom", document, after)
    assert {name: entry.updated for name, entry in picks.items()} == {
        "p-post-0": FIVE_LATER,
        "p-post-5": PUBLISHED_AT,
    }
    for name in ("quotes", "videos", "themes/schools"):
        assert {entry.updated for entry in entries(name, document, after).values()} == {PUBLISHED_AT}


def test_a_name_that_was_misspelt_moves_its_quote() -> None:
    """And not the others of the same post."""
    document = issue(2)

    def spelt(one: Pick) -> Pick:
        first = one.quotes[0]
        return replace(
            one, quotes=(replace(first, quote=replace(first.quote, speaker="Mira Haldén")), *one.quotes[1:])
        )

    quotes = entries("quotes", document, changed(document, spelt))
    assert quotes["q-0-0"].updated == FIVE_LATER
    assert {entry.updated for name, entry in quotes.items() if name != "q-0-0"} == {PUBLISHED_AT}


def test_what_a_correction_adds_is_published_then() -> None:
    """It comes as new, first in its feed, and what was there keeps its day."""
    document = issue(2)
    first, *others = document.groups
    added = replace(document, groups=(replace(first, picks=(*first.picks, pick(10))), *others))
    found = entries("themes/press-freedom", document, added)
    assert list(found) == ["p-post-10", "p-post-0"]
    assert [entry.published for entry in found.values()] == [FIVE_LATER, PUBLISHED_AT]


def test_what_a_correction_takes_back_is_gone_and_its_feed_says_when() -> None:
    """No entry of it is left; ``updated`` of the feed moves, so that readers look."""
    document = issue(2)
    feed = feeds_of(corrected(document, without_quotes(document, ["q-0-0", "q-0-1"])))["quotes"].newest
    assert [entry.id.rpartition("/")[2] for entry in feed.entries] == ["q-1-0", "q-1-1"]
    assert feed.updated == FIVE_LATER


def test_what_comes_back_keeps_its_day() -> None:
    """Taken back and brought back: published as at first, updated when it came back."""
    document = issue(2)
    quotes = entries("quotes", document, without_quotes(document, ["q-0-0"]), document)
    assert (quotes["q-0-0"].published, quotes["q-0-0"].updated) == (PUBLISHED_AT, TEN_LATER)


def test_an_issue_is_as_new_as_its_last_visible_correction() -> None:
    """A later version that shows the same does not move it again."""
    document = issue(2)
    after = replace(document, introduction="A word of ours.")
    found = corrected(document, after, replace(after, quote_of_the_week_why="it is the best"))
    assert (found.updated_at, found.version) == (FIVE_LATER, 3)


def test_a_feed_without_a_correction_is_as_new_as_its_newest_entry() -> None:
    """Whatever templates, settings or releases do."""
    feed = feeds_of(*weeks(3))["atom"].newest
    assert feed.updated == PUBLISHED_AT
    assert atom.write(feed) == atom.write(feeds_of(*weeks(3))["atom"].newest)
