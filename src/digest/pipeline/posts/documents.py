"""The reading of one document from outside: `digest parse` and `digest extract`. Neither follows a link."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from digest.collect.identity import identified
from digest.collect.page import is_page, read_page
from digest.collect.pagewords import PageWords
from digest.collect.parse import parse_feed
from digest.errors import FetchError
from digest.model import Comments, Entry, Quote, Reading, Video
from digest.net.http import MAX_BYTES, Fetcher
from digest.text.times import rfc3339

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


def load(place: str, url: str, fetcher: Fetcher) -> tuple[bytes, str]:
    """The bytes of a file, or of an http(s) address, and the address that its links are relative to.

    Raises:
        FetchError: there is no such file, it is too large, or the address cannot be fetched.
    """
    if place.startswith(("http://", "https://")):
        answer = fetcher.get(place)
        if answer.status != 200:
            raise FetchError(
                f"{place} answered {answer.status}; give an address that answers with a document."
            )
        return answer.body, url or answer.url
    return _file(Path(place)), url


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FetchError(
            f"{path} cannot be read: {error.strerror}. Give a file or an http(s) address."
        ) from error
    if len(body) > MAX_BYTES:
        raise FetchError(
            f"{path} is larger than {MAX_BYTES // 1024 // 1024} MB, which is no feed and no page."
        )
    return body


def entries(body: bytes, url: str, words: PageWords) -> tuple[Entry, ...]:
    """The entries of a feed, or the one entry that an HTML page is; one that stands there twice is given once.

    ``words`` are those by which parts of a page are known.

    Raises:
        ParseError: it is neither.
    """
    if is_page(body):
        return (read_page(body, url, words),)
    return tuple(entry for _, entry in identified(parse_feed(body, url).entries))


def entry_data(entry: Entry) -> Mapping[str, Json]:
    """An entry as a line of ``digest parse``; docs/formats.md describes it."""
    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "authors": list(entry.authors),
        "published": rfc3339(entry.published),
        "updated": rfc3339(entry.updated),
        "labels": list(entry.labels),
        "language": entry.language,
        "html": entry.html,
        "text": entry.text,
        "videos": [_video(video) for video in entry.videos],
        "comments": _comments(entry.comments),
        "summary": entry.summary,
        "kind": entry.kind.value,
    }


def reading_data(entry: Entry, reading: Reading) -> Mapping[str, Json]:
    """A post as a line of ``digest extract``; docs/formats.md describes it."""
    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "language": entry.language,
        "text": entry.text,
        "summary": reading.summary,
        "themes": [
            {"title": theme.title, "description": theme.description, "origin": theme.origin.value}
            for theme in reading.themes
        ],
        "quotes": [quote_data(quote) for quote in reading.quotes],
        "related_posts": [{"title": link.title, "url": link.url} for link in reading.related_posts],
        "related_videos": [
            {"title": video.title, "url": video.url, "platform": video.platform, "id": video.id}
            for video in reading.related_videos
        ],
        "embedded_videos": [
            {"platform": video.platform, "id": video.id, "url": video.url}
            for video in reading.embedded_videos
        ],
    }


def quote_data(quote: Quote) -> dict[str, Json]:
    """A quote in a line of ``digest extract``."""
    return {
        "text": quote.text,
        "speaker": quote.speaker,
        "topics": list(quote.topics),
        "spans": [[start, end] for start, end in quote.spans],
        "start": quote.start,
        "end": quote.end,
        "origin": quote.origin.value,
        "confidence": quote.confidence,
        "key": quote.key,
        "link": quote.link,
    }


def _video(video: Video) -> Json:
    return {
        "platform": video.platform,
        "id": video.id,
        "url": video.url,
        "title": video.title,
        "channel": video.channel,
        "thumbnail": video.thumbnail,
    }


def _comments(comments: Comments | None) -> Json:
    return {"count": comments.count, "url": comments.url} if comments else None
