"""The sections that a post names itself: where each begins, and the lines that may belong to it.

Where a section ends depends on what it holds, too: its reader (``quotelists``, ``themelists``, ``related``) stops
earlier where its list is over. Here a section ends at the next one, at a heading that stands as high as its own, at a
rule, and where the page's furniture begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digest.extract.headings import BOLD, bare, bulleted, is_framed, is_link, itemised, lead, rank
from digest.extract.listed.openings import LINKED, Opening, Openings
from digest.extract.listed.titles import Title
from digest.extract.listed.topics import topic
from digest.extract.marks import ALL_MARKS, opens
from digest.extract.rows import ITEMS, Form, Row, around_all, worded
from digest.extract.words import Kind, Words
from digest.text.html import Document, Line

_FURNITURE = frozenset({"aside", "nav", "footer"})
_QUOTATIONS = frozenset({"blockquote", "figure", "figcaption"})  # their footers are signatures
_SETTING = ITEMS | {"tr", "th"}  # what would make items of the lines in it
_MOST_SECTIONS = 100
_MOST_WORDS_OF_THEME = 60  # under its heading: more are a chapter of the post
_INTRODUCTION = 2  # rows, of which the first may be a sentence: "These are the ones that stayed with us."
_LONGEST_RULE = 80  # characters
_CONTENT = 12  # rows under a heading that are looked at to tell what it heads


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a post under a heading that names it."""

    title: Title
    rank: int
    heading: Line
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """What a post's lines are: sections, and the body that stands in none of them, in document order."""

    sections: tuple[Section, ...]
    body: tuple[Row, ...]

    def of(self, *kinds: Kind) -> tuple[Section, ...]:
        """The sections of these kinds."""
        return tuple(section for section in self.sections if section.title.kind in kinds)


def outline(document: Document, words: Words, language: str) -> Outline:
    """Read a document's lines into sections and body."""
    texts = [document.words(line) for line in document.lines]
    rows = tuple(Row(line, rank(line, text), text) for line, text in zip(document.lines, texts, strict=True))
    return _Outliner(document, rows, words, language).read()


@dataclass(slots=True)
class _Open:
    """A section while it is read."""

    opening: Opening
    heading: Row
    rows: list[Row]
    subheads: Form | None = None  # the form of the headings inside it, where they stand as high as its own

    def section(self) -> Section:
        """The section; where all of it stands in one cell or item, that is layout and left out of the lines' paths."""
        depth = min(around_all(self.heading.line, self.rows), default=0)
        heading, rows = self.heading.line, tuple(self.rows)
        if not _SETTING.isdisjoint(heading.path[:depth]):
            heading = heading._replace(path=heading.path[depth:])
            rows = tuple(row._replace(line=row.line._replace(path=row.line.path[depth:])) for row in rows)
        return Section(self.opening.title, self.opening.rank, heading, rows)


def _is_word_or_mark(character: str) -> bool:
    return character.isalnum() or character in ALL_MARKS


class _Outliner:
    def __init__(self, document: Document, rows: Sequence[Row], words: Words, language: str) -> None:
        self.document = document
        self.rows = rows
        self.words = words
        self.language = language
        openings = Openings(document, rows, words, language)
        self.openings = [openings.at(i) for i in range(len(rows))]
        self.sections: list[Section] = []
        self.body: list[Row] = []

    def read(self) -> Outline:
        now: _Open | None = None
        for i, row in enumerate(self.rows):
            opening = self._opening(now, i) if self.openings[i] else None
            if opening or (now and self._ends(now, i)):
                self._close(now)
                now = self._begin(i, opening) if opening else None
                if opening:
                    continue
            (now.rows if now else self.body).append(row)
        self._close(now)
        return Outline(tuple(self.sections), tuple(self.body))

    def _opening(self, now: _Open | None, i: int) -> Opening | None:
        """What row ``i`` opens, unless it is an item of the section that is open already."""
        opening = self.openings[i] if len(self.sections) < _MOST_SECTIONS else None
        return None if opening and now and self._is_item_of(now, self.rows[i], opening) else opening

    def _is_item_of(self, now: _Open, row: Row, opening: Opening) -> bool:
        """ "Theme 1: the dykes" among themes; among links what only hints at the section again, and a linked title.

        "The whole talk: watch on YouTube" is an item, too: it leads to what it names.
        """
        within, kind = now.opening.title.kind, opening.title.kind
        if within is Kind.THEMES:
            return kind is within and opening.title.after.lstrip("#№ ")[:1].isdecimal()
        if kind not in LINKED or within not in LINKED:
            return False
        if not opening.sure:
            return kind is within or is_link(row.line)
        return kind is within and bool(row.line.anchors) and opening.rank > BOLD and opening.rest is None

    def _begin(self, i: int, opening: Opening) -> _Open:
        rest = [Row(opening.rest, None, self.document.words(opening.rest))] if opening.rest else []
        return _Open(opening, self.rows[i], rest, None if rest else self._subheads(i, opening))

    def _close(self, section: _Open | None) -> None:
        if section:
            self.sections.append(section.section())

    # ── headings inside a section ────────────────────────────────────────────────────────────────

    def _subheads(self, i: int, opening: Opening) -> Form | None:
        """The form of the headings inside a section that stand as high as its own: bold titles under a bold heading.

        The first of them follows at once, or behind a sentence, and at least one more that heads what the section is to hold.
        """
        near = range(i + 1, min(len(self.rows), i + 1 + _INTRODUCTION))
        first = next((k for k in near if self.rows[k].rank is not None), None)
        if first is None or opening.title.kind in {Kind.STOP, Kind.SUMMARY}:
            return None
        form, rank = self.rows[first].form, self.rows[first].rank
        if rank is None or (rank < BOLD and form == self.rows[i].form):
            return None
        alike = 0
        for k in range(first, len(self.rows)):
            if self.openings[k]:
                break
            alike += self.rows[k].form == form and self._heads(k, opening.title.kind)
        return form if alike > 1 else None

    def _heads(self, i: int, kind: Kind) -> bool:
        """Whether what follows a heading, up to the next, is what a section of that kind holds."""
        content = self._content(i)
        if kind is Kind.QUOTES:
            return any(self._is_quotation(row) for row in content)
        if kind is Kind.THEMES:
            return sum(len(row.text.split()) for row in content) <= _MOST_WORDS_OF_THEME
        return any(row.line.anchors for row in content) or bool(self.rows[i].line.anchors)

    def _content(self, i: int) -> list[Row]:
        content: list[Row] = []
        for k in range(i + 1, min(len(self.rows), i + 1 + _CONTENT)):
            row = self.rows[k]
            if self.openings[k] or row.line.tag == "hr" or row.form == self.rows[i].form:
                break
            content.append(row)
        return content

    def _is_quotation(self, row: Row) -> bool:
        text = row.text
        return opens(text[lead(text) :]) or itemised(text) or bool(ITEMS.intersection(row.line.path))

    # ── where a section ends ─────────────────────────────────────────────────────────────────────

    def _ends(self, now: _Open, i: int) -> bool:
        row = self.rows[i]
        if self._is_rule(row) or self._leaves(now, row.line):
            return True
        if row.rank is None or row.rank > now.opening.rank:
            return False
        kind = now.opening.title.kind
        if row.form == now.subheads and self._heads(i, kind):
            return False
        if kind in LINKED and is_link(row.line) and self._may_be_card(now, row):
            return False
        if now.opening.rank >= BOLD and len(row.line.path) > len(now.heading.line.path):
            return False  # the heading of a card inside a section whose own heading is only bold
        if self._is_item(now, row) and row.rank >= BOLD and row.form != now.heading.form:
            return False
        return not (kind is Kind.QUOTES and self._is_topic(i))

    def _may_be_card(self, now: _Open, row: Row) -> bool:
        """Whether a linked heading is that of a card: it stands deeper than the section's, or is set otherwise."""
        deeper = len(row.line.path) > len(now.heading.line.path)
        return deeper or row.form != now.heading.form

    def _is_rule(self, row: Row) -> bool:
        """Whether a line parts a post: <hr>, or ornaments such as "* * *"."""
        if row.line.tag == "hr":
            return True
        if not _SETTING.isdisjoint(row.line.path):
            return False  # a picture of an item
        text = row.text
        return 0 < len(text) <= _LONGEST_RULE and not any(map(_is_word_or_mark, text))

    def _leaves(self, now: _Open, line: Line) -> bool:
        """Whether a line stands in the page's furniture, and what came before it in the section does not."""
        if _FURNITURE.isdisjoint(line.path) or not _QUOTATIONS.isdisjoint(line.path):
            return False
        entered = _FURNITURE.intersection(line.path) - set(now.heading.line.path)
        if now.opening.title.kind in LINKED:  # their list may be a <nav> by itself
            entered -= set(now.rows[-1].line.path) if now.rows else {"nav"}
        return bool(entered)

    def _is_item(self, now: _Open, row: Row) -> bool:
        inside = ITEMS.intersection(row.line.path) - set(now.heading.line.path)
        return bool(inside) or (bulleted(row.text) and not is_framed(row.text))

    def _is_topic(self, i: int) -> bool:
        """A heading among quotes is a topic if it says "On …", or if a quotation follows it."""
        text = self.rows[i].text
        if topic(text, self.words, self.language) != bare(text):
            return True
        following = next((row.text for row in worded(self.rows, i + 1, 1)), "")
        return opens(following[lead(following) :])
