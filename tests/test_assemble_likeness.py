"""Posts as weighed words, and average-link clusters of them."""

from __future__ import annotations

from itertools import combinations
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from digest.assemble.likeness import cosines, counted, linked, unit, weighed

LIKENESS = st.dictionaries(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1]),
    st.integers(1, 100).map(lambda percent: percent / 100),
)


def test_a_word_of_the_title_counts_twice() -> None:
    """And numbers and words of two letters not at all."""
    counts = counted("River", "The river of 1986 is up", "en")
    assert counts.keys() == {"river", "the"}
    assert counts["river"] > counts["the"] == 1


def test_a_rare_word_weighs_more() -> None:
    """A vector has length 1, and what all posts say weighs least."""
    first, second = weighed([{"river": 1.0, "the": 1.0}, {"the": 1.0}])
    assert first["river"] > first["the"]
    assert isclose(sum(value * value for value in first.values()), 1)
    assert second == {"the": 1.0}


def test_nothing_has_no_direction() -> None:
    """An empty post is like no other."""
    assert unit({}) == {}
    assert cosines([{}, {"river": 1.0}]) == {}


def test_only_pairs_that_share_a_word_are_compared() -> None:
    """And a word that too many share makes nobody alike."""
    vectors = [{"river": 1.0}, {"river": 0.6, "dam": 0.8}, {"dam": 1.0}]
    assert cosines(vectors) == {(0, 1): 0.6, (1, 2): 0.8}
    assert cosines(vectors, most_shared=1) == {}


def test_the_two_that_are_most_alike_come_first() -> None:
    """Then their average likeness to the others decides: a chain of neighbours is no cluster."""
    chain = {(0, 1): 0.9, (1, 2): 0.6, (2, 3): 0.9}
    assert linked(4, chain, 0.5) == [[0, 1], [2, 3]]
    assert linked(4, chain | {(0, 2): 0.6, (0, 3): 0.6, (1, 3): 0.6}, 0.5) == [[0, 1, 2, 3]]


def test_what_must_be_apart_stays_apart() -> None:
    """Also when a third would bring them together."""
    alike = {(0, 1): 0.9, (1, 2): 0.8, (0, 2): 0.9}
    assert linked(3, alike, 0.5, apart=[(0, 2)]) == [[0, 1], [2]]


@given(LIKENESS)
def test_every_post_is_in_one_cluster_and_clusters_are_as_alike_as_asked(
    alike: dict[tuple[int, int], float],
) -> None:
    """No two clusters that are left could be joined."""
    found = linked(8, alike, 0.5)
    assert sorted(place for cluster in found for place in cluster) == list(range(8))
    for first, second in combinations(found, 2):
        total = sum(alike.get((min(a, b), max(a, b)), 0.0) for a in first for b in second)
        assert total / (len(first) * len(second)) < 0.5 + 1e-9
