"""What stands beside a name and tells who it is."""

from __future__ import annotations

import pytest

from attributed import narrated, words
from digest.extract.prose.appositions import apposition, described, has_age, is_somebody, neighbours
from digest.extract.prose.namings import NameReader, Run
from digest.extract.prose.narration import Narration


def first(text: str, language: str = "en") -> tuple[Narration, Run]:
    """The first name of a text."""
    narration, speech = narrated(text, language), words().speech(language)
    return narration, next(NameReader(narration, words(), speech, language).runs())


@pytest.mark.parametrize(
    ("language", "text", "role"),
    [
        ("en", "the harbour master Tomas Reyl left", ["master"]),
        ("en", "the mayor of odde, Mirela Dovann, said", ["mayor"]),
        ("en", "then the rain came, Tomas Reyl left", []),
        ("en", "he met Tomas Reyl", []),
        ("en", "the boats of Tomas Reyl left", []),
    ],
)
def test_what_somebody_is_stands_before_the_name(language: str, text: str, role: list[str]) -> None:
    """Right before it, or before its comma where another closes the name."""
    narration, run = first(text, language)
    assert described(narration, run, words().speech(language)) == role


@pytest.mark.parametrize(
    ("language", "text", "nouns"),
    [
        ("en", "so Tomas Reyl, an energy economist at Vell, left", ["energy", "economist"]),
        ("de", "da ging Jan Feld, 58, Leiter der Behörde, fort", ["leiter"]),
        ("en", "so Tomas Reyl, says the harbour master, left", []),
        ("en", "so Tomas Reyl left, a broken man", []),
        ("en", "so Tomas Reyl", []),
    ],
)
def test_what_somebody_is_stands_behind_the_name(language: str, text: str, nouns: list[str]) -> None:
    """Between two commas, an age before it left out; up to the first preposition, and no clause."""
    narration, run = first(text, language)
    assert apposition(narration, run.end, words().speech(language)) == nouns


@pytest.mark.parametrize(
    ("text", "aged"),
    [
        ("so Tomas Reyl, 54, left", True),
        ("so Tomas Reyl (54) left", True),
        ("so Tomas Reyl, 1998, left", False),
        ("so Tomas Reyl 54 left", False),
        ("so Tomas Reyl", False),
    ],
)
def test_who_has_an_age_is_a_person(text: str, aged: bool) -> None:
    """Of at most three digits, behind a comma or in brackets."""
    narration, run = first(text)
    assert has_age(narration, run.end) is aged


def test_who_is_said_of_people_only() -> None:
    """ "Reyl, who": languages that say it of things as well tell nothing by it."""
    narration, run = first("so Tomas Reyl, who left")
    assert is_somebody(narration, run.end, words().speech("en"))
    narration, run = first("so Tomas Reyl, which left")
    assert not is_somebody(narration, run.end, words().speech("en"))


def test_neighbours_are_the_words_on_both_sides() -> None:
    """One only where a text begins or ends with the name."""
    assert list(neighbours(*first("then Tomas Reyl left"))) == ["then", "left"]
    assert list(neighbours(*first("Tomas Reyl left"))) == ["left"]
    assert list(neighbours(*first("then Tomas Reyl"))) == ["then"]
