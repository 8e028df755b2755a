"""Safe HTML → plain text with offsets: the lines as a reader sees them, and what is bold or linked in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from digest.model import Span
from digest.text.language import clean, collapsed
from digest.text.markup import Element, Node, names, parse

_INLINE = names("a abbr b cite code del em i img ins mark q s small span strong sub sup time u")
_LISTS = names("ul ol")
_GRIDS = names("ul ol dl table")  # the lines of one list or table follow each other closely
_BOLD, _ITALIC, _CITE, _QUOTE = "bold", "italic", "cite", "quote"
_MARKS = {"b": _BOLD, "strong": _BOLD, "i": _ITALIC, "em": _ITALIC, "cite": _CITE, "q": _QUOTE}


@dataclass(frozen=True, slots=True)
class Anchor:
    """The words of a link; ``start == end`` where there are none: an embedded player, or a picture that is a link."""

    start: int
    end: int
    url: str
    title: str = ""  # the link's title attribute: of a player, the video's title


@dataclass(frozen=True, slots=True)
class Line:
    """One visual line: the text between two block boundaries or ``<br>``. Offsets point into ``Document.text``.

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
    writer = _Writer()
    writer.walk(parse(html).children)
    writer.end_line()
    anchors = tuple(anchor for line in writer.lines for anchor in line.anchors)
    return Document("".join(writer.parts), tuple(writer.lines), anchors)


def plain(html: str) -> str:
    """The text of HTML as ``text.html.sanitise`` returns it."""
    return document(html).text


class _Context(NamedTuple):
    """Where in the tree a text stands."""

    path: tuple[str, ...] = ()
    block: int = 0
    grid: int = 0  # the outermost list or table, or 0
    depth: int = 0
    marks: frozenset[str] = frozenset()
    anchor: Element | None = None
    pre: bool = False


@dataclass(slots=True)
class _Draft:
    """A line while it is written; offsets count from its start."""

    context: _Context
    parts: list[str] = field(default_factory=list)
    length: int = 0
    space: bool = False  # whitespace was seen since the last word
    marks: dict[str, list[Span]] = field(default_factory=dict)
    anchors: list[tuple[Element, Span]] = field(default_factory=list)

    def add(self, source: str, context: _Context) -> None:
        if context.pre:
            self._append(source, context)
            return
        words = collapsed(source)
        if (self.space or source[0].isspace()) and words and self.length:
            self.parts.append(" ")
            self.length += 1
        self.space = source[-1].isspace()
        if words:
            self._append(words, context)

    def _append(self, words: str, context: _Context) -> None:
        span = (self.length, self.length + len(words))
        self.parts.append(words)
        self.length = span[1]
        for mark in context.marks:
            _extend(self.marks.setdefault(mark, []), span)
        if context.anchor:
            self.link(context.anchor, span)

    def link(self, anchor: Element, span: Span) -> None:
        if self.anchors and self.anchors[-1][0] is anchor:
            span = (self.anchors.pop()[1][0], span[1])
        self.anchors.append((anchor, span))

    def line(self, text: str, start: int, block: int) -> Line:
        """The line, when its text (without the whitespace at its ends) starts at that offset."""
        end = start + len(text)
        path = self.context.path
        tag = path[-1] if path else ""
        if not self.marks and not self.anchors:  # as most are
            return Line(start, end, tag, path, block, self.context.depth)
        shift = start - _indent("".join(self.parts))

        def placed(span: Span) -> Span:
            return min(max(span[0] + shift, start), end), max(min(span[1] + shift, end), start)

        marks = {mark: tuple(map(placed, spans)) for mark, spans in self.marks.items()}
        anchors = ((element, placed(span)) for element, span in self.anchors)
        whole = ((start, end),)
        return Line(
            start,
            end,
            tag,
            path,
            block,
            self.context.depth,
            bold=marks.get(_BOLD) == whole,
            italic=marks.get(_ITALIC) == whole,
            bolds=marks.get(_BOLD, ()),
            italics=marks.get(_ITALIC, ()),
            cites=marks.get(_CITE, ()),
            quotes=marks.get(_QUOTE, ()),
            anchors=tuple(
                Anchor(*span, element.get("href"), element.get("title")) for element, span in anchors
            ),
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
    """Walks a tree and writes its lines."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.lines: list[Line] = []
        self._length = 0
        self._last: tuple[int, int] | None = None  # block and grid of the last line that has words
        self._draft: _Draft | None = None
        self._blocks = 0
        self._paragraphs: dict[int, int] = {}  # block elements in which a blank line began another block
        self._broken = -1  # the block whose last line <br> ended
        self._linked: Element | None = None  # the last link that has words
        self._context = _Context()

    def walk(self, nodes: list[Node]) -> None:
        for node in nodes:
            if isinstance(node, str):
                self._words(clean(node))
            elif node.tag == "br":
                self._break()
            elif node.tag == "a":
                self._anchor(node)
            elif node.tag in _MARKS:
                outer = self._context
                self._context = outer._replace(marks=outer.marks | {_MARKS[node.tag]})
                self.walk(node.children)
                self._context = outer
            elif node.tag in _INLINE:
                self.walk(node.children)
            else:
                self._block(node)

    def _words(self, source: str) -> None:
        if source.strip():
            self._linked = self._context.anchor or self._linked
            self._line().add(source, self._context)
        elif source and self._draft:
            self._draft.add(source, self._context)

    def _break(self) -> None:
        if self._context.pre:
            self._line().add("\n", self._context)
        elif self._draft:
            self.end_line()
            self._broken = self._context.block
        elif self._broken == self._context.block:  # a blank line: the next one is another paragraph
            self._blocks += 1
            self._paragraphs[self._context.block] = self._blocks

    def _anchor(self, element: Element) -> None:
        if not element.get("href"):
            self.walk(element.children)
            return
        outer = self._context
        self._context = outer._replace(anchor=element)
        self.walk(element.children)
        self._context = outer
        if self._linked is not element:
            draft = self._line()
            draft.link(element, (draft.length, draft.length))

    def _block(self, element: Element) -> None:
        self.end_line()
        self._blocks += 1
        outer, tag = self._context, element.tag
        path = (*outer.path, tag)
        if tag == "hr":
            self.lines.append(Line(self._length, self._length, tag, path, self._blocks, outer.depth))
        self._context = _Context(
            path,
            self._blocks,
            outer.grid or (self._blocks if tag in _GRIDS else 0),
            outer.depth + (tag in _LISTS),
            outer.marks,
            outer.anchor,
            outer.pre or tag == "pre",
        )
        self.walk(element.children)
        self.end_line()
        self._context = outer

    def _line(self) -> _Draft:
        if self._draft is None:
            self._draft = _Draft(self._context)
        return self._draft

    def end_line(self) -> None:
        """Write the line that was begun, if there is one."""
        draft, self._draft = self._draft, None
        self._broken = -1
        if draft is None:
            return
        text = "".join(draft.parts).strip()
        block = self._paragraphs.get(draft.context.block, draft.context.block)
        if text:
            self._write(self._separator(block, draft.context.grid))
            self._last = block, draft.context.grid
        if text or draft.anchors:
            self.lines.append(draft.line(text, self._length, block))
        self._write(text)

    def _separator(self, block: int, grid: int) -> str:
        if self._last is None:
            return ""
        return "\n" if block == self._last[0] or (grid and grid == self._last[1]) else "\n\n"

    def _write(self, text: str) -> None:
        self.parts.append(text)
        self._length += len(text)
