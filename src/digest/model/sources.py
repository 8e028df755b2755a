"""What sources give: entries as their feeds have them, and posts as they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PostKind(StrEnum):
    """What a post is: something to read or something to watch."""

    ARTICLE = "article"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Video:
    """One video on one platform, however its address was spelled."""

    platform: str  # "youtube", "vimeo", "peertube", "dailymotion", "facebook", "blogger", "file"
    id: str  # the platform's own id
    url: str  # the page to watch it on
    title: str = ""
    channel: str = ""
    thumbnail: str = ""  # the platform's address of a still picture, or ""


@dataclass(frozen=True, slots=True)
class Link:
    """A title and where it leads; ``url`` may be empty where a post names something without a link."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Comments:
    """How many comments a post has (RFC 4685 thr:total, slash:comments) and where they are."""

    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as a feed gave it, cleaned: the boundary between untrusted bytes and our values.

    ``html`` is sanitised with absolute links; ``text`` is its plain text (``text.html.document``), into
    which every offset of a quote points, in Unicode code points.
    """

    id: str  # the feed's id or guid, else its link, else a hash of title and text
    url: str
    title: str
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    labels: tuple[str, ...] = ()
    language: str = ""  # BCP 47 primary tag, or ""
    html: str = ""
    text: str = ""
    summary: str = ""  # the feed's own summary as plain text, or ""
    videos: tuple[Video, ...] = ()  # the entry's own video (media:group) first, then embedded players
    comments: Comments | None = None
    kind: PostKind = PostKind.ARTICLE
    views: int | None = None  # how often its video was watched, where the feed says


@dataclass(frozen=True, slots=True)
class SourceFeed:
    """A parsed feed of a source: what it says of itself, and its entries in document order."""

    title: str
    url: str  # the site's page, or ""
    language: str
    entries: tuple[Entry, ...]
    next_url: str = ""  # an older page (rel=next), or ""
    ttl_minutes: int | None = None  # what the feed asks for (RSS ttl, sy:updatePeriod), or None
    author: str = ""
    skip_hours: tuple[int, ...] = ()  # RSS skipHours: hours of the day in UTC not to poll in


class SourceOwner(StrEnum):
    """Who may change a source, theme or rule: the file wins over commands on the same URL or slug."""

    FILE = "file"
    COMMAND = "command"


class FullText(StrEnum):
    """Whether the pages of a source's posts are fetched for their text."""

    AUTO = "auto"  # where its feed gives only a stub
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Source:
    """A feed or video channel that we poll, with what we remember of polling it."""

    slug: str
    url: str
    title: str = ""
    own: bool = False  # a post of ours, or of others
    weight: float = 1.0
    owner: SourceOwner = SourceOwner.FILE
    retired: bool = False  # removed from the file or by command; its posts are kept
    site_url: str = ""
    language: str = ""
    kind: PostKind = PostKind.ARTICLE  # VIDEO once its feed was seen to be a channel
    added_at: datetime | None = None
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""  # SHA-256 of the last body that was parsed
    first_collected_at: datetime | None = None
    last_polled_at: datetime | None = None
    last_good_at: datetime | None = None
    next_poll_at: datetime | None = None
    failures: int = 0  # in a row
    status: str = ""  # one sentence on the last poll
    shorts: bool = True  # YouTube shorts are taken
    live: bool = True  # streams and their recordings are taken
    premieres: bool = True  # a video that is announced and cannot be watched yet is taken at once
    quotes: int | None = None  # quotes under each of its posts; None: as the digest says
    excerpt_words: int | None = None  # words of excerpt; None: the house's length
    fulltext: FullText = FullText.AUTO
    labels: tuple[str, ...] = ()  # an editor's own, with "/" between a folder and what is in it
    old_url: str = ""  # the address that an editor gave, where the source has moved since by itself
    moved_to: str = ""  # where it redirects for good, as it says; not adopted yet
    moved_since: datetime | None = None
    moved_times: int = 0  # so often in a row
    ttl_minutes: int | None = None  # what its feed asks for
    skip_hours: tuple[int, ...] = ()  # of the day in UTC, in which its feed asks not to be polled
    pace_minutes: int | None = None  # the usual time between two of its posts, once it is known
    newest_at: datetime | None = None  # when its newest post was published


@dataclass(frozen=True, slots=True)
class Post:
    """One thing that a source published, as of its newest revision."""

    key: str  # permanent: given when it was first seen, whatever happens to guid or address later
    source: str  # slug
    kind: PostKind
    guid: str
    url: str
    title: str
    first_seen: datetime
    published: datetime  # clamped to first_seen where the feed gave none or a date in the future
    updated: datetime | None = None
    revision: int = 1
    authors: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    language: str = ""
    html: str = ""
    text: str = ""
    summary: str = ""
    videos: tuple[Video, ...] = ()
    comments: Comments | None = None
    held: str = ""  # why this post is back-fill and in no issue, or ""
