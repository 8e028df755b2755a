"""Headings: which lines of a post are headings, whatever the markup."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from digest.extract.marks import opens
from digest.text.html import Line

# How loudly a line says that it is a heading. Lower ranks stand above higher ones; h1 to h6 are 1 to 6.
CELL, TERM, BOLD, COLON = 7, 7, 8, 9

_TAG_RANKS = {f"h{level}": level for level in range(1, 7)} | {
    "summary": 3,
    "caption": 6,
    "th": CELL,
    "dt": TERM,
}
_TAGS = frozenset(_TAG_RANKS)
LONGEST = 160  # characters of a heading
COLONS = ":：﹕"
# A sentence of six words or more, and another: prose that happens to end in a colon. Fewer may end in "Prof.".
_AFTER_SENTENCE = re.compile(r"(?:\S+\s+){5,40}\S*\w[.!?…。！？؟][\"'”’»)]*\s+\S")
_PERMALINK = "#¶§"  # what blog systems put behind a heading as a link to it
_EDIT = re.compile(r"\s*\[[^\[\]]{1,40}\]$")  # what wikis put behind a heading: "[edit]"
_BEHIND = frozenset(COLONS + _PERMALINK + "–—-*=~_|\ufe0f\u200d")
_FRAME = "*=~_–—―-•·|#+"  # around a heading: "*** Key Themes ***"
_BRACKETS = "[]【】〔〕"
_PAIRS = frozenset({"[]", "【】", "〔〕"})
# Times before items: "07:30 — ". Numbers and letters that count them: "1.", "1)", "(1)", "[1]", "#1", "1 –", "1º", "a)", "(a)", "iv.", "①", "1️⃣".
_BULLET = re.compile(
    r"""(?:
        [(\[]?\d{1,2}(?::\d\d){1,2}[)\]]?\s?[–—|-](?=\s)
      | \#{1,6}(?=\s) | [#№]\s?\d{1,3}[.):]?(?=\s)
      | \d{1,3}\.?(?:\)(?!\w*\() | [.:/-](?=\s|$|[^\w\s]) | \.(?=[^\W\d]) | \s[–—-](?=\s) | [ºª]\.?(?=\s) | \ufe0f?\u20e3)
      | [(\[](?:\d{1,3}|[a-zA-Z])[)\]] | [\u2460-\u2473\u2776-\u277f]
      | [a-zA-Z]\)(?=\s|$|[^\w\s]) | [ivxIVX]{1,4}[.)](?=\s|$|[^\w\s])
    )\s*""",
    re.VERBOSE,
)
_BULLETS = frozenset("-–—−*•·▪▫◦‣⁃►▸»›+~○●■□◆◇☐→⇒")
_NO_ORNAMENTS = frozenset("©®℗°")  # symbols to Unicode, words to a reader


@lru_cache(maxsize=256)  # every reader of a line asks
def lead(text: str) -> int:
    """How many characters at the beginning are bullets, dashes, emoji and numbering, with the spaces after them."""
    at = 0
    while at < len(text):
        if text[at].isspace() or _is_ornament(text, at):
            at += 1
        elif match := _BULLET.match(text, at):
            at = match.end()
        else:
            return at
    return at


def _is_ornament(text: str, at: int) -> bool:
    character = text[at]
    if character in "»›" and not text[at + 1 : at + 2].isspace():
        return False  # a quotation mark
    if character in _NO_ORNAMENTS:
        return False
    return character in _BULLETS or unicodedata.category(character) in {"So", "Sk", "Cf", "Me", "Mn"}


def bulleted(text: str) -> bool:
    """Whether a text begins with a bullet, a dash or a number."""
    return 0 < lead(text) < len(text)


def rank(line: Line, words: str) -> int | None:
    """How far up a line stands as a heading, or None if it is no heading by its looks.

    Tags come first, then lines that are bold from end to end, then short ones in a frame or with a colon at the end.
    """
    if not words or len(words) > LONGEST:
        return None
    tagged, framed = not _TAGS.isdisjoint(line.path), is_framed(words)
    if not (tagged or line.bold or framed or words[-1] in COLONS) or opens(words[lead(words) :]):
        return None
    if tagged:
        return next(_TAG_RANKS[tag] for tag in reversed(line.path) if tag in _TAGS)
    if line.bold and not is_link(line):
        return BOLD
    if framed:
        return COLON
    announces = words[-1] in COLONS and not itemised(words) and not _AFTER_SENTENCE.match(words)
    return COLON if announces else None


def itemised(text: str) -> bool:
    """Whether a text begins like an item of a list: with a bullet or a number. An emoji may begin anything."""
    first = text[:1]
    return first in _BULLETS or bool(_BULLET.match(text)) if first else False


def is_link(line: Line) -> bool:
    """Whether a line is a link from end to end, give or take a bullet."""
    linked = sum(anchor.end - anchor.start for anchor in line.anchors)
    return linked > 0 and linked >= 0.8 * (line.end - line.start)


@lru_cache(maxsize=256)
def bare(words: str) -> str:
    """A heading's words without ornaments and numbering around them and without the colon at the end."""
    words = _unframed(words.strip())
    words = words[lead(words) :]
    words = _EDIT.sub("", words) or words
    end = len(words)
    while end and (words[end - 1].isspace() or _is_behind(words[end - 1])):
        end -= 1
    return words[:end]


def _is_behind(character: str) -> bool:
    """Whether a character at the end of a heading is no part of its words: a colon, a permalink, an emoji."""
    return character in _BEHIND or (
        unicodedata.category(character) == "So" and character not in _NO_ORNAMENTS
    )


def _unframed(words: str) -> str:
    """Without the frame of "*** Key Themes ***" or "[Key Themes]"."""
    if is_framed(words):
        return words.strip(_FRAME + _BRACKETS + " ")
    return words


def is_framed(words: str) -> bool:
    """Whether a line stands in a frame: "*** Key Themes ***", "[Key Themes]"."""
    ends = words[:1] + words[-1:]
    return len(words) > 2 and ((ends[0] in _FRAME and ends[1] in _FRAME) or ends in _PAIRS)
