"""Small posts set in one habit of markup, and what is read in them."""

from __future__ import annotations

from digest.extract.reading import read, verbatim
from digest.extract.words import Words
from digest.model import Reading
from digest.resources import Resources
from digest.text.html import document, sanitise

WORDS = Words.merge(Resources().words())
LEAD = "<p>Mira Halden and Jo Brask met in Ostby on Monday to argue about the dam.</p>"
URL = "https://x.example/post"


def reading(html: str, *, language: str = "en", title: str = "", summary: str = "") -> Reading:
    """Read a post that begins with the lead; every quote is checked against its text."""
    safe = sanitise(LEAD + html, URL)
    found = read(safe, url=URL, title=title, language=language, summary=summary, words=WORDS)
    assert all(verbatim(quote, document(safe).text) for quote in found.quotes)
    return found


def quotes(html: str, *, language: str = "en", title: str = "") -> list[tuple[str, str, tuple[str, ...]]]:
    """Speaker, words and topics of each quote."""
    found = reading(html, language=language, title=title)
    return [(quote.speaker, quote.text, quote.topics) for quote in found.quotes]


def themes(html: str) -> list[tuple[str, str]]:
    """Title and description of each theme."""
    return [(theme.title, theme.description) for theme in reading(html).themes]


def posts(html: str) -> list[tuple[str, str]]:
    """Title and address of each related post."""
    return [(link.title, link.url) for link in reading(html).related_posts]


def videos(html: str) -> list[tuple[str, str]]:
    """Title and id of each related video."""
    return [(video.title, video.id) for video in reading(html).related_videos]


DAM, WALL = "A dam is a promise.", "A wall is a wall."
