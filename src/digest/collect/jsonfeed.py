"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/) → entries."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping

from digest.collect.calendars import Custom
from digest.collect.dates import moment
from digest.collect.entries import (
    FeedRead,
    Markup,
    RawEntry,
    entries_of,
    from_text,
    newest,
    unread,
)
from digest.errors import ParseError
from digest.model import SourceFeed, Video
from digest.text.language import normalise, primary
from digest.text.links import absolute, video


def read(body: bytes, url: str, known: Container[str] | None = ()) -> FeedRead:
    """Read a JSON Feed; entries whose hash is in ``known`` are not read again; with None, nothing is hashed.

    Raises:
        ParseError: the bytes are no JSON Feed.
    """
    feed = _Item(_load(body, url))
    if "jsonfeed.org/version/" not in feed.text("version") or not isinstance(feed.data.get("items"), list):
        raise ParseError(
            f"{url} is not a feed: it is JSON, but names no version of JSON Feed or has no items."
        )
    raws = newest([_raw(item, feed, url) for item in feed.items("items")])
    found, unchanged = unread(raws, known)
    said = SourceFeed(
        title=normalise(feed.text("title")),
        url=absolute(feed.text("home_page_url"), url),
        language=primary(feed.text("language")),
        entries=entries_of([raw for _, raw in found]),
        next_url=absolute(feed.text("next_url"), url),
        author=next(iter(feed.authors), ""),
    )
    return FeedRead(said, tuple(hashed for hashed, _ in found), unchanged)


def _load(body: bytes, url: str) -> Mapping[str, object]:
    try:
        data = json.loads(body.lstrip(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise ParseError(f"{url} is not a feed: it begins like JSON and is not ({error}).") from error
    if not isinstance(data, dict):
        raise ParseError(f"{url} is not a feed: it is JSON, but no object.")
    return data


class _Item:
    """A JSON object whose members may be of any kind."""

    def __init__(self, data: Mapping[str, object]) -> None:
        self.data = data

    def text(self, *names: str) -> str:
        """The first of these members that is a text or a number (ids are, in the wild), or ``""``."""
        found = (self.data.get(name) for name in names)
        kinds = (
            str(value)
            for value in found
            if isinstance(value, str | int | float) and not isinstance(value, bool)
        )
        return next((value for value in kinds if value), "")

    def items(self, name: str) -> list[_Item]:
        value = self.data.get(name)
        return [_Item(item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []

    @property
    def authors(self) -> tuple[str, ...]:
        """Names by 1.1 (``authors``) or 1.0 (``author``)."""
        single = self.data.get("author")
        people = self.items("authors") or ([_Item(single)] if isinstance(single, dict) else [])
        return tuple(name for person in people if (name := person.text("name")))

    @property
    def tags(self) -> tuple[str, ...]:
        value = self.data.get("tags")
        return tuple(tag for tag in value if isinstance(tag, str)) if isinstance(value, list) else ()


def _raw(item: _Item, feed: _Item, feed_url: str) -> RawEntry:
    url = absolute(item.text("url", "external_url") or _page(item.text("id")), feed_url)
    base = url or feed_url
    language = item.text("language") or feed.text("language")
    published, updated = (
        moment(item.text(name), (), Custom(language)) for name in ("date_published", "date_modified")
    )
    return RawEntry(
        id=item.text("id"),
        url=url,
        title=item.text("title"),
        authors=item.authors or feed.authors,
        published=published or updated,
        updated=updated,
        labels=item.tags,
        language=language,
        body=Markup(item.text("content_html") or from_text(item.text("content_text")), base),
        summary=from_text(item.text("summary")),
        videos=tuple(_attached(item, base)),
    )


def _page(id: str) -> str:
    """An id that is an address, which the specification recommends, is that of the post (1.1, Items)."""
    return id if id.startswith(("https://", "http://")) else ""


def _attached(item: _Item, base: str) -> Iterator[Video]:
    for attachment in item.items("attachments"):
        if attachment.text("mime_type").startswith("video/"):
            found = video(attachment.text("url"), attachment.text("title"), base)
            if found:
                yield found
