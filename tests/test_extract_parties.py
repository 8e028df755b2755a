"""Who a clause speaks of, and which of them is the subject of its verb."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attributed import clauses
from digest.extract.prose.entities import Sex
from digest.extract.prose.parties import Party, Sort
from digest.extract.prose.subjects import Subjects


def parties(text: str, language: str = "en") -> list[Party]:
    """All parties of a text that is one clause."""
    read = clauses(text, language)
    return list(read.parties(0, len(read.forms)))


def told(text: str, language: str = "en") -> list[tuple[str, str]]:
    """What stands for somebody in it, and as what."""
    read = clauses(text, language)
    found = read.parties(0, len(read.forms))
    return [(party.sort.name, read.narration.written(party.first, party.end)) for party in found]


# ── what stands for somebody ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "She wept, and I wept.", [("SHE", "She"), ("I", "I")]),
        ("en", "They gave it.", [("THEY", "They"), ("IT", "it")]),
        ("en", "The minister left.", [("ROLE", "The minister")]),
        ("en", "A neighbour left.", [("SOMEBODY", "A neighbour")]),
        ("en", "One long-serving manager left.", [("SOMEBODY", "One long-serving manager")]),
        ("en", "Nobody left.", [("NOBODY", "Nobody")]),
        ("en", "Mayor Dana Orlo left.", [("NAME", "Mayor Dana Orlo")]),
        ("en", "The mayor, Dana Orlo, left.", [("NAME", "The mayor, Dana Orlo")]),
        ("en", "The union left.", [("ROLE", "The union")]),
        ("en", "The mayor’s office called.", [("SOMEBODY", "The mayor’s office")]),
        ("de", "Die Sprecherin ging.", [("ROLE", "Die Sprecherin")]),
        ("de", "Der Wirt Jan Roth ging.", [("NAME", "Der Wirt Jan Roth")]),
        ("fr", "La députée écologiste Sara Pont explique.", [("NAME", "La députée écologiste Sara Pont")]),
        ("fr", "Elle parle.", [("SHE", "Elle")]),
        ("es", "El alcalde habla.", [("ROLE", "El alcalde")]),
    ],
)
def test_what_stands_for_somebody(language: str, text: str, expected: list[tuple[str, str]]) -> None:
    """Names with their titles and appositions, pronouns, roles with an article, and people without a name."""
    assert told(text, language) == expected


def test_what_a_preposition_governs_is_no_subject() -> None:
    """Up to the next party or comma."""
    subject, him, late = parties("Dana Orlo wrote about Tomas Reyl, the minister knew")
    assert [party.governed for party in (subject, him, late)] == [False, True, False]


def test_what_and_joins_is_known_as_joined() -> None:
    """Two that say something together are nobody in particular."""
    assert [party.joined for party in parties("Dana Orlo and Tomas Reyl left")] == [False, True]


def test_whose_something_is_owns_it() -> None:
    """ "Halden's lawyer" is not Halden; of "her letter" the post knows by whose it is."""
    owner, lawyer = parties("Mira Halden’s lawyer left")
    assert (owner.sort, owner.owner) == (Sort.NAME, True)
    assert (lawyer.sort, lawyer.head) == (Sort.SOMEBODY, "lawyer")
    [letter] = parties("Her letter came late")
    assert letter.own is Sort.SHE


def test_a_german_genitive_is_governed() -> None:
    """ "Eine Mitteilung der Behörde" is not the authority; "der Behörde" is an object."""
    note, office = parties("Eine Mitteilung der Behörde kam", "de")
    assert (note.governed, office.governed) == (False, True)


def test_a_date_ends_what_a_preposition_governs() -> None:
    """ "Sagte am Montag der Verband": the association is the subject."""
    [association] = parties("sagte am Montag der Verband", "de")
    assert (association.head, association.governed) == ("verband", False)


def test_the_first_party_is_that_of_all() -> None:
    """For those who ask only how a clause begins."""
    read = clauses("Then Dana Orlo met the mayor")
    assert read.first(0, len(read.forms)) == read.parties(0, len(read.forms))[0]
    assert read.first(0, 1) is None


@pytest.mark.parametrize(
    ("language", "text", "sex"),
    [
        ("en", "The chairwoman left", Sex.WOMAN),
        ("en", "The minister left", Sex.UNKNOWN),
        ("fr", "La juge parle", Sex.WOMAN),
        ("fr", "Le juge parle", Sex.MAN),
        ("de", "Die Sprecherin ging", Sex.WOMAN),
    ],
)
def test_a_role_or_its_article_tells_men_and_women(language: str, text: str, sex: Sex) -> None:
    """As far as grammar goes."""
    read = clauses(text, language)
    [party] = read.parties(0, len(read.forms))
    assert read.gender(party) is sex


WORDS = [
    "Dana",
    "Orlo",
    "she",
    "the",
    "minister",
    "and",
    "of",
    "’s",
    ",",
    "a",
    "neighbour",
    "who",
    "her",
    "said",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30), st.sampled_from(["en", "de", "fr"]))
def test_parties_are_in_order_inside_their_clause(parts: list[str], language: str) -> None:
    """None begins before the last has ended, whatever stands together."""
    found = parties(" ".join(parts), language)
    assert all(one.end <= other.first for one, other in pairwise(found))
    assert all(party.first < party.end for party in found)


# ── subjects ─────────────────────────────────────────────────────────────────────────────────────


def subject(text: str, verb: str, language: str = "en") -> str:
    """Who does what a verb says, as it is written."""
    read = clauses(text, language)
    found = Subjects(read).subject(list(read.forms).index(verb), 1, 0, len(read.forms))
    return read.narration.written(found.first, found.end) if found else ""


@pytest.mark.parametrize(
    ("language", "text", "verb", "expected"),
    [
        ("en", "Dana Orlo said", "said", "Dana Orlo"),
        ("en", "said Dana Orlo on Monday", "said", "Dana Orlo"),
        ("en", "Ilse Varnhagen, who runs the ferry, said", "said", "Ilse Varnhagen"),
        ("en", "When Jonas Feld stopped, Ilse Varnhagen said", "said", "Ilse Varnhagen"),
        ("en", "a neighbour who said", "said", "a neighbour"),
        ("en", "Dana Orlo asked and Tomas Reyl replied", "replied", "Tomas Reyl"),
        ("en", "Asked why, a spokesman said", "said", "a spokesman"),
        ("de", "Am Montag sagte der Verband", "sagte", "der Verband"),
        ("de", "Der Wirt, Jan Roth, las den Brief und sagte", "sagte", "Jan Roth"),
        ("fr", "La Fédération, elle, dénonce", "dénonce", "La Fédération"),
        ("fr", "explique le maire", "explique", "le maire"),
        ("es", "aseguró Ana Roth", "aseguró", "Ana Roth"),
        ("en", "and then said", "said", ""),
    ],
)
def test_the_subject_of_a_verb(language: str, text: str, verb: str, expected: str) -> None:
    """Before the verb or behind it, over appositions and relative clauses; nobody where nobody stands."""
    assert subject(text, verb, language) == expected


def topic(text: str, language: str = "en") -> Party | None:
    """Whom a sentence is about."""
    read = clauses(text, language)
    return Subjects(read).topic(0, len(read.forms), read.parties(0, len(read.forms)))


def test_a_sentence_is_about_the_subject_of_its_main_clause() -> None:
    """What a conjunction or a preposition opens comes before it; two subjects are "they"."""
    party = topic("When Jonas Feld stopped, Ilse Varnhagen went on.")
    assert party is not None
    assert party.mention is not None
    assert party.mention.entity.name == "Ilse Varnhagen"
    both = topic("Jonas Feld and Ilse Varnhagen went on.")
    assert both is not None
    assert both.sort is Sort.THEY
    assert topic("Then, silence.") is None
