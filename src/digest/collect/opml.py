"""Lists of subscriptions, read with care and written: OPML 1.0 to 2.0 (https://opml.org/spec2.opml).

What only digest knows of a source (its slug, whether it is ours, …) stands in attributes of a namespace of digest's
own, as the specification allows; other programs pass over them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from digest.collect.repair import repaired
from digest.errors import ParseError
from digest.text.language import normalise
from digest.text.links import absolute, canonical

LARGEST = 10 * 1024 * 1024
MOST = 10_000  # sources in one list
NAMESPACE = "urn:digest:opml"

_LONGEST_TITLE = 300
_LONGEST_SHOWN = 80
_MOST_LABELS = 20
_LONGEST_LABEL = 200
_OUTLINE = ("outline", "Outline", "OUTLINE")
_OTHER_LISTS = frozenset({"include", "link"})
_FEED_SCHEME = re.compile(r"^feed:(?://)?(?=https?:)|^feed://", re.IGNORECASE)
_Attributes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outline:
    """One source as a list names it; ``settings`` holds the texts of digest's own attributes by name.

    Labels are its folder, and its categories (OPML 2.0: "/Coast/Boats,/Harbour").
    """

    url: str
    title: str = ""
    site_url: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()  # the folder that it stands in first, as "Coast/Boats"


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """What a list names: each source once, in its order; a sentence for each outline that cannot be followed."""

    outlines: tuple[Outline, ...]
    refused: tuple[str, ...] = ()
    repeated: int = 0  # outlines that name a source again


def read_opml(body: bytes, name: str) -> Subscriptions:
    """Read a list of subscriptions; outlines may be nested in folders to any depth that XML libraries bear.

    Args:
        body: the file; broken XML is read as far as it goes, and said to be broken.
        name: what to call the file in sentences.

    Raises:
        ParseError: it is no OPML, too large, or declares entities of its own.
    """
    if len(body) > LARGEST:
        raise ParseError(f"{name} is too large: {len(body):,} bytes, and a list may have {LARGEST:,}.")
    root, broken = _root(repaired(body, name), name)
    found: dict[str, Outline] = {}
    folders: dict[etree._Element, str] = {}
    refused: list[str] = []
    repeated = 0
    for element in root.iter(*_OUTLINE):
        attributes = _attributes(element)
        if why := _wrong(attributes):
            refused.append(f"line {element.sourceline}: {_named(attributes)}{why}.")
        elif (outline := _outline(attributes, _folder(element.getparent(), folders))) is None:
            continue  # a folder
        elif (key := canonical(outline.url)) in found:
            repeated += 1
        elif len(found) < MOST:
            found[key] = outline
        else:
            refused.append(f"line {element.sourceline}: only the first {MOST:,} sources of a list are taken.")
            break
    return Subscriptions(tuple(found.values()), (*refused, *broken), repeated)


def _root(body: bytes, name: str) -> tuple[etree._Element, Iterator[str]]:
    """The root element, and a sentence where the XML breaks off."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    root = etree.fromstring(body, parser) if body else None
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise ParseError(f"{name} is no OPML file; export one from your reader, or add sources one by one.")
    fatal = (error for error in parser.error_log if error.level == etree.ErrorLevels.FATAL)
    return root, (
        f"line {error.line}: the file is broken here ({error.message.strip()}); what follows may be missing."
        for error in [next(fatal, None)]
        if error
    )


def _attributes(element: etree._Element) -> _Attributes:
    """By name; those without a namespace in lower case, for ``xmlurl`` is seen as well."""
    return {
        name if (name := str(key)).startswith("{") else name.lower(): normalise(str(value))
        for key, value in element.attrib.items()
    }


def _folder(element: etree._Element | None, known: dict[etree._Element, str]) -> str:
    """The names of an outline and of those around it, outermost first; ``known`` remembers each."""
    if element is None or element.tag not in _OUTLINE:
        return ""
    if element not in known:
        name = _name(_attributes(element)).replace("/", " ").strip()
        known[element] = "/".join(filter(None, (_folder(element.getparent(), known), name)))
    return known[element]


def _labels(folder: str, categories: str) -> tuple[str, ...]:
    named = (folder, *(category.strip().strip("/") for category in categories.split(",")))
    return tuple(dict.fromkeys(label for label in named[:_MOST_LABELS] if 0 < len(label) <= _LONGEST_LABEL))


def _name(attributes: _Attributes) -> str:
    return attributes.get("title") or attributes.get("text", "")


def _outline(attributes: _Attributes, folder: str) -> Outline | None:
    url = _address(attributes)
    if not url:
        return None
    own = f"{{{NAMESPACE}}}"
    title = _name(attributes)
    return Outline(
        url,
        "" if title == url else title[:_LONGEST_TITLE],
        absolute(attributes.get("htmlurl", "")),
        {name.removeprefix(own): value for name, value in attributes.items() if name.startswith(own)},
        _labels(folder, attributes.get("category", "")),
    )


def _wrong(attributes: _Attributes) -> str:
    """Why an outline that is meant to be a source cannot be one, or ""; a folder is meant to be none."""
    given = attributes.get("xmlurl", "")
    if given and not canonical(_address(attributes)):
        return f"{_short(given)} is no http:// or https:// address"
    if not given and attributes.get("type", "").lower() in _OTHER_LISTS and attributes.get("url"):
        return f"it names another list, {_short(attributes['url'])}; import that one by itself"
    if not given and attributes.get("type", "").lower() in {"rss", "atom"}:
        return "it has no address (xmlUrl)"
    return ""


def _address(attributes: _Attributes) -> str:
    given = attributes.get("xmlurl", "")
    return (
        absolute(_FEED_SCHEME.sub(lambda match: "http://" * match[0].endswith("//"), given)) if given else ""
    )


def _named(attributes: _Attributes) -> str:
    title = _name(attributes)
    return f"“{_short(title)}”: " if title else ""


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def write_opml(outlines: Iterable[Outline], title: str, now: datetime) -> str:
    """An OPML 2.0 document of these sources, in their order, with what only digest knows in its own namespace.

    Each stands in the folder of its first label.
    """
    root = etree.Element("opml", {"version": "2.0"}, nsmap={"digest": NAMESPACE})
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = normalise(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(root, "body")
    folders = {"": body}
    for outline in outlines:
        folder = _opened(folders, outline.labels[0].strip("/") if outline.labels else "")
        etree.SubElement(folder, "outline", dict(_written(outline)))
    text: str = etree.tostring(root, encoding="unicode", pretty_print=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'


def _opened(folders: dict[str, etree._Element], path: str) -> etree._Element:
    """The outline of a folder, made with those around it where it is not there yet."""
    if path not in folders:
        around, _, name = path.rpartition("/")
        folders[path] = etree.SubElement(_opened(folders, around), "outline", {"text": normalise(name)})
    return folders[path]


def _written(outline: Outline) -> Iterator[tuple[str, str]]:
    """The attributes of an outline: ``text`` is required of every one, ``type`` and ``xmlUrl`` of a subscription."""
    title = normalise(outline.title) or outline.url
    yield from (("type", "rss"), ("text", title), ("title", title), ("xmlUrl", outline.url))
    if outline.site_url:
        yield "htmlUrl", outline.site_url
    if len(outline.labels) > 1:
        yield "category", ",".join(f"/{label.replace(',', ' ')}" for label in outline.labels[1:])
    for name, value in outline.settings.items():
        yield f"{{{NAMESPACE}}}{name}", value
