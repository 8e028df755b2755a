"""Quotation marks: which parts of a line stand between them, in any convention.

Marks differ by language and by keyboard, and the closing mark of one is the opening mark of another („…“ and “…”),
so what closes a quotation is decided by what opened it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

# opening mark → what may close it; the first is the proper one, others are habits of keyboards
_CLOSERS = {
    "“": '”"“',
    "„": '“”"‟',
    "‟": '”"',
    "”": "”",
    "«": "»",
    "»": "«»",
    "‹": "›",
    "›": "‹",
    '"': '"”“',
    "＂": "＂",
    "「": "」",
    "『": "』",
    "‘": "’'",
    "‚": "‘’'",
    "'": "'’",
}
_NESTING = frozenset("“«‹「『")  # opened and closed by different marks, so they can stand within themselves
_AMBIGUOUS = frozenset("\"'”»›’＂")  # they open only where a word begins
_SINGLE = frozenset("‘‚'")  # an apostrophe looks the same
_MOST = 40  # quotations in one text: more is no prose, and single marks are searched for again and again
_LONGEST_SINGLE = 2_000
_BEFORE_OPENING = frozenset("([{—–-:;,/>¿¡…")
ALL_MARKS = "".join(dict.fromkeys("".join(_CLOSERS) + "".join(_CLOSERS.values())))
_OPENER = re.compile(f"[{''.join(_CLOSERS)}]")
_EITHER = {mark: re.compile(f"[{mark}{closers}]") for mark, closers in _CLOSERS.items()}


@dataclass(frozen=True, slots=True)
class Quoted:
    """A part of a text between quotation marks: with the marks (outer), and without them (inner)."""

    start: int
    end: int
    inner_start: int
    inner_end: int
    closed: bool  # False where the text ends before the quotation does


@lru_cache(maxsize=128)  # how a list is set, whom its lines name and what they quote: each asks
def quoted(text: str) -> tuple[Quoted, ...]:
    """The outermost quotations of a text, in order, at most 40. Linear in its length.

    An opening mark that nothing closes takes the rest of the text, as a paragraph does that another continues.
    """
    found: list[Quoted] = []
    at = 0
    while len(found) < _MOST and (opening := _opening(text, at)) is not None:
        closing = _closing(text, opening)
        end = len(text) if closing is None else closing
        found.append(_trimmed(text, opening, end, closing is not None))
        at = end + 1
    return tuple(found)


def opens(text: str) -> bool:
    """Whether a text begins with an opening mark."""
    return text[:1] in _CLOSERS and _may_open(text, 0)


def _opening(text: str, at: int) -> int | None:
    places = (match.start() for match in _OPENER.finditer(text, at))
    return next((i for i in places if _may_open(text, i)), None)


def _may_open(text: str, i: int) -> bool:
    """An ambiguous mark opens after a space, a bracket or a dash, and before a word."""
    if text[i] not in _AMBIGUOUS and text[i] not in _SINGLE:
        return True
    before, after = text[i - 1 : i], text[i + 1 : i + 2]
    begins = not before or before.isspace() or before in _BEFORE_OPENING or before in _CLOSERS
    return (
        begins and bool(after) and (not after.isspace() or (text[i] == "»" and text[i + 2 : i + 3].isalnum()))
    )


def _closing(text: str, opening: int) -> int | None:
    mark = text[opening]
    if mark in _SINGLE:
        return _single_closing(text, opening)
    depth, last = 1, None
    for match in _EITHER[mark].finditer(text, opening + 1):
        i = match.start()
        if mark in _NESTING and text[i] == mark and not _ends_here(text, i):
            depth += 1
        elif text[i] in _CLOSERS[mark] and _may_close(text, i):
            depth, last = depth - 1, i
            if not depth:
                return i
    return last


def _single_closing(text: str, opening: int) -> int | None:
    """The first single mark after punctuation; else the last that can close: the others are apostrophes."""
    reach = range(opening + 1, min(len(text), opening + _LONGEST_SINGLE))
    candidates = [i for i in reach if text[i] in _CLOSERS[text[opening]] and _may_close(text, i)]
    sure = (i for i in candidates if text[i - 1] in ".,!?…;" or i == len(text) - 1)
    return next(sure, candidates[-1] if candidates else None)


def _may_close(text: str, i: int) -> bool:
    after = text[i + 1 : i + 2]
    if after.isalnum():
        return False
    return text[i] in "»«›‹" or not text[i - 1].isspace() or not after or not after.strip()


def _ends_here(text: str, i: int) -> bool:
    """Whether a mark that opens stands where one closes: “like this“."""
    return not text[i - 1].isspace() and not text[i + 1 : i + 2].isalnum()


def _trimmed(text: str, opening: int, closing: int, closed: bool) -> Quoted:
    start, end = opening + 1, closing
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Quoted(opening, closing + closed, start, end, closed)
