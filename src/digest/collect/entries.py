"""What every format's adapter gives, and how it becomes an ``Entry``: the edge where untrusted markup ends."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from html import escape, unescape

from digest.model import Comments, Entry, PostKind, SourceFeed, Video
from digest.text.html import safe
from digest.text.language import clean, detect, normalise, shorten
from digest.text.links import video
from digest.text.videos import key

_LONGEST_TITLE = 500
_TELLING_TITLE = 200  # so much of it tells the language, and the text tells more
_LONGEST_SUMMARY = 5_000
_LONGEST_ENDING = 200  # of what a blog system puts behind an excerpt: "[…] Continue reading TITLE"
_LONGEST_NAME = 200
_LONGEST_ID = 2_000
MOST_ENTRIES = 1_000
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_MOST_LABELS = 100
_MOST_AUTHORS = 50
_MOST_VIDEOS = 200

TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]*>|!--)")
_ESCAPED_START = re.compile(r"\s*&lt;(?:p|div|span|h[1-6]|ul|ol|table|blockquote|img|a|b|i|strong|em|br)\b")
_ESCAPED_END = re.compile(r"&lt;/(?:p|div|span|h[1-6]|ul|ol|table|blockquote|a|b|i|strong|em)&gt;")
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
    views: int | None = None


@dataclass(frozen=True, slots=True)
class FeedRead:
    """What was read of a feed: its entries that are new, and the hashes by which they will be known."""

    feed: SourceFeed  # ``entries`` are the new ones only
    hashes: tuple[str, ...]  # one for each of ``feed.entries``
    unchanged: tuple[str, ...] = ()  # the hashes of those that were known by them, in document order


def raw_hash(raw: RawEntry) -> str:
    """By what an item is known again before it is sanitised and read."""
    return blake2b(repr(raw).encode("utf-8", "replace"), digest_size=16).hexdigest()


def entries_of(raws: Sequence[RawEntry]) -> tuple[Entry, ...]:
    """The items of one feed as entries; where it does not say its language, all titles together do."""
    silent = [raw.title for raw in raws if not raw.language]
    usual = detect("\n".join(silent)) if silent else ""
    return tuple(entry(raw, usual) for raw in raws)


def entry(raw: RawEntry, usual: str = "") -> Entry:
    """The item with its HTML sanitised, its text read, its language known and its videos found.

    ``usual`` is the language of most entries of its feed, or "".
    """
    found = safe(_once(raw.body.html), raw.body.base)
    title = normalise(raw.title)[:_LONGEST_TITLE]
    return Entry(
        id=clean(raw.id).strip()[:_LONGEST_ID] or raw.url or content_hash(title, found.text),
        url=raw.url,
        title=title,
        authors=_distinct(raw.authors, _MOST_AUTHORS),
        published=raw.published,
        updated=raw.updated,
        labels=_distinct(raw.labels, _MOST_LABELS),
        language=detect(f"{title[:_TELLING_TITLE]}\n{found.text}", raw.language, usual),
        html=found.html,
        text=found.text,
        summary=_summary(raw.summary, found.text),
        videos=distinct_videos([*raw.videos, *_players(found.wordless)]),
        comments=raw.comments,
        kind=raw.kind,
        views=raw.views,
    )


def content_hash(title: str, text: str) -> str:
    """An identity for an item that has neither id nor link."""
    return "sha256:" + sha256(f"{normalise(title)}\n{normalise(text)}".encode()).hexdigest()


def _players(wordless: Iterable[tuple[str, str]]) -> Iterator[Video]:
    return (found for address, title in wordless if (found := video(address, title)))


def distinct_videos(videos: Iterable[Video]) -> tuple[Video, ...]:
    """Each video once, in order; a later mention fills in what an earlier one does not say."""
    known: dict[tuple[str, str], Video] = {}
    for found in videos:
        first = known.setdefault(key(found), found)
        known[key(found)] = replace(
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
    said = to_text(_once(summary)) if summary else ""
    if not said:
        return ""
    dots = max(said.rfind("…"), said.rfind("..."))
    start = said[:dots].rstrip(" [(") if dots >= max(0, len(said) - _LONGEST_ENDING) else said
    return (
        ""
        if normalise(text[: 2 * len(start) + _LONGEST_ENDING]).startswith(start)
        else shorten(said, _LONGEST_SUMMARY)
    )


def unread(
    raws: Iterable[RawEntry], known: Container[str] | None
) -> tuple[list[tuple[str, RawEntry]], tuple[str, ...]]:
    """Those that are not known by their hash, each with it; and the hashes of the others. With None, all, unhashed."""
    if known is None:
        return [("", raw) for raw in raws], ()
    hashed = [(raw_hash(raw), raw) for raw in raws]
    return [each for each in hashed if each[0] not in known], tuple(
        said for said, _ in hashed if said in known
    )


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
    return normalise(safe(html).text if "<" in html or "&" in html else html)


def from_text(text: str) -> str:
    """Plain text as HTML: blank lines part paragraphs, other line breaks stay."""
    paragraphs = _BLANK_LINE.split(text.replace("\r\n", "\n").strip())
    return "".join(
        f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in paragraphs if part
    )


def from_either(source: str) -> str:
    """HTML as it is; what has no tag but line breaks is text that somebody forgot to mark up."""
    return source if TAG.search(source) or "\n" not in source.strip() else from_text(unescape(source))
