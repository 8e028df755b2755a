"""Feed bytes made fit for an XML parser: what is only dirty is repaired, what is dangerous is refused."""

from __future__ import annotations

import codecs
import re
from bisect import bisect
from collections import Counter
from datetime import UTC, datetime
from html.entities import name2codepoint

from digest.collect.calendars import Custom
from digest.collect.dates import moment
from digest.collect.entries import MOST_ENTRIES
from digest.errors import ParseError

_LONG_TAG = 20_000
_MOST_ATTRIBUTES = 500  # of one tag; feedparser is quadratic in them: 300,000 take half a minute
_MOST_OPEN = 5_000  # elements inside each other; and in those: 100,000 take six seconds
_MOST_UNCLOSED = 1_000  # tags without their ">"; and in those, once it has to guess

MOST_LABELS = 2_000  # of one item; and in those: 60,000 take a minute
_LONGEST_KEYWORDS = 20_000  # that one element lists with commas between

_DECLARED = re.compile(r"""\A(\s*<\?xml\b[^>]*?)\s+encoding\s*=\s*["'][\w.:-]+["']""")
_SUBSET = re.compile(rb"\A(?:\s++|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE\b[^>\[]*+\[", re.DOTALL | re.IGNORECASE)
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f]+")
_CDATA = rb"<!\[CDATA\[.*?(?:\]\]>|\Z)"
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]++)|([0-9]++));")
_AMPERSAND = re.compile(_CDATA + rb"|&(?!#)(?:([A-Za-z][A-Za-z0-9]{1,31});)?", re.DOTALL)
_TAG = re.compile(_CDATA + rb"|<!--.*?(?:-->|\Z)|<(?P<end>/?)[A-Za-z_][^<>]*+(?P<closed>>?)", re.DOTALL)
_ENTRY = re.compile(rb"<(?:\w{1,20}:)?(item|entry)(?=[\s>])")
_LABEL = re.compile(rb"<(?:\w{1,20}:)?(?:category|subject|keywords)(?=[\s>/])", re.IGNORECASE)
_KEYWORDS = re.compile(rb"(?:keywords|tags)>[^<]{%d}" % _LONGEST_KEYWORDS, re.IGNORECASE)
_DATE = re.compile(
    rb"<(?:pubDate|published|updated|issued|created|modified|dc:date)\b[^>]{0,200}>([^<]{8,40})<"
)
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)


def repaired(body: bytes, url: str) -> bytes:
    """The document without what precedes it, with no character or reference that XML does not have.

    A bare ``&`` is escaped, ``&nbsp;`` and its like become numbers: the two faults that most broken feeds have.

    Raises:
        ParseError: the document type declares entities (billion laughs, XXE).
    """
    body = _in_bytes(body.lstrip(b" \t\r\n")).lstrip()
    if _SUBSET.match(body):
        raise ParseError(
            f"{url} is refused: it declares entities of its own, which no feed needs. Ask its publisher."
        )
    return _AMPERSAND.sub(_reference, _REFERENCE.sub(_existing, _CONTROLS.sub(b"", body)))


def _in_bytes(body: bytes) -> bytes:
    """A document with a byte order mark, or of two bytes a character, as UTF-8; the mark outweighs a declaration."""
    encoding = next((encoding for mark, encoding in _MARKS if body.startswith(mark)), "")
    if not encoding:
        return body
    return _DECLARED.sub(r"\1", body.decode(encoding, "replace")).encode("utf-8", "replace")


def _existing(reference: re.Match[bytes]) -> bytes:
    """The reference if XML 1.0 has such a character; of the C1 controls, what Windows-1252 means by them."""
    digits = reference[1] or reference[2]
    number = int(digits, 16 if reference[1] else 10) if len(digits) <= 8 else -1
    if 0x80 <= number <= 0x9F:
        return f"&#{ord(bytes([number]).decode('cp1252', 'replace'))};".encode()
    legal = (
        number in {9, 10, 13}
        or 0x20 <= number <= 0xD7FF
        or 0xE000 <= number <= 0xFFFD
        or (0x10000 <= number <= 0x10FFFF)
    )
    return reference.group() if legal else b""


def _reference(match: re.Match[bytes]) -> bytes:
    """Outside CDATA: an entity of XML as it is, one of HTML as a number, anything else as an ampersand."""
    if match.group().startswith(b"<"):
        return match.group()
    name = (match[1] or b"").decode("ascii")
    if name in {"amp", "lt", "gt", "quot", "apos"}:
        return match.group()
    number = name2codepoint.get(name)
    return f"&#{number};".encode() if number else b"&amp;" + match.group()[1:]


def bounded(body: bytes, url: str) -> bytes:
    """The document with at most 1,000 entries: the newest, by a look at their dates, where there are more.

    Raises:
        ParseError: it has the shape of something made to stall a parser.
    """
    if why := _hostile(body):
        raise ParseError(f"{url} is refused: {why}.")
    starts = list(_ENTRY.finditer(body))
    if _has_too_many_labels(body, [start.start() for start in starts]):
        raise ParseError(f"{url} is refused: one of its entries has more than {MOST_LABELS:,} labels.")
    return body if len(starts) <= MOST_ENTRIES else _cut(body, starts)


def _hostile(body: bytes) -> str:
    """What is wrong with the shape of a document, or ``""``."""
    depth = unclosed = 0
    for tag in _TAG.finditer(body):
        if tag["end"] is None:  # CDATA or a comment
            continue
        source = tag.group()
        depth += -1 if tag["end"] else not source.endswith(b"/>")
        unclosed += not tag["closed"]
        if len(source) > _LONG_TAG and source.count(b"=") > _MOST_ATTRIBUTES:
            return f"one of its tags has more than {_MOST_ATTRIBUTES} attributes"
        if depth > _MOST_OPEN:
            return f"more than {_MOST_OPEN:,} of its elements are inside each other"
        if unclosed > _MOST_UNCLOSED:
            return f"more than {_MOST_UNCLOSED:,} of its tags have no end"
    return ""


def _has_too_many_labels(body: bytes, starts: list[int]) -> bool:
    labels = [label.start() for label in _LABEL.finditer(body)]
    if len(labels) > MOST_LABELS:
        of_entry = Counter(bisect(starts, label) for label in labels)  # 0: those of the feed
        if max(of_entry.values()) > MOST_LABELS:
            return True
    return _KEYWORDS.search(body) is not None


def _cut(body: bytes, starts: list[re.Match[bytes]]) -> bytes:
    places = [match.start() for match in starts]
    end = body.rfind(b"</" + starts[-1].group()[1:])
    end = body.find(b">", end) + 1 if end > places[-1] else len(body)
    chunks = [body[start:stop] for start, stop in zip(places, [*places[1:], end], strict=True)]
    order = sorted(range(len(chunks)), key=lambda at: _date(chunks[at]), reverse=True)
    kept = sorted(order[:MOST_ENTRIES])
    return b"".join([body[: places[0]], *(chunks[at] for at in kept), body[end:]])


def _date(chunk: bytes) -> datetime:
    match = _DATE.search(chunk)
    text = match[1].decode("ascii", "replace") if match else ""
    return moment(text, (), Custom()) or _LONG_AGO
