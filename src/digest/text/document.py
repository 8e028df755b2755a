"""Safe HTML → plain text with offsets: the lines as a reader sees them, and what is bold or linked in them."""

from __future__ import annotations

from dataclasses import dataclass
from html import unescape
from typing import NamedTuple

from digest.model import Span
from digest.text.language import clean, collapsed, is_clean
from digest.text.markup import DEEPEST, TAG, VOID, attributes_of, names

_INLINE = names("a abbr b cite code del em i img ins mark q s small span strong sub sup time u")
_LISTS = names("ul ol")
_GRIDS = names("ul ol dl table")  # the lines of one list or table follow each other closely
_BOLD, _ITALIC, _CITE, _QUOTE = "bold", "italic", "cite", "quote"
_MARKS = {"b": _BOLD, "strong": _BOLD, "i": _ITALIC, "em": _ITALIC, "cite": _CITE, "q": _QUOTE}


class Anchor(NamedTuple):
    """The words of a link; ``start == end`` where there are none: an embedded player, or a picture that is a link."""

    start: int
    end: int
    url: str
    title: str = ""  # the link's title attribute: of a player, the video's title


class Line(NamedTuple):
    """One visual line: the text between two block boundaries or ``<br>``. Offsets point into ``Document.text``.

    A tuple, since a post has hundreds and a frozen dataclass takes five times as long to make.

    A line has words, except a ``<hr>`` (tag ``hr``) and a line that holds nothing but players or linked pictures,
    where ``start == end``. It has neither whitespace at its ends nor a line break in it, unless it is a ``<pre>``.
    """

    start: int
    end: int
    tag: str  # the nearest block element: p, h2, li, td, dt, dd, summary, blockquote, figcaption, div, pre, …; or ""
    path: tuple[str, ...]  # the block elements around it, outermost first, ``tag`` included
    block: int  # equal for the lines of one block element, such as those that <br> separates
    depth: int  # how many lists it stands in
    bold: bool = False  # all of it
    italic: bool = False  # all of it
    bolds: tuple[Span, ...] = ()
    italics: tuple[Span, ...] = ()
    cites: tuple[Span, ...] = ()  # <cite>
    quotes: tuple[Span, ...] = ()  # <q>
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """Plain text of safe HTML. Lines of one block, list or table are joined by ``\\n``, others by ``\\n\\n``."""

    text: str
    lines: tuple[Line, ...]
    anchors: tuple[Anchor, ...]

    def words(self, line: Line) -> str:
        """The text of a line."""
        return self.text[line.start : line.end]


def document(html: str) -> Document:
    """The text, lines and links of HTML as ``text.html.sanitise`` returns it.

    Whitespace is collapsed and characters are cleaned (``text.language.clean``) outside ``<pre>``; inside, line
    breaks and indentation are kept. Offsets are code points.
    """
    writer = _Writer(is_clean(html))
    writer.read(html)
    anchors = tuple(anchor for line in writer.lines for anchor in line.anchors)
    return Document("".join(writer.parts), tuple(writer.lines), anchors)


def plain(html: str) -> str:
    """The text of HTML as ``text.html.sanitise`` returns it."""
    return document(html).text


class _Link(NamedTuple):
    """An open link, told from others by identity."""

    url: str
    title: str


class _Place(NamedTuple):
    """Where among the elements a text stands."""

    path: tuple[str, ...] = ()
    block: int = 0
    grid: int = 0  # the outermost list or table, or 0
    depth: int = 0
    marks: tuple[str, ...] = ()
    link: _Link | None = None
    pre: bool = False


class _Draft:
    """A line while it is written; offsets count from its start."""

    __slots__ = ("length", "links", "marks", "parts", "place", "space")

    def __init__(self, place: _Place) -> None:
        self.place = place
        self.parts: list[str] = []
        self.length = 0
        self.space = False  # whitespace was seen since the last word
        self.marks: dict[str, list[Span]] = {}
        self.links: list[tuple[_Link, Span]] = []

    def add(self, source: str, place: _Place) -> None:
        if place.pre:
            self._append(source, place)
            return
        words = collapsed(source)
        if words:
            if self.length and (self.space or source[0].isspace()):
                self.parts.append(" ")
                self.length += 1
            self._append(words, place)
        self.space = source[-1].isspace()

    def _append(self, words: str, place: _Place) -> None:
        begin = self.length
        self.length = end = begin + len(words)
        self.parts.append(words)
        for mark in place.marks:
            _extend(self.marks.setdefault(mark, []), (begin, end))
        if place.link:
            self.link(place.link, (begin, end))

    def link(self, link: _Link, span: Span) -> None:
        if self.links and self.links[-1][0] is link:
            span = (self.links.pop()[1][0], span[1])
        self.links.append((link, span))

    def line(self, text: str, start: int, block: int) -> Line:
        """The line, when its text (without the whitespace at its ends) starts at that offset."""
        path, end, depth = self.place.path, start + len(text), self.place.depth
        tag = path[-1] if path else ""
        if not self.marks and not self.links:  # as most are
            return Line(start, end, tag, path, block, depth)
        shift = start - (_indent("".join(self.parts)) if self.place.pre else 0)

        def placed(span: Span) -> Span:
            return min(max(span[0] + shift, start), end), max(min(span[1] + shift, end), start)

        marks = {mark: tuple([placed(span) for span in spans]) for mark, spans in self.marks.items()}
        bolds, italics, whole = marks.get(_BOLD, ()), marks.get(_ITALIC, ()), ((start, end),)
        return Line(
            start,
            end,
            tag,
            path,
            block,
            depth,
            bolds == whole,
            italics == whole,
            bolds,
            italics,
            marks.get(_CITE, ()),
            marks.get(_QUOTE, ()),
            tuple([Anchor(*placed(span), *link) for link, span in self.links]),
        )


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _extend(spans: list[Span], span: Span) -> None:
    """Add a span, or lengthen the last one where only a space is between them."""
    if spans and span[0] - spans[-1][1] <= 1:
        spans[-1] = (spans[-1][0], span[1])
    else:
        spans.append(span)


class _Writer:
    """Goes from tag to tag and writes lines. No tree is built: what is open is all that matters to a line."""

    def __init__(self, is_clean: bool) -> None:
        self.parts: list[str] = []
        self.lines: list[Line] = []
        self._is_clean = is_clean  # so that only references can bring in what has to be cleaned
        self._length = 0
        self._last: tuple[int, int] | None = None  # block and grid of the last line that has words
        self._draft: _Draft | None = None
        self._blocks = 0
        self._paragraphs: dict[int, int] = {}  # block elements in which a blank line began another block
        self._broken = -1  # the block whose last line <br> ended
        self._linked: _Link | None = None  # the last link that has words
        self._place = _Place()
        self._open: list[tuple[str, _Place]] = []  # elements, and the place around each
        self._skipped = 0  # open elements that are too deep

    def read(self, html: str) -> None:
        """Write the lines of a whole document (``text.markup.parse`` says what becomes of irregular markup)."""
        pieces = TAG.split(html)
        ends, names, attributes, texts = pieces[1::4], pieces[2::4], pieces[3::4], pieces[4::4]
        self._text(pieces[0])
        at, last = 0, len(names) - 1
        while at <= last:
            name = names[at]
            if ends[at]:
                self._close(name)
            elif name in VOID:
                self._void(name)
            elif len(self._open) >= DEEPEST:
                self._skipped += 1
            elif at < last and ends[at + 1] and name == names[at + 1] and self._is_plain(name):
                self._whole_block(name, texts[at])
                at += 1
            else:
                self._begin(name, attributes[at])
            if texts[at]:
                self._text(texts[at])
            at += 1
        while self._open:
            self._end()
        self.end_line()

    def _text(self, source: str) -> None:
        source = self._cleaned(source)
        if source and not source.isspace():
            self._linked = self._place.link or self._linked
            self._line().add(source, self._place)
        elif source and self._draft:
            self._draft.add(source, self._place)

    def _cleaned(self, source: str) -> str:
        if "&" in source:
            return clean(unescape(source))
        return source if self._is_clean else clean(source)

    # ── blocks of nothing but words, as most are ──────────────────────────────────────────────────

    def _is_plain(self, name: str) -> bool:
        """Whether an element is a block, and nothing around it says more of its words than where they stand."""
        place = self._place
        return name not in _INLINE and name != "pre" and not (place.marks or place.link or place.pre)

    def _whole_block(self, name: str, source: str) -> None:
        place = self._block(name)
        words = collapsed(self._cleaned(source))
        if words:
            self._part(place.block, place.grid)
            start, self._length = self._length, self._length + len(words)
            self.parts.append(words)
            self.lines.append(Line(start, self._length, name, place.path, place.block, place.depth))

    # ── elements ─────────────────────────────────────────────────────────────────────────────────

    def _begin(self, name: str, attributes: str) -> None:
        outer = self._place
        self._open.append((name, outer))
        if name not in _INLINE:
            self._place = self._block(name)
        elif name == "a":
            said = attributes_of(attributes)
            if url := said.get("href", ""):
                self._place = outer._replace(link=_Link(url, said.get("title", "")))
        elif name in _MARKS and _MARKS[name] not in outer.marks:
            self._place = outer._replace(marks=(*outer.marks, _MARKS[name]))

    def _block(self, name: str) -> _Place:
        """The place inside a block that begins here."""
        if self._draft:
            self.end_line()
        self._broken = -1
        self._blocks += 1
        path, _, grid, depth, marks, link, pre = self._place
        return _Place(
            (*path, name),
            self._blocks,
            grid or (self._blocks if name in _GRIDS else 0),
            depth + (name in _LISTS),
            marks,
            link,
            pre or name == "pre",
        )

    def _close(self, name: str) -> None:
        """End the innermost open element of that name, and all that are open in it."""
        if self._skipped:
            self._skipped -= 1
        elif self._open and self._open[-1][0] == name:  # as it mostly is
            self._end()
        elif any(name == opened for opened, _ in self._open):
            while self._end() != name:
                pass

    def _end(self) -> str:
        """End the innermost open element; its name."""
        name, outer = self._open.pop()
        link, self._place = self._place.link, outer
        if name not in _INLINE:
            self.end_line()
        elif link is not outer.link and link is not self._linked and link:
            draft = self._line()
            draft.link(link, (draft.length, draft.length))
        return name

    def _void(self, name: str) -> None:
        if name == "br":
            self._break()
        elif name not in _INLINE:
            place = self._block(name)
            if name == "hr":
                self.lines.append(
                    Line(self._length, self._length, name, place.path, place.block, place.depth)
                )

    def _break(self) -> None:
        block = self._place.block
        if self._place.pre:
            self._line().add("\n", self._place)
        elif self._draft:
            self.end_line()
            self._broken = block
        elif self._broken == block:  # a blank line: the next one is another paragraph
            self._blocks += 1
            self._paragraphs[block] = self._blocks

    # ── lines ────────────────────────────────────────────────────────────────────────────────────

    def _line(self) -> _Draft:
        if self._draft is None:
            self._draft = _Draft(self._place)
        return self._draft

    def end_line(self) -> None:
        """Write the line that was begun, if there is one."""
        self._broken = -1
        if self._draft is None:
            return
        draft, self._draft = self._draft, None
        text = "".join(draft.parts).strip()
        block, grid = draft.place.block, draft.place.grid
        block = self._paragraphs.get(block, block)
        if text:
            self._part(block, grid)
        if text or draft.links:
            self.lines.append(draft.line(text, self._length, block))
        self.parts.append(text)
        self._length += len(text)

    def _part(self, block: int, grid: int) -> None:
        """Write what stands between the last line that has words and one that follows it."""
        if self._last is not None:
            near = block == self._last[0] or (grid and grid == self._last[1])
            self.parts.append("\n" if near else "\n\n")
            self._length += 1 if near else 2
        self._last = block, grid
