"""What one tag of untrusted HTML becomes, as far as the tag itself tells: what may stay, what goes, what looks mean.

``text.html`` asks for the elements of a tree, ``text.simple`` for tags as they pass by; both get the same answers.
"""

from __future__ import annotations

import re

from digest.model import Video
from digest.text.language import clean, normalise
from digest.text.links import absolute
from digest.text.markup import Element, names

TAGS = names(
    "a abbr article aside b blockquote br caption cite code dd del details div dl dt em figcaption figure footer "
    "h1 h2 h3 h4 h5 h6 header hr i img ins li main mark nav ol p pre q s section small span strong sub summary sup "
    "table tbody td tfoot th thead time tr u ul"
)
EVERYWHERE = frozenset({"lang", "dir"})  # attributes that any tag may have
ATTRIBUTES = {
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
_ALLOWED = {tag: EVERYWHERE | allowed for tag, allowed in ATTRIBUTES.items()}
_ADDRESSES = {"a": "href", "blockquote": "cite", "q": "cite"}
DROPPED = names(
    "audio button canvas datalist dialog label map menuitem meter output param progress rp rt rtc select source"
)
RENAMED = {
    **dict.fromkeys(("address", "center", "fieldset", "hgroup", "legend", "marquee"), "div"),
    **dict.fromkeys(("menu", "dir"), "ul"),
    **dict.fromkeys(("kbd", "samp", "tt"), "code"),
    **dict.fromkeys(("dfn", "var"), "i"),
    "acronym": "abbr",
    "strike": "s",
}

_LAZY_PICTURES = ("data-src", "data-lazy-src", "data-original", "data-orig-file", "src")
_TEXTS = ("alt", "title")  # of a picture
_TINY = frozenset({"0", "1", "0px", "1px"})
_BOLD = re.compile(r"bold(?:er)?|[6-9]\d\d")
_MEANING = re.compile("display|visibility|mso-hide|font-weight|font-style")
_NORMAL = re.compile(r"normal|lighter|[1-5]\d\d")
_ITALIC = re.compile(r"italic|oblique")
_HEADINGS = names("h1 h2 h3 h4 h5 h6 th")
# Inside these only their own children may stand, so that no <b> can be put between.
_NO_PHRASES = names("table tbody thead tfoot tr ul ol dl hr br img")


def attributes(element: Element, base: str) -> dict[str, str]:
    """The attributes that an element keeps, cleaned, with addresses absolute."""
    tag = RENAMED.get(element.tag, element.tag)
    allowed = _ALLOWED.get(tag, EVERYWHERE)
    kept = {name: clean(value).strip() for name, value in element.attributes.items() if name in allowed}
    if (name := _ADDRESSES.get(tag, "")) in kept:
        kept[name] = absolute(kept[name], base)
    return {name: value for name, value in kept.items() if value}


def picture(element: Element, base: str) -> Element | str:
    """A picture with its address; an emoji as its character; nothing for a pixel that counts readers."""
    said = element.attributes
    if "emoji" in element.get("class", "src") or "wp-smiley" in said.get("class", ""):
        return clean(said.get("alt", ""))
    if said.get("width") in _TINY or said.get("height") in _TINY:
        return ""
    for name in _LAZY_PICTURES:
        if name in said and (source := absolute(said[name], base)).startswith("http"):
            texts = {name: text for name in _TEXTS if name in said and (text := normalise(said[name]))}
            return Element("img", {"src": source, **texts})
    return ""


def player_link(found: Video) -> Element:
    """What stands in the place of a player."""
    return Element("a", {"href": found.url, "title": found.title} if found.title else {"href": found.url})


def is_hidden(element: Element) -> bool:
    """Whether a reader never sees the element."""
    style = _style(element)
    invisible = style.get("display") == "none" or style.get("visibility") == "hidden" or "mso-hide" in style
    return invisible or "hidden" in element.attributes


def is_unmarked(element: Element) -> bool:
    """Whether it is a tag for bold text whose style says that the text is not bold: Google Docs wraps posts in one."""
    return element.tag in {"b", "strong"} and bool(_NORMAL.fullmatch(_style(element).get("font-weight", "")))


def emphasis(element: Element) -> tuple[str, ...]:
    """The tags, outermost first, that say what its style means: the habit of Blogger, Word and Google Docs."""
    style = _style(element)
    if not style or element.tag in _NO_PHRASES:
        return ()
    bold = _BOLD.fullmatch(style.get("font-weight", "")) and element.tag not in _HEADINGS | {"b", "strong"}
    italic = _ITALIC.fullmatch(style.get("font-style", "")) and element.tag not in {"i", "em", "cite"}
    return ("i",) * bool(italic) + ("b",) * bool(bold)


def _style(element: Element) -> dict[str, str]:
    source = element.attributes.get("style", "").lower()
    if not _MEANING.search(source):  # as of most
        return {}
    declarations = (part.partition(":") for part in source.split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in declarations}
