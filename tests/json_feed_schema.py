"""What JSON Feed 1.1 asks of a document, as findings in words; written from https://www.jsonfeed.org/version/1.1/."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

_FEED = {
    "version": str,
    "title": str,
    "home_page_url": str,
    "feed_url": str,
    "description": str,
    "user_comment": str,
    "next_url": str,
    "icon": str,
    "favicon": str,
    "authors": list,
    "language": str,
    "expired": bool,
    "hubs": list,
    "items": list,
}
_ITEM = {
    "id": str,
    "url": str,
    "external_url": str,
    "title": str,
    "content_html": str,
    "content_text": str,
    "summary": str,
    "image": str,
    "banner_image": str,
    "date_published": str,
    "date_modified": str,
    "authors": list,
    "tags": list,
    "language": str,
    "attachments": list,
}


def check(data: bytes) -> list[str]:
    """A sentence for each rule that the document breaks."""
    try:
        feed = json.loads(data.decode("utf-8"))
    except ValueError as error:
        return [f"no JSON in UTF-8: {error}"]
    if not isinstance(feed, dict):
        return ["the feed is no object"]
    findings = list(_feed(feed))
    for item in feed.get("items", []):
        findings += [f"{item.get('id')}: {finding}" for finding in _item(item)]
    return findings


def _feed(feed: dict[str, Any]) -> Iterator[str]:
    yield from _members(feed, _FEED)
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield f"version {feed.get('version')!r}"
    yield from (f"has no {name}" for name in ("title", "items") if name not in feed)
    yield from _addresses(feed, "home_page_url", "feed_url", "next_url", "icon")
    yield from _authors(feed)
    for hub in feed.get("hubs", []):
        if set(hub) != {"type", "url"}:
            yield "a hub without type or url"
    ids = Counter(item.get("id") for item in feed.get("items", []))
    yield from (f"{count} items share the id {name}" for name, count in ids.items() if count > 1)


def _item(item: dict[str, Any]) -> Iterator[str]:
    yield from _members(item, _ITEM)
    if not item.get("id"):
        yield "has no id"
    if not (item.get("content_html") or item.get("content_text")):
        yield "has no content"
    yield from _addresses(item, "url", "external_url", "image", "banner_image")
    yield from _authors(item)
    for name in ("date_published", "date_modified"):
        if name in item and not _is_moment(item[name]):
            yield f"{name} {item[name]!r} is no date of RFC 3339"
    for attachment in item.get("attachments", []):
        if not (attachment.get("url") and attachment.get("mime_type")):
            yield "an attachment without url or mime_type"
    if not all(isinstance(tag, str) and tag for tag in item.get("tags", [])):
        yield "a tag that is no text"


def _members(found: dict[str, Any], known: Mapping[str, type]) -> Iterator[str]:
    for name, value in found.items():
        if name not in known and not name.startswith("_"):
            yield f"has a member {name} that JSON Feed does not know"
        elif name in known and not isinstance(value, known[name]):
            yield f"{name} is no {known[name].__name__}"


def _addresses(found: dict[str, Any], *names: str) -> Iterator[str]:
    for name in names:
        if name in found and urlsplit(str(found[name])).scheme not in ("http", "https"):
            yield f"{name} {found[name]!r} is no absolute address"


def _authors(found: dict[str, Any]) -> Iterator[str]:
    for author in found.get("authors", []):
        if not (author.get("name") or author.get("url") or author.get("avatar")):
            yield "an author of whom nothing is said"


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None and "T" in text
    except ValueError:
        return False
