"""Rows: the lines of a post with how loudly each says that it is a heading, and what stands around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from digest.extract.marks import ALL_MARKS
from digest.text.html import Line

ITEMS = frozenset({"li", "dd", "td", "blockquote", "figure"})  # what sets its words apart as one of several

_LONGEST_MARK = 2
_MOST_BESIDE = 20
LISTS = frozenset({"ul", "ol", "dl", "table", "thead", "tbody", "tfoot"})  # what holds them


Form = tuple[int | None, str, bool, bool]  # rank, tag, bold, italic


class Row(NamedTuple):
    """A line in a section, and how far up it stands as a heading (``headings.rank``)."""

    line: Line
    rank: int | None
    text: str

    @property
    def form(self) -> Form:
        """How a heading is set: headings of one kind look alike."""
        return self.rank, self.line.tag, self.line.bold, self.line.italic

    def path_shared(self, earlier: Row) -> tuple[str, ...]:
        """The tags of the elements that are around this line and an earlier one."""
        return self.line.path[: self.shared(earlier.line)]

    def shared(self, earlier: Line) -> int:
        """How many elements around this line are around an earlier one too, at least.

        Blocks are numbered in document order, so no more elements can have begun between two lines than the
        difference of their numbers.
        """
        begun = max(0, self.line.block - earlier.block)
        common = 0
        for mine, other in zip(self.line.path, earlier.path, strict=False):
            if mine != other:
                break
            common += 1
        return max(0, min(common, len(self.line.path) - begun))


def around_all(heading: Line, rows: Sequence[Row]) -> list[int]:
    """For each row, how many of the elements around it have been around every line since the heading."""
    depths: list[int] = []
    last, depth = heading, len(heading.path)
    for row in rows:
        depth = min(depth, row.shared(last))
        depths.append(depth)
        last = row.line
    return depths


def in_row(rows: Sequence[Row], i: int) -> bool:
    """Whether a line stands in a row of a table beside another line."""
    before = i > 0 and "tr" in rows[i].path_shared(rows[i - 1])
    return before or (i + 1 < len(rows) and "tr" in rows[i + 1].path_shared(rows[i]))


def cells(rows: Sequence[Row], i: int) -> Sequence[Row]:
    """The lines beside a line in its row of a table, at most 20 to either side, itself included."""
    first = last = i
    while first > max(0, i - _MOST_BESIDE) and "tr" in rows[first].path_shared(rows[first - 1]):
        first -= 1
    end = min(len(rows), i + _MOST_BESIDE)
    while last + 1 < end and "tr" in rows[last + 1].path_shared(rows[last]):
        last += 1
    return rows[first : last + 1]


def heads_column(rows: Sequence[Row], i: int) -> bool:
    """Whether a line is one of several header cells side by side; one beside data heads its row.

    In the first row of a table without header cells, those in bold are some.
    """
    if "th" not in rows[i].line.path:
        return rows[i].line.bold and "td" in rows[i].line.path and _is_bold_header(rows, i)
    beside = [
        k
        for k in (i - 1, i + 1)
        if 0 <= k < len(rows) and "tr" in rows[max(i, k)].path_shared(rows[min(i, k)])
    ]
    return bool(beside) and all("th" in rows[k].line.path for k in beside)


def _is_bold_header(rows: Sequence[Row], i: int) -> bool:
    """Whether a row of a table is its first, in bold from end to end, and the next one is not."""
    first = i
    while first > 0 and i - first < _MOST_BESIDE and "tr" in rows[first].path_shared(rows[first - 1]):
        first -= 1
    row = cells(rows, i)
    below = cells(rows, first + len(row)) if first + len(row) < len(rows) else ()
    begins = first == 0 or "table" not in rows[first].path_shared(rows[first - 1])
    headed = len(row) > 1 and all(cell.line.bold for cell in row)
    follows = bool(below) and "table" in below[0].path_shared(row[-1])
    return begins and headed and follows and not all(cell.line.bold for cell in below)


def is_mark(row: Row) -> bool:
    """Whether a line is nothing but a quotation mark, set apart from the words as an ornament."""
    return 0 < len(row.text) <= _LONGEST_MARK and all(character in ALL_MARKS for character in row.text)


def worded(rows: Sequence[Row], first: int, most: int) -> Iterator[Row]:
    """The next rows that have words: not rules, players and pictures."""
    return (row for row in rows[first : first + most] if row.line.start < row.line.end)
