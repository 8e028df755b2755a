"""The summary of a post: its own, its feed's, or its lead."""

from __future__ import annotations

import re
from collections.abc import Iterable

from digest.extract.headings import BOLD, bulleted
from digest.extract.listed.sections import Outline
from digest.extract.rows import Row
from digest.extract.words import Kind, Words, folded
from digest.text.html import Document
from digest.text.language import normalise, sentences, shorten
from digest.text.similar import extent

LONGEST = 300  # code points
_FEWEST_WORDS = 6
_PROSE_WORDS = 20  # so many words are prose even without a full stop
_NOTE_WORDS = 12  # a line in italics with fewer is a note: "This interview has been edited."
_PLACE_WORDS = 4
_DATELINE_WORDS = 6
_SHORTEST = 30  # characters of a feed's summary that is one
_ENDS = tuple(".?!…。！？؟۔।")
_CUTS = ("…", "...", "…]", "...]")
_CLOSING = " \u00a0\"'”“’»›)]」』"
_TAIL = 60  # characters in which "… Read more" stands
_CUT = re.compile(r"(?:\[?(?:…|\.{3})\]?|\[&hellip;\])\s*$|(?:…|\.{3})\s*\S+(?: \S+){0,3}\s*$")
_POINTER = re.compile(r"(?:[:：]|https?://\S+)\s*$")
_DATELINE = re.compile(r"([^–—.!?:\n]{2,60}?)\s*(\([^)]{1,30}\))?\s*(?:\.?[–—-]{1,2}|(:))\s+(?=\S)")
_NOTE = re.compile(r"[\[(]?\d{1,3}[\])]?")
_LISTS = (Kind.THEMES, Kind.POSTS, Kind.VIDEOS, Kind.LINKS)  # prose may follow them without a heading
_NO_PROSE = frozenset(
    {"li", "dd", "dt", "td", "th", "figcaption", "blockquote", "pre", "footer", "nav", "aside", "caption"}
)


def summary(document: Document, outline: Outline, words: Words, *, feed: str, language: str) -> str:
    """What the post is about, in at most 300 characters and whole sentences where they fit.

    The first that there is of: a section that the post calls its summary, the feed's own summary unless it is a
    stub (the beginning of the text, cut), the first paragraph of prose outside all sections.
    """
    own = next((_text(document, section.rows) for section in outline.of(Kind.SUMMARY)), "")
    chosen = own or _unless_stub(feed, document.text) or _first_prose(document, outline, words)
    return _without_pointer(shorten(chosen, LONGEST, language or "en"), language or "en")


def _first_prose(document: Document, outline: Outline, words: Words) -> str:
    """The lead in the body, behind a list of links, under a share bar over the text, or in a cell of a table."""
    behind = (row for section in outline.of(*_LISTS) for row in section.rows if not row.line.anchors)
    shared = (row for section in outline.of(Kind.STOP) for row in section.rows)
    leads = (_lead(document, rows, words) for rows in (outline.body, behind, shared))
    return next(filter(None, leads), "") or _lead_in_a_cell(document, outline.body, words)


def _without_pointer(text: str, language: str) -> str:
    """Without last sentences that point at what is not there: "Here are the highlights:", or a bare address."""
    spans = list(sentences(text, language))
    while len(spans) > 1 and _POINTER.search(text[spans[-1][0] : spans[-1][1]]):
        spans.pop()
    return text[: spans[-1][1]].rstrip() if spans else text


def _text(document: Document, rows: Iterable[Row]) -> str:
    """The paragraphs before anything else stands under the heading."""
    return normalise(" ".join(document.words(row.line) for row in rows if row.rank is None))


def _unless_stub(feed: str, text: str) -> str:
    """The feed's summary, unless it is the text up to somewhere in a sentence."""
    feed = normalise(feed)
    uncut = (feed[:-_TAIL] + _CUT.sub("", feed[-_TAIL:])).rstrip(" .…[")
    if len(feed) < _SHORTEST or not uncut:
        return ""
    text = normalise(text[: 4 * len(feed) + 2_000])
    begin = text.find(uncut)
    whole = (feed.rstrip(_CLOSING).endswith(_ENDS) and not feed.endswith(_CUTS)) or text.endswith(uncut)
    return feed if begin < 0 or whole else ""


def _lead_in_a_cell(document: Document, body: Iterable[Row], words: Words) -> str:
    """The first paragraph of prose in a table that sets the page: a cell of data is no paragraph."""
    text = _lead(document, body, words, outside=_NO_PROSE - {"td"})
    return text if word_count(text) >= _PROSE_WORDS else ""


def _lead(document: Document, body: Iterable[Row], words: Words, outside: frozenset[str] = _NO_PROSE) -> str:
    """The first paragraph of prose; where there is none, as in a short item of news, the first that may be one."""
    plain = (row for row in body if _is_plain(row) and not outside.intersection(row.line.path))
    first = ""
    for row in plain:
        text = normalise(document.words(row.line))
        if _may_be_prose(text, words):
            text = _without_dateline(_without_bold_place(document, _without_notes(document, row)))
            first = first or text
            if _is_prose(text) and not (row.line.italic and word_count(text) < _NOTE_WORDS):
                return text
    return first


def _is_plain(row: Row) -> bool:
    """Whether a line is no heading: a whole paragraph in bold is none either, if it ends as sentences do."""
    is_lead = row.rank == BOLD and word_count(row.text) >= _PROSE_WORDS and row.text.endswith(_ENDS)
    return row.rank is None or is_lead


def _without_notes(document: Document, row: Row) -> Row:
    """Without a reference to a footnote at the end: a link that is a number."""
    line = row.line
    last = line.anchors[-1] if line.anchors else None
    noted = last and last.end == line.end and _NOTE.fullmatch(document.text, last.start, last.end)
    return row._replace(line=line._replace(end=last.start)) if last and noted else row


def _without_bold_place(document: Document, row: Row) -> str:
    """Without "**Port Almeda.**" in bold at the beginning."""
    line = row.line
    start, end = line.bolds[0] if line.bolds else (line.end, line.end)
    place = normalise(document.text[start:end])
    bold = start == line.start and place.endswith((".", ":")) and len(place.split()) <= _PLACE_WORDS
    return normalise(document.text[end : line.end] if bold else document.words(line))


def _may_be_prose(text: str, words: Words) -> bool:
    """Not a few words, no item, and no byline: a byline is short and begins with "By"."""
    count = word_count(text)
    long_enough = count >= _PROSE_WORDS or (count >= _FEWEST_WORDS and not _is_byline(text, words))
    return long_enough and not bulleted(text)


def word_count(text: str) -> int:
    """The words of a text; of scripts without spaces every two characters are one."""
    words, characters = extent(text)
    return words + characters // 2


def _is_prose(text: str) -> bool:
    return word_count(text) >= _PROSE_WORDS or text.rstrip(_CLOSING).endswith(_ENDS)


def _is_byline(text: str, words: Words) -> bool:
    found = folded(text[:100])
    return any(found[:size] in words.grammar.byline for size in range(1, 4)) and not text.endswith(_ENDS)


def _without_dateline(text: str) -> str:
    """Without "PORT ALMEDA, 3 November — " at the beginning: a place in capitals, with a date or with an agency."""
    match = _DATELINE.match(text)
    if not match or text[match.end()].islower():  # within a sentence
        return text
    head, agency, colon = match.groups()
    dated = any(map(str.isdigit, head)) and len(head.split()) <= _DATELINE_WORDS
    loud = head.partition(",")[0].strip().isupper()
    return text[match.end() :] if loud or (not colon and (dated or agency)) else text
