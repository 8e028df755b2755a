"""Whom a post's title names as the one who speaks, and what a title names that does not."""

from __future__ import annotations

import pytest

from digest.extract.listed.titlenames import interviewee
from digest.extract.words import Words
from digest.resources import Resources
from effort import effort

WORDS = Words.merge(Resources().words())
TEXT = "On Friday Mira Halden, who keeps the locks of Sarnwater, answered whatever the town asked her."


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("An interview with Mira Halden", "en"),
        ("The lock-keeper Mira Halden speaks in the corn hall", "en"),
        ("Mira Halden Talked for an Hour, and Nobody Coughed", "en"),
        ("Prof. Mira Halden lectured at the Guild", "en"),
        ("A talk by Mira Halden", "en"),
        ("Mira Halden’s spring lecture, from the gallery", "en"),
        ("Mira Halden on locks and eels", "en"),
        ("Mira Halden on Radio Ostby", "en"),
        ("Die Ansprache von Mira Halden im Kornhaus", "de"),
        ("Mira Haldens Rede", "de"),
        ("Rede der Schleusenwärterin Mira Halden", "de"),
        ("Mira Halden über Schleusen", "de"),
        ("Discours de la gardienne, Mira Halden", "fr"),
        ("Mira Halden im Radio Ostby", "de"),
        ("Le discours de Mira Halden à la halle", "fr"),
        ("Conférence de Mira Halden sur les écluses", "fr"),
        ("Charla de Mira Halden en el ateneo", "es"),
        ("Il discorso di Mira Halden", "it"),
        ("Mira Halden bij Omroep Ostby", "nl"),
        ("Mira Halden ile röportaj", "tr"),
        ("Mira Halden na antena: rozmowa z Mira Halden", "pl"),
    ],
)
def test_who_gives_a_talk_or_an_answer_is_named_by_the_title(title: str, language: str) -> None:
    """Before a verb of speech, around the word for a talk, before a radio station, before "on" and a topic."""
    assert interviewee(title, WORDS, TEXT, language) == "Mira Halden"


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("Le discours d’Ilse Varga", "Ilse Varga"),
        ("L’allocution d'Ilse Varga", "Ilse Varga"),
    ],
)
def test_an_article_may_have_lost_its_vowel(title: str, named: str) -> None:
    """French "d'" before a name is "de"."""
    assert interviewee(title, WORDS, "Hier soir, Ilse Varga a parlé.", "fr") == named


def test_who_talks_with_a_radio_station_is_the_one_asked() -> None:
    """Persian puts nothing but a vowel that is not written between "the talk" and whose it is."""
    text = "پروین کاشفی، باغبان، دیروز در شهر بود."
    assert interviewee("گفت‌وگوی پروین کاشفی با رادیو گندم", WORDS, text, "fa") == "پروین کاشفی"
    assert interviewee("گفت‌وگو با پروین کاشفی", WORDS, text, "fa") == "پروین کاشفی"


def test_a_surname_and_an_abbreviated_title_are_spelled_out_as_the_post_does() -> None:
    """ "Prof. Varga" is whom the post calls Professor Ilse Varga."""
    text = "Professor Ilse Varga came to the Sarn Institute. It snowed."
    assert interviewee("Prof. Varga speaks at the Institute", WORDS, text, "en") == "Professor Ilse Varga"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("An evening with Blue Water", "Nobody came."),
        ("A conversation with Radio Ostby", "Radio Ostby called us at noon."),
        ("The talk of Upper Sarn", "The bakery in Upper Sarn has closed."),
        ("Upper Sarn on edge", "Upper Sarn is a village of ninety people."),
        ("Upper Sarn speaks", "It rained in Upper Sarn. Nobody minded."),
        ("The Lower House speaks", "We listened to the Lower House all night."),
        ("Farmers of Upper Sarn speak and one of Upper Sarn spoke", "Upper Sarn has nine farms."),
        ("Odde Harbour Council speaks", "Odde Harbour Council met on Monday."),
        ("An interview by Jo Brask", "Jo Brask asked the questions."),
        ("Jo Brask talks to the baker about Ada Tolm", "Jo Brask met Ada Tolm."),
        ("The talk of the town", "Somebody spoke."),
    ],
)
def test_a_wrong_name_is_worse_than_none(title: str, text: str) -> None:
    """Places, institutions, stations and who asks the questions are not who answers them."""
    assert interviewee(title, WORDS, text, "en") == ""


@pytest.mark.parametrize(
    "hostile",
    ["speech of " * 10_000, "Mira Halden speaks " * 5_000, "with " * 20_000, "A" * 100_000, "X's " * 25_000],
)
def test_a_hostile_title_and_text_cost_little(hostile: str) -> None:
    """100 KB of either are read in under a tenth of a second of processor time."""
    with effort() as spent:
        interviewee(hostile, WORDS, hostile, "en")
    assert spent.seconds < 0.1
