"""The reporter's own words around speech: what attributes, what narrates, where a sentence ends."""

from __future__ import annotations

import pytest

from attributed import words
from digest.extract.prose.clauses import (
    abbreviated,
    attributes,
    forms_of,
    inverted,
    last_sentence,
    names_in,
    same_speaker,
    sentence_break,
    speaks,
    words_of,
)
from digest.extract.prose.dialogue import later_dash, opening_dash, spoken


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "the mayor said", True),
        ("en", "according to Reyl", True),
        ("en", "the boats left", False),
        ("de", "so der Sprecher", True),
        ("fr", "explique le maire", True),
        ("es", "según el alcalde", True),
        ("xx", "sagt Reyl", True),
        ("en", "", False),
    ],
)
def test_somebody_speaks_by_a_verb_or_by_according_to(language: str, text: str, expected: bool) -> None:
    """In a language without a file, by the verbs of all."""
    assert speaks(text, words().speech(language)) is expected


def test_only_the_beginning_of_a_clause_is_looked_at() -> None:
    """What is said behind forty words, or behind as many as a caller names, attributes nothing."""
    speech = words().speech("en")
    assert not speaks("and " * 40 + "said", speech)
    assert speaks("the old mayor said", speech, most=4)
    assert not speaks("the old mayor said", speech, most=3)


@pytest.mark.parametrize(
    ("language", "ended", "between", "expected"),
    [
        ("en", ",", " she said, ", True),
        ("en", ",", " she said. ", True),
        ("en", "?", " said Reyl, ", True),
        ("en", "?", " Reyl asked. ", True),
        ("en", ",", ", Feld cut in. ", True),
        ("it", ",", " dice Varn ", True),
        ("ja", "」", "と", True),
        ("en", ".", " She said: ", False),
        ("en", "?", " She laughed. ", False),
        ("en", ",", " and ", False),
        ("en", ",", " she said that nobody had been asked, ", False),
        ("en", ",", " she said. Then she left, ", False),
        ("en", ",", "", False),
    ],
)
def test_an_attribution_and_nothing_else_joins_two_parts(
    language: str, ended: str, between: str, expected: bool
) -> None:
    """“A,” she said, “b.” is one quotation; what tells more, or leads to the second part, leaves two."""
    assert attributes(between, ended, words().speech(language)) is expected


@pytest.mark.parametrize(
    ("language", "clause", "expected"),
    [
        ("en", "said Reyl", True),
        ("en", "quipped Reyl", True),
        ("sv", "säger hamnkapten Torsten Reil", True),
        ("en", "the reply", False),
        ("en", "Reyl said", False),
        ("en", "said", False),
    ],
)
def test_a_small_word_before_a_name_is_a_verb(language: str, clause: str, expected: bool) -> None:
    """Whichever verb it is; without a words file, before a role too."""
    assert inverted(clause, words().speech(language)) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("said Reyl", "he added", True),
        ("said Reyl", "Reyl added", True),
        ("said Reyl", "said Orlo", False),
        ("she said", "Reyl said", False),
        ("she said", "he added", False),
        ("she said", "she added", True),
    ],
)
def test_two_attributions_may_name_one_person(first: str, second: str, expected: bool) -> None:
    """A pronoun may follow a name, and not the other way round."""
    assert same_speaker(first, second, words().speech("en")) is expected


@pytest.mark.parametrize(
    ("language", "text", "first", "begun"),
    [
        ("en", "He left. She said", "He left.", "She said"),
        ("en", "He left (late). She said", "He left (late).", "She said"),
        ("en", "Dr. Reyl left", None, "Dr. Reyl left"),
        ("en", "J. Reyl left", None, "J. Reyl left"),
        ("de", "Das ist z. B. Reyl", None, "Das ist z. B. Reyl"),
        ("en", "he left. she stayed", None, "he left. she stayed"),
        ("en", "He left.", None, ""),
        ("en", "He met Dr.", None, "He met Dr."),
    ],
)
def test_where_the_reporters_sentence_ends(language: str, text: str, first: str | None, begun: str) -> None:
    """At a stop before a capital, unless it belongs to an abbreviation or an initial."""
    speech = words().speech(language)
    end = sentence_break(text, speech)
    assert (text[:end] if end is not None else None) == first
    assert last_sentence(text, speech) == begun


def test_an_abbreviation_is_a_title_an_initial_or_has_no_vowel() -> None:
    """Any other word before a full stop ends its sentence."""
    speech = words().speech("en")
    short = {"Dr.": True, "J.": True, "St.": True, "gone.": False, "No!": False, "bzw.": True}
    assert {text: abbreviated(text, len(text) - 1, speech) for text in short} == short


def test_words_know_where_they_stand() -> None:
    """Offsets are those of the text, also where only a part is read, and where folding lengthens a word."""
    text = "Straße, d’Odde"
    assert [(text[word.start : word.end], word.form) for word in words_of(text)] == [
        ("Straße", "strasse"),
        ("d", "d"),
        ("Odde", "odde"),
    ]
    assert [word.start for word in words_of(text, 8, most=1)] == [8]


@pytest.mark.parametrize("text", ["Straße İzmir", "We don’t know", "Ёлка", "ΐ a"])
def test_forms_are_those_of_the_words(text: str) -> None:
    """However the text is folded at once, no word is parted by it."""
    assert forms_of(text) == [word.form for word in words_of(text)]


def test_names_in_a_clause_are_its_capitals() -> None:
    """In German its nouns too."""
    assert names_in("said Mayor Reyl of odde") == {"mayor", "reyl"}


# ── dialogue ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("— Si", 2),
        ("- Oui", 2),
        ("-¿Qué?", 1),
        ("-- No", 3),
        ("―No", 1),
        ("– ", 0),
        ("a — b", 0),
        ("-5 °C", 0),
    ],
)
def test_a_dash_begins_a_paragraph_of_dialogue(text: str, size: int) -> None:
    """A hyphen only before a letter or a mark, and never one before nothing."""
    assert opening_dash(text) == size


def test_dialogue_may_begin_within_a_paragraph_if_somebody_speaks() -> None:
    """As in Polish papers; a thought between dashes is none."""
    speech = words().speech("pl")
    told, thought = "Trwało to długo. – Czekamy – mówi Varn.", "Bez mowy. – Nic."
    assert told[later_dash(told, speech) :] == "– Czekamy – mówi Varn."
    assert later_dash(thought, speech) == len(thought)


@pytest.mark.parametrize(
    ("language", "dashed", "text", "said"),
    [
        ("fr", False, "Nous ne vendrons pas, dit-elle, ni demain.", ["Nous ne vendrons pas", "ni demain."]),
        ("fr", False, "Non, explique Jean Reyl, maire d’Odde, ni demain", ["Non", "ni demain"]),
        ("fr", False, "Ici, on raconte des histoires", ["Ici, on raconte des histoires"]),
        ("es", True, "No vendemos —dijo Reyl—. Ni mañana.", ["No vendemos", "Ni mañana."]),
        ("ru", True, "Не отдадим, — сказал Рейл. — Никогда", ["Не отдадим", "Никогда"]),
        ("pl", True, "Nie sprzedamy – mówi Reyl. – Nigdy", ["Nie sprzedamy", "Nigdy"]),
        ("en", False, "We wait, she said, for you", ["We wait, she said, for you"]),
        ("en", True, "— …", []),
    ],
)
def test_the_reporters_asides_are_left_out(language: str, dashed: bool, text: str, said: list[str]) -> None:
    """After a dash in every language; within marks only where a language allows it."""
    found = spoken(text, (0, len(text)), words().speech(language), dashed=dashed)
    assert [text[start:end] for start, end in found] == said
