"""The tags of simple markup, each understood by itself: what is written for it, and where HTML5 would leave it alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, auto
from functools import lru_cache
from html import escape, unescape
from html.entities import html5
from typing import NamedTuple

from digest.text import tags
from digest.text.markup import FORMATTING, KEPT_STYLE, VOID, Element, names
from digest.text.players import CUSTOM, player

LONGEST = 4_000  # of a tag's source, so that those that are remembered take little room
_REMEMBERED = 1_024

_COMMENT = re.compile(r"<!--(?![->])(?:[^-]++|-(?!-))*+-->")
_S = r"[ \t\n\f\r]"  # what HTML takes for whitespace, which is less than Python does
_NAME = r"""[^ \t\n\f\r"'/=>]++"""
_ATTRIBUTE = rf"""{_S}++{_NAME}(?:{_S}*+={_S}*+(?:"[^"]*+"|'[^']*+'|[^ \t\n\f\r"'=`>][^ \t\n\f\r"'`>]*+))?+"""
_SYNTAX = re.compile(
    rf"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:-]*+)(?P<attributes>(?:{_ATTRIBUTE})*+){_S}*+(?P<closed>/?)>"
)
_PAIR = re.compile(
    rf"""{_S}({_NAME})(?:{_S}*+={_S}*+(?:"([^"]*+)"|'([^']*+)'|([^ \t\n\f\r"'=`>][^ \t\n\f\r"'`>]*+)))?+"""
)
_REFERENCE = re.compile(r"&(?:#[0-9]++;?|#[xX][0-9a-fA-F]++;?|(?P<name>[a-zA-Z][a-zA-Z0-9]*+;?)(?P<next>=?))")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_HOST = rf"https?://(?:(?:(?!xn--)[a-z0-9][a-z0-9-]*+\.)*(?!xn--)[a-z][a-z0-9-]*+(?!\.)|(?:{_OCTET}\.){{3}}{_OCTET}(?![0-9.]))"
# An address that everybody reads alike. Of others nh3 says whether they are any, so they are not for this way.
_CERTAIN = re.compile(rf"{_HOST}(?::[0-9]{{1,5}})?+(?:[/?#]|\Z)|mailto:")
# Most tags that occur once are links, and most links are as they shall be but for attributes that go.
_QUIET_STYLE = r"""style="(?![^"]*(?:display|visibility|mso-|font-))[^"A-Z&]*+"|"""
_OTHERS = rf"""(?:{_S}++(?:{_QUIET_STYLE}(?!href|title|lang|dir|style|hidden)[a-z-]++="[^"]*+"))*+"""
_PATH = r"[\w/.~%?=+,;:@!*()#'-]*+"
_PLAIN_LINK = re.compile(
    rf"""<a{_OTHERS}{_S}++href="({_HOST}(?::[1-9][0-9]{{0,3}})?(?:/{_PATH}(?:&amp;{_PATH})*+)?+)"{_OTHERS}{_S}*+>""",
    re.ASCII,
)

ENDED = names("p li dt dd")  # their end tags are often left out (§13.1.2.4)
_ENDS = {"li": names("p li"), **dict.fromkeys(("dt", "dd"), names("p dt dd"))}
_HEADINGS = names("h1 h2 h3 h4 h5 h6")
_INLINE = names(
    "a abbr acronym b cite code del dfn em i ins kbd mark q s samp small span strike strong sub sup time tt u var"
)
_BLOCKS = _HEADINGS | names(
    "address article aside blockquote caption center dd details dir div dl dt figcaption figure footer header hgroup li "
    "main menu nav ol p pre section summary table tbody td tfoot th thead tr ul"
)
_UNKNOWN = names("bdi bdo big colgroup data font picture")  # tags that go, and whose words stay
_HIDDEN = names("audio button canvas label map meter output progress")  # that go with their words
_RAW = names("noembed noframes noscript script style")  # in which there is no markup
_NOTHING = names("area col input param source track wbr")
_GRIDS = names("ul ol dl table")  # the lines of one list or table follow each other closely

_PARENTS = {
    "li": names("ul ol menu dir"),
    **dict.fromkeys(("dt", "dd"), names("dl")),
    **dict.fromkeys(("caption", "colgroup", "thead", "tbody", "tfoot"), names("table")),
    "col": names("colgroup"),
    "tr": names("thead tbody tfoot"),
    **dict.fromkeys(("td", "th"), names("tr")),
}
_CHILDREN = {
    parent: frozenset(name for name, parents in _PARENTS.items() if parent in parents)
    for parent in ("table", "thead", "tbody", "tfoot", "tr", "colgroup")
}
# A paragraph ends where a block begins, a link or a heading where another does: no such thing may stand inside.
_GROUPS = {"p": "p", "a": "a", "pre": "pre", "button": "button", **dict.fromkeys(_HEADINGS, "heading")}
_BARRED = {
    **dict.fromkeys(_BLOCKS | {"hr"}, frozenset({"p"})),
    **dict.fromkeys(_HEADINGS, frozenset({"p", "heading"})),
    "a": frozenset({"a", "pre"}),  # what whitespace is to a link in a <pre>, ``text.document`` knows
    "pre": frozenset({"p", "a", "pre"}),
    "button": frozenset({"p", "button"}),
}


class UnusualError(Exception):
    """Markup that the simple way does not know."""


class Act(IntEnum):
    """What a reader does where the tag stands."""

    MARKED = 0  # an inline element with looks that mean something, or with a place of its own
    LINK = auto()
    BLOCK = auto()
    VOID = auto()
    BREAK = auto()
    RULE = auto()
    COMMENT = auto()
    PLAYER = auto()
    RAW = auto()
    DRAWING = auto()
    HIDDEN = auto()
    INLINE = auto()
    CLOSE = auto()


@dataclass(frozen=True, slots=True)
class Kind:
    """What HTML5 says of the elements of a name."""

    act: Act = Act.VOID
    group: str = ""
    barred: frozenset[str] = frozenset()  # groups in which none may stand
    parents: frozenset[str] | None = None  # elements in which alone it may stand
    children: frozenset[str] | None = None  # elements that alone may stand in it, and no words
    ends: frozenset[str] = frozenset()  # elements that need no end tag where it begins
    is_grid: bool = False
    is_plain: bool = False  # a block in which there may be words, and whitespace means nothing


class Tag(NamedTuple):
    """A tag that was understood."""

    act: Act
    name: str
    kind: Kind = Kind()
    start: str = ""  # HTML in the place of the tag …
    end: str = ""  # … and of the one that closes it, …
    closer: str | None = None  # … which is mostly written so
    marks: tuple[str, str] | None = None  # HTML around what is inside, if anything is
    words: str = ""  # of a picture that is a character
    link: tuple[str, str] | None = None  # address and title


def _kind(name: str) -> Kind:
    acts = {"a": Act.LINK, "colgroup": Act.MARKED}
    return Kind(
        Act.BLOCK if name in _BLOCKS else acts.get(name, Act.INLINE),
        _GROUPS.get(name, ""),
        _BARRED.get(name, frozenset()),
        _PARENTS.get(name),
        _CHILDREN.get(name),
        _ENDS.get(name, _BARRED.get(name, frozenset()) & {"p"}),
        tags.RENAMED.get(name, name) in _GRIDS,
        name in _BLOCKS and name not in _CHILDREN and name != "pre",
    )


KINDS = {name: _kind(name) for name in _INLINE | _BLOCKS | _UNKNOWN | _HIDDEN | {"hr", "col"}}
_LINK, _OTHER = KINDS["a"], Kind()
ROOT = Tag(Act.BLOCK, "")


@lru_cache(maxsize=_REMEMBERED)
def understood(source: str, base: str) -> Tag:
    """What a tag or comment means.

    Args:
        source: from ``<`` to ``>``.
        base: the address that its links start from.

    Raises:
        UnusualError: it is none that can be understood by itself.
    """
    if plain := _PLAIN_LINK.fullmatch(source):
        address = plain[1]
        link = address.replace("&amp;", "&"), ""
        return Tag(Act.LINK, "a", _LINK, f'<a href="{address}">', "</a>", "</a>", None, "", link)
    match = _SYNTAX.fullmatch(source)
    if match is None:
        if _COMMENT.fullmatch(source):
            return Tag(Act.COMMENT, "")
        raise UnusualError
    end, name, attributes, closed = match.groups()
    name = name.lower()
    if end:
        return Tag(Act.CLOSE, name)
    if name in _NOTHING:
        return Tag(Act.VOID, name, KINDS.get(name, _OTHER))
    element = _element(name, attributes)
    if name in VOID:
        return _void(element, base)
    return _closed_as_xml(element) if closed else _start(element, base)


def _element(name: str, source: str) -> Element:
    """The element of a start tag, with the attributes that ``text.markup.tame`` would leave it."""
    if name in FORMATTING:
        style = KEPT_STYLE.search(source)
        return Element(name, {"style": style.group().lower()} if style else {})
    attributes: dict[str, str] = {}
    for key, quoted, single, bare in _PAIR.findall(source):
        value = quoted or single or bare
        attributes.setdefault(key.lower(), _REFERENCE.sub(_referred, value) if "&" in value else value)
    return Element(name, attributes)


def _referred(reference: re.Match[str]) -> str:
    """A character reference in an attribute, where ``&copy=1`` is part of an address (§13.2.5.73)."""
    name = reference["name"]
    if name is None:
        return unescape(reference.group())
    known = name in html5 and (name.endswith(";") or not reference["next"])
    return html5[name] + reference["next"] if known else reference.group()


def _closed_as_xml(element: Element) -> Tag:
    """``<a name="x"/>``: of few elements is it known that this is meant to be an empty one."""
    name = element.tag
    if name == "a" and "href" not in element.attributes:
        return Tag(Act.VOID, name, KINDS[name], "<a></a>")
    if name in FORMATTING & tags.TAGS and not element.attributes:
        return Tag(Act.VOID, name, _OTHER, f"<{name}></{name}>")
    raise UnusualError


def _void(element: Element, base: str) -> Tag:
    name = element.tag
    if name in {"br", "hr", "img"} and tags.is_hidden(element):
        return Tag(Act.VOID, name, KINDS.get(name, _OTHER))
    if name == "img":
        return _picture(tags.picture(element, base))
    if name not in {"br", "hr"} or player(element, base):
        raise UnusualError
    act = Act.BREAK if name == "br" else Act.RULE
    return Tag(act, name, KINDS.get(name, _OTHER), _written(name, tags.attributes(element, base)))


def _picture(found: Element | str) -> Tag:
    if isinstance(found, str):
        return Tag(Act.VOID, "img", _OTHER, escaped(found), words=found)
    return Tag(Act.VOID, "img", _OTHER, _written("img", found.attributes))


def _start(element: Element, base: str) -> Tag:
    name = element.tag
    if name in _RAW or name == "svg":
        return Tag(Act.DRAWING if name == "svg" else Act.RAW, name)
    if name == "iframe":
        return _player(element, base)
    if name in _UNKNOWN or (not name.isalnum() and name not in CUSTOM):
        return Tag(KINDS[name].act if name in KINDS else Act.INLINE, name, KINDS.get(name, _OTHER))
    if name in _HIDDEN:
        return Tag(Act.HIDDEN, name, KINDS[name])
    if name not in KINDS or player(element, base):
        raise UnusualError
    return Tag(Act.HIDDEN, name, KINDS[name]) if tags.is_hidden(element) else _shown(element, base)


def _player(element: Element, base: str) -> Tag:
    found = player(element, base)
    if found is None or tags.is_hidden(element):
        return Tag(Act.RAW, element.tag)
    link = tags.player_link(found).attributes
    return Tag(Act.PLAYER, element.tag, KINDS["a"], _written("a", link) + "</a>", link=_link(link))


def _shown(element: Element, base: str) -> Tag:
    name = element.tag
    kind, tag = KINDS[name], tags.RENAMED.get(name, name)
    if tags.is_unmarked(element):
        return Tag(kind.act, name, kind)
    attributes, marks = tags.attributes(element, base), tags.emphasis(element)
    shown = Tag(
        kind.act, name, kind, _written(tag, attributes), f"</{tag}>", f"</{name}>", link=_link(attributes)
    )
    if not marks:
        return shown
    around = "".join(f"<{mark}>" for mark in marks), "".join(f"</{mark}>" for mark in reversed(marks))
    return shown._replace(act=Act.MARKED if kind.act is Act.INLINE else kind.act, marks=around, closer=None)


def _link(attributes: dict[str, str]) -> tuple[str, str] | None:
    return (attributes["href"], attributes.get("title", "")) if "href" in attributes else None


def _written(tag: str, attributes: dict[str, str]) -> str:
    if not attributes:
        return f"<{tag}>"
    for name in ("href", "src", "cite"):
        if name in attributes and not _CERTAIN.match(attributes[name]):
            raise UnusualError
    return f"<{tag}{''.join(f' {name}={quoted(value)}' for name, value in attributes.items())}>"


def escaped(text: str) -> str:
    """A text as html5ever writes it."""
    return escape(text, quote=False).replace("\xa0", "&nbsp;")


def quoted(value: str) -> str:
    """An attribute's value as html5ever writes it."""
    return '"' + escaped(value).replace('"', "&quot;") + '"'
