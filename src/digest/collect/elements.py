"""Elements of XML as feedparser sees them: their names, attributes and text, and what they inherit.

For ``collect.fastfeed``, which has to give what feedparser gives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from urllib.parse import urljoin

from lxml import etree

Attributes = dict[str, str]

_MAY_BE_HTML = re.compile(r"</\w+>|&#?\w+;")  # else it is not looked at closely
_MOST_ATTRIBUTES = 500  # lxml is quadratic in them: 100,000 take twenty seconds
_ABSOLUTE = re.compile(r"https?://[^/\s\\]")
_XML = "http://www.w3.org/XML/1998/namespace"


class OddError(Exception):
    """A document, or something in it, for the careful way."""


def name_of(element: etree._Element) -> str:
    """The element's name as feedparser forms it, such as ``title`` or ``dc_creator``."""
    prefix = cast(Any, element).prefix  # None, where lxml-stubs promise a text
    return _named(element.tag, prefix)


@lru_cache(maxsize=4_096)
def _named(tag: str, prefix: str | None) -> str:
    """An element's name as feedparser forms it: the usual prefix of its namespace, else the one that was given."""
    space, _, local = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
    if ":" in local:  # a prefix that is not declared
        raise OddError
    usual = _usual_prefixes().get(space.lower(), prefix or "")
    if "backend.userland.com/rss" in space.lower():
        usual = ""
    return f"{usual}_{local}".lower() if usual else local.lower()


@lru_cache(maxsize=1)
def _usual_prefixes() -> Mapping[str, str]:
    return {space.lower(): prefix for space, prefix in _mixin().namespaces.items()}


@lru_cache(maxsize=4_096)
def is_feedparsers(name: str) -> bool:
    """Whether feedparser does anything of its own with elements of that name."""
    return hasattr(_mixin(), f"_start_{name}") or hasattr(_mixin(), f"_end_{name}")


def looks_like_html(text: str) -> bool:
    """Whether feedparser takes what should be plain text for HTML."""
    return _MAY_BE_HTML.search(text) is not None and bool(_mixin().looks_like_html(text))


@lru_cache(maxsize=1)
def _mixin() -> Any:  # feedparser has no types
    from feedparser.mixin import _FeedParserMixin  # 0.1 s: only for who parses

    return _FeedParserMixin


def attributes_of(element: etree._Element) -> Attributes:
    """Attributes with names in lower case, as feedparser names them; ``rel`` and ``type`` are in lower case too."""
    if len(element.attrib) > _MOST_ATTRIBUTES:
        raise OddError
    attributes = {}
    for key, value in cast("list[tuple[str, str]]", element.items()):
        name = key
        if key[0] == "{":
            space, _, local = key[1:].rpartition("}")
            prefix = "xml" if space == _XML else _usual_prefixes().get(space.lower(), "")
            name = f"{prefix}:{local}" if prefix else local
        name = name.lower()
        attributes[name] = value.lower() if name in {"rel", "type"} else value
    return attributes


@dataclass(frozen=True, slots=True)
class Place:
    """What an element inherits: the address that links start from, its language, and how deep it stands."""

    base: str
    language: str | None = None
    depth: int = 0

    def inside(self, attributes: Attributes) -> Place:
        """The place of the children of an element with these attributes."""
        base = attributes.get("xml:base", attributes.get("base")) or self.base
        language = attributes.get("xml:lang", attributes.get("lang", self.language)) or None
        if base != self.base and not (base := urljoin(self.base, base)).startswith(("http://", "https://")):
            raise OddError
        return Place(base, language.replace("_", "-") if language else None, self.depth + 1)

    def of(self, attributes: Attributes) -> Place:
        """The place of an element with these attributes, for what it says of itself."""
        if attributes.keys().isdisjoint(("xml:base", "base", "xml:lang", "lang")):
            return self
        inner = self.inside(attributes)
        return Place(inner.base, inner.language, self.depth)

    def deeper(self) -> Place:
        """The same, one level down."""
        return Place(self.base, self.language, self.depth + 1)

    def absolute(self, address: str) -> str:
        """The address resolved, as RFC 3986 has it."""
        is_plain = _ABSOLUTE.match(address) and "[" not in address
        return address if is_plain else urljoin(self.base, address)


def text_of(element: etree._Element) -> str:
    """The text of an element that has no other in it."""
    if len(element):
        raise OddError
    text = (element.text or "").strip()
    if text.isascii():
        return text
    try:  # UTF-8 that was taken for Latin-1 and encoded again
        return text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return text
