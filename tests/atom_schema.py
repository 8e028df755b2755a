"""What RFC 4287 asks of a feed document, and a little more that we ask of ours, as findings in words.

Written from the rules; used by every test that makes a feed. ``check`` returns nothing for a feed that keeps them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree, html

ATOM = "{http://www.w3.org/2005/Atom}"
XML = "{http://www.w3.org/XML/1998/namespace}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
THREAD = "{http://purl.org/syndication/thread/1.0}"
MEDIA = "{http://search.yahoo.com/mrss/}"

Element = etree._Element

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+(;.*)?", re.IGNORECASE)
_RELATIONS = {
    "alternate",
    "related",
    "self",
    "enclosure",
    "via",
    "hub",
    "replies",
    "next",
    "prev-archive",
    "current",
}

_FEED_ELEMENTS = {
    "author",
    "category",
    "contributor",
    "generator",
    "icon",
    "id",
    "link",
    "logo",
    "rights",
    "subtitle",
    "title",
    "updated",
    "entry",
}
_ENTRY_ELEMENTS = {
    "author",
    "category",
    "content",
    "contributor",
    "id",
    "link",
    "published",
    "rights",
    "source",
    "summary",
    "title",
    "updated",
}
_AT_MOST_ONCE = {
    "content",
    "generator",
    "icon",
    "id",
    "logo",
    "published",
    "rights",
    "subtitle",
    "summary",
} | {
    "title",
    "updated",
    "source",
}


def check(data: bytes) -> list[str]:
    """A sentence for each rule that the document breaks, with the entry it breaks it in."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError as error:
        return [f"not well-formed: {error.msg}"]
    if root.tag != f"{ATOM}feed":
        return [f"the root is {root.tag}, not atom:feed (§2)"]
    findings = [*_feed(root), *_ids(root)]
    for entry in root.findall(f"{ATOM}entry"):
        name = (entry.findtext(f"{ATOM}id") or "an entry without an id").strip()
        findings += [f"{name}: {finding}" for finding in _entry(entry, root)]
    return findings


def _feed(feed: Element) -> Iterator[str]:
    yield from _children(feed, _FEED_ELEMENTS)
    yield from _required(feed, "id", "title", "updated")
    if feed.get(f"{XML}lang") is None:
        yield "the feed has no xml:lang (§2)"
    entries = feed.findall(f"{ATOM}entry")
    if feed.find(f"{ATOM}author") is None and not all(e.find(f"{ATOM}author") is not None for e in entries):
        yield "neither the feed nor each of its entries has an author (§4.1.1)"
    relations = [link.get("rel", "alternate") for link in feed.findall(f"{ATOM}link")]
    if relations.count("self") != 1:
        yield f"the feed has {relations.count('self')} links to itself (§4.1.1)"
    if (feed.find(f"{HISTORY}archive") is not None) != ("current" in relations):
        yield "an archive, and nothing else, links to the current document (RFC 5005 §4)"
    yield from _common(feed)


def _entry(entry: Element, feed: Element) -> Iterator[str]:
    yield from _children(entry, _ENTRY_ELEMENTS)
    yield from _required(entry, "id", "title", "updated")
    yield from _content(entry)
    yield from _common(entry)
    source = entry.find(f"{ATOM}source")
    if source is not None:
        yield from (f"source: {finding}" for finding in _required(source, "id", "title", "updated"))
        yield from (f"source: {finding}" for finding in _common(source))
    for picture in entry.findall(f"{MEDIA}thumbnail"):
        sizes = (picture.get("width", ""), picture.get("height", ""))
        if not _absolute(picture.get("url", "")) or not all(map(str.isdecimal, sizes)):
            yield "media:thumbnail: has no address, or no size (Media RSS)"
    published, updated = (_moment(entry.findtext(f"{ATOM}{name}")) for name in ("published", "updated"))
    if published and updated and updated < published:
        yield "was updated before it was published (§4.2.15)"
    latest = _moment(feed.findtext(f"{ATOM}updated"))
    if updated and latest and updated > latest:
        yield "was updated after its feed (§4.2.15)"


def _children(parent: Element, known: set[str]) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for child in parent:
        if isinstance(child.tag, str) and child.tag.startswith(ATOM):
            counts[child.tag.removeprefix(ATOM)] += 1
    yield from (
        f"has an element {name} that Atom does not know there" for name in counts if name not in known
    )
    yield from (
        f"has {count} {name} elements"
        for name, count in counts.items()
        if count > 1 and name in _AT_MOST_ONCE
    )


def _required(parent: Element, *names: str) -> Iterator[str]:
    for name in names:
        if not (parent.findtext(f"{ATOM}{name}") or "").strip():
            yield f"has no {name}, or an empty one"


def _common(parent: Element) -> Iterator[str]:
    rules: dict[str, Callable[[Element], Iterator[str]]] = {
        "id": _iri_text,
        "updated": _date,
        "published": _date,
        "title": _text,
        "subtitle": _text,
        "summary": _text,
        "rights": _text,
        "author": _person,
        "contributor": _person,
        "category": _category,
        "link": _link,
    }
    for name, rule in rules.items():
        for element in parent.findall(f"{ATOM}{name}"):
            yield from (f"{name}: {finding}" for finding in rule(element))
    yield from _alternates(parent)


def _iri_text(element: Element) -> Iterator[str]:
    text = element.text or ""
    if not _absolute(text.strip()):
        yield f"{text!r} is no absolute IRI (§4.2.6)"
    if text != text.strip():
        yield "has space around its IRI"


def _date(element: Element) -> Iterator[str]:
    if _moment(element.text) is None:
        yield f"{element.text!r} is no date of RFC 3339 with an upper-case T and a zone (§3.3)"


def _text(element: Element) -> Iterator[str]:
    kind = element.get("type", "text")
    if kind not in ("text", "html", "xhtml"):
        yield f"type {kind!r} is none of text, html, xhtml (§3.1.1)"
    if kind == "text" and len(element):
        yield "is plain text with elements in it (§3.1.1.1)"


def _person(element: Element) -> Iterator[str]:
    yield from _required(element, "name")
    uri = element.findtext(f"{ATOM}uri")
    if uri is not None and not _absolute(uri):
        yield f"its uri {uri!r} is not absolute (§3.2.2)"


def _category(element: Element) -> Iterator[str]:
    if not element.get("term"):
        yield "has no term (§4.2.2.1)"
    if not _absolute(element.get("scheme", "")):
        yield "has no absolute scheme (§4.2.2.2)"
    if not element.get("label"):
        yield "has no label (§4.2.2.3)"


def _link(element: Element) -> Iterator[str]:
    href, relation, kind = element.get("href", ""), element.get("rel", ""), element.get("type", "")
    if not _absolute(href):
        yield f"{href!r} is no absolute IRI (§4.2.7.1)"
    if relation not in _RELATIONS and not _absolute(relation):
        yield f"{href}: rel {relation!r} is no registered relation (§4.2.7.2)"
    of_another = relation == "hub" or (
        relation == "self" and next(element.iterancestors()).tag == f"{ATOM}source"
    )
    if not of_another and not _MEDIA_TYPE.fullmatch(kind):
        yield f"{href}: type {kind!r} is no media type (§4.2.7.3)"
    count = element.get(f"{THREAD}count")
    if count is not None and (relation != "replies" or not count.isdecimal()):
        yield f"{href}: thr:count {count!r} is of no replies (RFC 4685 §4)"
    if not (element.get("length") or "0").isdecimal():
        yield f"{href}: length {element.get('length')!r} is no number of bytes (§4.2.7.6)"


def _alternates(parent: Element) -> Iterator[str]:
    links = parent.findall(f"{ATOM}link")
    same = Counter((link.get("rel"), link.get("href")) for link in links)
    yield from (f"has {count} links {rel} to {href}" for (rel, href), count in same.items() if count > 1)
    kinds = Counter(
        (link.get("type"), link.get("hreflang"))
        for link in links
        if link.get("rel", "alternate") == "alternate"
    )
    yield from (
        f"has {count} alternates of type {kind} (§4.1.1)" for kind, count in kinds.items() if count > 1
    )


def _content(entry: Element) -> Iterator[str]:
    content = entry.find(f"{ATOM}content")
    alternates = [
        link for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"
    ]
    if content is None:
        if not alternates:
            yield "has neither content nor an alternate link (§4.1.2)"
        return
    kind = content.get("type", "text")
    if content.get("src") is not None:
        if not _MEDIA_TYPE.fullmatch(kind) or (content.text or "").strip() or len(content):
            yield "content with src must be empty and name a media type (§4.1.3.2)"
    elif kind not in ("text", "html", "xhtml") and not _MEDIA_TYPE.fullmatch(kind):
        yield f"content: type {kind!r} is neither a text kind nor a media type (§4.1.3.1)"
    elif kind in ("text", "html") and len(content):
        yield f"content: {kind} must not have elements in it (§4.1.3.3)"
    if kind == "html" and (content.text or "").strip():
        yield from (f"content: {finding}" for finding in _fragment(content.text or ""))


def _fragment(text: str) -> Iterator[str]:
    """HTML inside a feed: nothing that runs, no address that needs a base (§3.1.1.2)."""
    for element in html.fragment_fromstring(text, create_parent="div").iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in (
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "form",
            "input",
            "link",
            "meta",
            "base",
        ):
            yield f"has a <{element.tag}>"
        for name, value in element.attrib.items():
            if str(name).lower().startswith("on"):
                yield f"has a handler {name}"
            if name in ("href", "src", "cite") and not re.match(
                r"(https?|mailto):", str(value), re.IGNORECASE
            ):
                yield f"has the address {value!r}"


def _ids(feed: Element) -> Iterator[str]:
    """Of the feed and its entries; an entry's source may be that of another entry, too."""
    named = [feed, *feed.findall(f"{ATOM}entry")]
    ids = Counter((element.findtext(f"{ATOM}id") or "").strip() for element in named)
    yield from (f"{count} elements share the id {name}" for name, count in ids.items() if count > 1)


def _absolute(iri: str) -> bool:
    parts = urlsplit(iri)
    return bool(parts.scheme and (parts.netloc or (parts.path and parts.scheme not in ("http", "https"))))


def _moment(text: str | None) -> datetime | None:
    if text is None or not _RFC3339.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
