"""An issue of few places does not say one thing again and again."""

from __future__ import annotations

import pytest

from assembling import NOW, STRINGS, digest, material
from digest.assemble.drafting import draft
from digest.assemble.meanings import NO_MEANINGS, Meanings, packed, text_of, unpacked
from digest.assemble.rank import Candidate, Score, select
from digest.assemble.themes import NO_THEME, Assignment
from digest.assemble.variety import variety
from digest.assemble.window import Material
from digest.model import IssueId
from effort import effort

FLOOD = (
    "The river rose by two metres in one night and stood in the cellars of the lower town; the fire brigade pumped until "
    "noon, and the mayor asked for help from the capital."
)
AGAIN = (
    "By two metres the river rose in one night; in the cellars of the lower town the water stood until noon, although the "
    "fire brigade pumped, and from the capital the mayor asked for help."
)
CHOIR = "The choir of Lower Brim sings on Sunday, and whoever wants to may bring a cake, a chair and their own voice."
CHEESE = "Three wheels of hard cheese won the medal of the valley this year, all from goats that graze above the forest."


def candidate(each: Material, worth: float, theme: str = "") -> Candidate:
    assignment = Assignment(theme, "A term.", 1.0) if theme else NO_THEME
    return Candidate(each, assignment, Score((("worth", worth),)))


def flood(key: str, worth: float, text: str = FLOOD, theme: str = "", source: str = "bay") -> Candidate:
    return candidate(material(key, f"News {key}", text=text, source=source), worth, theme)


def picked(*candidates: Candidate, most: int = 2, meanings: Meanings = NO_MEANINGS) -> list[str]:
    return [each.material.post.key for each in select(candidates, most, meanings).picked]


def test_what_repeats_a_pick_gives_way() -> None:
    """Although it ranks before what says something else; in the issue's order the better stands first."""
    assert picked(flood("a", 3), flood("b", 2.9, AGAIN), flood("c", 2, CHOIR)) == ["a", "c"]


def test_a_repetition_that_is_worth_much_more_stays() -> None:
    """Alike is no reason to print what nobody wants."""
    assert picked(flood("a", 9), flood("b", 8, AGAIN), flood("c", 1, CHOIR)) == ["a", "b"]


def test_where_there_is_room_nothing_gives_way() -> None:
    """All are picked, in the order of rank."""
    assert picked(flood("a", 3), flood("b", 2.9, AGAIN), flood("c", 2, CHOIR), most=3) == ["a", "b", "c"]


def test_a_theme_keeps_its_place_with_what_repeats_least() -> None:
    """Of two posts of the second theme the one that says something new."""
    found = picked(
        flood("a", 3, theme="water"),
        flood("b", 2.9, AGAIN, "town"),
        flood("c", 2.5, CHOIR, "town"),
        flood("d", 2.8, CHEESE, "water"),
    )
    assert found == ["a", "c"]


def test_short_posts_repeat_nothing() -> None:
    """A title and three words may be the same every week."""
    notes = [flood(key, worth, "See you there.") for key, worth in (("a", 3), ("b", 2.9))]
    assert picked(*notes, flood("c", 2, CHOIR)) == ["a", "b"]


def test_two_languages_repeat_each_other_only_by_what_they_mean() -> None:
    """The same words in another language are other words."""
    posts = [
        flood("a", 3),
        candidate(material("b", text=FLOOD, language="de"), 2.9),
        flood("c", 2, CHOIR),
    ]
    assert picked(*posts) == ["a", "b"]
    points = {"a": (1.0, 0.0), "b": (1.0, 0.1), "c": (0.0, 1.0)}
    known = unpacked({text_of(each.material.post): packed(points[each.material.post.key]) for each in posts})
    assert picked(*posts, meanings=known) == ["a", "c"]


def test_a_draft_says_what_a_post_repeats() -> None:
    """Under "Also published", with the title of the pick."""
    posts = [
        material("a", "The flood", text=FLOOD, days_old=1),
        material("b", "Water in town", text=f"{AGAIN} The market is closed.", days_old=1.1),
        material("c", "Songs", text=CHOIR, days_old=1.2),
    ]
    made = draft(IssueId("weekly", NOW.date()), digest(max_picks=2), posts, (), (), (), STRINGS, NOW)
    assert [pick.post for group in made.groups for pick in group.picks] == ["a", "c"]
    assert [(each.post, each.why) for each in made.also_published] == [
        ("b", "It says much of what “The flood” of Harbour says, and the issue has room for 2.")
    ]


def test_only_what_would_have_been_picked_is_told_to_repeat() -> None:
    """What ranks behind all picks is cut for that."""
    found = select([flood("a", 3), flood("c", 2, CHOIR), flood("b", 1, AGAIN)], 2)
    assert found.repeats == {}
    capped = select([flood("a", 3), flood("b", 2.9, AGAIN), flood("c", 2, CHOIR)], 2)
    assert {key: each.material.post.key for key, each in capped.repeats.items()} == {"b": "a"}


@pytest.mark.parametrize("text", [FLOOD * 20, "", "A " * 500, "木" * 900])
def test_hostile_posts_take_no_longer(text: str) -> None:
    """Five hundred that say the same, all of them picked."""
    candidates = [flood(f"p{number:03}", number, f"{text} {number}") for number in range(500)]
    with effort() as spent:
        assert len(select(candidates, 500).picked) == 500
    assert spent.seconds < 4


def test_likeness_is_the_same_both_ways() -> None:
    """Of two tellings more than half."""
    compared = variety([flood(key, 1, text).material.post for key, text in (("a", FLOOD), ("b", AGAIN))], {})
    assert compared.alike(0)[1] == pytest.approx(compared.alike(1)[0])
    assert compared.alike(0)[1] > 0.5
