"""A feed document as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json

from digest.publish.feeds.entries import FeedDocument, FeedEntry
from digest.text.times import rfc3339

VERSION = "https://jsonfeed.org/version/1.1"

Json = str | int | None | list["Json"] | dict[str, "Json"]


def write(document: FeedDocument, url: str) -> bytes:
    """The document's bytes, to stand at ``url``; the same document gives the same bytes. What is not known is left out."""
    feed: dict[str, Json] = {
        "version": VERSION,
        "title": document.title,
        "home_page_url": document.link("alternate"),
        "feed_url": url,
        "description": document.subtitle,
        "authors": [{"name": document.author, "url": document.author_url}],
        "language": document.language,
        "hubs": [{"type": "WebSub", "url": link.href} for link in document.links if link.rel == "hub"],
    }
    # An empty list of items is something to say; other empty fields are not.
    known = {**_known(feed), "items": [_item(entry) for entry in document.entries]}
    return (json.dumps(known, ensure_ascii=False, indent=1) + "\n").encode()


def _item(entry: FeedEntry) -> Json:
    related = next((link.href for link in entry.links if link.rel == "via"), "")
    return _known(
        {
            "id": entry.id,
            "url": entry.links[0].href,
            "external_url": related,
            "title": entry.title,
            "content_html": entry.html or f"<p>{entry.links[0].title}</p>",
            "summary": entry.summary,
            "image": entry.thumbnail.url if entry.thumbnail else "",
            "date_published": rfc3339(entry.published),
            "date_modified": rfc3339(entry.updated),
            "authors": [{"name": entry.author}],
            "tags": [category.label for category in entry.categories],
            "language": entry.language,
            "attachments": [
                {"url": link.href, "mime_type": link.type} for link in entry.links if link.rel == "enclosure"
            ],
        }
    )


def _known(fields: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in fields.items() if value}
