"""Who is named in a post: one entity for all spellings of a name, and what grammar tells of it."""

from __future__ import annotations

import pytest

from attributed import words
from digest.extract.prose.entities import Entity, Sex
from digest.extract.prose.narration import narrate
from digest.extract.prose.people import People, people


def read(text: str, language: str = "en", title: str = "") -> People:
    """Who is named in a text without quotations."""
    return people(narrate(text, (), words().speech(language)), words(), language, title=title)


def only(text: str, language: str = "en") -> Entity:
    """The one who is named, however often."""
    entities = {mention.entity for mention in read(text, language).mentions}
    assert len(entities) == 1
    return entities.pop()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Yesterday Mirela Dovann left. Dovann was tired, and Mirela knew it.", "Mirela Dovann"),
        ("J. Feld wrote it. Jonas Feld signed it.", "Jonas Feld"),
        ("Tom van der Velde left. Van der Velde was tired.", "Tom van der Velde"),
        ("Sean O’Brien left, and O’Brien’s dog too.", "Sean O’Brien"),
        ("Beatriz Solano KC rose. Solano was brief.", "Beatriz Solano"),
        ("Energy Minister Mirela Dovann left. Dr. Dovann was tired.", "Mirela Dovann"),
        ("Firefighter Renata Solis rose.", "Renata Solis"),
    ],
)
def test_all_short_forms_of_a_name_are_one_person(text: str, name: str) -> None:
    """By surname, given name, initials, particles; titles and letters behind it are no part of the name."""
    assert only(text).shown == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mrs Marsh left.", "Mrs Marsh"),
        ("It was Judge Rowntree.", "Judge Rowntree"),
        ("It was Mira.", "Mira"),
    ],
)
def test_a_surname_alone_keeps_its_title(text: str, name: str) -> None:
    """Where the post gives no more, "Mrs Marsh" says more than "Marsh"."""
    assert only(text).shown == name


def test_two_people_of_one_surname_are_told_apart_by_their_titles() -> None:
    """Mr and Mrs Reyl are two."""
    found = read("Mr Reyl stayed. Mrs Reyl left. Then Mr Reyl left.")
    assert [mention.entity.shown for mention in found.mentions] == ["Mr Reyl", "Mrs Reyl", "Mr Reyl"]


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("The Hartley Basin Authority met.", "en", "Hartley Basin Authority"),
        ("The University of Vell met.", "en", "University of Vell"),
        ("La Fédération des pêcheurs est là.", "fr", "Fédération des pêcheurs"),
        ("El Ministerio del Interior calla.", "es", "Ministerio del Interior"),
        ("Администрация Заречного района молчит.", "ru", "Администрация Заречного района"),
    ],
)
def test_an_organisation_is_named_to_its_end(text: str, language: str, name: str) -> None:
    """With what it is of, in small letters too, and without its article."""
    assert only(text, language).organisation
    assert only(text, language).shown.startswith(name)


@pytest.mark.parametrize(
    "text",
    ["Die Sprecherin kam.", "Der Antrag liegt seit Jahren vor.", "Am Montag kam eine Frau mit einem Hund."],
)
def test_a_german_noun_is_no_name(text: str) -> None:
    """Every noun has a capital there."""
    assert not [mention for mention in read(text, "de").mentions if mention.entity.person]


def test_a_german_compound_role_is_no_part_of_the_name() -> None:
    """ "Energieministerin" ends as a role does."""
    assert only("Die Energieministerin Mirela Dovann kam.", "de").shown == "Mirela Dovann"


@pytest.mark.parametrize(
    ("text", "language", "sex"),
    [
        ("Mrs Marsh left.", "en", Sex.WOMAN),
        ("Robin Marsh left. He was tired.", "en", Sex.MAN),
        ("Robin Marsh left her coat.", "en", Sex.WOMAN),
        ("Robin Marsh, an actress, left.", "en", Sex.WOMAN),
        ("Her brother Robin Marsh left.", "en", Sex.MAN),
        ("Robin Marsh left.", "en", Sex.UNKNOWN),
        ("Die Ärztin Robin Marsch kam.", "de", Sex.WOMAN),
        ("L’avocate Dominique Marsac est venue.", "fr", Sex.WOMAN),
    ],
)
def test_grammar_tells_men_and_women(text: str, language: str, sex: Sex) -> None:
    """Courtesies, pronouns that can mean nobody else, roles; nothing is known of a name by itself."""
    assert only(text, language).sex is sex


def test_a_role_leads_to_who_has_it() -> None:
    """Before the name, behind it, and as a compound."""
    found = read(
        "Mayor Dana Orlo met Tomas Reyl, the harbour master. Petra Lomax, an energy economist, wrote."
    )
    assert [entity.name for entity in found.called("mayor")] == ["Dana Orlo"]
    assert [entity.name for entity in found.called("economist")] == ["Petra Lomax"]
    assert found.called("minister") == ()
    german = read("Energieministerin Mirela Dovann kam.", "de")
    assert [entity.name for entity in german.called("ministerin")] == ["Mirela Dovann"]


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("Mirela Dovann, 54, lives in Port Ansel.", {"Mirela Dovann"}),
        ("Breda, who runs the pub in Port Ansel, poured.", {"Breda"}),
        ("They met in Port Ansel and drove to Market Square.", set()),
    ],
)
def test_a_person_is_who_is_shown_as_one(text: str, persons: set[str]) -> None:
    """By an age, "who", a title, a role or a verb of speech: places have none of them."""
    assert {entity.name for entity in read(text).entities if entity.person} == persons


def test_the_title_of_the_post_says_whom_a_shared_surname_means() -> None:
    """Of two Okafors the one in the headline is "Okafor"."""
    text = "Dele Okafor opened. Hanne Okafor came in. Okafor laughed."
    found = read(text, title="Hanne Okafor’s year in charge")
    assert found.mentions[-1].entity.name == "Hanne Okafor"
