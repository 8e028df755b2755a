"""Average-link clusters."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.assemble.linking import MOST_AT_ONCE, linked
from effort import effort

LIKENESS = st.dictionaries(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1]),
    st.integers(1, 100).map(lambda percent: percent / 100),
)


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


def joined_step_by_step(size: int, alike: dict[tuple[int, int], float], at_least: float) -> list[list[int]]:
    """The definition of average link, without any short cut."""
    clusters = [[place] for place in range(size)]
    while True:
        pairs = {
            (a, b): sum(alike.get((min(x, y), max(x, y)), 0.0) for x in a for y in b) / (len(a) * len(b))
            for a, b in combinations(map(tuple, clusters), 2)
        }
        best = max(pairs, key=lambda pair: pairs[pair], default=None)
        if best is None or pairs[best] < at_least:
            return sorted(clusters)
        clusters = [each for each in clusters if tuple(each) not in best] + [sorted([*best[0], *best[1]])]


@given(st.permutations(range(28)))
def test_chains_of_neighbours_join_what_joining_step_by_step_does(order: list[int]) -> None:
    """Where no two likenesses are equal, there is one answer."""
    pairs = list(combinations(range(8), 2))
    alike = {pair: 0.3 + place / 50 + 2.0**-place / 1000 for pair, place in zip(pairs, order, strict=True)}
    assert linked(8, alike, 0.5) == joined_step_by_step(8, alike, 0.5)


@pytest.mark.parametrize("size", [MOST_AT_ONCE, MOST_AT_ONCE + 300])
def test_very_many_that_are_all_alike_are_linked_in_a_second(size: int) -> None:
    """A flood of copies is no reason to stop; so many at a time are one cluster."""
    ring = {
        (place, place + step): 0.9 for place in range(size) for step in range(1, 20) if place + step < size
    }
    with effort() as spent:
        found = linked(size, ring, 0.5)
    assert spent.seconds < 1.5
    assert sorted(place for cluster in found for place in cluster) == list(range(size))
