"""Numbers as bars of an inline SVG, which says the same in words: no script, no colour that must be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 120  # of the drawing, in its own units
_GAP = 0.2  # of a bar's room


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the units of the drawing; ``label`` is what it counts, for whoever points at it or hears it."""

    label: str
    value: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: ``sentence`` says what it shows, for whoever does not see it."""

    title: str
    sentence: str
    bars: tuple[Bar, ...]
    most: int


def chart(title: str, numbers: Sequence[tuple[str, int]]) -> Chart:
    """A bar for each number, the highest as high as the drawing; a number above 0 is always to be seen."""
    most = max((value for _, value in numbers), default=0)
    return Chart(title, _sentence(numbers, most), _bars(numbers, most), most)


def course(title: str, levels: Sequence[tuple[str, int]]) -> Chart:
    """The same of what there was at each time, the last one being now: its numbers are no parts of a sum."""
    most = max((value for _, value in levels), default=0)
    return Chart(title, _course_sentence(levels, most), _bars(levels, most), most)


def _bars(numbers: Sequence[tuple[str, int]], most: int) -> tuple[Bar, ...]:
    room = WIDTH / max(len(numbers), 1)
    return tuple(_bar(label, value, place, room, most) for place, (label, value) in enumerate(numbers))


def _bar(label: str, value: int, place: int, room: float, most: int) -> Bar:
    height = max(HEIGHT * value / most, 1.0) if value else 0.0
    x = place * room + room * _GAP / 2
    return Bar(
        label, value, round(x, 2), round(HEIGHT - height, 2), round(room * (1 - _GAP), 2), round(height, 2)
    )


def _sentence(numbers: Sequence[tuple[str, int]], most: int) -> str:
    if not most:
        return "Nothing yet."
    highest = next(label for label, value in numbers if value == most)
    total = sum(value for _, value in numbers)
    return f"{total} in all, from {numbers[0][0]} to {numbers[-1][0]}; most at {highest}: {most}."


def _course_sentence(levels: Sequence[tuple[str, int]], most: int) -> str:
    if not most:
        return "Nobody yet."
    (first, then), (_, now) = levels[0], levels[-1]
    highest = next(label for label, value in levels if value == most)
    return f"{now:,} now, {then:,} on {first}; most on {highest}: {most:,}."
