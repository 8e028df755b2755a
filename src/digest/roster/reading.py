"""A list → its rows, with what could not be read and why, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from digest.errors import ParseError
from digest.roster.addresses import fault
from digest.roster.formats import FORMATS, GUARDED, OURS, Format, plain, recognised
from digest.roster.moments import moment
from digest.roster.records import Record, records
from digest.roster.rows import Row, Standing, Unread

_LONGEST_TEXT = 300  # characters of a source of consent, or of a reason
_SHOWN = 40
_MOST_DIGITS = 12
_MOST_SHOWN = 12
# How files are named that hold one kind of people: Mailchimp's, and what others would call theirs.
_BY_NAME = {
    "unsubscribed": Standing.UNSUBSCRIBED,
    "optout": Standing.UNSUBSCRIBED,
    "cleaned": Standing.SUPPRESSED,
    "bounce": Standing.SUPPRESSED,
    "suppress": Standing.SUPPRESSED,
    "blocklist": Standing.SUPPRESSED,
}
_NEVER_ASKED = ("nonsubscribed", "sms_only")  # as Mailchimp names them

_Cell = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Roster:
    """A list on its way in: what it is, and its rows, which are read as they are asked for."""

    format: Format
    standing: Standing  # nobody in it has a less careful one
    ignored: tuple[str, ...]  # names of columns that say nothing to us
    says_source: bool  # it has a column for that of consent: an empty one is meant so
    says_digest: bool  # likewise
    rows: Iterator[Row | Unread] = field(repr=False)


def read(stream: BinaryIO, name: str, format_name: str = "") -> Roster:
    """Read a list of a known format, or of the one that its header tells; ``name`` is that of its file.

    A list without a header, of one address a line, is one too.

    Raises:
        ParseError: no column of it holds addresses; the sentence says which would.
    """
    found = iter(records(stream))
    first = next((each for each in found if isinstance(each, Record)), None)
    if first is None:
        raise ParseError("none of its lines can be read")
    header = [plain(cell) for cell in first.cells]
    known = FORMATS[format_name] if format_name else recognised(header)
    if known is None and len(first.cells) == 1 and "@" in first.cells[0]:
        return _bare(first, found, name)
    if known is None or not set(known.address) & set(header):
        raise ParseError(_no_addresses(known or OURS, first))
    standing = max(_by_name(name), _by_header(known, header), key=lambda each: each.care)
    ignored = tuple(
        one_line(cell.strip())[:_SHOWN]
        for cell, column in zip(first.cells, header, strict=True)
        if column and column not in known.columns | known.passed_over
    )
    says_source, says_digest = (
        not set(names).isdisjoint(header) for names in (known.consent_source, known.digest)
    )
    rows = map(_Reading(known, header, standing).row, found)
    return Roster(known, standing, ignored, says_source, says_digest, rows)


def never_asked(name: str) -> bool:
    """Whether a file lists people who never asked for mail, by its name."""
    return _base(name).startswith(_NEVER_ASKED)


def _by_name(name: str) -> Standing:
    base = _base(name)
    return next(
        (standing for word, standing in _BY_NAME.items() if base.startswith(word)), Standing.SUBSCRIBED
    )


def _by_header(known: Format, header: Sequence[str]) -> Standing:
    """What a column that only a list of such people has says of all of them.

    A list with several such columns was put together by hand: there it counts who has one filled.
    """
    signs = [known.signs[column] for column in header if column in known.signs]
    said_by_rows = len(signs) != 1 or set(known.state) & set(header)
    return Standing.SUBSCRIBED if said_by_rows else signs[0]


def _base(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2].lower()


def _bare(first: Record, rest: Iterator[Record | Unread], name: str) -> Roster:
    reading = _Reading(OURS, ["address"], _by_name(name))

    def rows() -> Iterator[Row | Unread]:
        yield reading.row(first)
        yield from map(reading.row, rest)

    return Roster(OURS, _by_name(name), (), says_source=False, says_digest=False, rows=rows())


def _no_addresses(wanted: Format, first: Record) -> str:
    expected = " or ".join(map(repr, wanted.address[:3]))
    names = ", ".join(repr(cell[:_SHOWN]) for cell in first.cells[:_MOST_SHOWN])
    return f"line {first.line} names no column of addresses: expected {expected}, got {names}"


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────


class _UnknownWordError(Exception):
    """A word for a state that no format has."""


class _Reading:
    """How the records under one header become rows."""

    def __init__(self, known: Format, header: Sequence[str], least: Standing) -> None:
        def cell(names: Sequence[str]) -> _Cell:
            return _first([header.index(name) for name in names if name in header])

        self._known = known
        self._least = least
        self._width = len(header)
        self._address = cell(known.address)
        self._digest = cell(known.digest)
        self._state = cell(known.state)
        self._signs = [(cell((name,)), standing) for name, standing in known.signs.items() if name in header]
        self._tags = cell(known.tags)
        self._consent_at = cell(known.consent_at)
        self._consent_source = cell(known.consent_source)
        self._left_at = cell(known.left_at)
        self._why = cell(known.why)
        self._cause = cell(known.cause)
        self._paused_until = cell(known.paused_until)
        self._number = cell(known.number)
        self._unsaid = known.unsaid if set(known.state) & set(header) else Standing.SUBSCRIBED

    def row(self, record: Record | Unread) -> Row | Unread:
        """One record as a row; what is no row says why."""
        if isinstance(record, Unread):
            return record
        cells = [_unguarded(cell) for cell in record.cells] if self._known.ours else record.cells
        if len(cells) > self._width and any(map(str.strip, cells[self._width :])):
            return Unread(record.line, f"{len(cells)} cells where the first line has {self._width}")
        if why := fault(self._address(cells)):
            return Unread(record.line, why)
        try:
            return self._row(record.line, cells)
        except _UnknownWordError as error:
            return Unread(record.line, f"{str(error)[:_SHOWN]!r} is no state of a subscription")
        except ValueError as error:
            return Unread(
                record.line, f"{str(error)[:_SHOWN]!r} is no date like 2026-11-22 or 2026-11-22T08:00:00Z"
            )

    def _row(self, line: int, cells: Sequence[str]) -> Row:
        standing = self._standing(cells)
        has_left = standing.care >= Standing.UNSUBSCRIBED.care
        return Row(
            line,
            self._address(cells),
            standing,
            self._digest(cells),
            self._known.split(self._tags(cells)),
            moment(self._consent_at(cells)),
            one_line(self._consent_source(cells)),
            moment(self._left_at(cells)) if has_left else None,
            one_line(self._why(cells)),
            self._cause(cells).casefold()[:_SHOWN],
            moment(self._paused_until(cells)),
            _number(self._number(cells)),
        )

    def _standing(self, cells: Sequence[str]) -> Standing:
        word = self._state(cells).casefold()
        standing = self._known.states.get(word) if word else self._unsaid
        if standing is None:
            raise _UnknownWordError(word)
        signs = [sign for cell, sign in self._signs if cell(cells)]
        return max(standing, self._least, *signs, key=lambda each: each.care)


def one_line(text: str) -> str:
    """A cell as one line of visible characters, at most 300."""
    if not text.isprintable():
        text = " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * _LONGEST_TEXT]).split())
    return text[:_LONGEST_TEXT]


def _number(cell: str) -> int:
    """A subscriber's number; 0 for none, and for one so large that no further number could be given."""
    is_one = cell.isascii() and cell.isdecimal() and len(cell) <= _MOST_DIGITS
    return int(cell) if is_one else 0


def _first(places: Sequence[int]) -> _Cell:
    """What the first filled one of some cells says; a record may be shorter than its header."""
    if not places:
        return lambda _: ""
    if len(places) == 1:
        (only,) = places
        return lambda cells: cells[only].strip() if only < len(cells) else ""
    return lambda cells: next(
        (said for place in places if place < len(cells) and (said := cells[place].strip())), ""
    )


def _unguarded(cell: str) -> str:
    """A cell without the mark that our own export puts before what a spreadsheet would take for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in GUARDED else cell
