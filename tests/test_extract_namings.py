"""Which words of a post are names: where each begins and ends, and what before it is a title."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attributed import narrated, words
from digest.extract.prose.namings import NameReader, Run, without_roles, without_verbs


def runs(text: str, language: str = "en") -> list[Run]:
    """All that may be a name in a text."""
    speech = words().speech(language)
    return list(NameReader(narrated(text, language), words(), speech, language).runs())


def names(text: str, language: str = "en") -> list[str]:
    """The same as they are written."""
    return [run.text for run in runs(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "In Odde the BBC asked Sean O’Brien.", ["Odde", "BBC", "Sean O’Brien"]),
        ("en", "It was Jean-Marc Reyl, not J. Feld.", ["Jean-Marc Reyl", "J. Feld"]),
        ("en", "He met Tom van der Velde.", ["Tom van der Velde"]),
        ("nl", "Gisteren zei Jan van den Berg niets.", ["Jan van den Berg"]),
        ("fr", "Hier Maryvonne Le Bihan est venue.", ["Maryvonne Le Bihan"]),
        ("es", "Ayer vino Ana de la Vega.", ["Ana de la Vega"]),
        ("de", "Gestern kam Ursula von Ahn.", ["Ursula von Ahn"]),
        ("ru", "Вчера Иван Петрович Рейл ушёл.", ["Иван Петрович Рейл"]),
    ],
)
def test_a_name_goes_from_its_first_capital_to_its_last(
    language: str, text: str, expected: list[str]
) -> None:
    """Over hyphens, apostrophes, initials and the particles of its language."""
    assert names(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "He spoke for the Harbour Union of Odde.", ["Harbour Union of Odde"]),
        ("en", "He wrote to the Ministry of Fisheries and Food.", ["Ministry of Fisheries and Food"]),
        ("fr", "Hier la Fédération des pêcheurs a protesté.", ["Fédération des pêcheurs"]),
        ("es", "Ayer el Ayuntamiento de Odde protestó.", ["Ayuntamiento de Odde"]),
        ("ru", "Вчера Администрация района, как всегда, молчала.", ["Администрация района"]),
    ],
)
def test_an_organisation_takes_what_it_is_of(language: str, text: str, expected: list[str]) -> None:
    """Also in small letters, where its language writes them so."""
    assert names(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "title", "name"),
    [
        ("en", "Then Energy Minister Mirela Dovann left.", "Energy Minister", "Mirela Dovann"),
        ("en", "Then Prof. Dr. Ana Roth left.", "Prof. Dr.", "Ana Roth"),
        ("en", "Then Mrs Marsh left.", "Mrs", "Marsh"),
        ("de", "Dann ging Bürgermeister Jan Feld.", "Bürgermeister", "Jan Feld"),
        ("nl", "Toen ging Minister Jan van den Berg.", "Minister", "Jan van den Berg"),
    ],
)
def test_titles_stand_before_a_name_and_are_no_part_of_it(
    language: str, text: str, title: str, name: str
) -> None:
    """So that the short form "Dovann" is found again; a full stop may end one."""
    [run] = runs(text, language)
    assert run.text == name
    assert narrated(text, language).written(run.first, run.name) == title


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Yesterday nobody came. Somebody had called yesterday."),
        ("en", "He came on Monday, the 3 March."),
        ("en", "His Honour left."),
        ("en", "A Vell-born poet left."),
        ("en", "The minister left, and the Minister knew."),
        ("fr", "Il est venu. Elle est partie."),
        ("es", "Según dijo, no vino."),
    ],
)
def test_what_is_no_name(language: str, text: str) -> None:
    """A capital that stands only at the beginning, days and months, a title alone, a part of an adjective."""
    assert names(text, language) == []


def test_the_first_word_of_a_sentence_is_left_out_where_it_is_written_small_elsewhere() -> None:
    """ "Yesterday Halden" is Halden; a word that is never small may be a given name."""
    assert names("Yesterday Halden left. It was only yesterday.") == ["Halden"]
    assert names("Mirela Halden left.") == ["Mirela Halden"]


def test_letters_behind_a_name_are_none_of_it() -> None:
    """Orders and degrees."""
    assert names("It was Beatriz Solano KC, and then Tomas Reyl MBE.") == ["Beatriz Solano", "Tomas Reyl"]


def test_a_run_knows_whether_its_capital_tells_anything() -> None:
    """At the start of a sentence any word has one; behind an article stands no person."""
    opening, behind = runs("Halden left. Then the Gazette left.")
    assert (opening.opens, opening.article) == (True, False)
    assert (behind.opens, behind.article) == (False, True)


def test_a_verb_that_begins_a_sentence_is_no_given_name() -> None:
    """In languages that leave the subject out: "Inseguivo Basilio Lindi"."""
    found = runs("Inseguivo Basilio Lindi. Poi Basilio Lindi cadde.", "it")
    assert [run.text for run in without_verbs(found)] == ["Basilio Lindi", "Basilio Lindi"]


def test_a_german_noun_before_a_name_is_what_somebody_is() -> None:
    """Where the surname also stands alone, the first of three words behind an article is a role."""
    text = "Da rief die Imkerin Mia Roth an. Es sei still, sagte Roth."
    named = list(without_roles(runs(text, "de"), narrated(text, "de").forms, words().speech("de")))
    assert ("Mia Roth", 1) in [(run.text, len(run.titles)) for run in named]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["Ana", "Roth", "van", "der", "the", "Dr.", "of", "Union", "said", ",", "-", "J.", "\n"]), max_size=40))  # fmt: skip
def test_runs_are_in_order_and_never_overlap(parts: list[str]) -> None:
    """However capitals and particles come together, each begins and ends with a word of the name."""
    text = " ".join(parts)
    found = runs(text)
    assert all(one.end <= other.first for one, other in pairwise(found))
    assert all(run.first <= run.name < run.end and run.words for run in found)
    assert all(run.text in text for run in found)
