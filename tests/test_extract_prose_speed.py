"""Reading prose takes time in proportion to its length, whatever stands in it.

Processor time, the best of a few runs, because other work on the machine counts as well. The limits leave room for a
busy machine: a hundred kilobytes take at most 75 ms on a quiet one.
"""

from __future__ import annotations

import pytest

from attributed import words
from digest.extract.prose.speech import MOST_QUOTES
from digest.extract.reading import read
from digest.text.html import sanitise
from effort import effort

URL = "https://odde.example/post"
SIZE = 100_000  # bytes
LIMIT = 0.2  # seconds
STORY = (
    "<p>Mayor Dana Orlo came to the harbour on Monday. “We wait for nobody,” she said. According to Tomas Reyl, who "
    "runs the ferry, the minister had called the plan “a gift to nobody but the bank”.</p>"
    "<p>The boats stayed where they were, and the rain went on over the old warehouses of Odde until the evening.</p>"
)


def seconds(html: str, language: str) -> float:
    """The least processor time of three readings."""
    clean = sanitise(html, URL)
    runs = []
    for _ in range(3):
        with effort() as spent:
            read(clean, url=URL, title="The harbour", language=language, summary="", words=words())
        runs.append(spent.seconds)
    return min(runs)


UNITS = [
    "“We wait,” she said. ",
    "“We are not afraid,” said Mayor Ana Bo, who ",
    "Minister Ab Cd, who said “it is so and so”, ",
    "“Aa is bb cc,” said Bb Cc. ",
    "“a b c d e f ",
    "\u200b“a",
    "e\u0301“",
    "«a “b ‘c ",
    "— Si, dit-elle, no. ",
    "Ab ",
    "A and ",
    "the minister of the ",
    "according to ",
    "said ",
    "she ",
    ", ",
    "Dr. ",
    "harbour wall ",
    "1 2 ",
]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_no_prose_runs_away(unit: str, language: str) -> None:
    """A hundred kilobytes of marks, names, verbs or nothing in particular."""
    assert seconds(f"<p>{unit * (SIZE // len(unit.encode()))}</p>", language) < LIMIT


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_a_long_post_takes_as_long_as_several_short_ones(language: str) -> None:
    """No more than linear: eight times the story takes about eight times as long."""
    short, long = seconds(STORY * 4, language), seconds(STORY * 32, language)
    assert long < 12 * short + 0.02


def test_behind_the_most_quotations_nobody_is_looked_for() -> None:
    """What is not printed costs nothing: ten times as many quotations as are read take no ten times as long."""
    again = "<p>“We wait for number {} of them,” said Dana Orlo.</p>"
    most, more = (
        seconds("".join(again.format(n) for n in range(size)), "en")
        for size in (2 * MOST_QUOTES, 10 * MOST_QUOTES)
    )
    assert more < 3 * most
