"""Which words tell a post from others."""

from __future__ import annotations

from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from assembling import WATER
from digest.assemble.telling import OF_THEME, TERMS_KEPT, TEXT_COMPARED, telling, with_theme, words_of
from digest.text.similar import stem

COUNTS = {"river": 400, "council": 300, "sluice": 3}


def test_a_rare_word_tells_more_than_a_common_one() -> None:
    """Of two that a post says as often, the one that few others say comes first."""
    words = {"river": 1.0, "sluice": 1.0, "council": 1.0}
    assert list(telling(words, COUNTS, 500)) == ["sluice", "council", "river"]
    assert list(telling(words, COUNTS, 500, most=1)) == ["sluice"]


def test_what_comes_back_in_a_post_tells_more() -> None:
    """Up to a point: it is dampened, and the rarer word still comes first."""
    found = telling({"river": 2.0, "council": 1.0}, {"river": 5, "council": 5}, 500)
    assert found["river"] > found["council"] > 0


def test_of_words_that_tell_as_much_the_order_is_the_alphabets() -> None:
    """The same post has the same words on every machine."""
    assert list(telling({"b": 1.0, "a": 1.0, "c": 1.0}, {}, 10, most=2)) == ["a", "b"]


def test_only_the_beginning_of_a_post_is_looked_at() -> None:
    """Its subject shows by then, and a book costs no more than a post."""
    assert words_of("A title", "mill " * TEXT_COMPARED + "sluice", "en").keys() == {"title", "mill"}


def test_the_words_of_its_theme_are_looked_for_faintly() -> None:
    """Single words only, and never in the place of what the post itself says."""
    found = with_theme({"river": 0.9}, WATER, "en")
    assert found["river"] == 0.9
    assert found[stem("drought", "en")] == OF_THEME
    assert with_theme({"river": 0.9}, None, "en") == {"river": 0.9}


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=6), st.floats(1, 5), max_size=40))
def test_weights_are_parts_of_one(words: dict[str, float]) -> None:
    """So that a long post is found no sooner than a short one."""
    found = telling(words, {}, 100)
    assert len(found) <= TERMS_KEPT
    whole = sum(value * value for value in telling(words, {}, 100, most=100).values())
    assert not words or isclose(whole, 1.0, abs_tol=0.01)
