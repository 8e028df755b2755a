"""Where each key of a TOML document stands: tomllib tells no line numbers, and a mistake without one is a riddle."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

Place = tuple[str | int, ...]  # ("digests", 0, "days"): a table, its number, a key; as pydantic's ``loc``

_TOKEN = re.compile(
    r'''
      (?P<string> """ (?:\\.|[^\\])*? "{3,5} | \'\'\' .*? '{3,5} | " (?:\\.|[^"\\])* " | ' [^']* ' )
    | (?P<newline> \n )
    | (?P<mark> [][{}=,.] )
    | (?P<bare> [^][{}=,.\s\#"']+ )
    | \#[^\n]* | [^\S\n]+
    ''',
    re.VERBOSE | re.DOTALL,
)


def lines(text: str) -> Mapping[Place, int]:
    """The line, from 1, of every table, key and element of a document that tomllib has accepted."""
    scanner = _Scanner(_tokens(text))
    scanner.document()
    return scanner.found


def line_of(found: Mapping[Place, int], place: Place) -> int | None:
    """The line of a place, else of the nearest thing around it; None where nothing of it is in the file."""
    while place and place not in found:
        place = place[:-1]
    return found.get(place)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def _tokens(text: str) -> list[_Token]:
    tokens, line = [], 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup:
            tokens.append(_Token(match.lastgroup, match.group(), line))
        line += match.group().count("\n")
    return [*tokens, _Token("end", "", line)]


@dataclass(slots=True)
class _Scanner:
    """Walks over the tokens; the document is known to be right, so nothing is checked here."""

    tokens: list[_Token]
    position: int = 0
    found: dict[Place, int] = field(default_factory=dict)
    counts: dict[Place, int] = field(default_factory=dict)  # of arrays of tables

    @property
    def here(self) -> _Token:
        return self.tokens[self.position]

    def document(self) -> None:
        table: Place = ()
        while self.here.kind != "end":
            if self.here.text == "[":
                table = self.header()
            elif self.here.kind == "newline":
                self.position += 1
            else:
                self.pair(table)

    def header(self) -> Place:
        """``[table]`` or ``[[array of tables]]``."""
        line, many = self.here.line, self.tokens[self.position + 1].text == "["
        self.position += 2 if many else 1
        place: Place = ()
        for key in self.keys():
            if place in self.counts:  # a table inside the newest element of an array of tables
                place = (*place, self.counts[place] - 1)
            place = (*place, key)
        self.position += 2 if many else 1
        if many:
            self.counts[place] = self.counts.get(place, 0) + 1
            self.found.setdefault(place, line)
            place = (*place, self.counts[place] - 1)
        self.found[place] = line
        return place

    def keys(self) -> list[str]:
        """``a``, ``a.b`` or ``a."b c"``."""
        keys = [_plain(self.here)]
        self.position += 1
        while self.here.text == ".":
            keys.append(_plain(self.tokens[self.position + 1]))
            self.position += 2
        return keys

    def pair(self, table: Place) -> None:
        """``key = value``."""
        line, place = self.here.line, table
        for key in self.keys():
            place = (*place, key)
            self.found.setdefault(place, line)
        self.position += 1
        self.value(place)

    def value(self, place: Place) -> None:
        if self.here.text == "[":
            self.array(place)
        elif self.here.text == "{":
            self.inline_table(place)
        else:
            while self.here.kind not in ("newline", "end") and self.here.text not in (",", "]", "}"):
                self.position += 1

    def array(self, place: Place) -> None:
        self.position += 1
        number = 0
        while self.here.text != "]":
            if self.here.kind == "newline" or self.here.text == ",":
                self.position += 1
            else:
                self.found[*place, number] = self.here.line
                self.value((*place, number))
                number += 1
        self.position += 1

    def inline_table(self, place: Place) -> None:
        self.position += 1
        while self.here.text != "}":
            if self.here.kind == "newline" or self.here.text == ",":
                self.position += 1
            else:
                self.pair(place)
        self.position += 1


def _plain(token: _Token) -> str:
    """A key without its quotes and escapes, which tomllib knows best."""
    return next(iter(tomllib.loads(f"{token.text} = 0"))) if token.kind == "string" else token.text
