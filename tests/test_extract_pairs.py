"""Which quotation marks of a paragraph belong together."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.extract.prose.pairs import pairs, readable
from effort import effort


def marked(text: str) -> list[str]:
    """The quotations of a paragraph with their marks."""
    return [text[part.start : part.end] for part in pairs(text).found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“a” and \"b\" and 'c d'", ["“a”", '"b"', "'c d'"]),
        ("„a“ und ‚b‘ und »c«", ["„a“", "‚b‘", "»c«"]),
        ("„a” i „b”", ["„a”", "„b”"]),
        ("« a » et ‹ b ›", ["« a »", "‹ b ›"]),
        ("”a”, sa hon", ["”a”"]),
        ("「a『b』c」", ["「a『b』c」"]),
        ("＂a＂", ["＂a＂"]),
    ],
)
def test_every_convention_has_its_pairs(text: str, expected: list[str]) -> None:
    """What closes is decided by what opened: the closing mark of one opens another."""
    assert marked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“He said ‘no’ to me” twice", ["“He said ‘no’ to me”"]),
        ("«a “b” c»", ["«a “b” c»"]),
        ("“a “b” c” d", ["“a “b” c”"]),
        ("« Il a dit « non ».", ["« Il a dit « non »"]),
    ],
)
def test_marks_within_marks_are_said_with_the_rest(text: str, expected: list[str]) -> None:
    """Only the outermost count; one guillemet may close two."""
    assert marked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the engineers’ ‘plan’ is theirs", ["‘plan’"]),
        ("‘We don’t know,’ he said", ["‘We don’t know,’"]),
        ("goin’ ‘home’ now", ["‘home’"]),
        ("rock ’n’ roll in the ’90s", []),
        ("'Twas late, y'all", []),
        ('6\'2" tall, "he said"', ['"he said"']),
        ("5’ and 6”", []),
        ('צה"ל', []),
    ],
)
def test_apostrophes_and_inches_open_and_close_nothing(text: str, expected: list[str]) -> None:
    """Within a word, before a number, behind a plural, in words that drop a letter."""
    assert marked(text) == expected


def test_what_nothing_closes_stays_open_to_the_end() -> None:
    """Another paragraph may go on with it, unless a pair of its kind follows."""
    [part] = pairs("She said: “We wait for you").found
    assert not part.closed
    assert part.end == len("She said: “We wait for you")
    assert [part.closed for part in pairs("a “ b “c” d").found] == [True]


def test_a_closing_mark_alone_is_a_stray() -> None:
    """It ends what an earlier paragraph began; the first counts."""
    assert pairs("for you.” She left.”").stray == len("for you.")
    assert pairs("“a” b").stray is None
    assert pairs("nothing at all").found == ()


def test_a_part_is_known_with_its_marks_and_without_marks_and_spaces() -> None:
    """Verbatim quotes are what stands inside."""
    text = "dit « oui, oui » puis"
    [part] = pairs(text).found
    assert text[part.inner_start : part.inner_end] == "oui, oui"
    assert text[part.start : part.end] == "« oui, oui »"


def test_a_text_is_read_as_far_as_its_marks_are_prose() -> None:
    """A table of inches or a page of code has more; apostrophes within words do not count."""
    assert readable("“a” " * 10, 6) == len("“a” " * 3)
    assert readable("it's " * 10, 6) == len("it's " * 10)
    assert readable("no marks", 0) == len("no marks")


@settings(deadline=None)
@given(st.text(alphabet="ab “”„‘’'\"«»‹›「」.,—5s", max_size=60))
def test_pairs_are_in_order_and_inside_the_text(text: str) -> None:
    """Only the last may be unclosed, none is empty, and none overlaps another."""
    found = pairs(text).found
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(part.start < part.inner_start < part.inner_end <= part.end <= len(text) for part in found)
    assert all(part.closed for part in found[:-1])


@pytest.mark.parametrize("unit", ["“", "“a” ", "'", "‘a ", "«", '" ', "a” ", "5'6\" ", "「『"])
def test_thousands_of_marks_are_paired_in_linear_time(unit: str) -> None:
    """Four times the text takes about four times as long."""

    def seconds(size: int) -> float:
        with effort() as spent:
            pairs(unit * (size // len(unit)))
        return spent.seconds

    once, fourfold = (min(seconds(size) for _ in range(3)) for size in (5_000, 20_000))
    assert fourfold < 12 * once + 0.05
