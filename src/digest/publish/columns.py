"""Text in lines of a fixed-pitch font, as the plain part of a mail shows it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from digest.text.language import normalise

COLUMNS = 72

# Letters and signs that take one column each, as nearly all of a European text do; of other ones each is looked up.
_SIMPLE = re.compile("[\0-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u25b6]*")


def wrap(text: str, columns: int = COLUMNS) -> list[str]:
    """The normalised text in lines at most ``columns`` wide; a word that is wider (or has no spaces) is cut."""
    text = normalise(text)
    lines = _simply_wrapped(text, columns) if _is_simple(text) else None
    return _wrapped(text, columns) if lines is None else lines


def width(text: str) -> int:
    """Columns in a fixed-pitch font: two for a wide character, none for a combining one (UAX #11)."""
    if _is_simple(text):
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _is_simple(text: str) -> bool:
    return text.isascii() or _SIMPLE.fullmatch(text) is not None


def _simply_wrapped(text: str, columns: int) -> list[str] | None:
    """Lines of a text whose characters take one column each; None where a word is wider than a line."""
    lines, start = [], 0
    while len(text) - start > columns:
        end = text.rfind(" ", start, start + columns + 1)
        if end < 0:
            return None
        lines.append(text[start:end])
        start = end + 1
    return [*lines, text[start:]] if text else []


def _wrapped(text: str, columns: int) -> list[str]:
    lines: list[str] = []
    line, used = "", 0
    for word, size in _words(text, columns):
        if line and used + 1 + size > columns:
            lines.append(line)
            line, used = word, size
        else:
            line, used = (f"{line} {word}", used + 1 + size) if line else (word, size)
    return [*lines, line] if line else lines


def _words(text: str, columns: int) -> Iterator[tuple[str, int]]:
    """The words of a text with their widths; one wider than a line in pieces, as Chinese is written anyway."""
    for word in text.split():
        size = width(word)
        if size <= columns:
            yield word, size
        else:
            yield from ((piece, width(piece)) for piece in _pieces(word, columns))


def _pieces(word: str, columns: int) -> Iterator[str]:
    piece, used = "", 0
    for character in word:
        size = width(character)
        if used + size > columns:
            yield piece
            piece, used = "", 0
        piece, used = piece + character, used + size
    yield piece
