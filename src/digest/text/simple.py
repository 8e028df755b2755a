"""The common case of HTML, read in one pass: every element is closed where it was opened, or needs no end tag.

Such markup needs no HTML5 parser. It is cut into tags and texts, each distinct tag is understood once
(``text.tokens``), and what it becomes is written down with the words between. That is safe, because no tag is copied:
each is written anew from the list of what may stand, with escaped values, and each text is escaped.

Where HTML5 (§13.2.6) would move, close or open an element by itself, or where it takes a look inside an element to
know what becomes of it, the answer is None, and the markup has to go through a real parser first. Where there is an
answer, it is that of the careful way; tests compare the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape

from digest.text.language import clean, is_clean
from digest.text.lines import BREAK, LINKED, Lines
from digest.text.tokens import ENDED, KINDS, LONGEST, ROOT, Act, Tag, UnusualError, escaped, understood

_LARGEST = 256 * 1024  # code points
_DEEPEST = 90  # elements; the careful way lifts what is deeper than 100

_TAG = re.compile(rf"(<[^<>]{{1,{LONGEST}}}+>)")
_PRE_BREAK = re.compile(r"<pre[^>]*+>\n")  # which a parser drops
_SPACE = " \n\t\f\r"  # of HTML
_RETURN = re.compile(r"&#(?:0*+13|[xX]0*+[dD])(?![0-9a-fA-F])")  # one line break with a line feed behind it
_MAY_COMPOSE = "\u0338"  # with the "<" that a reference before it stands for
_IN_DRAWING = re.compile(
    r"</?(?:circle|clippath|defs|desc|ellipse|g|line|lineargradient|mask|path|polygon|polyline|radialgradient|rect|stop|"
    r"symbol|title|use)[\s/>]"
)


@dataclass(frozen=True, slots=True)
class Safe:
    """Safe HTML with its plain text, and its links without words: players, and pictures that are links."""

    html: str
    text: str
    wordless: tuple[tuple[str, str], ...] = ()  # (address, title)


def read(source: str, base_url: str = "") -> Safe | None:
    """Safe HTML of untrusted HTML, with the text that ``text.document`` finds in it; None if it is not simple.

    Args:
        source: any HTML.
        base_url: the address that its links start from.
    """
    pieces = _TAG.split(source)
    if len(source) > _LARGEST or "\0" in source or source.count("<") != len(pieces) // 2:
        return None
    was_clean = is_clean(source)
    texts, tags = pieces[::2], pieces[1::2]
    try:
        reader = _Reader([*tags, ""], texts, _words(texts, was_clean), base_url)
        reader.read_all()
    except UnusualError:
        return None
    pieces[::2], pieces[1::2] = texts, reader.tags[:-1]
    html = "".join(pieces)
    texts_met = reader.has_replaced or "" in pieces[1::2]
    if not (html.isascii() or _is_normal(html, was_clean and not texts_met)):
        return None
    if "<pre" in html and _PRE_BREAK.search(html):
        return None
    return Safe(html, "".join(reader.lines.parts), tuple(reader.wordless))


def _words(texts: list[str], was_clean: bool) -> list[str]:
    """The texts as a reader sees them; what is given becomes their HTML."""
    words = texts.copy()
    for at, text in enumerate(words):
        if not was_clean or "&" in text:
            if "&#" in text and _RETURN.search(text):
                raise UnusualError
            said = unescape(text)
            words[at] = text = clean(said)
            if said.strip(_SPACE) and not text.strip(_SPACE):  # a table would let out what was cleaned away
                raise UnusualError
            texts[at] = escaped(text)
        elif ">" in text or "\xa0" in text:
            texts[at] = escaped(text)
    return [*words, ""]  # so that behind every text there is another one


def _is_normal(html: str, texts_are_apart: bool) -> bool:
    """Whether HTML whose texts are in NFC each is so too: where a tag went, two of them may have met."""
    return _MAY_COMPOSE not in html and (texts_are_apart or is_clean(html))


@dataclass(slots=True)
class _Reader:
    """Goes from tag to tag, and makes safe HTML of tags and texts where they stand: by place, ``at``, in these lists."""

    tags: list[str]  # and an empty one, so that behind every tag there is a next one
    texts: list[str]  # HTML: texts[at] stands before tags[at], and texts[at + 1] behind it
    words: list[str]  # the same as a reader sees them, and an empty one
    base: str
    path: list[Tag] = field(default_factory=lambda: [ROOT])  # open elements
    groups: set[str] = field(default_factory=set)  # of open elements
    has_replaced: bool = False  # a tag by a text
    begun: list[int] = field(default_factory=list)  # where open links and marked elements began
    line: int = 0  # where in the words the line begins
    lines: Lines = field(default_factory=Lines)
    wordless: list[tuple[str, str]] = field(default_factory=list)

    def read_all(self) -> None:
        """Read until no piece is left; the end closes what is open."""
        at = self._read(0, -1)
        while len(self.path) > 1:
            self._end_elements(at, frozenset({self.path[-1].name}))
        self._end_line(at)

    def _read(self, at: int, depth: int) -> int:
        """Read from a tag on, until only so many elements are open; the place behind is returned.

        Most tags open or close an element in a line, so these two have no function; and most elements have no other
        in them, so it is worth a look whether the next tag closes it.
        """
        tags, base, path, last = self.tags, self.base, self.path, len(self.tags) - 1
        inline, close = Act.INLINE, Act.CLOSE
        while at < last:
            tag = understood(tags[at], base)
            act = tag.act
            if act is inline:
                if path[-1].kind.children is not None or len(path) > _DEEPEST:
                    raise UnusualError
                tags[at] = tag.start
                if tags[at + 1] == tag.closer:
                    tags[at + 1] = tag.end
                    at += 2
                else:
                    path.append(tag)
                    at += 1
            elif act is close:
                if path[-1].name == tag.name or self._meant(tag, at):
                    opened = path.pop()
                    tags[at] = opened.end
                    if opened.act is not inline:
                        self._closed(opened, at)
                at += 1
                if len(path) == depth:
                    break
            else:
                at = _ACTS[act](self, tag, at)
        return at

    # ── tags ─────────────────────────────────────────────────────────────────────────────────────

    def _enter(self, tag: Tag, at: int) -> None:
        """Write a tag; give up where HTML5 would not leave it where it stands."""
        kind, outer = tag.kind, self.path[-1]
        if (
            (outer.kind.children is not None and tag.name not in outer.kind.children)
            or (kind.parents is not None and outer.name not in kind.parents)
            or (self.groups and not self.groups.isdisjoint(kind.barred))
            or len(self.path) > _DEEPEST
        ):
            raise UnusualError
        self.tags[at] = tag.start

    def _open(self, tag: Tag, at: int) -> None:
        self._enter(tag, at)
        self.path.append(tag)
        if tag.kind.group:
            self.groups.add(tag.kind.group)
        if tag.marks:
            self.begun.append(at)

    def _meant(self, tag: Tag, at: int) -> bool:
        """Whether an end tag that does not fit closes the last open element, once those are closed that need none.

        One that closes nothing is nothing, but for ``</p>``, which is an empty paragraph (§13.2.6.4.7).
        """
        if (
            self.path[-1].kind.children is not None
            or tag.name not in KINDS
            or self.groups & {"button", "heading"}
        ):
            raise UnusualError
        if tag.name == "p" and "p" not in self.groups:
            self._end_line(at)
            self.lines.count += 1
            self.tags[at] = "<p></p>"
            return False
        if all(opened.name != tag.name for opened in self.path):
            self.tags[at] = ""
            return False
        if KINDS[tag.name].act is Act.BLOCK:
            self._end_elements(at, ENDED - {tag.name})
        if self.path[-1].name != tag.name:
            raise UnusualError
        return True

    def _end_elements(self, at: int, names: frozenset[str]) -> None:
        """Close elements of these names before a tag: they need no end tag."""
        while (opened := self.path[-1]).name in names:
            if opened.marks or opened.act is Act.HIDDEN:
                raise UnusualError
            self.path.pop()
            self.texts[at] += opened.end
            self._closed(opened, at)

    def _closed(self, opened: Tag, at: int) -> None:
        kind = opened.kind
        if opened.act is Act.BLOCK:
            self._end_line(at)
            self.lines.close()
        elif opened.act is Act.LINK:
            self._end_link(opened, at)
        if kind.group:
            self.groups.remove(kind.group)
        if opened.marks:
            self._mark(opened.marks, self.begun.pop(), at)
        if self.path[-1].kind.children is not None:
            self._check_table(at)

    def _mark(self, marks: tuple[str, str], begin: int, end: int) -> None:
        """Write what the looks of an element mean, if anything is in it."""
        if any(self.tags[begin + 1 : end]) or any(self.texts[begin + 1 : end + 1]):
            self.tags[begin] += marks[0]
            self.tags[end] = marks[1] + self.tags[end]

    def _check_table(self, at: int) -> None:
        """Give up on words behind a tag if it stands between the parts of a table: HTML5 puts them before it."""
        if self.path[-1].kind.children is not None and self.words[at + 1].strip(" \n\t"):
            raise UnusualError

    def _comment(self, _: Tag, at: int) -> int:
        self._check_table(at)
        self.tags[at] = ""
        return at + 1

    def _marked(self, tag: Tag, at: int) -> int:
        self._open(tag, at)
        self._check_table(at)
        return at + 1

    def _link(self, tag: Tag, at: int) -> int:
        if self.tags[at + 1] == tag.closer and self.words[at + 1].strip():
            self._enter(tag, at)
            self.tags[at + 1] = tag.end
            return at + 2
        self._open(tag, at)
        self.begun.append(at)
        return at + 1

    def _end_link(self, opened: Tag, at: int) -> None:
        begin = self.begun.pop()
        if opened.link and not "".join(self.words[begin + 1 : at + 1]).strip():
            self._wordless(opened.link, at)

    def _wordless(self, link: tuple[str, str], at: int) -> None:
        self.wordless.append(link)
        self.words[at + 1] = LINKED + self.words[at + 1]

    def _block(self, tag: Tag, at: int) -> int:
        if self.path[-1].name in tag.kind.ends:
            self._end_elements(at, tag.kind.ends)
        self._end_line(at)
        if self.tags[at + 1] == tag.closer and tag.kind.is_plain and "pre" not in self.groups:
            return self._whole_block(tag, at)
        self._open(tag, at)
        self.lines.open(tag.kind.is_grid)
        self._check_table(at)
        return at + 1

    def _whole_block(self, tag: Tag, at: int) -> int:
        self._enter(tag, at)
        self.tags[at + 1] = tag.end
        self.line = at + 2
        self.lines.open(tag.kind.is_grid)
        self.lines.add(self.words[at + 1])
        self.lines.close()
        self._check_table(at + 1)
        return at + 2

    def _void(self, tag: Tag, at: int) -> int:
        self._enter(tag, at)
        if tag.words:
            self.words[at + 1] = tag.words + self.words[at + 1]
            self.has_replaced = True
        self._check_table(at)
        return at + 1

    def _break(self, tag: Tag, at: int) -> int:
        if self.path[-1].kind.children is not None:
            raise UnusualError
        self.tags[at] = tag.start
        self.words[at + 1] = BREAK + self.words[at + 1]
        return at + 1

    def _rule(self, tag: Tag, at: int) -> int:
        self._end_elements(at, tag.kind.ends)
        self._enter(tag, at)
        self._end_line(at)
        self.lines.count += 1
        return at + 1

    def _player(self, tag: Tag, at: int) -> int:
        """A frame, in which there is no markup; a link to its video takes its place."""
        self._enter(tag, at)
        end = self._raw(tag, at)
        self.tags[at] = tag.start
        if tag.link:
            self._wordless(tag.link, end - 1)
        return end

    def _raw(self, tag: Tag, at: int) -> int:
        """Pass over what is no markup, to the first end tag of that name."""
        self._enter(tag, at)
        for end in range(at + 1, len(self.tags) - 1):
            if self.tags[end].lower() == f"</{tag.name}>":
                return self._passed(at, end)
        raise UnusualError

    def _drawing(self, tag: Tag, at: int) -> int:
        """Pass over a drawing, in which nothing is said but its title."""
        self._enter(tag, at)
        title = False
        for end in range(at + 1, len(self.tags) - 1):
            if self.words[end].strip() and not title:
                break
            source = self.tags[end].lower()
            title = source.startswith("<title")
            if source == "</svg>":
                return self._passed(at, end)
            if not _IN_DRAWING.match(source):
                break
        raise UnusualError

    def _hidden(self, tag: Tag, at: int) -> int:
        """Read an element as any other, but with nobody looking at what is written."""
        depth = len(self.path)
        aside = _Reader(self.tags, self.texts, self.words, self.base, self.path, self.groups, line=at + 1)
        aside._open(tag, at)
        end = aside._read(at + 1, depth)
        if len(self.path) > depth:
            raise UnusualError
        return self._passed(at, end - 1)

    def _passed(self, begin: int, end: int) -> int:
        """Nothing is left from one tag to another."""
        self.tags[begin : end + 1] = [""] * (end + 1 - begin)
        self.texts[begin + 1 : end + 1] = self.words[begin + 1 : end + 1] = [""] * (end - begin)
        return end + 1

    # ── lines ────────────────────────────────────────────────────────────────────────────────────

    def _end_line(self, at: int) -> None:
        """Write what stands before a tag of a block and behind the last one: the lines that <br> separates."""
        begin, self.line = self.line, at + 1
        text = self.words[at] if begin == at else "".join(self.words[begin : at + 1])
        if not text.strip(" \n"):  # as between most blocks
            return
        if "pre" in self.groups:
            self.lines.add_preformatted(text)
        else:
            self.lines.add(text)


# By number, as the hash of an enumeration's member takes as long as the work.
_ACTS: tuple[Callable[[_Reader, Tag, int], int], ...] = (
    _Reader._marked,
    _Reader._link,
    _Reader._block,
    _Reader._void,
    _Reader._break,
    _Reader._rule,
    _Reader._comment,
    _Reader._player,
    _Reader._raw,
    _Reader._drawing,
    _Reader._hidden,
)
