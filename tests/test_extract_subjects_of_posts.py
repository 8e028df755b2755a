"""Whom a post is about: who speaks where a list of quotations names nobody, and under which name."""

from __future__ import annotations

import pytest

from digest.extract.reading import read, verbatim
from digest.text.html import document, sanitise
from small_posts import DAM, URL, WALL, WORDS

LISTED = f"<h3>Key quotes</h3><p>“{DAM}”</p><p>“{WALL}”</p>"


def speakers(html: str, *, title: str = "", language: str = "en") -> set[str]:
    """Who says what a post lists."""
    safe = sanitise(html, URL)
    found = read(safe, url=URL, title=title, language=language, summary="", words=WORDS)
    assert all(verbatim(quote, document(safe).text) for quote in found.quotes)
    assert len(found.quotes) >= 2
    return {quote.speaker for quote in found.quotes}


@pytest.mark.parametrize(
    ("lead", "language"),
    [
        ("Mira Halden has kept the dam of Upper Odde for nineteen years.", "en"),
        ("The retired judge Mira Halden spoke at the Corn Exchange on Monday.", "en"),
        ("Every spring the judge Mira Halden opens her garden to the whole town.", "en"),
        ("A juíza Mira Halden recebeu-nos na sua cozinha, em Vale da Mó, sem pressa.", "pt"),
        ("Mardi soir, la cartographe Mira Halden a déplié devant nous une carte de 1911.", "fr"),
        ("Смотритель маяка Мира Халден прожила на острове двадцать шесть долгих зим.", "ru"),
    ],
)
def test_the_only_person_in_the_first_paragraph_speaks(lead: str, language: str) -> None:
    """Where nobody is named with the quotations; a place behind a preposition is no person."""
    expected = "Мира Халден" if language == "ru" else "Mira Halden"
    assert speakers(f"<p>{lead}</p>{LISTED}", language=language) == {expected}


@pytest.mark.parametrize(
    "title",
    [
        "Interview with Mira Halden",
        "Mira Halden: the dam is tired",
        "Mira Halden on dams and other promises",
        "Why Mira Halden will not build another dam",
        "Three questions for Mira Halden",
    ],
)
def test_the_title_says_whom_a_post_is_about(title: str) -> None:
    """Of several names in the first paragraph the one that the title has, too."""
    lead = "<p>At the Corn Exchange Mira Halden answered the questions that Jo Brask had collected.</p>"
    assert speakers(lead + LISTED, title=title) == {"Mira Halden"}


def test_an_institution_in_the_first_paragraph_is_no_second_person() -> None:
    """Who speaks at the Sarn Institute is alone there; another person would not be."""
    lead = "Mira Halden addressed the {} on Friday evening, and it snowed."
    assert speakers(f"<p>{lead.format('Sarn Institute')}</p>{LISTED}") == {"Mira Halden"}
    assert speakers(f"<p>{lead.format('singer Jo Brask')}</p>{LISTED}") == {""}


@pytest.mark.parametrize(
    "lead",
    [
        "Mira Halden and Jo Brask met in Ostby on Monday to argue about the dam.",
        "On Monday the whole town of Upper Odde came to hear about the dam.",
        "The Upper House of Odde met on Monday to argue about the dam.",
        "Odde Harbour Council met on Monday to argue about the dam.",
        "Three hours of argument, two broken chairs, and nobody who remembers the question.",
    ],
)
def test_nobody_speaks_where_a_post_is_about_nobody_in_particular(lead: str) -> None:
    """Two people, a town, a house: unknown stays unknown."""
    assert speakers(f"<p>{lead}</p>{LISTED}") == {""}


def test_whoever_is_named_with_a_quotation_goes_before_the_subject() -> None:
    """And where somebody else speaks, what has no name stays without one."""
    lead = "<p>Mira Halden has kept the dam of Upper Odde for nineteen years.</p>"
    signed = f"<h3>Key quotes</h3><p>“{DAM}” — Jo Brask</p><p>“{WALL}”</p>"
    assert speakers(lead + signed) == {"Jo Brask", ""}


def test_a_signature_below_a_list_is_the_subject_of_all_of_it() -> None:
    """If it names nobody else."""
    lead = "<p>Mira Halden has kept the dam of Upper Odde for nineteen years.</p>"
    listed = f"<h3>Key quotes</h3><ol><li>“{DAM}”</li><li>“{WALL}”</li></ol><p><b>— Mira Halden</b></p>"
    assert speakers(lead + listed) == {"Mira Halden"}


# ── one person, one name ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Quotes from Mira", "Mira Halden"),
        ("MIRA HALDEN IN HER OWN WORDS", "Mira Halden"),
        ("Sister Agathe in her own words", "Sister Agathe Morrow"),
        ("SISTER AGATHE IN HER OWN WORDS", "Sister Agathe Morrow"),
        ("What Dr. Valk said", "Dr. Imogen Valk"),
    ],
)
def test_a_short_name_in_a_heading_is_the_full_name_of_the_post(heading: str, name: str) -> None:
    """A given name, one in capitals, a title with half of a name, a title with a surname."""
    lead = f"<p>{name} has walked the old wall of the lower town every day since the flood.</p>"
    assert speakers(lead + LISTED.replace("Key quotes", heading)) == {name}


def test_a_name_that_stands_by_itself_is_full() -> None:
    """Whatever else with a capital follows it once."""
    lead = "<p>Mira Halden Street is named after the first Mira Halden, who kept the dam.</p>"
    assert speakers(lead + LISTED.replace("Key quotes", "Quotes of Mira Halden")) == {"Mira Halden"}


def test_two_people_with_and_between_them_are_not_one() -> None:
    """In languages whose word for "and" stands in names of others."""
    lead = "<p>Mira Halden i Jan Brask rozmawiali w poniedziałek w Ostby o starej tamie.</p>"
    html = lead + LISTED.replace("Key quotes", "Cytaty: Mira Halden")
    assert speakers(html, language="pl") == {"Mira Halden"}


def test_the_fullest_signature_is_the_name_of_all() -> None:
    """ "Professor Mira Halden" signs once, "Mira Halden" and "Halden" the rest."""
    lead = "<p>This year it was Professor Mira Halden who came to speak about dams and locks.</p>"
    names = ("Professor Mira Halden", "Mira Halden", "Halden")
    listed = "".join(
        f"<blockquote><p>It was the {i}th lock that would not open. — {name}</p></blockquote>"
        for i, name in enumerate(names)
    )
    assert speakers(f"{lead}<h3>Key quotes</h3>{listed}") == {"Professor Mira Halden"}


def test_a_word_behind_a_dash_that_is_no_known_surname_belongs_to_the_quotation() -> None:
    """ "We have one wish — Peace"."""
    lead = "<p>Mira Halden has kept the dam of Upper Odde for nineteen years.</p>"
    html = f"{lead}<h3>Key quotes</h3><ul><li>We have only ever had one wish — Peace</li><li>{WALL}</li></ul>"
    found = read(sanitise(html, URL), url=URL, title="", language="en", summary="", words=WORDS)
    assert found.quotes[0].text == "We have only ever had one wish — Peace"
