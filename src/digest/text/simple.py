"""The common case of HTML, read in one pass: markup so plain that rewriting it would change nothing.

``is_simple`` looks at untrusted source; ``read`` at what the sanitiser made of it. Both answer "no" to whatever
needs the careful way of ``text.html`` and ``text.document``: players, hidden parts, looks that mean something, broken
nesting. Where they answer, the answer is the same as the careful one's; tests compare the two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from digest.text.language import collapsed
from digest.text.markup import names
from digest.text.players import IDS, SOURCES

LAZY_PICTURES = ("data-src", "data-lazy-src", "data-original", "data-orig-file", "src")

_LARGEST = 128 * 1024
_MOST_TAGS = 3_000  # html5ever is quadratic in open blocks
_DEEPEST = 90  # blocks

# One tag, comment or run of text that the rewriting leaves as it is. Formatting tags have no attributes: html5ever
# opens them again in every later block, once per distinct set of attributes.
_LOUD_NAMES = "|".join(sorted({"style", "hidden", *SOURCES, *IDS, *LAZY_PICTURES} - {"src"}))
_QUIET_NAME = rf"(?!(?:{_LOUD_NAMES})=)[a-zA-Z][a-zA-Z0-9:_-]*+"
_LOUD_STYLE = (
    r"(?:display|visibility|font-weight|font-style)\s*+:"
    r"(?!\s*+(?:normal|400|inherit|initial|block|inline|visible))|mso-hide"
)
_VALUE = r"""=(?:"[^"<>]*+"|'[^'<>]*+')"""
_QUIET_STYLE = rf"""style=(?:"(?![^"]*(?:{_LOUD_STYLE}))[^"<>]*+"|'(?![^']*(?:{_LOUD_STYLE}))[^'<>]*+')"""
_ATTRIBUTES = rf"(?:\s++(?:{_QUIET_NAME}{_VALUE}|{_QUIET_STYLE}))*+\s*+"
_TINY = r"""[^<>]*(?:emoji|wp-smiley|(?:width|height)=["'][01](?:px)?["'])"""
_PICTURE = rf"img(?!{_TINY}){_ATTRIBUTES}/?"
_ELEMENTS = (
    "p|a|span|div|h[1-6]|ul|ol|li|blockquote|pre|cite|figure|figcaption|section|article|header|footer|aside|main|sub|sup|q"
    "|dl|dt|dd|abbr|table|caption|colgroup|col|thead|tbody|tfoot|tr|td|th|time|mark|del|ins|picture"
)
_FORMATTING = "b|i|em|strong|u|s|small|code"
_SIMPLE = re.compile(
    rf"""(?:
      [^<]++
    | </?(?:{_FORMATTING})\s*+>
    | <(?:{_ELEMENTS}){_ATTRIBUTES}>
    | </(?:{_ELEMENTS})\s*+>
    | <(?:br|hr|source){_ATTRIBUTES}/?>
    | <{_PICTURE}>
    | <!--(?![->])(?:[^-]++|-(?!-))*+-->
    )*+""",
    re.VERBOSE,
)

# What keeps much HTML from being simple and can be mended where it stands.
LOUD = re.compile(
    rf"""<(?:
      (?P<formatting>{_FORMATTING})(?:\s++(?!style)[a-z-]++="[^"<>]*+")++\s*+>
    | (?P<nothing>/?(?:font|big|o:p)\b(?![^<>]*\bstyle)[^<>]*+>)
    | (?P<renamed>/?(?:center|strike|tt|kbd))\s*+>
    | img\b(?={_TINY})[^<>]*+>
    | iframe\b[^<>]*+></iframe>
    | (?P<dropped>button|svg)\b[^<>]*+>(?:[^<]++|<(?!/?(?P=dropped)\b))*+</(?P=dropped)>
    | (?P<player>object|video)\b[^<>]*+>(?:[^<]*+</?(?:param|embed|source|a)\b[^<>]*+>){{0,20}}+[^<]*+</(?P=player)>
    )""",
    re.VERBOSE,
)


def is_simple(source: str) -> bool:
    """Whether untrusted HTML holds nothing that rewriting would change: no player, no meaning in a style, no trick."""
    return (
        len(source) <= _LARGEST
        and source.count("<") <= _MOST_TAGS
        and "\0" not in source
        and _SIMPLE.fullmatch(source) is not None
    )


# ── reading ──────────────────────────────────────────────────────────────────────────────────────

_INLINE = r"</?(?:abbr|[abiqsu]|cite|code|del|em|img|ins|mark|small|span|strong|sub|sup|time)"
_REST = r'(?: [a-z]++="[^"]*+")*+>'
_INLINE_TAG = re.compile(_INLINE + _REST)
_BLOCK_TAG = re.compile(rf"<(/?[a-z0-9]++){_REST}")
# A link without words: its attributes, and what else is in it.
_WORDLESS = re.compile(
    rf'<a((?: [a-z]++="[^"]*+")*+)>((?:\s++|&nbsp;|<(?!/?a[ >])/?[a-z0-9]++{_REST})*+)</a>'
)
_LINK_IN_LINK = re.compile(r"<a[ >][^<]*+(?:<(?!/?a[ >])[^<]*+)*+<a[ >]")
_LINK_IN_PRE = re.compile(
    r"<pre[ >][^<]*+(?:<(?!/pre>|a[ >])[^<]*+)*+<a[ >]|<a[ >][^<]*+(?:<(?!/a>|pre[ >])[^<]*+)*+<pre[ >]"
)
_HREF = re.compile(r' href="([^"]*)"')
_TITLE = re.compile(r' title="([^"]*)"')
_BREAK, _LINKED = "\x00", "\x01"  # in the place of <br>, and of the end of a link without words

_GRIDS = names("ul ol dl table")
_HEADINGS = names("h1 h2 h3 h4 h5 h6")
_PARENTS = {
    "li": names("ul ol"),
    **dict.fromkeys(("dt", "dd"), names("dl")),
    **dict.fromkeys(("caption", "thead", "tbody", "tfoot"), names("table")),
    "tr": names("thead tbody tfoot"),
    **dict.fromkeys(("td", "th"), names("tr")),
}
_BLOCKS = (
    _HEADINGS
    | _PARENTS.keys()
    | names(
        "p div ul ol blockquote figure figcaption section article header footer aside main dl table hr pre"
    )
)
_NO_WORDS = names("table thead tbody tfoot tr")


@dataclass(frozen=True, slots=True)
class Words:
    """The plain text of safe HTML, and the links in it that have no words: address and title."""

    text: str
    wordless: tuple[tuple[str, str], ...] = ()


def read(html: str) -> Words | None:
    """The text of HTML as nh3 writes it, or None where it has to be read with more care.

    The text is that of ``text.document``. Where there is one, a parser reads the HTML again as it stands: nothing is
    in a place from which HTML5 would move it (§13.2.6: a block in a paragraph, a link in a link, words in a table).
    """
    if _LINK_IN_LINK.search(html) or ("<pre" in html and _LINK_IN_PRE.search(html)):
        return None
    wordless: list[tuple[str, str]] = []

    def linked(link: re.Match[str]) -> str:
        if not (href := _HREF.search(link[1])):
            return link[2]
        title = _TITLE.search(link[1])
        wordless.append((unescape(href[1]), unescape(title[1]) if title else ""))
        return link[2] + _LINKED

    html = _INLINE_TAG.sub("", _WORDLESS.sub(linked, html)).replace("<br>", _BREAK)
    first, *rest = _BLOCK_TAG.split(html)
    reader = _Reader()
    try:
        reader.inside(first)
        for tag, words in zip(rest[::2], rest[1::2], strict=True):
            reader.tag(tag)
            if words:
                reader.inside(words)
    except _UnusualError:
        return None
    return Words("".join(reader.parts), tuple(wordless))


class _UnusualError(Exception):
    """Markup that this way of reading does not know."""


@dataclass(slots=True)
class _Reader:
    """Writes lines, with what ``text.document`` knows of each: its block, and its outermost list or table."""

    parts: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=lambda: [""])  # open blocks
    places: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])  # (block, grid) of each
    last: tuple[int, int] | None = None  # of the last line with words
    count: int = 0

    def tag(self, tag: str) -> None:
        """Open or close a block."""
        if tag[0] == "/":
            self.path.pop()
            self.places.pop()
            return
        self._check(tag)
        self.count += 1
        if tag != "hr":
            grid = self.places[-1][1] or (self.count if tag in _GRIDS else 0)
            self.path.append(tag)
            self.places.append((self.count, grid))

    def _check(self, name: str) -> None:
        """Give up where HTML5 would not leave the block where it stands."""
        path = self.path
        allowed = _PARENTS.get(name)
        if (
            name not in _BLOCKS
            or len(path) > _DEEPEST
            or "p" in path
            or (path[-1] not in allowed if allowed else path[-1] in _NO_WORDS)
            or (name in _HEADINGS and not _HEADINGS.isdisjoint(path))
        ):
            raise _UnusualError

    def inside(self, source: str) -> None:
        """Write what stands between two tags of blocks: the lines that <br> separates."""
        inner = self.path[-1]
        if inner == "pre" and source[:1] == "\n":  # which a parser drops
            raise _UnusualError
        if not source or source.isspace():
            return
        if "<" in source or inner in _NO_WORDS:
            raise _UnusualError
        text = unescape(source) if "&" in source else source
        if "pre" in self.path:
            self._preformatted(text)
        elif _BREAK in text or _LINKED in text:
            self._lines(text)
        elif words := collapsed(text):
            self._write(words, self.places[-1])

    def _preformatted(self, text: str) -> None:
        if words := text.replace(_BREAK, "\n").replace(_LINKED, "").strip():
            self._write(words, self.places[-1])

    def _lines(self, text: str) -> None:
        """Lines of one block; after a blank one, which two <br> make, another block begins."""
        block, grid = self.places[-1]
        broken = False
        *ended, last = text.split(_BREAK)
        for line in ended:
            if words := collapsed(line.replace(_LINKED, "")):
                self._write(words, (block, grid))
            if words or _LINKED in line:
                broken = True
            elif broken:
                self.count += 1
                block = self.count
        self.places[-1] = (block, grid)
        if words := collapsed(last.replace(_LINKED, "")):
            self._write(words, (block, grid))

    def _write(self, words: str, place: tuple[int, int]) -> None:
        if self.last is not None:
            near = place[0] == self.last[0] or (place[1] and place[1] == self.last[1])
            self.parts.append("\n" if near else "\n\n")
        self.last = place
        self.parts.append(words)
