"""What the children of a feed or an item say, by feedparser's rules.

Which of two titles counts, which summary is the content, whose name an author has: each rule is one function, in a table
by the name of the element it is for. The order of the elements matters to feedparser, so it does here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from digest.collect.dates import dated
from digest.collect.elements import (
    Attributes,
    OddError,
    Place,
    attributes_of,
    is_feedparsers,
    looks_like_html,
    name_of,
    text_of,
)
from digest.collect.repair import MOST_LABELS
from digest.text.markup import names

_DEEPEST = 50
_QUERY_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")
_TYPES = {
    **dict.fromkeys(("text", "plain", "text/plain"), "text/plain"),
    **dict.fromkeys(("html", "text/html"), "text/html"),
}
_HTML = ("text/html", "application/xhtml+xml", "html", "xhtml")
_ITUNES = "http://www.itunes.com/"
_MEDIA = "http://search.yahoo.com/mrss/category_schema"

# Elements that feedparser knows and that nothing of what we read depends on, with all that is in them.
_SKIPPED = names(
    "generator rights copyright dc_rights subtitle tagline itunes_subtitle itunes_image itunes_explicit itunes_block "
    "contributor dc_contributor webmaster dc_publisher cloud media_rating media_credit media_restriction media_license "
    "media_player created dcterms_created expirationdate dcterms_valid admin_generatoragent admin_errorreportsto "
    "cc_license creativecommons_license psc_chapters georss_point georss_line georss_polygon georss_box where name email "
    "url uri homepage width height"
)
SKIPPED_IN_FEED = _SKIPPED | names(
    "published updated pubdate lastbuilddate issued modified dc_date dcterms_issued dcterms_modified "
    "category keywords itunes_keywords itunes_category dc_subject media_category media_keywords media_thumbnail"
)
SKIPPED_IN_ITEM = _SKIPPED | names("language dc_language")


@dataclass(slots=True)
class Members:
    """Reads the children of an item or a feed into ``item``, in their order, which matters to feedparser."""

    rss: bool
    handlers: Mapping[str, Handler]
    skipped: frozenset[str]
    item: dict[str, Any] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)  # of the elements that members were read from
    title_depth: int = -1
    has_content: bool = False
    has_plain_author: bool = False  # an author without elements inside was given
    has_address: bool = False  # an author was given with a mail address

    def read_all(self, elements: Iterable[etree._Element], place: Place) -> None:
        """Read children that stand in that place."""
        if place.depth > _DEEPEST:
            raise OddError
        for element in elements:
            name = name_of(element)
            if name in self.skipped:
                continue
            handler = self.handlers.get(name)
            if handler is not None:
                attributes = attributes_of(element) if element.attrib else {}
                handler(self, element, attributes, place.of(attributes))
            elif is_feedparsers(name):
                raise OddError
            elif len(element):
                self.read_all(element, place.inside(attributes_of(element)))

    def finish(self) -> None:
        """Give up where feedparser would look for several people's names among addresses."""
        if self.has_address and len(self.item["authors"]) > 1:
            raise OddError

    def store(self, name: str, value: str, place: Place) -> None:
        """Set a member, unless it was read from an element that stands less deep."""
        depth = place.depth + 1
        if depth <= self.depths.get(name, depth):
            self.depths[name] = depth
            self.item[name] = value

    def typed(
        self, element: etree._Element, attributes: Attributes, place: Place, kind: str
    ) -> dict[str, Any]:
        """The text of an element that may be HTML, with its type, language and base."""
        if "mode" in attributes:
            raise OddError
        if "type" in attributes:
            kind = _TYPES.get(attributes["type"], "")
            if not kind:
                raise OddError
        value = text_of(element)
        if self.rss and kind == "text/plain" and looks_like_html(value):
            kind = "text/html"
        return {"type": kind, "language": place.language, "base": place.base, "value": value}


Handler = Callable[[Members, etree._Element, Attributes, Place], None]


def _title(reader: Members, element: etree._Element, attributes: Attributes, place: Place) -> None:
    depth = place.depth + 1
    detail = reader.typed(element, attributes, place, "text/plain")
    if not -1 < reader.title_depth <= depth:
        reader.store("title", detail["value"], place)
        reader.item["title_detail"] = detail
    if detail["value"]:
        reader.title_depth = depth


def _media_title(reader: Members, element: etree._Element, attributes: Attributes, place: Place) -> None:
    before = reader.title_depth
    _title(reader, element, attributes, place)
    reader.title_depth = before


def _description(reader: Members, element: etree._Element, attributes: Attributes, place: Place) -> None:
    _first_summary(reader, element, attributes, place, "text/html")


def _summary(reader: Members, element: etree._Element, attributes: Attributes, place: Place) -> None:
    _first_summary(reader, element, attributes, place, "text/plain")


def _first_summary(
    reader: Members, element: etree._Element, attributes: Attributes, place: Place, kind: str
) -> None:
    """A summary; a second one is the content, if there is no other."""
    if "summary" in reader.item and not reader.has_content:
        _content(reader, element, attributes, place)
        return
    detail = reader.typed(element, attributes, place, kind)
    reader.store("summary", detail["value"], place)
    reader.item["summary_detail"] = detail


def _content(reader: Members, element: etree._Element, attributes: Attributes, place: Place) -> None:
    _add_content(reader, reader.typed(element, attributes, place, "text/plain"))


def _encoded(reader: Members, element: etree._Element, attributes: Attributes, place: Place) -> None:
    _add_content(reader, reader.typed(element, attributes, place, "text/html"))


def _add_content(reader: Members, detail: dict[str, Any]) -> None:
    reader.has_content = True
    reader.item.setdefault("content", []).append(detail)
    reader.item.setdefault("summary", detail["value"])


def _link(reader: Members, element: etree._Element, attributes: Attributes, place: Place) -> None:
    own = attributes.setdefault("rel", "alternate") == "self"
    kind = attributes.setdefault("type", "application/atom+xml" if own else "text/html")
    _href(attributes)
    links = reader.item.setdefault("links", [])
    links.append(attributes)
    if "href" in attributes:
        attributes["href"] = place.absolute(attributes["href"])
        if attributes["rel"] == "alternate" and kind in _HTML:
            reader.item["link"] = attributes["href"]
        return
    address = text_of(element)
    address = place.absolute(address).replace("&amp;", "&") if address else ""
    address = _QUERY_REFERENCE.sub(r"&\1", address)
    reader.item["link"] = address
    if address:
        attributes["href"] = address


def _href(attributes: Attributes) -> None:
    if href := attributes.get("url", attributes.get("uri", attributes.get("href"))):
        attributes["href"] = href


def _id(reader: Members, element: etree._Element, attributes: Attributes, place: Place) -> None:
    is_link = attributes.get("ispermalink", "true") == "true"
    value = text_of(element)
    value = place.absolute(value) if is_link and value else value
    reader.store("id", value, place)
    if is_link:
        reader.item.setdefault("link", value)


def _published(reader: Members, element: etree._Element, _: Attributes, place: Place) -> None:
    _date(reader, "published", text_of(element), place)


def _updated(reader: Members, element: etree._Element, _: Attributes, place: Place) -> None:
    _date(reader, "updated", text_of(element), place)


def _date(reader: Members, name: str, value: str, place: Place) -> None:
    reader.store(name, value, place)
    reader.item[f"{name}_parsed"] = None
    if value and not dated(value):
        from feedparser.datetimes import _parse_date  # of the dates in the wild it reads most

        reader.item[f"{name}_parsed"] = _parse_date(value)


def _author(reader: Members, element: etree._Element, _: Attributes, place: Place) -> None:
    person: dict[str, str] = {}
    if len(element) and reader.has_plain_author:  # feedparser takes the two for one
        raise OddError
    reader.item.setdefault("authors", []).append(person)
    for child in element:
        name = name_of(child)
        if name in {"name", "email"}:
            person[name] = text_of(child)
        elif name not in {"uri", "url", "homepage"} and (is_feedparsers(name) or len(child)):
            raise OddError
    if len(element):
        reader.store("author", _called(person), place)
        return
    text = text_of(element)
    reader.store("author", text, place)
    reader.has_plain_author = True
    reader.has_address |= "@" in text
    if text:
        person["name"] = text


def _owner(reader: Members, element: etree._Element, *_: object) -> None:
    """The owner of a podcast takes the place of the last author, if there was one."""
    for child in element:
        key = name_of(child).removeprefix("itunes_")
        if key not in {"name", "email"}:
            raise OddError
        person = reader.item.setdefault("authors", [{}])[-1]
        if person:
            reader.item["author"] = _called(person)
        person[key] = text_of(child)


def _called(person: Mapping[str, str]) -> str:
    name, address = person.get("name"), person.get("email")
    return f"{name} ({address})" if name and address else name or address or ""


def _category(reader: Members, element: etree._Element, attributes: Attributes, _: Place) -> None:
    _tag(
        reader,
        attributes.get("term"),
        attributes.get("scheme", attributes.get("domain")),
        attributes.get("label"),
    )
    if not (value := text_of(element)):
        return
    tags = reader.item["tags"]
    if tags and not tags[-1]["term"]:
        tags[-1]["term"] = value
    else:
        _tag(reader, value, None, None)


def _media_category(reader: Members, element: etree._Element, attributes: Attributes, place: Place) -> None:
    attributes.setdefault("scheme", _MEDIA)
    _category(reader, element, attributes, place)


def _itunes_category(reader: Members, element: etree._Element, attributes: Attributes, _: Place) -> None:
    _tag(reader, attributes.get("text"), _ITUNES, None)
    if len(element) or text_of(element):
        raise OddError


def _itunes_keywords(reader: Members, element: etree._Element, *_: object) -> None:
    for term in filter(None, map(str.strip, text_of(element).split(","))):
        _tag(reader, term, _ITUNES, None)


def _media_keywords(reader: Members, element: etree._Element, *_: object) -> None:
    for term in filter(None, map(str.strip, text_of(element).split(","))):
        _tag(reader, term, None, None)


def _tag(reader: Members, term: str | None, scheme: str | None, label: str | None) -> None:
    tags = reader.item.setdefault("tags", [])
    tag = {"term": term, "scheme": scheme, "label": label}
    if (term or scheme or label) and tag not in tags:
        tags.append(tag)
    if len(tags) > MOST_LABELS:
        raise OddError


def _enclosure(reader: Members, _: etree._Element, attributes: Attributes, _place: Place) -> None:
    _href(attributes)
    attributes["rel"] = "enclosure"
    reader.item.setdefault("links", []).append(attributes)


def _media_content(reader: Members, element: etree._Element, attributes: Attributes, place: Place) -> None:
    reader.item.setdefault("media_content", []).append(attributes)
    reader.read_all(element, place.deeper())


def _media_group(reader: Members, element: etree._Element, _: Attributes, place: Place) -> None:
    reader.read_all(element, place.deeper())


def _thumbnail(reader: Members, element: etree._Element, attributes: Attributes, _: Place) -> None:
    if address := text_of(element):
        attributes.setdefault("url", address)
    reader.item.setdefault("media_thumbnail", []).append(attributes)


def _source(reader: Members, element: etree._Element, _: Attributes, place: Place) -> None:
    """What a source or a picture says of itself is not the item's; but feedparser minds its title, or that it has none."""
    named = any(name_of(child) == "title" and text_of(child) for child in element)
    reader.title_depth = place.depth + 2 if named else -1


def _feed_summary(reader: Members, element: etree._Element, *_: object) -> None:
    """Two summaries of a feed change how feedparser reads its first item."""
    if reader.has_content:
        raise OddError
    reader.has_content = "summary" in name_of(element)


def _plain(reader: Members, element: etree._Element, attributes: Attributes, place: Place) -> None:
    """A member that feedparser takes for a text only if its element has no attributes."""
    if not attributes:
        reader.store(name_of(element), text_of(element), place)


def _statistics(reader: Members, _: etree._Element, attributes: Attributes, _place: Place) -> None:
    if attributes:
        reader.item["media_statistics"] = attributes


def _language(reader: Members, element: etree._Element, attributes: Attributes, place: Place) -> None:
    if not attributes:
        reader.store("language", text_of(element), place)


def _comments(reader: Members, element: etree._Element, attributes: Attributes, place: Place) -> None:
    if not attributes and (address := text_of(element)):
        reader.store("comments", place.absolute(address), place)


_OF_BOTH: Mapping[str, Handler] = {
    **dict.fromkeys(("title", "dc_title"), _title),
    **dict.fromkeys(("id", "guid"), _id),
    "link": _link,
    "itunes_owner": _owner,
    **dict.fromkeys(("author", "managingeditor", "dc_author", "dc_creator", "itunes_author"), _author),
}
OF_FEED: Mapping[str, Handler] = {
    **_OF_BOTH,
    **dict.fromkeys(("image", "textinput"), _source),
    **dict.fromkeys(("language", "dc_language"), _language),
    **dict.fromkeys(("description", "dc_description", "itunes_summary", "summary"), _feed_summary),
    **dict.fromkeys(("ttl", "sy_updateperiod", "sy_updatefrequency"), _plain),
}
OF_ITEM: Mapping[str, Handler] = {
    **_OF_BOTH,
    "media_title": _media_title,
    **dict.fromkeys(("description", "dc_description", "media_description"), _description),
    **dict.fromkeys(("summary", "itunes_summary"), _summary),
    "content": _content,
    "content_encoded": _encoded,
    **dict.fromkeys(("published", "issued", "pubdate", "dcterms_issued"), _published),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"), _updated),
    **dict.fromkeys(("category", "keywords", "dc_subject"), _category),
    "media_category": _media_category,
    "itunes_category": _itunes_category,
    "itunes_keywords": _itunes_keywords,
    "media_keywords": _media_keywords,
    "enclosure": _enclosure,
    "media_content": _media_content,
    "media_group": _media_group,
    "media_thumbnail": _thumbnail,
    "media_statistics": _statistics,
    "source": _source,
    "comments": _comments,
    **dict.fromkeys(("yt_videoid", "feedburner_origlink", "thr_total", "slash_comments"), _plain),
}
