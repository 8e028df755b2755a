"""Which lines are listed quotations, and where their words begin and end. Who said them is in ``quotes``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum, auto
from itertools import pairwise

from digest.extract.headings import lead
from digest.extract.marks import ALL_MARKS, Quoted, opens, quoted
from digest.extract.sections import Row
from digest.text.html import Document, Line

ITEMS = frozenset({"li", "dd", "td", "blockquote", "figure"})  # what is set as a quotation without marks
SIGNATURES = frozenset({"footer", "figcaption", "cite"})
_LONGEST_LINE = 10_000
_LONGEST_GAP = 14  # words between two parts of one quotation: ", she said after a pause, "
_LONGEST_INTRODUCTION = 16  # words: "Asked about the dykes, she answered:"
_FEWEST_WORDS = 3  # of a quotation without marks
_MOST_PARAGRAPHS = 8
_ENDS_SENTENCE = ".!?…。！？؟"


class Shape(Enum):
    """How the quotations of a section are set."""

    LISTED = auto()  # items of a list, blockquotes, cells
    MARKED = auto()  # paragraphs in quotation marks
    PLAIN = auto()  # paragraphs and nothing else


def shape(document: Document, rows: Sequence[Row]) -> Shape:
    """How the quotations of a section are set: the first of the three that any of its rows is."""
    plain = [row for row in rows if row.rank is None and row.line.start < row.line.end]
    if any(ITEMS.intersection(row.line.path) for row in plain):
        return Shape.LISTED
    if any(parts(document.words(row.line), wholly=False) for row in plain):
        return Shape.MARKED
    return Shape.PLAIN


def same_item(row: Row, earlier: Line) -> bool:
    """Whether two lines stand in the same list item, cell, blockquote or figure."""
    return bool(ITEMS.intersection(row.line.path[: max(0, row.shared(earlier))]))


# ── with marks ───────────────────────────────────────────────────────────────────────────────────


def parts(text: str, *, wholly: bool, introduction: int = 0) -> tuple[Quoted, ...]:
    """The parts of a line that are one listed quotation, or () if the line is none.

    A line is one when it begins with a mark and most of it stands between marks, or when a short introduction leads
    to that.

    Args:
        text: of the line.
        wholly: nothing but the quotation and its signature may stand on the line.
        introduction: how many characters at its start are known to lead to the quotation.
    """
    found = quoted(text) if len(text) <= _LONGEST_LINE else ()
    begin = _behind_punctuation(text, introduction) if introduction else lead(text)
    if not found or not _may_introduce(text[begin : found[0].start].strip(), wholly=wholly):
        return ()
    gaps = [text[a.end : b.start] for a, b in pairwise(found)]
    rest = text[found[-1].end :].strip(" \u00a0.,;!?…")
    if wholly and (gaps or (rest and rest[0] not in "—–-(")):
        return ()
    if any(len(gap.split()) > _LONGEST_GAP for gap in gaps):
        return ()
    inside = sum(part.inner_end - part.inner_start for part in found)
    outside = sum(map(len, gaps)) + len(rest)
    return found if inside >= outside * _least_share(text, found[0]) else ()


def _behind_punctuation(text: str, at: int) -> int:
    return at + len(text[at:]) - len(text[at:].lstrip(" \u00a0.:–—-"))


def _may_introduce(words: str, *, wholly: bool) -> bool:
    """Whether words before a mark lead to a quotation: "Asked about the dykes, she answered:"."""
    if not words:
        return True
    return not wholly and words[-1] in ":,–—" and len(words.split()) <= _LONGEST_INTRODUCTION


def _least_share(text: str, first: Quoted) -> float:
    """How much of a line must stand between marks, against the rest: less where the first part ends like speech.

    "“We are water,” Jo Brask said on the steps of the hall." is speech; in "“Mercy” is a word that judges use." a
    word is quoted.
    """
    ends_inside = text[first.inner_end - 1 : first.inner_end] in set(_ENDS_SENTENCE + ",،;")
    ends_behind = text[first.end : first.end + 1] in {".", ",", ""}
    return 0.5 if ends_inside or ends_behind else 1.0


def outside(text: str, found: Sequence[Quoted]) -> Iterator[str]:
    """What stands on a line before, between and behind the parts of its quotation."""
    edges = [0, *(edge for part in found for edge in (part.start, part.end)), len(text)]
    return (text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True))


def end_of_words(text: str, part: Quoted) -> int:
    """Where the words of a part end: before a comma that belongs to the sentence around it."""
    end = part.inner_end
    while end > part.inner_start and text[end - 1] in ",،，":
        end -= 1
    return end


# ── over several paragraphs ──────────────────────────────────────────────────────────────────────


def goes_on(document: Document, rows: Sequence[Row], i: int) -> bool:
    """Whether a quotation that row ``i`` opens is closed by one of the next paragraphs; else a mark is missing.

    Paragraphs in between may open anew, as is the custom; another item of a list, a heading or a quotation of its
    own after one that did not open anew say that there is nothing to close.
    """
    opened = rows[i]
    for row in rows[i + 1 : i + _MOST_PARAGRAPHS]:
        text = document.words(row.line)
        if row.rank is not None or not _may_follow(row, opened.line):
            return False
        if opens(text[lead(text) :]):
            if quoted(text)[0].closed:
                return True
        elif end_of_open(text) is not None:
            return True
    return False


def _may_follow(row: Row, opened: Line) -> bool:
    """Paragraphs of one item follow each other, and paragraphs outside of all items do."""
    return same_item(row, opened) or not ITEMS.intersection((*row.line.path, *opened.path))


def end_of_open(text: str) -> int | None:
    """Where a quotation that an earlier line opened is closed: the last mark that can close, or None."""
    ends = (i for i in range(len(text) - 1, 0, -1) if text[i] in ALL_MARKS and not text[i - 1].isspace())
    return next((i for i in ends if not text[i + 1 : i + 2].isalnum()), None)


# ── without marks ────────────────────────────────────────────────────────────────────────────────


def may_be_unmarked(row: Row, text: str, how: Shape) -> bool:
    """Whether a line without marks can be a quotation in a section of that shape: an item, or a sentence."""
    if len(text.split()) < _FEWEST_WORDS or row.rank is not None:
        return False
    if ITEMS.intersection(row.line.path):
        return not SIGNATURES.intersection(row.line.path)
    if 0 < lead(text) < len(text):
        return True
    return how is Shape.PLAIN and text.rstrip()[-1] in _ENDS_SENTENCE
