"""The bytes of a list become records whatever its encoding and separator; what is broken costs itself."""

from __future__ import annotations

import io
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.roster.records import Record, records
from digest.roster.rows import Unread

PLAIN = "address,name\nada@example.org,Ada\njörg@example.org,Jörg\n"


def read(data: bytes) -> list[list[str] | str]:
    """The cells of each record, or what could not be read with its line."""
    return [
        list(each.cells) if isinstance(each, Record) else f"{each.line}: {each.why}"
        for each in records(io.BytesIO(data))
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_encoding_that_lists_come_in_is_told(encoding: str) -> None:
    """With and without a mark; bytes that are no UTF-8 are taken as Windows writes them."""
    assert read(PLAIN.encode(encoding)) == [
        ["address", "name"],
        ["ada@example.org", "Ada"],
        ["jörg@example.org", "Jörg"],
    ]


def test_one_wrong_byte_far_down_spoils_nothing() -> None:
    """The file stays UTF-8; only that byte is read in the other way."""
    data = PLAIN.encode() + b"bo@example.org,Bj\xf6rn\n"
    assert read(data)[2:] == [["jörg@example.org", "Jörg"], ["bo@example.org", "Björn"]]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_ends_of_lines_are_told(separator: str, end: str) -> None:
    """The first line decides, and marks within quotation marks do not count."""
    lines = [separator.join(cells) for cells in (("address", '"a,b;c|d"'), ("ada@example.org", ""))]
    assert read(end.join(lines).encode()) == [["address", "a,b;c|d"], ["ada@example.org", ""]]


def test_what_excel_says_of_its_separator_is_obeyed() -> None:
    """The line that says it is no record."""
    assert read(b"sep=;\naddress;a,b,c,d\n") == [["address", "a,b,c,d"]]


def test_a_cell_may_hold_several_lines_and_lines_are_counted_all_the_same() -> None:
    """A record is told by the line on which it begins; empty lines are none."""
    found = list(records(io.BytesIO(b'\n\na,b\n"1\n2",x\n\n3,"y\r\nz"\n4,\n')))
    assert found == [
        Record(3, ["a", "b"]),
        Record(4, ["1\n2", "x"]),
        Record(7, ["3", "y\r\nz"]),
        Record(9, ["4", ""]),
    ]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (b'"ada" lorne,x', "a quotation mark in it is out of place, or never closed"),
        (b'"ada,x', "a quotation mark in it is out of place, or never closed"),
        (b"x" * 150_000, "a cell of it is too long"),
        (b"x," * 150_000, "it is too long, or a quotation mark in it is never closed"),
        (b'"' + b"\n" * 300 + b"x", "it is too long, or a quotation mark in it is never closed"),
        (b'"' + b"x" * 10_000_000 + b'"', "it is too long, or a quotation mark in it is never closed"),
    ],
    ids=["mark-inside", "never-closed", "long-cell", "long-line", "many-lines", "ten-megabytes"],
)
def test_a_broken_record_costs_itself(broken: bytes, why: str) -> None:
    """Reading goes on with the line after its first: a stray mark does not swallow the people below it."""
    found = [
        each
        for each in read(b"address,name\n" + broken + b"\nbo@example.org,Bo\n")
        if each not in (["x"], ["x", ""])
    ]
    assert found[:2] == [["address", "name"], f"2: {why}"]
    assert ["bo@example.org", "Bo"] in found


def test_a_nul_is_kept_in_its_cell() -> None:
    """Whoever reads the cell refuses it; the list goes on."""
    assert read(b"address,name\na\0b,x\nbo@example.org,Bo\n")[1:] == [["a\0b", "x"], ["bo@example.org", "Bo"]]


@pytest.mark.parametrize("data", [b"", b"\n \n\r\n", b"\xef\xbb\xbf", "\ufeff".encode("utf-16-le")])
def test_a_list_without_a_word_is_refused(data: bytes) -> None:
    """An empty file is no list of nobody: something went wrong before."""
    with pytest.raises(ParseError, match="it is empty"):
        read(data)


def test_what_breaks_on_every_line_is_no_list() -> None:
    """Ten thousand are told; then it ends."""
    with pytest.raises(ParseError, match=r"more than 10,000 of its lines"):
        read(b'"a" b\n' * 10_002)


def test_marks_that_are_never_closed_do_not_make_it_run_away() -> None:
    """Each of many stray marks opens a text that seems to go on for ever."""
    data = b"address\n" + b'x,"\n' * 9_000
    begun = time.thread_time()
    read(data)
    assert time.thread_time() - begun < 10


def test_memory_is_flat_however_long_the_list(tmp_path: object) -> None:
    """A list of two million characters is never held at once, nor is a line of them."""
    data = io.BytesIO(b"address,name\n" + b"ada@example.org,Ada\n" * 100_000 + b"x" * 2_000_000 + b"\n")
    tracemalloc.start()
    try:
        count = sum(1 for _ in records(data))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 100_002
    assert peak < 2_000_000


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_our_own_words(data: bytes) -> None:
    """Nothing escapes but ParseError."""
    try:
        for each in records(io.BytesIO(data)):
            assert isinstance(each, Record | Unread)
    except ParseError:
        pass


@given(st.lists(st.lists(st.text(alphabet='ab",;\n\r\té ', max_size=6), min_size=2, max_size=4), max_size=6))
def test_what_a_spreadsheet_writes_is_read_back(rows: list[list[str]]) -> None:
    """Commas, marks and lines within cells come back as they were."""
    import csv

    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c", "d"], *rows])
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    assert read(written.getvalue().encode()) == [["a", "b", "c", "d"], *filled]
