"""Untrusted HTML → safe HTML. The only importer of nh3; ``text.document`` reads what this writes.

Twice through an HTML5 parser: once to have a tree, on which players become links and looks become structure, and
once to make sure that whatever stands in the result is on the list of what may.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import nh3

from digest.model import Video
from digest.text import simple
from digest.text.document import Anchor, Document, Line, document, plain
from digest.text.language import clean, normalise
from digest.text.links import absolute
from digest.text.markup import Element, Node, names, parse, serialise, tame
from digest.text.players import CUSTOM, FRAMES, player

__all__ = ["Anchor", "Document", "Element", "Line", "Safe", "document", "plain", "safe", "sanitise", "tree"]

LARGEST = 256 * 1024  # code points of one entry's source; a long post has 60,000
_LONGEST_TAG = 8 * 1024
_LONGEST_REFERENCE = 32

_TAGS = names(
    "a abbr article aside b blockquote br caption cite code dd del details div dl dt em figcaption figure footer "
    "h1 h2 h3 h4 h5 h6 header hr i img ins li main mark nav ol p pre q s section small span strong sub summary sup "
    "table tbody td tfoot th thead time tr u ul"
)
_ATTRIBUTES = {
    "*": {"lang", "dir"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "del": {"datetime"},
    "img": {"src", "alt", "title"},
    "ins": {"datetime"},
    "ol": {"start"},
    "q": {"cite"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "time": {"datetime"},
}
_ADDRESSES = {"a": "href", "img": "src", "blockquote": "cite", "q": "cite"}
_DROPPED = names(
    "audio button canvas datalist dialog label map menuitem meter output progress rp rt rtc select"
)
_RENAMED = {
    **dict.fromkeys(("address", "center", "fieldset", "hgroup", "legend", "marquee"), "div"),
    **dict.fromkeys(("menu", "dir"), "ul"),
    **dict.fromkeys(("kbd", "samp", "tt"), "code"),
    **dict.fromkeys(("dfn", "var"), "i"),
    "acronym": "abbr",
    "strike": "s",
}

_SAFE = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel=None,
)
_READABLE = nh3.Cleaner(
    tags=_TAGS | FRAMES | CUSTOM | _DROPPED | _RENAMED.keys() | {"param", "source"},
    attributes={
        "*": {"class", "id", "role", "itemprop", "hidden", "style", "title", "lang", "dir", "aria-label"},
        **{tag: {"src", "data", "videoid", "value", "name"} for tag in FRAMES | CUSTOM | {"param", "source"}},
        **{tag: allowed for tag, allowed in _ATTRIBUTES.items() if tag != "*"},
        "a": {"href", "rel"},
        "img": {"src", "alt", "width", "height"},
    },
    generic_attribute_prefixes={"data-"},
    url_schemes={"http", "https", "mailto", "data"},
    link_rel=None,
)

_MAY_COMPOSE = "\u0338"  # with the "<" that a reference before it stands for
_BOLD = re.compile(r"bold(?:er)?|[6-9]\d\d")
_NORMAL = re.compile(r"normal|lighter|[1-5]\d\d")
_ITALIC = re.compile(r"italic|oblique")
_HEADINGS = names("h1 h2 h3 h4 h5 h6 th")
# Inside these only their own children may stand, so that no <b> can be put between.
_NO_PHRASES = names("table tbody thead tfoot tr ul ol dl hr br img")


@dataclass(frozen=True, slots=True)
class Safe:
    """Safe HTML with its plain text, and its links without words: players, and pictures that are links."""

    html: str
    text: str
    wordless: tuple[tuple[str, str], ...] = ()  # (address, title)


def sanitise(html: str, base_url: str = "") -> str:
    """Safe HTML of any HTML: structure, words and absolute links, and nothing that runs or loads a frame.

    A known video player becomes an empty link to the page where the video is watched, in its place, with the
    player's title if it has one; every other frame goes. What is hidden goes, looks that mean something (bold and
    italic by style) become tags. Source beyond 256 Ki characters is cut at a tag, elements deeper than 100 are
    lifted. Never raises; ``sanitise(sanitise(x)) == sanitise(x)``.
    """
    return safe(html, base_url).html


def safe(html: str, base_url: str = "") -> Safe:
    """As ``sanitise``, with the text of ``document``: both at once cost half as much for markup that is simple."""
    if found := _simply(html, base_url):
        return found
    html = _rewritten(html, base_url)
    for _ in range(4):  # HTML is not always read as it was written: links in links, blocks in headings
        if (found := _simply(html, "")) and found.html == html:
            return found
        again = _rewritten(html, "")
        if again == html:
            return _carefully(html)
        html = again
    return _carefully(escape(parse(html).text, quote=False))


def _carefully(html: str) -> Safe:
    found = document(html)
    wordless = [(anchor.url, anchor.title) for anchor in found.anchors if anchor.start == anchor.end]
    return Safe(html, found.text, tuple(wordless))


def _simply(html: str, base_url: str) -> Safe | None:
    """Safe HTML and its text in one pass, or None where there is more in it than words, links and pictures."""
    if not simple.is_simple(html):
        html = simple.LOUD.sub(lambda match: _quiet(match, base_url), html)
        if not simple.is_simple(html):
            return None
    html = _direct(base_url).clean(html)
    words = simple.read(html)
    if words is None or clean(html) != html or _MAY_COMPOSE in html:
        return None
    return Safe(html, words.text, words.wordless)


def _quiet(match: re.Match[str], base_url: str) -> str:
    """A player or picture as the careful way leaves it; of a tag that only formats, the tag alone."""
    if name := match["formatting"]:
        return f"<{name}>"
    if name := match["renamed"]:
        end = "/" if name[0] == "/" else ""
        return f"<{end}{_RENAMED[name.removeprefix('/')]}>"
    return "" if match["nothing"] else _rewritten(match.group(), base_url)


@lru_cache(maxsize=64)
def _direct(base_url: str) -> nh3.Cleaner:
    """The cleaner that makes addresses absolute by itself."""

    def kept(tag: str, name: str, value: str) -> str | None:
        if _ADDRESSES.get(tag) == name:
            return absolute(clean(value), base_url) or None
        if tag == "img":
            return normalise(value) or None
        return clean(value).strip() or None

    return nh3.Cleaner(
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=kept,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


def _rewritten(html: str, base_url: str) -> str:
    return _SAFE.clean(serialise(_Rewriting(base_url).nodes(tree(html).children)))


def tree(html: str, largest: int = LARGEST) -> Element:
    """Any HTML as a tree that can be searched by class, id and role: no scripts, but frames and styles still in it.

    Not safe to print; ``sanitise(serialise([element]))`` is.
    """
    html = html if len(html) <= largest else _cut(html[:largest])
    return parse(_READABLE.clean(tame(html)))


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
                yield clean(node)
            elif not (node.tag in _DROPPED or _is_hidden(node)):
                yield from self._element(node)

    def _element(self, element: Element) -> Iterable[Node]:
        found = player(element, self.base)
        if element.tag in FRAMES | CUSTOM:
            if found:
                return [_link(found)]
            return self.nodes(element.children) if element.tag in {"object", "applet"} else []
        if found and not any(player(inner, self.base) for inner in element.descendants):
            return [_link(found), self._copy(element)] if element.text.strip() else [_link(found)]
        if element.tag == "img":
            return self._picture(element)
        return _styled(self._copy(element), _style(element))

    def _copy(self, element: Element) -> Element:
        attributes = {name: clean(value).strip() for name, value in element.attributes.items()}
        if name := _ADDRESSES.get(element.tag):
            attributes[name] = absolute(attributes.get(name, ""), self.base)
        attributes = {name: value for name, value in attributes.items() if value}
        return Element(_RENAMED.get(element.tag, element.tag), attributes, [*self.nodes(element.children)])

    def _picture(self, element: Element) -> list[Node]:
        """A picture with its address; an emoji as its character; nothing for a pixel that counts readers."""
        if "emoji" in element.get("class", "src") or "wp-smiley" in element.get("class"):
            return [clean(element.get("alt"))]
        if {element.get("width"), element.get("height")} & {"0", "1", "0px", "1px"}:
            return []
        addresses = (absolute(element.get(name), self.base) for name in simple.LAZY_PICTURES)
        source = next((address for address in addresses if address.startswith("http")), "")
        texts = {name: normalise(element.get(name)) for name in ("alt", "title") if element.get(name)}
        return [Element("img", {"src": source, **texts})] if source else []


def _link(found: Video) -> Element:
    return Element("a", {"href": found.url, "title": found.title} if found.title else {"href": found.url})


def _style(element: Element) -> dict[str, str]:
    declarations = (part.partition(":") for part in element.get("style").lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in declarations}


def _is_hidden(element: Element) -> bool:
    style = _style(element)
    invisible = style.get("display") == "none" or style.get("visibility") == "hidden" or "mso-hide" in style
    return invisible or "hidden" in element.attributes


def _styled(element: Element, style: dict[str, str]) -> list[Node]:
    """The element with bold and italic of its style as tags: the habit of Blogger, Word and Google Docs."""
    weight = style.get("font-weight", "")
    if element.tag in {"b", "strong"} and _NORMAL.fullmatch(weight):
        return element.children
    if element.tag in _NO_PHRASES or not element.children:
        return [element]
    if _BOLD.fullmatch(weight) and element.tag not in _HEADINGS | {"b", "strong"}:
        element.children = [Element("b", {}, element.children)]
    if _ITALIC.fullmatch(style.get("font-style", "")) and element.tag not in {"i", "em", "cite"}:
        element.children = [Element("i", {}, element.children)]
    return [element]
