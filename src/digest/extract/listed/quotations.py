"""Which lines are listed quotations, and where their words begin and end. Who said them is in ``quotes``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from itertools import pairwise

from digest.extract.headings import itemised, lead
from digest.extract.listed.signatures import signed
from digest.extract.marks import ALL_MARKS, Quoted, opens, quoted
from digest.extract.rows import ITEMS, Row, is_mark
from digest.extract.words import Words
from digest.text.html import Document, Line

SIGNATURES = frozenset({"footer", "figcaption", "cite"})
_LONGEST_LINE = 10_000
_LONGEST_GAP = 14  # words between two parts of one quotation: ", she said after a pause, "
_LONGEST_INTRODUCTION = 16  # words: "Asked about the dykes, she answered:"
_FEWEST_WORDS = 3  # of a quotation without marks
_MOST_PARAGRAPHS = 8
_LONGEST_HEAD = 6  # words before a quotation without marks: "Mira Halden: …"
_ENDS_HEAD = re.compile(r"[:：.–—]|.\s*[:：–—]")  # at the last character of words in bold
_ENDS_SENTENCE = ".!?…。！？؟"


class Shape(Enum):
    """How the quotations of a section are set."""

    LISTED = auto()  # items of a list, blockquotes, cells
    MARKED = auto()  # paragraphs in quotation marks
    PLAIN = auto()  # paragraphs and nothing else


def shape(document: Document, rows: Sequence[Row], words: Words) -> Shape:
    """How the quotations of a section are set: the first of the three that any of its rows is."""
    plain = [row for row in rows if row.rank is None and row.line.start < row.line.end]
    texts = [row.text for row in plain]
    bullets = sum(itemised(text) and not signed(text, words) for text in texts)
    if any(map(is_mark, plain)):
        return Shape.MARKED
    if any(ITEMS.intersection(row.line.path) for row in plain) or bullets > 1:
        return Shape.LISTED
    if any(parts(row.text, wholly=False, introduction=bold_head(document, row)) for row in plain):
        return Shape.MARKED
    return Shape.PLAIN


def same_item(row: Row, earlier: Line) -> bool:
    """Whether the list item, cell, blockquote or figure that a line stands in holds an earlier one, too."""
    inside = (depth for depth, tag in enumerate(row.line.path) if tag in ITEMS)
    return row.shared(earlier) > max(inside, default=len(row.line.path))


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
    begin = behind(text, introduction) if introduction else lead(text)
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


def bold_head(document: Document, row: Row) -> int:
    """How many characters of a line are a heading in bold before its quotation: "**On dogs.** “…”"."""
    line = row.line
    start, end = line.bolds[0] if line.bolds and not line.bold else (0, 0)
    text = document.words(line)
    leads = end and start - line.start <= lead(text) and not quoted(text[: end - line.start])
    return end - line.start if leads else 0


def introduction(document: Document, row: Row) -> str:
    """The words before a quotation on its own line that end in a colon, or are bold and end."""
    text = row.text
    found = quoted(text) if len(text) <= _LONGEST_LINE else ()
    head = bold_head(document, row)
    if head and (found or _ENDS_HEAD.match(text, head - 1)):
        return text[:head]
    cut = found[0].start if found else text.find(":") + 1
    words = text[:cut].rstrip()
    short = bool(found) or len(words.split()) <= _LONGEST_HEAD
    return words if short and words.endswith((":", "：")) else ""


def behind(text: str, at: int) -> int:
    """Where words go on behind a heading that ends at ``at``, and the punctuation after it."""
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


def goes_on(rows: Sequence[Row], i: int) -> bool:
    """Whether a quotation that row ``i`` opens is closed by one of the next paragraphs; else a mark is missing.

    Paragraphs in between may open anew, as is the custom; another item of a list, a heading or a quotation of its
    own after one that did not open anew say that there is nothing to close.
    """
    opened = rows[i]
    for row in rows[i + 1 : i + _MOST_PARAGRAPHS]:
        text = row.text
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
