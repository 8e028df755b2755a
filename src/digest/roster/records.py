"""The bytes of a list → records of cells, whatever its encoding and separator, in flat memory.

A record that cannot be read costs itself: it is told by its line, and reading goes on with the line after its first.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, cast

from digest.errors import ParseError
from digest.roster.rows import Unread

SEPARATORS = ",;\t|"
_LONGEST_LINE = 200_000  # characters
_MOST_LINES = 200  # of one record: a cell may hold a text of several lines
_MOST_UNREAD = 10_000  # then it is no list
_SNIFFED = 512  # bytes
_WESTERN = "digest-western"
_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record, and the line on which it begins."""

    line: int
    cells: Sequence[str]


def records(stream: BinaryIO) -> Iterator[Record | Unread]:
    """All records that are not empty, its header among them, and in their places what cannot be read.

    UTF-8 with or without a mark, UTF-16, and Windows-1252 for bytes that are no UTF-8. Separators: comma,
    semicolon, tab or bar, whichever makes most of the first line.

    Raises:
        ParseError: it has no text at all, or more than 10,000 records that cannot be read.
    """
    text = _text(stream)
    try:
        yield from _records(_Lines(text))
    finally:
        with suppress(ValueError):  # the stream is its owner's, who may have closed it by now
            cast(io.BufferedReader, text.detach()).detach()


def _records(lines: _Lines) -> Iterator[Record | Unread]:
    reader = csv.reader(lines, delimiter=_separator(lines), strict=True)
    unread = 0
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLongError) as error:
            unread += 1
            if unread > _MOST_UNREAD:
                raise ParseError("more than 10,000 of its lines cannot be read") from error
            yield Unread(lines.begun, _reason(error))
            lines.resume()
            continue
        if any(map(str.strip, cells)):
            yield Record(lines.begun, cells)


# ── text ─────────────────────────────────────────────────────────────────────────────────────────


def _western(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", errors="replace"), error.end


codecs.register_error(_WESTERN, _western)


def _text(stream: BinaryIO) -> io.TextIOWrapper:
    buffered = io.BufferedReader(cast(io.RawIOBase, stream))
    head = buffered.peek(_SNIFFED)[:_SNIFFED]
    return io.TextIOWrapper(buffered, encoding=_encoding(head), errors=_WESTERN, newline="")


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 4 and min(even, odd) == 0:
        return "utf-16-be" if even else "utf-16-le"
    return "utf-8-sig"


# ── lines ────────────────────────────────────────────────────────────────────────────────────────


class _TooLongError(Exception):
    pass


class _Lines:
    """The lines of a text by their numbers, of which those of a broken record can be read once more."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self._record: list[str] = []
        self._number = 0  # of the line read last
        self.begun = 1  # where the present record begins

    def begin(self) -> None:
        """The next line is the first of a record."""
        self._record.clear()
        self.begun = self._number + 1

    def resume(self) -> None:
        """Read on after the first line of the present record."""
        rest = self._record[1:]
        self._again.extendleft(reversed(rest))
        self._number -= len(rest)

    def first(self) -> str:
        """The first line that is not empty, left where it is."""
        line = ""
        for line in self:
            if line.strip():
                break
            self._record.clear()
        self._again.appendleft(line)
        self._number -= 1
        return line

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        self._number += 1
        self._record.append(line)
        if len(line) == _LONGEST_LINE and not line.endswith(("\n", "\r")):
            self._skip()
            raise _TooLongError
        if len(self._record) > _MOST_LINES:
            raise _TooLongError
        return line

    def _skip(self) -> None:
        self._record[-1] = "\n"
        while (piece := self._text.readline(_LONGEST_LINE)) and not piece.endswith(("\n", "\r")):
            pass


def _separator(lines: _Lines) -> str:
    """The separator of a list, by its first line; what Excel says of it ("sep=;") is taken away."""
    first = lines.first()
    if not first.strip():
        raise ParseError("it is empty")
    stated = first.strip().strip('"')
    if stated.lower().startswith("sep=") and len(stated) == len("sep=;"):
        next(lines)
        return stated[-1]
    bare = _QUOTED.sub("", first)
    return max(SEPARATORS, key=bare.count)


def _reason(error: csv.Error | _TooLongError) -> str:
    if isinstance(error, _TooLongError):
        return "it is too long, or a quotation mark in it is never closed"
    if "field limit" in str(error):
        return "a cell of it is too long"
    return "a quotation mark in it is out of place, or never closed"
