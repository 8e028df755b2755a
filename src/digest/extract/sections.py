"""The sections that a post names itself: where each begins, and the lines that may belong to it.

Where a section ends depends on what it holds, too: its reader (``quotes``, ``keythemes``, ``related``) stops earlier
where its list is over. Here a section ends at the next one, at a heading that stands as high as its own, at a rule,
and where the page's furniture begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from digest.extract.headings import BOLD, COLON, Title, bare, bulleted, is_link, lead, rank, title
from digest.extract.marks import opens
from digest.extract.names import topic
from digest.extract.words import Kind, Words, tokens
from digest.text.html import Document, Line
from digest.text.links import video

_FURNITURE = frozenset({"aside", "nav", "footer"})
_QUOTATIONS = frozenset({"blockquote", "figure", "figcaption"})  # their footers are signatures
_STRUCTURES = frozenset({"li", "dd", "td", "blockquote", "figure"})
_LINKED = frozenset({Kind.POSTS, Kind.VIDEOS, Kind.LINKS})
_MOST_SECTIONS = 100
_LONGEST_RUN_IN = 600  # characters of a line that begins with its heading
_LONGEST_HEAD = 80  # of them
_SHORT = 12  # words; a plain line that names a section or the end of the post has no more


@dataclass(frozen=True, slots=True)
class Row:
    """A line in a section, and how far up it stands as a heading (``headings.rank``)."""

    line: Line
    rank: int | None

    def path_shared(self, earlier: Row) -> tuple[str, ...]:
        """The tags of the elements that are around this line and an earlier one."""
        return self.line.path[: max(0, self.shared(earlier.line))]

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
        return min(common, len(self.line.path) - begun)


def in_row(rows: Sequence[Row], i: int) -> bool:
    """Whether a line stands in a row of a table beside another line."""
    before = i > 0 and "tr" in rows[i].path_shared(rows[i - 1])
    return before or (i + 1 < len(rows) and "tr" in rows[i + 1].path_shared(rows[i]))


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


@dataclass(frozen=True, slots=True)
class _Opening:
    """A line that opens a section, and what stands behind the heading on the same line."""

    title: Title
    rank: int
    rest: Line | None


def outline(document: Document, words: Words, language: str) -> Outline:
    """Read a document's lines into sections and body."""
    rows = tuple(Row(line, rank(document, line)) for line in document.lines)
    return _Outliner(document, rows, words, language).read()


class _Outliner:
    def __init__(self, document: Document, rows: Sequence[Row], words: Words, language: str) -> None:
        self.document = document
        self.rows = rows
        self.words = words
        self.language = language
        self.sections: list[Section] = []
        self.body: list[Row] = []
        self._open: tuple[_Opening, Line, list[Row]] | None = None

    def read(self) -> Outline:
        for i, row in enumerate(self.rows):
            if opening := self._opening(i):
                self._close()
                rest = [Row(opening.rest, None)] if opening.rest else []
                self._open = (opening, row.line, rest)
            elif self._open and self._ends(self._open[0], self._open[1], i):
                self._close()
                self.body.append(row)
            else:
                (self._open[2] if self._open else self.body).append(row)
        self._close()
        return Outline(tuple(self.sections), tuple(self.body))

    def _close(self) -> None:
        if self._open:
            opening, heading, rows = self._open
            self.sections.append(Section(opening.title, opening.rank, heading, tuple(rows)))
        self._open = None

    # ── where a section begins ───────────────────────────────────────────────────────────────────

    def _opening(self, i: int) -> _Opening | None:
        row = self.rows[i]
        text = self.document.words(row.line)
        if len(self.sections) >= _MOST_SECTIONS or len(text) > _LONGEST_RUN_IN or opens(text[lead(text) :]):
            return None
        if self._is_column(i):
            return None
        if found := self._title(i, row, text):
            return _Opening(found, COLON if row.rank is None else row.rank, None)
        return self._run_in(row.line, text)

    def _title(self, i: int, row: Row, text: str) -> Title | None:
        if row.rank is not None and self._may_head(i, row):
            return title(text, self.words, exact=False) or self._of_players(i, text)
        if self._stands_alone(row.line, text):
            return title(text, self.words, exact=True)
        if is_link(row.line) and "li" not in row.line.path:  # "Subscribe to our letter" ends a list of links
            found = title(text, self.words, exact=True)
            return found if found and found.kind is Kind.STOP else None
        return None

    def _of_players(self, i: int, text: str) -> Title | None:
        """ "Watch the testimony", "The testimony (video)": a word for videos heads a player that follows."""
        following = self.rows[i + 1].line.anchors if i + 1 < len(self.rows) else ()
        if not any(video(anchor.url) for anchor in following[:1]):
            return None
        heading = bare(text)
        found = tokens(heading)
        names = (found[:1], found[-1:])
        known = any(self.words.is_alone(Kind.VIDEOS, token.folded) for name in names for token in name)
        return Title(Kind.VIDEOS, heading, (0, len(heading))) if known else None

    def _may_head(self, i: int, row: Row) -> bool:
        """A bold item of a list heads a section only where a deeper list follows it."""
        if row.rank not in {BOLD, COLON} or "li" not in row.line.path:
            return True
        return self._next_depth(i) > row.line.depth

    def _is_column(self, i: int) -> bool:
        """Whether a line is one of several header cells in a row: it heads a column, not a section."""
        return "th" in self.rows[i].line.path and in_row(self.rows, i)

    def _next_depth(self, i: int) -> int:
        return self.rows[i + 1].line.depth if i + 1 < len(self.rows) else 0

    def _stands_alone(self, line: Line, text: str) -> bool:
        """Whether a line that does not look like a heading may still be one: short, no item, no link."""
        plain = not bulleted(text) or "td" in line.path
        return plain and "li" not in line.path and not is_link(line) and len(text.split()) <= _SHORT

    def _run_in(self, line: Line, text: str) -> _Opening | None:
        """A heading with its content on the same line: "**Key themes** one; two", "Related posts: …"."""
        if "li" in line.path or bulleted(text):
            return None
        for end, loudness in self._heads(line, text):
            head, rest = text[:end], text[end:]
            found = title(head, self.words, exact=loudness == COLON)
            if found and loudness == COLON and text[end - 1] != ":" and found.kind not in _LINKED:
                continue
            if found and rest.strip(" :–—-\u00a0"):
                start = line.start + end + len(rest) - len(rest.lstrip(" :–—-\u00a0"))
                return _Opening(found, loudness, replace(line, start=start, bold=False))
        return None

    def _heads(self, line: Line, text: str) -> Iterator[tuple[int, int]]:
        """Where a heading at the start of a line may end: after bold words, a colon, or before a link."""
        if line.bolds and line.bolds[0][0] - line.start <= lead(text):
            yield line.bolds[0][1] - line.start, BOLD
        colon = text.find(":")
        if 0 < colon <= _LONGEST_HEAD:
            yield colon + 1, COLON
        elif line.anchors and line.anchors[-1].end == line.end:  # "Read also THE LINK"
            yield min(line.anchors[0].start - line.start, _LONGEST_HEAD), COLON

    # ── where it ends ────────────────────────────────────────────────────────────────────────────

    def _ends(self, opening: _Opening, heading: Line, i: int) -> bool:
        row = self.rows[i]
        if row.line.tag == "hr" or self._leaves(heading, row.line):
            return True
        if row.rank is None or row.rank > opening.rank:
            return False
        if opening.title.kind in _LINKED and is_link(row.line):
            return False  # the heading of a card
        if opening.rank >= BOLD and len(row.line.path) > len(heading.path):
            return False  # the heading of a card inside a section whose own heading is only bold
        if self._is_item(row.line) and row.rank >= BOLD:
            return False
        return not (opening.title.kind is Kind.QUOTES and self._is_topic(i))

    def _leaves(self, heading: Line, line: Line) -> bool:
        """Whether a line stands in the page's furniture, and the heading does not."""
        if _QUOTATIONS.intersection(line.path):
            return False
        return bool(_FURNITURE.intersection(line.path) - set(heading.path))

    def _is_item(self, line: Line) -> bool:
        return bool(_STRUCTURES.intersection(line.path)) or bulleted(self.document.words(line))

    def _is_topic(self, i: int) -> bool:
        """A heading among quotes is a topic if it says "On …", or if a quotation follows it."""
        text = self.document.words(self.rows[i].line)
        if topic(text, self.words, self.language) != bare(text):
            return True
        following = next((self.document.words(row.line) for row in self.rows[i + 1 : i + 2]), "")
        return opens(following[lead(following) :])
