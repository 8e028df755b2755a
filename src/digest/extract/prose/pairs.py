"""Which quotation marks of a paragraph of prose belong together.

``marks`` reads lines that are quotations; here a paragraph may hold many, next to apostrophes, inches and marks that
somebody forgot. One pass with a stack: what a mark may do is decided by what stands beside it and by what is open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from digest.extract.marks import Quoted
from digest.model import Span

# opening mark → what may close it
_CLOSERS = {
    "“": "”“",
    "„": "“”‟",
    "‟": "”",
    "”": "”",
    "«": "»",
    "»": "«»",
    "‹": "›",
    "›": "‹",
    '"': '"”',
    "＂": "＂",
    "「": "」",
    "『": "』",
    "‘": "’",
    "‚": "‘’",
    "'": "'’",
}
_ALWAYS_OPEN = frozenset("„‟「『")
_OPEN_ELSE_CLOSE = frozenset("“«‹")  # they open unless they close what is open
_SINGLE = frozenset("‘‚'’")
_STRAY = frozenset('”»“"«」』')  # alone in a paragraph they end what an earlier one began
_APOSTROPHE = r"(?<=[^\W_][‘‚'’])[^\W_]"  # what follows a single mark within a word
_MARKS = "".join(dict.fromkeys("".join(_CLOSERS) + "".join(_CLOSERS.values())))
_MARK = re.compile(rf"[{_MARKS}](?!{_APOSTROPHE})")
_SIGN = re.compile(rf"{_MARK.pattern}| [—–-]")
_DASHES = (" —", " –", " -")
_BEFORE_OPENING = frozenset("([{—–-/…:;,¿¡'’“«„‹‘\"><")
_AFTER_CLOSING = frozenset(".,;:!?…)]}—–-/。、，؟،”’»«“\"'<[")
_SENTENCE = frozenset(",.!?…")  # behind one of these a mark closes, even where a space is missing
_ELISION = re.compile(
    r"['‘’](?:\d\ds?\b|(?:[stnkm]|em|til|tis|twas|cause|cos|bout|round)\b(?!['’]))", re.IGNORECASE
)
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Pairs:
    """The outermost quotations of a paragraph in order; only the last may be unclosed."""

    found: tuple[Quoted, ...]
    stray: int | None = None  # the first closing mark that closes nothing: of a quotation that began earlier


def readable(text: str, most: int) -> int:
    """How much of a text holds that many marks and dashes: there is no prose where more are."""
    if sum(map(text.count, _MARKS)) + sum(map(text.count, _DASHES)) < most:
        return len(text)
    sign = next(islice(_SIGN.finditer(text), most, None), None)
    return len(text) if sign is None else sign.start()


class _Mark(NamedTuple):  # made for every mark of a post: half the time of a dataclass
    """A mark and what it may do where it stands."""

    at: int
    sign: str
    opens: bool
    closes: bool
    sure: bool  # of a single mark that may close: it is no apostrophe


def pairs(text: str) -> Pairs:
    """The quotations of a paragraph. Linear in its length."""
    found = (_mark(text, match.start()) for match in _MARK.finditer(text))
    marks = [mark for mark in found if mark.opens or mark.closes]
    if not marks:
        return Pairs(())
    closed_later = _closed_later(marks)
    stack: list[_Mark] = []
    closed: list[tuple[_Mark, int]] = []
    stray: int | None = None
    for i, mark in enumerate(marks):
        opened = _opened_by(mark, stack, closed_later=closed_later[i])
        if opened is not None and not mark.sure and _begins_speech(text, stack[opened]):
            continue
        if opened is not None:
            closed.append((stack[opened], mark.at))
            del stack[opened:]
        elif mark.opens:
            if len(stack) < _DEEPEST:
                stack.append(mark)
        elif stray is None and not stack and mark.closes and mark.sure and mark.sign in _STRAY:
            stray = mark.at
    return Pairs(_outermost(text, closed, stack), stray)


# ── what a mark may do ───────────────────────────────────────────────────────────────────────────


def _mark(text: str, at: int) -> _Mark:
    sign, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    begins = not before or before.isspace() or before in _BEFORE_OPENING
    ends = not after or after.isspace() or after in _AFTER_CLOSING
    leads = bool(after) and (not ends or after in "…¿¡([“„«‘‚'\"" or text.startswith("...", at + 1))
    if sign in _SINGLE:
        return _single(text, at, begins=begins and leads, ends=ends and bool(before) and not before.isspace())
    if sign in _ALWAYS_OPEN:
        return _Mark(at, sign, True, False, True)
    if sign in _OPEN_ELSE_CLOSE:
        return _Mark(at, sign, begins or not ends, not begins or ends, True)
    if sign in "”»›":
        return _Mark(at, sign, begins and (leads or not before), not leads or not begins, True)
    if sign in "」』":
        return _Mark(at, sign, False, True, True)
    spaced = ends and (not before or before.isspace())  # as in " like this "
    within = before.isalnum() and after.isalnum()  # as Hebrew sets it into acronyms
    closes = ends or before in _SENTENCE or not (begins or within)
    return _Mark(at, sign, (begins and leads) or spaced, closes, not before.isdigit())


def _single(text: str, at: int, *, begins: bool, ends: bool) -> _Mark:
    sign = text[at]
    if _ELISION.match(text, at):
        return _Mark(at, sign, False, ends, False)
    before, after = text[max(0, at - 3) : at], text[at + 1 : at + 2]
    sure = not before[-1:].isalnum() or bool(after and after in ".,;:!?)") or not _drops(before)
    return _Mark(at, sign, begins and sign != "’" and not text[at + 1].isdigit(), ends and sign != "‚", sure)


def _drops(before: str) -> bool:
    """Whether a word may end in an apostrophe: "the engineers’", "goin’", "o’"."""
    return before.endswith(("s", "x", "z", "S", "in", " o", "th", " n", " an"))


def _closed_later(marks: list[_Mark]) -> list[bool]:
    """For each mark whether one of its family that surely closes stands behind it, before the next that opens."""
    result = [False] * len(marks)
    later: dict[str, bool] = {}
    for i in range(len(marks) - 1, -1, -1):
        mark = marks[i]
        family = "'" if mark.sign in _SINGLE else mark.sign
        result[i] = later.get(family, False)
        later[family] = not mark.opens and mark.closes and (mark.sure or result[i])
    return result


def _opened_by(mark: _Mark, stack: list[_Mark], *, closed_later: bool) -> int | None:
    """Where on the stack is what a mark closes, or None where it closes nothing."""
    if not mark.closes or (closed_later and not mark.sure):
        return None  # an apostrophe or inches: what closes is still to come
    return next((i for i in range(len(stack) - 1, -1, -1) if mark.sign in _CLOSERS[stack[i].sign]), None)


def _begins_speech(text: str, opening: _Mark) -> bool:
    """Whether a single mark begins a paragraph and a sentence: no apostrophe closes what is said there."""
    return opening.sign in _SINGLE and opening.at < 2 and text[opening.at + 1].isupper()


# ── which of them count ──────────────────────────────────────────────────────────────────────────


def _outermost(text: str, closed: list[tuple[_Mark, int]], stack: list[_Mark]) -> tuple[Quoted, ...]:
    found = [(opening.at, end) for opening, end in closed]
    open_at = next((mark.at for mark in stack if _may_stay_open(text, mark, closed)), None)
    found += [both for mark in stack if (both := _shared_end(text, mark, closed))]
    result: list[Quoted] = []
    for start, end in sorted(found):
        if open_at is not None and start > open_at:
            break
        if not result or start > result[-1].end - 1:
            result.append(_trimmed(text, start, end, closed=True))
    if open_at is not None and not (result and open_at < result[-1].end):
        result.append(_trimmed(text, open_at, len(text), closed=False))
    return tuple(part for part in result if part.inner_start < part.inner_end)


def _shared_end(text: str, mark: _Mark, closed: list[tuple[_Mark, int]]) -> Span | None:
    """Where one guillemet closes two quotations, as French and Russian allow: « Il a dit « non »."""
    inner = [end for opening, end in closed if opening.sign == mark.sign and opening.at > mark.at]
    ends = (
        mark.sign in "«‹"
        and len(inner) == 1
        and text[inner[0] + 1 : inner[0] + 3].lstrip()[:1] in {"", ",", ".", "—", "–"}
    )
    return (mark.at, inner[0]) if ends else None


def _may_stay_open(text: str, mark: _Mark, closed: list[tuple[_Mark, int]]) -> bool:
    """Whether an opening mark that nothing closes is meant: no pair of its kind follows it."""
    if mark.sign in _SINGLE and text[: mark.at].strip():
        return False
    return not any(opening.sign == mark.sign and opening.at > mark.at for opening, _ in closed)


def _trimmed(text: str, start: int, end: int, *, closed: bool) -> Quoted:
    first, last = start + 1, end
    while first < last and text[first].isspace():
        first += 1
    while last > first and text[last - 1].isspace():
        last -= 1
    return Quoted(start, end + closed, first, last, closed)
