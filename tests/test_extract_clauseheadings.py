"""Headings that are a clause: "What they talked about", "Things Mira Halden said", "De qué habló"."""

from __future__ import annotations

import pytest

from digest.extract.listed.titles import title
from digest.extract.words import Kind, Words
from digest.resources import Resources

WORDS = Words.merge(Resources().words())


@pytest.mark.parametrize(
    "heading",
    [
        "What she spoke about",
        "What they discussed",
        "Two things he kept returning to",
        "What Mira Halden talked about",
        "What came up",
        "The evening in brief",
        "Wovon er gesprochen hat",
        "Worüber Mira Halden sprach",
        "Darum ging’s",
        "Ce dont elle a parlé",
        "De quoi ils ont discuté",
        "De qué hablaron",
        "Di che cosa hanno parlato",
        "Waar zij het over had",
        "Waarover Mira Halden sprak",
        "Do que ela falou",
        "O czym opowiadała",
        "О чём она рассказала",
        "Neler konuştular",
        "از چه سخن گفت",
        "عما تحدثت",
    ],
)
def test_what_somebody_talked_about_is_a_heading_of_themes(heading: str) -> None:
    """With a pronoun, a name, or neither where the language needs none."""
    found = title(heading, WORDS, exact=False)
    assert found is not None
    assert found.kind is Kind.THEMES


@pytest.mark.parametrize(
    "heading",
    [
        "Things they said",
        "What Mira Halden had to say",
        "How he put it",
        "Lines I noted",
        "Was er zu sagen hatte",
        "Ce que Mira Halden a déclaré",
        "Lo que nos contó",
        "Quello che ha detto",
        "Wat Mira Halden zei",
        "O que ela nos disse",
        "Что она говорила",
        "Textualmente",
        "Dans le texte",
    ],
)
def test_what_somebody_said_is_a_heading_of_quotes(heading: str) -> None:
    """The same clauses with a verb of saying."""
    found = title(heading, WORDS, exact=False)
    assert found is not None
    assert found.kind is Kind.QUOTES


@pytest.mark.parametrize("heading", ["Meer op dit blog", "Dans les archives", "Más sobre el tema"])
def test_what_else_the_blog_has_is_a_heading_of_posts(heading: str) -> None:
    """However the language says it."""
    found = title(heading, WORDS, exact=True)
    assert found is not None
    assert found.kind is Kind.POSTS


@pytest.mark.parametrize(
    "line",
    [
        "What he wanted was a boat.",
        "Things fall apart where nobody mends them",
        "She talked about the eels and about nothing else.",
        "Er sprach darüber, was er gesehen hatte.",
        "Il a parlé de ce dont personne ne parle.",
    ],
)
def test_a_sentence_with_such_words_is_no_heading(line: str) -> None:
    """A line that does not look like a heading has to be the clause and nothing else."""
    assert title(line, WORDS, exact=True) is None
