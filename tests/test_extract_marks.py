"""Quotation marks of all conventions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.extract.marks import ALL_MARKS, opens, quoted
from effort import effort


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("“A dam.”", ["A dam."]),
        ('"A dam."', ["A dam."]),
        ("„Ein Damm.“", ["Ein Damm."]),
        ("„Een dam.”", ["Een dam."]),
        ("»Ein Damm.«", ["Ein Damm."]),
        ("”En damm.”", ["En damm."]),
        ("«\u00a0Un barrage.\u00a0»", ["Un barrage."]),
        ("«سد»", ["سد"]),
        ("「水。」", ["水。"]),
        ("‘A dam.’", ["A dam."]),
        ("'The engineers' dam isn't old.'", ["The engineers' dam isn't old."]),
        ("‚Ein Damm.‘", ["Ein Damm."]),
        ("“He said “no” to me.”", ["He said “no” to me."]),
        ("\"I said: 'A second key.'\"", ["I said: 'A second key.'"]),
        ("“A dam,” she said, “leaks.”", ["A dam,", "leaks."]),
        ("The dam isn't the engineers' fault", []),
        ('12" pipes', []),
        ("", []),
    ],
)
def test_the_words_between_marks(text: str, inside: list[str]) -> None:
    """What closes a quotation is decided by what opened it; marks inside stay."""
    assert [text[part.inner_start : part.inner_end] for part in quoted(text)] == inside


def test_a_quotation_without_an_end_takes_the_rest() -> None:
    """Another paragraph may close it."""
    (part,) = quoted("“Give us a date.")
    assert not part.closed
    assert (part.inner_start, part.inner_end) == (1, 16)


def test_a_mark_opens_before_a_word() -> None:
    """A straight mark behind a word closes."""
    assert opens("“A")
    assert opens('"A')
    assert not opens('" A')
    assert not opens("A “b”")
    assert not opens("")


@given(st.text(st.sampled_from([*ALL_MARKS, " ", "a", ".", ",", "\u00a0"]), max_size=200))
def test_parts_are_in_order_and_inside_the_text(text: str) -> None:
    """Whatever the marks are."""
    at = 0
    for part in quoted(text):
        assert at <= part.start < part.inner_start <= part.inner_end <= part.end <= len(text)
        at = part.end


@pytest.mark.parametrize("unit", ["“", '"', "'a' ", "“a” ", "« ", "‘a ", '"a "b '])
def test_no_run_of_marks_takes_long(unit: str) -> None:
    """100 KB of marks in far less than 100 ms."""
    text = unit * (100_000 // len(unit))
    with effort() as spent:
        quoted(text)
    assert spent.seconds < 0.5
