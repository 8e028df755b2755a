"""The words around direct speech: read from files, accents kept, any language, mistakes named."""

from __future__ import annotations

import pytest

from attributed import speakers, words
from digest.errors import TemplateError
from digest.extract.speechwords import Part, Phrases, Terms, plain, plain_text, read
from digest.extract.words import Words
from digest.resources import Resources


def test_accents_tell_words_apart() -> None:
    """Unlike the words of headings: "él" speaks, "el" is an article."""
    spanish = words().speech("es")
    assert (plain("Él"), plain("EL")) == ("él", "el")
    assert "él" in spanish.he
    assert spanish.part("el") is Part.DETERMINER
    assert spanish.part("él") is Part.PRONOUN


def test_a_phrase_is_found_by_its_longest_form() -> None:
    """ "put it" is one verb of two words, and "according to" a turn of speech."""
    english = words().speech("en")
    assert english.verbs.at(["she", "put", "it", "well"], 1) == 2
    assert english.verbs.at(["she", "put", "them", "down"], 1) == 0
    assert english.according.at(["according", "to", "her"], 0) == 2
    assert ("said",) in english.verbs


def test_an_ending_stands_for_all_compounds() -> None:
    """German roles and organisations are one word with what they are of."""
    german = words().speech("de")
    assert "energieministerin" in german.roles_f
    assert "hafenverband" in german.organisations
    assert "montag" not in german.organisations
    assert german.part("energieministerin") is Part.ROLE


@pytest.mark.parametrize(
    ("word", "known"),
    [("frau", True), ("marktfrau", True), ("rat", True), ("verrat", False), ("stadtrat", True), ("a", False)],
)
def test_a_noun_is_known_by_itself_or_by_how_it_ends(word: str, known: bool) -> None:
    """An ending may be shorter or longer than others; each stands for itself as well."""
    nouns = Terms(frozenset({"rat"}), frozenset({"frau", "stadtrat"}))
    assert (word in nouns) is known
    assert (word in nouns | Terms()) is known
    assert word not in Terms()


def test_phrases_are_found_anywhere_in_some_words() -> None:
    """The longest at a place; a first word alone is none."""
    phrases = Phrases(frozenset({("put", "it"), ("said",)}))
    assert phrases.found(["as", "she", "put", "it"])
    assert phrases.found(["he", "said"])
    assert not phrases.found(["put", "them", "down"])
    assert not phrases.found([])
    assert phrases.at(["put"], 0) == 0


def test_each_word_has_one_part_wherever_it_stands() -> None:
    """A word that is several things is what tells most; what is nothing is other."""
    forms = ["the", "minister", ",", "and", "of", "she", "nobody", "harbour", "the"]
    assert words().speech("en").parts_of(forms) == [
        Part.DETERMINER,
        Part.ROLE,
        Part.MARK,
        Part.AND,
        Part.PREPOSITION,
        Part.PRONOUN,
        Part.NOBODY,
        Part.OTHER,
        Part.DETERMINER,
    ]


@pytest.mark.parametrize(
    ("text", "form"),
    [("Straße", "strasse"), ("ÉTÉ", "été"), ("Ёлка", "елка"), ("كتابي", "کتابی"), ("Plain", "plain")],
)
def test_a_text_is_compared_without_case_and_keyboards(text: str, form: str) -> None:
    """Accents stay; letters that keyboards spell differently are one; a word is folded as its text is."""
    assert plain_text(text) == plain(text) == form


def test_a_language_without_a_file_has_the_verbs_of_all_and_no_grammar() -> None:
    """Small words mean too much elsewhere: the Swedish preposition "i" is the English "I"."""
    unknown = words().speech("xx")
    assert unknown.verbs.at(["sagte"], 0) == unknown.verbs.at(["dijo"], 0) == 1
    assert not unknown.pronouns
    assert not unknown.prepositions


def test_a_language_is_added_by_a_file_alone() -> None:
    """Its verbs and roles name speakers as soon as they are given."""
    esperanto = {"speech": {"verbs": ["diris"], "the": ["la"], "roles": ["urbestro"]}}
    known = Words.merge({**Resources().words(), "eo": esperanto})
    assert known.speech("eo").verbs.at(["diris"], 0) == 1
    assert "urbestro" in known.speech("eo").roles
    assert speakers("“La retoj malplenas”, diris Dana Orlo.", "eo") == ("Dana Orlo",)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (["said"], r"words/xx\.toml: \[speech\] is no table"),
        ({"verb": ["said"]}, r"\[speech\] verb is unknown"),
        ({"pronouns": ["she"]}, r"\[speech\] pronouns is unknown"),
        ({"verbs": "said"}, r"\[speech\] verbs must be a list of texts"),
        ({"roles": [1]}, r"\[speech\] roles must be a list of texts"),
        ({"drops_subject": ["yes"]}, r"\[speech\] drops_subject must be true or false"),
    ],
)
def test_a_mistake_in_a_words_file_is_named(table: object, sentence: str) -> None:
    """The sentence has the file, the table and the list."""
    with pytest.raises(TemplateError, match=sentence):
        read("words/xx.toml", table)
