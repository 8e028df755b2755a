"""Words that an editor picks out of a post: verbatim or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.assemble.excerpt import LONGEST, excerpt
from digest.errors import DigestError
from digest.extract.reading import verbatim
from digest.model import QuoteOrigin
from effort import effort

URL = "https://harbour.example.org/lights"
TEXT = (
    "Ilse Morow spoke.\nWe kept the\u00a0lights on,\nshe said, because somebody\nhad to. Nobody thanked us."
)


def test_words_are_found_as_they_stand() -> None:
    """Whatever stands between them in the text: a line break, a space that does not break."""
    found = excerpt(TEXT, "We  kept the lights on", "Ilse Morow", URL)
    assert (found.text, found.speaker, found.origin) == (
        "We kept the lights on",
        "Ilse Morow",
        QuoteOrigin.EDITOR,
    )
    assert verbatim(found, TEXT)
    assert found.link.startswith(f"{URL}#:~:text=")


def test_what_is_left_out_is_marked() -> None:
    """Each part is a span, in the order of the text."""
    found = excerpt(TEXT, "We kept the lights on […] because somebody had to.", "", URL)
    assert len(found.spans) == 2
    assert verbatim(found, TEXT)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("We kept the lamps on", "does not say, word for word: “We kept the lamps on”"),
        ("because somebody […] We kept", "does not say, word for word: “We kept”"),
        ("ept the lights", "does not say"),
        ("we kept the lights", "does not say"),
        (" ", "needs between 1 and"),
        ("We […] ", "needs between 1 and"),
        ("x" * (LONGEST + 1), "needs between 1 and"),
    ],
)
def test_what_does_not_stand_there_is_refused(words: str, sentence: str) -> None:
    """Other words, another order, a part of a word, another case; nothing at all, and too much."""
    with pytest.raises(DigestError, match=sentence):
        excerpt(TEXT, words, "", URL)


@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT)))
def test_whatever_is_cut_out_of_a_text_is_verbatim_or_refused(start: int, end: int) -> None:
    """No other outcome."""
    try:
        found = excerpt(TEXT, TEXT[start:end], "", URL)
    except DigestError:
        return
    assert verbatim(found, TEXT)


def test_a_hostile_text_is_looked_through_once() -> None:
    """Half of what is looked for again and again, and what stands within one endless word."""
    for text, words in (("a " * 500 + " " * 1000) * 50, "a " * 501 + "b"), ("a" * 100_000, "a" * 1000):
        with effort() as spent, pytest.raises(DigestError):
            excerpt(text, words, "", URL)
        assert spent.seconds < 0.1
