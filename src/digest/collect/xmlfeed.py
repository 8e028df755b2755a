"""RSS, RDF and Atom → entries, through feedparser.

feedparser repairs what can be repaired; its own sanitiser is off (it lets scripts through and strips the players
that we need), and so is its way with relative links inside HTML. It is given a stream, never a string or bytes,
which it would try as the name of a file.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import cast
from urllib.parse import urlsplit
from xml.sax import SAXException

from digest.collect import fastfeed
from digest.collect.calendars import Custom, custom_of
from digest.collect.dates import dated, moment
from digest.collect.entries import (
    TAG,
    FeedRead,
    Markup,
    RawEntry,
    entries_of,
    from_either,
    from_text,
    newest,
    to_text,
    unread,
)
from digest.collect.repair import bounded, repaired
from digest.errors import ParseError
from digest.model import Comments, PostKind, SourceFeed, Video
from digest.text.language import normalise, primary
from digest.text.links import absolute, video
from digest.text.videos import youtube

Item = dict[str, object]  # of feedparser, or as it would give it

_MINUTES = {"hourly": 60, "daily": 1_440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
_ADDRESS = re.compile(r"[<(]?[^\s()<>@]+@[^\s()<>@]+[>)]?")
_NOBODY = frozenset({"unknown", "anonymous", "noreply@blogger.com"})
_WHOLE_NUMBER = re.compile(r"\s*+[0-9]{1,9}\s*+")
_HOUR = re.compile(rb"<hour>\s*+([01]?[0-9]|2[0-4])\s*+</hour>")
_HOURS = re.compile(rb"<skipHours>[^<]*+(?:</?hour>[^<]*+){0,100}+</skipHours>")
_KINDS = (
    "https://schemas.google.com/",
    "http://schemas.google.com/",
)  # how Blogger says that a post is a post
_MEDIA_TYPES = ("video/", "application/x-shockwave-flash")
# How Blogger cuts a picture to a square of a few pixels; its server gives any size that an address names.
_CUT = re.compile(r"(?<=[/=])s\d{1,3}-c(?=/[^/]*+$|$)")
_PICTURE_HOSTS = (".googleusercontent.com", ".bp.blogspot.com", ".ggpht.com")
_WIDEST = "s640"  # pixels of the longer side


@dataclass(frozen=True, slots=True)
class _Feed:
    """What an item needs to know of its feed."""

    item: Item
    url: str
    rss: bool
    custom: Custom


def read(body: bytes, url: str, known: Container[str] | None = ()) -> FeedRead:
    """Read an XML feed: as fast as may be where it is plain, else with care.

    Args:
        body: the document.
        url: where it was found; relative links start from it.
        known: hashes of entries that need not be read again; None if nobody wants hashes, which are empty then.

    Raises:
        ParseError: the bytes are no RSS, RDF or Atom, declare entities, or nothing of them can be recovered.
    """
    opened = fastfeed.opened(body, url, known)
    if opened is None:
        return _carefully(body, url, known)
    feed = _Feed(opened.feed, url, opened.rss, _custom(opened.feed, opened.items, body))
    raws = [_raw(item, feed) for item in opened.items]
    return _read(feed, list(zip(opened.hashes, raws, strict=True)), opened.unchanged, body)


def _carefully(body: bytes, url: str, known: Container[str] | None) -> FeedRead:
    parsed = _parsed(bounded(repaired(body, url), url), url)
    broken = isinstance(parsed.get("bozo_exception"), SAXException)
    said, items = _item(parsed, "feed"), _items(parsed, "entries")
    feed = _Feed(said, url, not _str(parsed, "version").startswith("atom"), _custom(said, items, body))
    raws = newest(_kept([_raw(item, feed) for item in items], broken))
    if not raws and (broken or not _str(parsed, "version")):
        why = (
            "its XML is broken and nothing can be recovered"
            if broken
            else "it is neither RSS, Atom nor JSON Feed"
        )
        raise ParseError(f"{url} is not a feed: {why}.")
    found, unchanged = unread(raws, known)
    return _read(feed, found, unchanged, body)


def _read(
    feed: _Feed, found: Sequence[tuple[str, RawEntry]], unchanged: tuple[str, ...], body: bytes
) -> FeedRead:
    said = SourceFeed(
        title=_text(feed.item, "title"),
        url=absolute(_str(feed.item, "link"), feed.url),
        language=primary(_str(feed.item, "language")),
        entries=entries_of([raw for _, raw in found]),
        next_url=next((absolute(_str(link, "href"), feed.url) for link in _older(feed.item)), ""),
        ttl_minutes=_ttl(feed.item),
        author=next(iter(_authors(feed.item)), ""),
        skip_hours=_skip_hours(body),
    )
    return FeedRead(said, tuple(hashed for hashed, _ in found), unchanged)


def _kept(raws: list[RawEntry], broken: bool) -> list[RawEntry]:
    """All; of a broken document what was certainly an item: it has an id or link, and a title or, as a note, a text.

    Where there is no such item in it, what has any of these.
    """
    if not broken:
        return raws
    certain = [raw for raw in raws if (raw.id or raw.url) and (raw.title or raw.body.html)]
    return certain or [raw for raw in raws if raw.id or raw.url or raw.title]


def _parsed(body: bytes, url: str) -> Item:
    import feedparser  # 0.1 s: only for who parses

    headers = {"content-location": url, "content-type": "application/xml"}
    try:
        parsed = feedparser.parse(
            BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # feedparser raises whatever its input makes Python raise
        raise ParseError(
            f"{url} is not a feed: it cannot be read ({type(error).__name__}: {error})."
        ) from error
    return cast(Item, parsed)


# ── feedparser's dictionaries ────────────────────────────────────────────────────────────────────


def _str(item: Item, name: str) -> str:
    """A member that is a text. Never feedparser's own ``get``, which answers with other members and warnings."""
    value = dict.get(item, name)
    return value if isinstance(value, str) else ""


def _item(item: Item, name: str) -> Item:
    value = dict.get(item, name)
    return value if isinstance(value, dict) else {}


def _items(item: Item, name: str) -> list[Item]:
    value = dict.get(item, name)
    return (
        [member for member in value if isinstance(member, dict)] if value and isinstance(value, list) else []
    )


def _links(item: Item, rel: str) -> list[Item]:
    return [link for link in _items(item, "links") if _str(link, "rel") == rel and _str(link, "href")]


def _older(feed: Item) -> list[Item]:
    """Links to an older page: of a paged feed, else of an archived one (RFC 5005 §3 and §4)."""
    return [*_links(feed, "next"), *_links(feed, "prev-archive")]


def _text(item: Item, name: str) -> str:
    """A text construct as text: Atom's ``text`` is literal, everything else is HTML that was escaped once."""
    detail, value = _item(item, f"{name}_detail"), _str(item, name)
    literal = _str(detail, "type") == "text/plain" and _str(detail, "value") == value
    return normalise(value) if literal else to_text(value)


def _count(text: str) -> int | None:
    return int(text) if text and _WHOLE_NUMBER.fullmatch(text) else None


# ── one item ─────────────────────────────────────────────────────────────────────────────────────


def _raw(item: Item, feed: _Feed) -> RawEntry:
    url = _url(item, feed)
    body, summary = _markup(item, feed)
    authors = _authors(item) or _authors(feed.item)
    own = _own_video(item, url)
    if own:
        own = replace(own, channel=authors[0] if authors else _text(feed.item, "title"))
    published, updated = _moment(item, "published", feed.custom), _moment(item, "updated", feed.custom)
    return RawEntry(
        id=_str(item, "id"),
        url=url,
        title=_text(item, "title"),
        authors=authors,
        published=published or updated,
        updated=updated,
        labels=tuple(_labels(item)),
        language=_language(item) or _str(feed.item, "language"),
        body=body,
        summary=summary,
        videos=(own,) if own else (),
        comments=_comments(item, feed.url),
        kind=PostKind.VIDEO if own and _is_video(item, feed, url, body) else PostKind.ARTICLE,
        views=_count(_str(_item(item, "media_statistics"), "views")),
    )


def _url(item: Item, feed: _Feed) -> str:
    """The item's page: FeedBurner's original before its redirect, HTML before anything else."""
    pages = sorted(_links(item, "alternate"), key=lambda link: "html" not in _str(link, "type"))
    found = (_str(item, "feedburner_origlink"), *(_str(link, "href") for link in pages), _str(item, "link"))
    return next((url for address in found if address and (url := absolute(address, feed.url))), "")


def _custom(feed: Item, items: Sequence[Item], body: bytes) -> Custom:
    said = (_str(item, name) for item in items for name in ("published", "updated"))
    return custom_of(_str(feed, "language"), [date for date in said if date and not dated(date)], body)


def _moment(item: Item, name: str, custom: Custom) -> datetime | None:
    parsed = dict.get(item, f"{name}_parsed")
    said = _str(item, name)
    return moment(said, parsed if isinstance(parsed, tuple) else (), custom) if said else None


def _authors(item: Item) -> tuple[str, ...]:
    """The names of people; where one is given with a mail address, feedparser may cut it in the wrong place."""
    people = [_str(person, "name") for person in _items(item, "authors")]
    said = _str(item, "author")
    if len(people) == 1 and "@" in said:  # address (Name), Name <address>, Name (address), address
        people = [_ADDRESS.sub("", said).strip(" ()")]
    names = map(normalise, people)
    return tuple(name for name in names if name and name.lower() not in _NOBODY)


def _labels(item: Item) -> Iterator[str]:
    for tag in _items(item, "tags"):
        term, label = _str(tag, "term"), _str(tag, "label")
        if not (_str(tag, "scheme").startswith(_KINDS) or term.startswith(_KINDS)):
            yield to_text(label or term)


def _language(item: Item) -> str:
    details = [*_items(item, "content"), _item(item, "title_detail"), _item(item, "summary_detail")]
    return next((language for detail in details if (language := _str(detail, "language"))), "")


# ── what it says ─────────────────────────────────────────────────────────────────────────────────


def _markup(item: Item, feed: _Feed) -> tuple[Markup, str]:
    """The item's text and its summary: Atom's content before its summary, of RSS whatever is longer."""
    summary = Markup(_summary_source(item), _str(_item(item, "summary_detail"), "base") or feed.url)
    contents = [found for detail in _items(item, "content") if (found := _content(detail, feed)).html.strip()]
    body = max(contents, key=lambda content: len(content.html), default=Markup())
    if not body.html or (feed.rss and len(body.html) < len(summary.html)):
        return summary, ""
    return body, "" if summary.html == body.html else summary.html  # feedparser copies what has no summary


def _content(detail: Item, feed: _Feed) -> Markup:
    kind, value = _str(detail, "type").lower(), _str(detail, "value")
    if kind == "text/plain":
        value = from_text(value)
    elif "xhtml" in kind:
        value = value.replace("<br></br>", "<br>")  # to an HTML parser these are two
    elif kind and "html" not in kind:
        value = ""
    else:
        value = from_either(value)
    return Markup(value, _str(detail, "base") or feed.url)


def _summary_source(item: Item) -> str:
    """HTML of the summary; ``media:description`` is plain text (Media RSS 1.5.1), and feedparser does not say so."""
    value, detail = _str(item, "summary"), _item(item, "summary_detail")
    literal = _str(detail, "type") == "text/plain" and _str(detail, "value") == value
    described = bool(_str(item, "yt_videoid") or _items(item, "media_content")) and not TAG.search(value)
    return from_text(value) if literal or described else from_either(value)


def _comments(item: Item, feed_url: str) -> Comments | None:
    """RFC 4685 or the slash module; without a count there is nothing to say."""
    replies = sorted(_links(item, "replies"), key=lambda link: "html" not in _str(link, "type"))
    said = (_str(item, "thr_total"), _str(item, "slash_comments"), *(_str(link, "count") for link in replies))
    count = next((count for text in said if (count := _count(text)) is not None), None)
    if count is None:
        return None
    pages = [_str(link, "href") for link in replies if "html" in _str(link, "type")]
    url = next((url for page in (*pages, _str(item, "comments")) if (url := absolute(page, feed_url))), "")
    return Comments(count, url)


# ── what it shows ────────────────────────────────────────────────────────────────────────────────


def _own_video(item: Item, url: str) -> Video | None:
    """The video that the item is or carries: by id, by its page, or by its media."""
    own = _by_id(item) or video(url) or next(filter(None, map(video, _media(item))), None)
    if own is None:
        return None
    pictures = (_whole(absolute(_str(picture, "url"))) for picture in _items(item, "media_thumbnail"))
    thumbnail = next(filter(None, pictures), own.thumbnail)
    return replace(own, title=_text(item, "title"), thumbnail=thumbnail)


def _whole(picture: str) -> str:
    """The address of the whole picture that a small square was cut from, where its host is known to have it."""
    return (
        _CUT.sub(_WIDEST, picture) if (urlsplit(picture).hostname or "").endswith(_PICTURE_HOSTS) else picture
    )


def _by_id(item: Item) -> Video | None:
    id = _str(item, "yt_videoid").strip()
    return video(youtube(id).url) if id else None


def _media(item: Item) -> Iterator[str]:
    """Addresses of video files and players: media:content and enclosures."""
    for media in _items(item, "media_content"):
        if _str(media, "medium") == "video" or _str(media, "type").startswith(_MEDIA_TYPES):
            yield _str(media, "url")
    for enclosure in _links(item, "enclosure"):
        if _str(enclosure, "type").startswith(_MEDIA_TYPES):
            yield _str(enclosure, "href")


def _is_video(item: Item, feed: _Feed, url: str, body: Markup) -> bool:
    """Whether the item is its video: of YouTube, of a feed of the site that plays it, or nothing else is in it."""
    if _str(item, "yt_videoid") or not body.html.strip():
        return True
    return video(url) is not None and _site(url) in {_site(feed.url), _site(_str(feed.item, "link"))}


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _ttl(feed: Item) -> int | None:
    """How long the feed asks to be left alone: RSS ``ttl``, else the syndication module."""
    if ttl := _count(_str(feed, "ttl")):
        return ttl
    period = _MINUTES.get(_str(feed, "sy_updateperiod").strip().lower())
    return max(1, period // (_count(_str(feed, "sy_updatefrequency")) or 1)) if period else None


def _skip_hours(body: bytes) -> tuple[int, ...]:
    """RSS ``skipHours`` (0 to 23, and 24 for midnight as some have it); feedparser keeps the last hour alone."""
    found = _HOURS.search(body)
    return tuple(sorted({int(hour) % 24 for hour in _HOUR.findall(found.group())})) if found else ()
