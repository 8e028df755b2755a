"""Which posts an issue picks, and in which order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assembling import NOW, listed, material, quote, youtube
from digest.assemble.rank import Candidate, Score, Selection, explained, score, select
from digest.assemble.themes import Assignment
from digest.assemble.window import Material
from digest.model import Reading


def total(made: Material, theme_score: float = 0.0, **around: Any) -> float:
    """What a post scores beside others that are like it in everything else."""
    settings: dict[str, Any] = {"theme_weight": 1.0, "source_posts": 1, "also_told": 0, "now": NOW} | around
    return score(made, Assignment("press", "", theme_score), **settings).total


def candidate(
    key: str, source: str = "harbour", theme: str = "", worth: float = 1.0, days_old: float = 1
) -> Candidate:
    """A post with a score given to it."""
    made = material(key, source=source, days_old=days_old)
    return Candidate(made, Assignment(theme, ""), Score((("worth", worth),)))


def keys(found: Selection) -> list[str]:
    """What was picked, in order."""
    return [each.material.post.key for each in found.picked]


def test_a_score_explains_itself() -> None:
    """Its parts have names, and add up to its total."""
    found = score(
        material("a"), Assignment("press", "", 4.0), theme_weight=2.0, source_posts=2, also_told=1, now=NOW
    )
    assert found.total == pytest.approx(sum(value for _, value in found.parts))
    assert dict(found.parts) == {
        "freshness": 0.906,
        "richness": 0.0,
        "corroboration": 0.2,
        "fit to theme": 0.333,
        "weight of theme": 1.0,
        "weight of source": 0.0,
        "rarity of source": 0.25,
    }


def test_the_parts_of_a_score_make_a_sentence() -> None:
    """The greatest first, with their signs; what adds nothing is not mentioned."""
    parts = (("freshness", 0.25), ("weight of source", -1.0), ("richness", 0.5), ("corroboration", 0.0))
    assert explained(parts) == (
        "It ranks by a score of −0.25: −1.00 for the weight that editors give its source, "
        "+0.50 for its quotes, videos, key themes and length, +0.25 for how new it is."
    )
    assert explained(()) == "It ranks by a score of 0.00: nothing speaks for it."


def test_a_part_of_an_older_release_is_told_by_its_name() -> None:
    """What is stored outlives the rules."""
    assert explained((("moon", 1.0),)) == "It ranks by a score of 1.00: +1.00 for moon."


def test_every_part_of_a_score_has_words() -> None:
    """None is told by its bare name."""
    found = score(
        material("a", quotes=[quote("Salt")], weight=2.0),
        Assignment("press", "", 4.0),
        theme_weight=2.0,
        source_posts=2,
        also_told=1,
        now=NOW,
    )
    assert all(f"for {name}" not in explained(found.parts) for name, _ in found.parts)


def test_what_makes_a_post_better_makes_it_rank_higher() -> None:
    """Fresher, richer, weightier, rarer, closer to its theme."""
    plain = material("a", days_old=3)
    assert total(material("a", days_old=1)) > total(plain)
    assert total(material("a", days_old=3, quotes=[quote("Words that stay.")])) > total(plain)
    assert total(material("a", days_old=3, videos=(youtube("v"),))) > total(plain)
    assert total(material("a", days_old=3, reading=listed("Censorship"))) > total(plain)
    assert total(material("a", days_old=3, text="word " * 500)) > total(plain)
    assert total(material("a", days_old=3, weight=2.0)) > total(plain)
    assert total(plain, theme_weight=2.0) > total(plain)
    assert total(plain, 5.0) > total(plain)
    assert total(plain) > total(plain, source_posts=9)
    assert total(plain, also_told=1) > total(plain)


def test_a_quote_without_a_name_is_no_riches() -> None:
    """Nobody signs for it."""
    assert total(material("a", quotes=[quote("Words.", speaker="")])) == total(material("a"))


def test_a_date_in_the_future_is_no_advantage() -> None:
    """A clock that is wrong does not win."""
    assert total(material("a", days_old=-400)) == total(material("a", days_old=0))


def test_of_equals_the_newest_comes_first_and_then_the_key_decides() -> None:
    """Never the order in which they came."""
    equals = [candidate("b"), candidate("a"), candidate("c", days_old=0.5)]
    assert keys(select(equals, 10)) == ["c", "a", "b"]


def test_every_theme_that_has_anything_has_a_place() -> None:
    """Also one whose best post is behind all the others."""
    many = [candidate(f"p{number}", theme="press", worth=9) for number in range(20)]
    assert "w" in keys(select([*many, candidate("w", theme="water", worth=0.1)], 5))


def test_with_more_themes_than_places_the_best_themes_have_them() -> None:
    """A place for each is a promise only where there are places."""
    found = select([candidate(f"p{number}", theme=f"t{number}", worth=number) for number in range(6)], 3)
    assert keys(found) == ["p5", "p4", "p3"]


def test_a_cap_leaves_a_theme_the_only_source_that_writes_about_it() -> None:
    """Themes that few sources write about choose first."""
    schools = [candidate("s1", "a", "schools", 9), candidate("s2", "b", "schools", 5)]
    water = [candidate("w1", "a", "water", 1)]
    others = [candidate("c1", "c", worth=0.2), candidate("d1", "d", worth=0.1)]
    found = select([*schools, *water, *others], 4)
    assert {"w1", "s2"} <= set(keys(found))


def test_caps_hold_only_from_four_sources_on() -> None:
    """Three sources may fill an issue however they like."""
    three = [candidate(f"{source}{number}", source) for source in "abc" for number in range(5)]
    assert len(select(three, 12).picked) == 12
    assert max(Counter(each.source for each in select(three, 12).picked).values()) > 3


def test_a_source_may_have_exactly_its_share() -> None:
    """Three of ten are thirty percent."""
    loud = [candidate(f"l{number}", "loud", worth=9) for number in range(5)]
    quiet = [candidate(f"{source}{number}", source) for source in "bcde" for number in range(2)]
    assert Counter(each.source for each in select([*loud, *quiet], 10).picked)["loud"] == 3
    assert Counter(each.source for each in select([*loud, *quiet], 9).picked)["loud"] == 2


def test_a_selection_of_no_posts_is_empty() -> None:
    """A quiet week."""
    assert select([], 12) == Selection((), ())


SOURCES = st.lists(
    st.tuples(
        st.sampled_from("abcdefg"), st.sampled_from(["", "press", "water", "schools"]), st.integers(0, 5)
    ),
    max_size=40,
)


@settings(deadline=None)
@given(SOURCES, st.integers(1, 15), st.integers(0, 1000))
def test_selections_keep_their_promises(posts: list[tuple[str, str, int]], most: int, seed: int) -> None:
    """Every post is picked or cut, once; caps hold; the order of the input changes nothing."""
    candidates = [
        candidate(f"k{number:02}", source, theme, float(worth))
        for number, (source, theme, worth) in enumerate(posts)
    ]
    found = select(candidates, most)
    assert sorted(keys(found) + [each.material.post.key for each in found.cut]) == sorted(
        each.material.post.key for each in candidates
    )
    assert len(found.picked) <= most
    sources = Counter(each.source for each in found.picked)
    if len({source for source, *_ in posts}) >= 4:
        assert all(
            count == 1 or (count <= 3 and count <= 0.3 * len(found.picked)) for count in sources.values()
        )
    else:
        assert len(found.picked) == min(most, len(posts))
    shuffled = candidates[:]
    Random(seed).shuffle(shuffled)
    assert select(shuffled, most) == found


def test_a_source_with_a_single_theme_does_not_push_out_others() -> None:
    """Weights move a post, and never the caps."""
    loud = [candidate(f"l{number}", "loud", worth=9) for number in range(9)]
    quiet = [candidate(source, source, worth=0.1) for source in ("b", "c", "d", "e", "f", "g")]
    found = select([*loud, *quiet], 12)
    assert Counter(each.source for each in found.picked)["loud"] == 2  # of eight


def test_scores_of_readings_that_differ_only_in_order_are_equal() -> None:
    """Nothing hangs on how quotes are sorted."""
    one, two = quote("Words that stay.", start=0), quote("Other words that stay.", start=40)
    made = material("a", reading=Reading(quotes=(one, two)))
    assert total(made) == total(replace(made, reading=Reading(quotes=(two, one))))
