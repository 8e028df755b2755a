"""What every format's adapter gives, and how it becomes an ``Entry``: the edge where untrusted markup ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import escape, unescape
from typing import cast

from digest.model import Comments, Entry, PostKind, Video
from digest.text.html import Anchor, document, plain, sanitise
from digest.text.language import clean, detect, normalise, shorten
from digest.text.links import video

_Moment = tuple[int, int, int, int, int, int]
_YEARS = range(1990, 2101)
_LONGEST_TITLE = 500
_LONGEST_SUMMARY = 5_000
_LONGEST_ENDING = 200  # of what a blog system puts behind an excerpt: "[…] Continue reading TITLE"
_LONGEST_NAME = 200
_LONGEST_ID = 2_000
MOST_ENTRIES = 1_000
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_MOST_LABELS = 100
_MOST_AUTHORS = 50
_MOST_VIDEOS = 200

TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_ESCAPED_START = re.compile(r"\s*&lt;(?:p|div|span|h[1-6]|ul|ol|table|blockquote|img|a|b|i|strong|em|br)\b")
_ESCAPED_END = re.compile(r"&lt;/(?:p|div|span|h[1-6]|ul|ol|table|blockquote|a|b|i|strong|em)&gt;")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class Markup:
    """A piece of untrusted HTML, and the address that its relative links start from."""

    html: str = ""
    base: str = ""


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One item as an adapter read it: texts are text already, markup is untrusted still."""

    id: str = ""
    url: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    labels: tuple[str, ...] = ()
    language: str = ""  # what the feed says
    body: Markup = Markup()
    summary: str = ""  # HTML
    videos: tuple[Video, ...] = ()  # that the item names as its own media
    comments: Comments | None = None
    kind: PostKind = PostKind.ARTICLE


def entry(raw: RawEntry) -> Entry:
    """The item with its HTML sanitised, its text read, its language known and its videos found."""
    html = sanitise(_once(raw.body.html), raw.body.base)
    found = document(html)
    title = normalise(raw.title)[:_LONGEST_TITLE]
    return Entry(
        id=clean(raw.id).strip()[:_LONGEST_ID] or raw.url or content_hash(title, found.text),
        url=raw.url,
        title=title,
        authors=_distinct(raw.authors, _MOST_AUTHORS),
        published=raw.published,
        updated=raw.updated,
        labels=_distinct(raw.labels, _MOST_LABELS),
        language=detect(f"{title}\n{found.text}", raw.language),
        html=html,
        text=found.text,
        summary=_summary(raw.summary, found.text),
        videos=distinct_videos([*raw.videos, *embedded(found.anchors)]),
        comments=raw.comments,
        kind=raw.kind,
    )


def content_hash(title: str, text: str) -> str:
    """An identity for an item that has neither id nor link."""
    return "sha256:" + sha256(f"{normalise(title)}\n{normalise(text)}".encode()).hexdigest()


def embedded(anchors: Iterable[Anchor]) -> list[Video]:
    """The videos of players (and of linked pictures of videos), in order."""
    players = (anchor for anchor in anchors if anchor.start == anchor.end)
    return [found for anchor in players if (found := video(anchor.url, anchor.title))]


def distinct_videos(videos: Iterable[Video]) -> tuple[Video, ...]:
    """Each video once, in order; a later mention fills in what an earlier one does not say."""
    known: dict[tuple[str, str], Video] = {}
    for found in videos:
        first = known.setdefault((found.platform, found.id), found)
        known[found.platform, found.id] = replace(
            first,
            title=first.title or found.title,
            channel=first.channel or found.channel,
            thumbnail=first.thumbnail or found.thumbnail,
        )
    return tuple(known.values())[:_MOST_VIDEOS]


def _distinct(texts: Iterable[str], most: int) -> tuple[str, ...]:
    cleaned = (normalise(text)[:_LONGEST_NAME] for text in texts)
    return tuple(dict.fromkeys(text for text in cleaned if text))[:most]


def _summary(summary: str, text: str) -> str:
    """The feed's own summary, or "" where it is the text itself or its beginning, cut off."""
    said = to_text(_once(summary))
    dots = max(said.rfind("…"), said.rfind("..."))
    start = said[:dots].rstrip(" [(") if dots >= len(said) - _LONGEST_ENDING else said
    return "" if normalise(text).startswith(start) else shorten(said, _LONGEST_SUMMARY)


def newest(raws: Sequence[RawEntry]) -> tuple[RawEntry, ...]:
    """At most 1,000 of them, in document order; those without a date are taken for old."""
    if len(raws) <= MOST_ENTRIES:
        return tuple(raws)
    order = sorted(range(len(raws)), key=lambda at: raws[at].published or _LONG_AGO, reverse=True)
    return tuple(raws[at] for at in sorted(order[:MOST_ENTRIES]))


# ── markup and text ──────────────────────────────────────────────────────────────────────────────


def _once(html: str) -> str:
    """HTML that was escaped twice, unescaped once: it has no tag, but shows the source of some."""
    escaped = not TAG.search(html) and (_ESCAPED_START.match(html) or len(_ESCAPED_END.findall(html)) > 1)
    return unescape(html) if escaped else html


def to_text(html: str) -> str:
    """A piece of HTML, such as a title, as one line of text."""
    return normalise(plain(sanitise(html)) if "<" in html or "&" in html else html)


def from_text(text: str) -> str:
    """Plain text as HTML: blank lines part paragraphs, other line breaks stay."""
    paragraphs = _BLANK_LINE.split(text.replace("\r\n", "\n").strip())
    return "".join(
        f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in paragraphs if part
    )


def from_either(source: str) -> str:
    """HTML as it is; what has no tag but line breaks is text that somebody forgot to mark up."""
    return source if TAG.search(source) or "\n" not in source.strip() else from_text(unescape(source))


# ── dates ────────────────────────────────────────────────────────────────────────────────────────


def moment(raw: str, parsed: Sequence[int]) -> datetime | None:
    """A date in UTC, or None for nonsense.

    Args:
        raw: as the feed writes it.
        parsed: year, month, day, hour, minute, second in UTC as feedparser read them, or nothing.

    feedparser reads ``1700000000`` as 1699 and ``2026-13-01`` as 2027: an ISO date has to be one, and the year
    has to stand in the text (give or take the day that a time zone may shift it).
    """
    raw = raw.strip()
    if read := moment_of(raw):
        return read
    if len(parsed) < 6 or parsed[0] not in _YEARS or (_ISO_DATE.match(raw) and not moment_of(raw[:10])):
        return None
    try:
        read = datetime(*cast(_Moment, tuple(parsed[:6])), tzinfo=UTC)
    except ValueError:  # a leap second
        return None
    years = {(read + timedelta(days=shift)).year for shift in (-1, 0, 1)}
    return (
        read if any(re.search(rf"(?<!\d)(?:{year}|{year % 100:02})(?!\d)", raw) for year in years) else None
    )


def moment_of(raw: str) -> datetime | None:
    """An RFC 3339 or ISO 8601 date in UTC (no zone is UTC), to the second, or None for nonsense."""
    try:
        read = datetime.fromisoformat(raw.strip())
        read = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return read.replace(microsecond=0) if read.year in _YEARS else None
