"""The part of PromQL that our alert rules are written in, evaluated over the text of one scrape.

``max``, ``min`` and ``time()``, numbers, ``+ - *``, comparisons, ``and``, ``or``, parentheses, and series by name with
exact labels. A comparison keeps what it is true of; of nothing nothing follows, as in Prometheus.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

Vector = list[float]  # the values of some series; a number is one of them

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:e\d+)?)|(?P<word>[a-zA-Z_:][\w:]*)|(?P<label>\{[^}]*\})|(?P<sign>[<>=!]=|[-+*<>()]))"
)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
}
_COUNT: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


class UnreadableError(Exception):
    """The expression is none of this part of PromQL."""


def tokens(expression: str) -> list[str]:
    """The expression in pieces."""
    found, at = [], 0
    while at < len(expression.rstrip()):
        piece = _TOKEN.match(expression, at)
        if piece is None:
            raise UnreadableError(f"{expression[at:]!r}")
        found.append(piece[0].strip())
        at = piece.end()
    return found


def series(expression: str) -> set[str]:
    """The names of the numbers that an expression asks for."""
    words = {piece for piece in tokens(expression) if re.match(r"[a-zA-Z_]", piece)}
    return words - {"max", "min", "time", "and", "or"}


@dataclass
class Scrape:
    """One answer of ``/metrics``, at one moment, and series that Prometheus adds itself."""

    text: str
    time: float
    added: Mapping[str, float] = field(default_factory=dict)

    def fires(self, expression: str) -> bool:
        """Whether an alert of this expression would be pending or firing."""
        reader = _Reader(self, tokens(expression))
        found = reader.either()
        if reader.left:
            raise UnreadableError(f"{reader.left}")
        return bool(found)

    def select(self, name: str, labels: Mapping[str, str]) -> Vector:
        """The values of the series of a name with these labels."""
        if name in self.added:
            return [self.added[name]]
        return [
            sample.value
            for family in text_string_to_metric_families(self.text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]


class _Reader:
    """One expression, from left to right; the loosest binding first."""

    def __init__(self, scrape: Scrape, pieces: Sequence[str]) -> None:
        self.scrape, self.left = scrape, list(pieces)

    def either(self) -> Vector:
        found = self.both()
        while self._took("or"):
            other = self.both()
            found = found or other
        return found

    def both(self) -> Vector:
        found = self.compared()
        while self._took("and"):
            other = self.compared()
            found = found if other else []
        return found

    def compared(self) -> Vector:
        found = self.sum()
        if self.left and self.left[0] in _COMPARE:
            holds = _COMPARE[self.left.pop(0)]
            other = self.sum()
            return [one for one in found for two in other if holds(one, two)]
        return found

    def sum(self) -> Vector:
        found = self.product()
        while self.left and self.left[0] in "+-":
            count, other = _COUNT[self.left.pop(0)], self.product()
            found = [count(one, two) for one in found for two in other]
        return found

    def product(self) -> Vector:
        found = self.single()
        while self._took("*"):
            other = self.single()
            found = [one * two for one in found for two in other]
        return found

    def single(self) -> Vector:
        piece = self._next()
        if piece == "(":
            return self._closed(self.either())
        if piece in ("max", "min"):
            self._expect("(")
            among = self._closed(self.either())
            return [max(among) if piece == "max" else min(among)] if among else []
        if piece == "time":
            self._expect("(")
            return self._closed([self.scrape.time])
        if piece[0].isdigit():
            return [float(piece)]
        if not re.match(r"[a-zA-Z_]", piece):
            raise UnreadableError(piece)
        labels = dict(_LABEL.findall(self.left.pop(0))) if self.left and self.left[0].startswith("{") else {}
        return self.scrape.select(piece, labels)

    def _closed(self, found: Vector) -> Vector:
        self._expect(")")
        return found

    def _next(self) -> str:
        if not self.left:
            raise UnreadableError("it ends too soon")
        return self.left.pop(0)

    def _expect(self, piece: str) -> None:
        if self._next() != piece:
            raise UnreadableError(f"{piece} is missing")

    def _took(self, piece: str) -> bool:
        if self.left and self.left[0] == piece:
            del self.left[0]
            return True
        return False
