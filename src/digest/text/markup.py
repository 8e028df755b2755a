"""HTML as a small tree: taming source that would stall a parser, and reading what a parser wrote.

``tame`` works on untrusted source and is no sanitiser: it only makes the work of the real HTML5 parser (html5ever,
inside nh3) linear. ``parse`` reads the regular form in which that parser writes a document.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape, unescape


def names(text: str) -> frozenset[str]:
    """A set of tag names, written as one string."""
    return frozenset(text.split())


VOID = names("area base br col embed hr img input link meta param source track wbr")

DEEPEST = 100  # elements that are open at once; what is deeper stays in its parent
_MOST_OPEN = 500  # html5ever is quadratic in open blocks: 40,000 of them take seconds
_LONGEST_TAG = 8_192  # and in the attributes of one tag

# ── taming ───────────────────────────────────────────────────────────────────────────────────────

# WHATWG HTML §13.2.5, the tokeniser, as one expression that never backtracks.
_SPACE = r"[ \t\n\f\r]"
_ATTRIBUTES = rf"""(?:
    (?:{_SPACE}|/)*+
    [^ \t\n\f\r/>][^ \t\n\f\r/>=]*+
    (?:{_SPACE}*+={_SPACE}*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^ \t\n\f\r>"'][^ \t\n\f\r>]*+)?+)?+
)*+"""
_SLASH = rf"{_SPACE}*+/(?:{_SPACE}|/)*+"
_TOKEN = re.compile(
    rf"""
      <!--(?:-?>|.*?(?:--!?>|\Z))                                 # a comment
    | <(?:[!?]|/[^a-zA-Z])[^>]*+(?:>|\Z)                          # a bogus one
    | <(?P<raw>script|style|noscript|noembed|noframes|textarea|title|iframe|template)(?={_SPACE}|[/>])
      (?P<raw_attributes>{_ATTRIBUTES})(?P<raw_closed>{_SLASH})?{_SPACE}*+(?:>|\Z)
      (?(raw_closed)|.*?(?:</(?P=raw)(?={_SPACE}|[/>])[^>]*+(?:>|\Z)|\Z))   # its content is no markup
    | <(?P<end>/?)(?P<name>[a-zA-Z][^ \t\n\f\r/>]*+)
      (?P<attributes>{_ATTRIBUTES})(?P<closed>{_SLASH})?{_SPACE}*+(?:>|(?P<cut>\Z))
    | <                                                           # a less-than sign
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE | re.ASCII,
)

# Foreign content has parsing rules of its own and plaintext ends all rules: their tags go, their words stay.
_UNWRAPPED = names("svg math plaintext html body head frameset")
_RENAMED = {"form": "div", "xmp": "pre", "listing": "pre", "image": "img"}
# Left open, each of these is opened again in every later block, once per distinct set of attributes.
FORMATTING = names("b big code em font i nobr s small strike strong tt u")
_CLOSED_AS_XML = FORMATTING | {"a", "span"}  # <a name="x"/> is meant to be empty
_CLOSED_BY_NEXT = names("p li tr td th tbody thead tfoot option") | VOID
KEPT_STYLE = re.compile(r"display\s*:\s*none|font-weight\s*:\s*(?:normal|400)", re.IGNORECASE)


def tame(source: str) -> str:
    """HTML source as a plain run of tags and text that an HTML5 parser reads in linear time.

    Comments, scripts, styles and other raw text are gone, so is the content of frames; formatting tags have no
    attributes but a style that hides text or makes it normal; beyond 500 open elements no more are opened.
    """
    taming = _Taming()
    return _TOKEN.sub(taming.rewrite, source)


@dataclass(slots=True)
class _Taming:
    open: Counter[str] = field(default_factory=Counter)
    total: int = 0  # of the open ones

    def rewrite(self, token: re.Match[str]) -> str:
        raw, raw_attributes, _, end, name, attributes, closed, cut = token.groups()
        if raw:
            return f"<iframe{_short(raw_attributes)}></iframe>" if raw.lower() == "iframe" else ""
        if not name:
            return "&lt;" if token.group() == "<" else ""
        name = name.lower()
        name = _RENAMED.get(name, name)
        if name in _UNWRAPPED or cut is not None:
            return ""
        return self._end(name) if end else self._start(name, attributes, bool(closed))

    def _end(self, name: str) -> str:
        if self.open[name] > 0:
            self.open[name] -= 1
            self.total -= 1
        return f"</{name}>"

    def _start(self, name: str, source: str, closed: bool) -> str:
        attributes = _short(source)
        if attributes and name in FORMATTING:
            style = KEPT_STYLE.search(attributes)
            attributes = f' style="{style.group().lower()}"' if style else ""
        if closed and name in _CLOSED_AS_XML:
            return f"<{name}{attributes}></{name}>"
        if name not in _CLOSED_BY_NEXT:
            if self.total >= _MOST_OPEN:
                return ""
            self.open[name] += 1
            self.total += 1
        return f"<{name}{attributes}>"


def _short(attributes: str) -> str:
    return f" {attributes.strip()} " if attributes and len(attributes) <= _LONGEST_TAG else ""


# ── the tree ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Element:
    """A tag with its attributes and, in order, the elements and texts inside it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    @property
    def elements(self) -> Iterator[Element]:
        """The elements directly inside."""
        return (child for child in self.children if isinstance(child, Element))

    @property
    def descendants(self) -> Iterator[Element]:
        """All elements inside, in document order, at any depth."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            if element is not self:
                yield element
            waiting.extend(reversed([*element.elements]))

    @property
    def text(self) -> str:
        """All text inside, as it stands."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def get(self, *names: str) -> str:
        """The first of these attributes that is set and not empty, or ``""``."""
        for name in names:
            if value := self.attributes.get(name):
                return value
        return ""


Node = Element | str

# A tag as nh3 writes it: its slash, name and attributes.
TAG = re.compile(r'<(/?)([a-z][^\s/>]*+)((?:\s++[^\s=>"]++="[^"]*+")*+)\s*+/?>')
_ATTRIBUTE = re.compile(r'([^\s=>"]++)="([^"]*+)"')


def parse(html: str) -> Element:
    """The tree of HTML as nh3 writes it: every tag closed, every attribute quoted.

    Elements deeper than 100 are opened no more; what is in them stays, in their parent. Any other text is read
    as well as may be: a stray ``<`` is text, an end tag without its start is nothing.
    """
    root = Element("")
    path = [root]
    skipped = 0  # open elements that are too deep
    text, *rest = TAG.split(html)
    if text:
        root.children.append(unescape(text))
    for end, name, attributes, text in zip(rest[::4], rest[1::4], rest[2::4], rest[3::4], strict=True):
        if end:
            skipped = _close(path, name, skipped)
        elif name in VOID:
            path[-1].children.append(Element(name, attributes_of(attributes)))
        elif len(path) > DEEPEST:
            skipped += 1
        else:
            element = Element(name, attributes_of(attributes))
            path[-1].children.append(element)
            path.append(element)
        if text:
            path[-1].children.append(unescape(text))
    return root


def attributes_of(source: str) -> dict[str, str]:
    """The attributes of a tag that nh3 wrote, their values unescaped."""
    return {key: unescape(value) for key, value in _ATTRIBUTE.findall(source)} if source else {}


def _close(path: list[Element], name: str, skipped: int) -> int:
    """Close the innermost open element of that name; the number of those that were too deep to open is returned."""
    if skipped:
        return skipped - 1
    for index in range(len(path) - 1, 0, -1):
        if path[index].tag == name:
            del path[index:]
            break
    return 0


def serialise(nodes: Iterable[Node]) -> str:
    """HTML source of elements and texts."""
    return "".join(escape(node, quote=False) if isinstance(node, str) else _source(node) for node in nodes)


def _source(element: Element) -> str:
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in element.attributes.items())
    start = f"<{element.tag}{attributes}>"
    return start if element.tag in VOID else f"{start}{serialise(element.children)}</{element.tag}>"
