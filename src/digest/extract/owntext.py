"""Which lines of a post are its own text, and which stand around it: comments, share bars, related posts."""

from __future__ import annotations

from collections.abc import Iterator

from digest.extract.headings import is_link
from digest.extract.lead import word_count
from digest.extract.listed.sections import Outline, Section
from digest.extract.rows import Row, around_all
from digest.extract.words import Kind

_AROUND = (Kind.STOP, Kind.POSTS, Kind.VIDEOS, Kind.LINKS)
_PROSE_WORDS = 12  # of a paragraph with which the text of a post has begun
_LOWEST_HEADING = 6  # rank of h6: below it stand bold lines and lines that end in a colon


def apart(outline: Outline) -> frozenset[int]:
    """Where the lines begin that stand below the text, or in a box within it.

    A line such as "Read also" or "Advertisement" stands within the text as often as below it; then what is set as the
    text was before goes on with it. Before the text has begun nothing is apart: a share bar may stand above it.
    """
    prose = [row.line for row in outline.body if word_count(row.text) >= _PROSE_WORDS]
    ways = frozenset(line.path for line in prose)
    sections = [
        section for section in outline.of(*_AROUND) if prose and section.heading.start > prose[0].start
    ]
    return frozenset(row.line.start for section in sections for row in _around(section, ways))


def _around(section: Section, ways: frozenset[tuple[str, ...]]) -> Iterator[Row]:
    """The rows of a section that are no text of the post; a real heading over comments heads all beside it."""
    over = section.title.kind is Kind.STOP and section.rank <= _LOWEST_HEADING
    beside = len(section.heading.path) - 1
    for row, depth in zip(section.rows, around_all(section.heading, section.rows), strict=True):
        if (over and depth >= beside) or row.line.path not in ways or is_link(row.line):
            yield row


def prose(outline: Outline) -> Iterator[str]:
    """The lines of a post's own text, without headings."""
    others = apart(outline)
    for rows in (outline.body, *(section.rows for section in outline.sections)):
        yield from (row.text for row in rows if row.rank is None and row.line.start not in others)
