"""Posts as weighed words, and how alike they are."""

from __future__ import annotations

from math import isclose

import numpy as np

from digest.assemble.likeness import cosines, counted, index, parted, unit, weighed


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
    assert not cosines([{}, {"river": 1.0}])[0].any()


def test_posts_are_alike_by_the_words_they_share() -> None:
    """And a word that too many share makes nobody alike."""
    vectors = [{"river": 1.0}, {"river": 0.6, "dam": 0.8}, {"dam": 1.0}]
    assert np.allclose(cosines(vectors), [[1, 0.6, 0], [0.6, 1, 0.8], [0, 0.8, 1]])
    assert not cosines(vectors, most_shared=1).any()


def test_a_vector_is_compared_with_those_of_an_index() -> None:
    """Also one that is not among them."""
    known = index([{"river": 0.6, "dam": 0.8}, {"dam": 1.0}])
    assert known.likeness({"river": 1.0, "bread": 1.0}).tolist() == [0.6, 0]


def test_a_compound_has_the_words_it_is_joined_of() -> None:
    """Where a language joins words, and another text has these words by themselves."""
    crane, tower = {"hafenkran": 2.0, "sturm": 1.0}, {"kran": 1.0, "hafen": 1.0}
    assert parted([crane, tower], "de") == [crane | {"hafen": 2.0, "kran": 2.0}, tower]
    assert parted([crane, tower], "en") == [crane, tower]
    assert parted([crane, {"fenkr": 1.0}], "de") == [crane, {"fenkr": 1.0}]
