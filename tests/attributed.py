"""A few paragraphs read as far as a test needs: their tokens, their clauses, who is reported to speak."""

from __future__ import annotations

from functools import cache

from digest.extract.prose.narration import Narration, narrate
from digest.extract.prose.parties import Clauses
from digest.extract.prose.people import people
from digest.extract.prose.speakers import Attribution, attribute
from digest.extract.prose.utterances import utterances
from digest.extract.words import Words
from digest.resources import Resources
from digest.text.html import document, sanitise


@cache
def words() -> Words:
    """The words of all languages."""
    return Words.merge(Resources().words())


def narrated(text: str, language: str = "en") -> Narration:
    """Paragraphs, each a line of the text, as tokens."""
    page = document("".join(f"<p>{line}</p>" for line in text.split("\n")))
    return narrate(page.text, utterances(page, words(), language), words().speech(language))


def clauses(text: str, language: str = "en") -> Clauses:
    """The clauses of some paragraphs, whose people are known."""
    narration = narrated(text, language)
    return Clauses(narration, people(narration, words(), language, title=""), words().speech(language))


def attributions(
    text: str, language: str = "en", *, title: str = "", authors: tuple[str, ...] = ()
) -> tuple[Attribution, ...]:
    """Who says each quotation in paragraphs of text."""
    page = document(sanitise(f"<p>{text}</p>", "https://odde.example/"))
    found = utterances(page, words(), language)
    told = attribute(page, found, words(), language, title=title, authors=authors)
    assert len(told) == len(found)
    return told


def speakers(text: str, language: str = "en") -> tuple[str, ...]:
    """The names of all who are reported to speak; an empty one for whom the text does not name."""
    return tuple(each.name for each in attributions(text, language) if each.reported)
