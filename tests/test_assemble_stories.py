"""Posts of several sources that tell the same story."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assembling import NOW, STRINGS, THEMES, digest, material
from digest.assemble.drafting import draft
from digest.assemble.stories import stories
from digest.assemble.window import Material
from digest.model import IssueId

CRANE = (
    "The harbour inquiry heard the driver of the fallen crane on Monday. He had asked twice for an inspection of the "
    "brakes, and twice the harbour master had answered that the season was not the time for it. The inquiry goes on."
)
AGENCY = (
    "On Monday the harbour inquiry heard the driver of the crane that fell. Twice he had asked for an inspection of its "
    "brakes; twice the harbour master answered that this was not the season. The inquiry continues next week."
)
STRIKE = (
    "The drivers of the night buses stopped work on Monday. They ask for brakes that are inspected and for a season "
    "ticket for their children. The town council says that it has heard them and that talks go on."
)
BREAD = (
    "Flour, patience and a hot oven: how the bakers of Lower Brim make two hundred loaves before six, and what they do "
    "with those that are left in the evening. The recipe is older than the bridge and has never been written down."
)


def told(*posts: Material) -> list[list[str]]:
    """The keys of each story, the teller first."""
    return sorted(
        [story.teller.post.key, *(other.post.key for other in story.others)] for story in stories(posts)
    )


def post(
    key: str, text: str, source: str, title: str = "From the harbour", own: bool = False, **fields: Any
) -> Material:
    """A post of some source."""
    return material(key, title, text=text, source=source, own=own, **fields)


def test_two_sources_that_tell_the_same_are_one_story() -> None:
    """Told in other words and in another order of words."""
    assert told(post("a", CRANE, "bay", days_old=2), post("b", AGENCY, "cove"), post("c", BREAD, "dune")) == [
        ["a", "b"],
        ["c"],
    ]


@pytest.mark.parametrize("other", [STRIKE, BREAD])
def test_two_subjects_are_two_stories(other: str) -> None:
    """Also on the same day, under the same title and with words in common."""
    assert told(post("a", CRANE, "bay"), post("b", other, "cove"), post("c", "", "dune")) == [
        ["a"],
        ["b"],
        ["c"],
    ]


def test_two_of_a_kind_are_two_stories() -> None:
    """Two floods share the common words, and neither place nor name nor number."""
    here = (
        "The Orvane rose three metres in a night and stood in the cellars of Lower Brim on Tuesday. Mayor Tilda Quist had "
        "412 people brought to the school of Saint Ode, where the fire brigade hands out blankets and soup."
    )
    again = (
        "In Lower Brim 412 people spent Tuesday in the school of Saint Ode after the Orvane came over its banks. Nobody was "
        "hurt, says Tilda Quist, the mayor of the town, and the water is falling."
    )
    there = (
        "Cellars are full in Harrow Ford since the Sellin left its bed on Tuesday. Ninety-five people slept in a gymnasium; "
        "Bero Latt, who leads the fire brigade of Upper Marn, expects that the water falls by Thursday."
    )
    found = told(
        post("here", here, "bay", "Flood in Lower Brim"),
        post("again", again, "cove", "A night in the school"),
        post("there", there, "dune", "Flood on the Sellin"),
        post("bread", BREAD, "eddy", "Before six"),
    )
    assert [sorted(story) for story in found] == [["again", "here"], ["bread"], ["there"]]


def test_a_title_alone_is_no_story() -> None:
    """Every blog has its "Links of the week"."""
    assert told(post("a", "", "bay", "Links of the week"), post("b", "", "cove", "Links of the week")) == [
        ["a"],
        ["b"],
    ]


def test_a_source_never_tells_one_story_twice() -> None:
    """Two posts of one source are two posts."""
    assert told(post("a", CRANE, "bay"), post("b", CRANE, "bay")) == [["a"], ["b"]]


def test_a_story_has_its_days() -> None:
    """The same report half a year later is about another crane."""
    assert told(post("a", CRANE, "bay"), post("b", AGENCY, "cove", days_old=180)) == [["a"], ["b"]]


def test_our_own_post_tells_the_story_or_else_who_came_first() -> None:
    """Whoever copied it is named."""
    first, later = post("first", CRANE, "bay", days_old=2), post("later", AGENCY, "cove", days_old=1)
    assert told(first, later) == [["first", "later"]]
    assert told(first, material("ours", "From the harbour", text=AGENCY, source="cove")) == [
        ["ours", "first"]
    ]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1000))
def test_the_order_of_the_input_makes_no_other_stories(seed: int) -> None:
    """They come from a database in any order."""
    posts = [
        post(f"k{n}", text, f"s{n % 4}", days_old=n / 3)
        for n, text in enumerate((CRANE, AGENCY, STRIKE, BREAD) * 3)
    ]
    shuffled = posts[:]
    Random(seed).shuffle(shuffled)
    assert told(*shuffled) == told(*posts)


def test_a_story_is_one_pick_that_names_the_others() -> None:
    """They are listed by title, and their telling speaks for the pick."""
    posts = [post("a", CRANE, "bay", days_old=2), post("b", AGENCY, "cove"), post("c", BREAD, "dune")]
    document = draft(IssueId("weekly", NOW.date()), digest(), posts, (), THEMES, (), STRINGS, NOW)
    picks = {pick.post: pick.why for pick in document.picks}
    assert picks == {"a": "It is new from Bay. Also told by Cove.", "c": "It is new from Dune."}
    assert [each.post for each in document.also_published] == ["b"]
