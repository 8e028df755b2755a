"""Untrusted HTML → safe HTML. The only importer of nh3; ``text.document`` reads what this writes.

Most markup is simple enough for one pass (``text.simple``). Other goes through an HTML5 parser, which closes every
element where it ends, and is mostly simple then. What is left goes the careful way, twice through the parser: once to
have a tree, on which players become links and looks become structure, and once to make sure that whatever stands in
the result is on the list of what may.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

import nh3

from digest.text import simple
from digest.text.document import Anchor, Document, Line, document, plain
from digest.text.language import clean
from digest.text.markup import Element, Node, parse, serialise, tame
from digest.text.players import CUSTOM, FRAMES, player
from digest.text.simple import Safe
from digest.text.tags import (
    ATTRIBUTES,
    DROPPED,
    EVERYWHERE,
    RENAMED,
    TAGS,
    attributes,
    emphasis,
    is_hidden,
    is_unmarked,
    picture,
    player_link,
)

__all__ = ["Anchor", "Document", "Element", "Line", "Safe", "document", "plain", "safe", "sanitise", "tree"]

LARGEST = 256 * 1024  # code points of one entry's source; a long post has 60,000
_LONGEST_TAG = 8 * 1024
_LONGEST_REFERENCE = 32

_SAFE = nh3.Cleaner(
    tags=set(TAGS),
    attributes={**ATTRIBUTES, "*": set(EVERYWHERE)},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel=None,
)
_READABLE = nh3.Cleaner(
    tags=TAGS | FRAMES | CUSTOM | DROPPED | {*RENAMED},
    attributes={
        "*": {"class", "id", "role", "itemprop", "hidden", "style", "title", "lang", "dir", "aria-label"},
        **{
            tag: {"src", "srcdoc", "data", "videoid", "value", "name", "playlabel"}
            for tag in FRAMES | CUSTOM | {"param", "source"}
        },
        **ATTRIBUTES,
        "a": {"href", "rel"},
        "img": {"src", "alt", "width", "height"},
    },
    generic_attribute_prefixes={"data-"},
    url_schemes={"http", "https", "mailto", "data"},
    link_rel=None,
)


def sanitise(html: str, base_url: str = "") -> str:
    """Safe HTML of any HTML: structure, words and absolute links, and nothing that runs or loads a frame.

    A known video player becomes an empty link to the page where the video is watched, in its place, with the
    player's title if it has one; every other frame goes. What is hidden goes, looks that mean something (bold and
    italic by style) become tags. Source beyond 256 Ki characters is cut at a tag, elements deeper than 100 are
    lifted. Never raises; ``sanitise(sanitise(x)) == sanitise(x)``.
    """
    return safe(html, base_url).html


def safe(html: str, base_url: str = "") -> Safe:
    """As ``sanitise``, with the text of ``document`` and the links without words, which mostly come for nothing."""
    if found := simple.read(html, base_url):
        return found
    html = _tidied(html)
    if found := simple.read(html, base_url):
        return found
    html = _rewritten(html, base_url)
    for _ in range(4):  # HTML is not always read as it was written: links in links, blocks in headings
        if (found := simple.read(html)) and found.html == html:
            return found
        again = _rewritten(_tidied(html), "")
        if again == html:
            return _carefully(html)
        html = again
    return _carefully(escape(parse(html).text, quote=False))


def _carefully(html: str) -> Safe:
    found = document(html)
    wordless = [(anchor.url, anchor.title) for anchor in found.anchors if anchor.start == anchor.end]
    return Safe(html, found.text, tuple(wordless))


def _rewritten(tidy: str, base_url: str) -> str:
    return _SAFE.clean(serialise(_Rewriting(base_url).nodes(parse(tidy).children)))


def tree(html: str, largest: int = LARGEST) -> Element:
    """Any HTML as a tree that can be searched by class, id and role: no scripts, but frames and styles still in it.

    Not safe to print; ``sanitise(serialise([element]))`` is.
    """
    return parse(_tidied(html, largest))


def _tidied(html: str, largest: int = LARGEST) -> str:
    """The markup as an HTML5 parser understands it, every element closed where it ends, without scripts."""
    return _READABLE.clean(tame(html if len(html) <= largest else _cut(html[:largest])))


def _cut(html: str) -> str:
    """Without the tag or the character reference that the cap fell into."""
    tag = html.rfind("<", -_LONGEST_TAG)
    if tag > html.rfind(">"):
        return html[:tag]
    reference = html.rfind("&", -_LONGEST_REFERENCE)
    return html[:reference] if reference >= 0 and ";" not in html[reference:] else html


class _Rewriting:
    """One walk over a tree: players to links, looks to tags, addresses made absolute."""

    def __init__(self, base_url: str) -> None:
        self.base = base_url

    def nodes(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """What stands in the place of these."""
        for node in nodes:
            if isinstance(node, str):
                yield from filter(None, [clean(node)])
            elif not (node.tag in DROPPED or is_hidden(node)):
                yield from self._element(node)

    def _element(self, element: Element) -> Iterable[Node]:
        found = player(element, self.base)
        if element.tag in FRAMES | CUSTOM:
            if found:
                return [player_link(found)]
            return self.nodes(element.children) if element.tag in {"object", "applet"} else []
        if found and not any(player(inner, self.base) for inner in element.descendants):
            link = player_link(found)
            return [link, self._copy(element)] if element.text.strip() else [link]
        if element.tag == "img":
            return [shown] if (shown := picture(element, self.base)) else []
        copied = self._copy(element)
        return copied.children if is_unmarked(element) else [_marked(copied, element)]

    def _copy(self, element: Element) -> Element:
        tag = RENAMED.get(element.tag, element.tag)
        return Element(tag, attributes(element, self.base), [*self.nodes(element.children)])


def _marked(copied: Element, element: Element) -> Element:
    """The element with bold and italic of its style as tags."""
    for mark in reversed(emphasis(element) if copied.children else ()):
        copied.children = [Element(mark, {}, copied.children)]
    return copied
