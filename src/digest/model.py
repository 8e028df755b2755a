"""The vocabulary: what flows through the pipeline, as frozen values.

Four hops, bytes → Post → Issue → Message (docs/architecture.md). Every stage takes and returns these
values; dicts end at the parsers and at the rows of the store. All datetimes are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from digest.errors import NotFoundError

# ── what sources give ────────────────────────────────────────────────────────────────────────────


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


# ── what extraction reads ────────────────────────────────────────────────────────────────────────


class QuoteOrigin(StrEnum):
    """Where a quote was found."""

    LISTED = "listed"  # the post lists it under its key quotes
    PROSE = "prose"
    EDITOR = "editor"


class ThemeOrigin(StrEnum):
    """Where a key theme was found."""

    LISTED = "listed"
    DERIVED = "derived"


SPAN_JOINT = " […] "

Span = tuple[int, int]  # (start, end), code points, end exclusive


@dataclass(frozen=True, slots=True)
class Quote:
    """Words verbatim from one revision of a post.

    ``spans`` are (start, end) offsets into the post's text, in code points, in order; ``text`` is the
    spans, each after ``text.language.normalise``, joined by ``SPAN_JOINT``.
    """

    text: str
    speaker: str  # "" where unknown
    topics: tuple[str, ...]
    spans: tuple[Span, ...]
    origin: QuoteOrigin
    confidence: float  # 0–1: how sure we are of the speaker and that this is a quotation
    link: str  # the post's address with a text fragment (WICG scroll-to-text-fragment)

    @property
    def start(self) -> int:
        """Outer bound, inclusive."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Outer bound, exclusive."""
        return self.spans[-1][1]


@dataclass(frozen=True, slots=True)
class KeyTheme:
    """A subject that a post itself lists under its key themes, or that was derived from it."""

    title: str
    description: str
    origin: ThemeOrigin


@dataclass(frozen=True, slots=True)
class Reading:
    """What extraction read in one post."""

    summary: str = ""
    themes: tuple[KeyTheme, ...] = ()
    quotes: tuple[Quote, ...] = ()
    related_posts: tuple[Link, ...] = ()
    related_videos: tuple[Video, ...] = ()  # platform and id are "" for a link to no known platform
    embedded_videos: tuple[Video, ...] = ()


# ── what editors cover and decide ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Theme:
    """A subject the editors cover."""

    slug: str
    title: str
    terms: tuple[str, ...] = ()
    not_terms: tuple[str, ...] = ()
    terms_by_language: tuple[tuple[str, tuple[str, ...]], ...] = ()  # ("de", ("Wahlen", …)), …
    description: str = ""
    weight: float = 1.0
    owner: SourceOwner = SourceOwner.FILE
    retired: bool = False


class RuleKind(StrEnum):
    """What an editor's standing rule does."""

    SOURCE_THEME = "source-theme"  # posts of this source always stand under this theme
    NEVER_VIDEO = "never-video"  # this video is never shown


@dataclass(frozen=True, slots=True)
class Rule:
    """A standing correction: ``subject`` is a source slug or a video address, ``theme`` a slug or ""."""

    kind: RuleKind
    subject: str
    theme: str = ""
    owner: SourceOwner = SourceOwner.FILE
    retired: bool = False


# ── issues ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, order=True)
class IssueId:
    """An issue's identity: (digest, slot, name). Written ``weekly/2026-11-22`` or ``…+name``."""

    digest: str
    slot: date
    name: str = ""

    def __str__(self) -> str:
        return f"{self.digest}/{self.slot.isoformat()}" + (f"+{self.name}" if self.name else "")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``weekly/2026-11-22`` or ``weekly/2026-11-22+extra``.

        Raises:
            NotFoundError: the text is no issue's name.
        """
        digest, slash, rest = text.partition("/")
        day, _, name = rest.partition("+")
        try:
            slot = date.fromisoformat(day)
        except ValueError:
            slot = None
        if not (digest and slash and slot):
            raise NotFoundError(
                f"{text!r} is no issue: write DIGEST/YYYY-MM-DD, for example weekly/2026-11-22."
            )
        return cls(digest, slot, name)


class IssueState(StrEnum):
    """``draft → approved → published``, or ``skipped``; whether it is sent is read from the ledger."""

    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"
    SKIPPED = "skipped"


class Approval(StrEnum):
    """How an issue comes to be approved."""

    HOLD = "hold"  # a person approves, else it waits
    AUTO = "auto"  # approved by itself at its slot


class Settlement(StrEnum):
    """What freezing an issue decided for a post, once per digest."""

    PICKED = "picked"
    LISTED = "listed"  # cut by a cap, printed by title under "Also published"
    DROPPED = "dropped"  # never


@dataclass(frozen=True, slots=True)
class PickQuote:
    """A quote as an issue prints it; ``id`` is its permanent anchor."""

    id: str
    quote: Quote


@dataclass(frozen=True, slots=True)
class PickVideo:
    """A video as an issue shows it, with why."""

    video: Video
    why: str


@dataclass(frozen=True, slots=True)
class PickLink:
    """A related post as an issue shows it, with why."""

    link: Link
    why: str


@dataclass(frozen=True, slots=True)
class Pick:
    """A post as an issue shows it."""

    id: str  # permanent anchor, from the post's key
    post: str  # post key
    revision: int  # the revision that was read
    url: str
    title: str
    source: str  # slug
    source_title: str
    published: datetime
    updated: datetime | None
    language: str
    authors: tuple[str, ...]
    minutes: int  # to read, at least 1; 0 for a video
    blurb: str
    quotes: tuple[PickQuote, ...]
    videos: tuple[PickVideo, ...]
    related_posts: tuple[PickLink, ...]
    comments: Comments | None
    why: str  # why it is here, in one sentence
    score: float
    own: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A theme inside an issue. ``slug`` is the theme's, or "" for a group that was formed by itself."""

    slug: str
    title: str
    picks: tuple[Pick, ...]

    @property
    def anchor(self) -> str:
        """The id of the group on page and in mail."""
        return f"theme-{self.slug}" if self.slug else "more"


@dataclass(frozen=True, slots=True)
class ListedPost:
    """A post named only by title under "Also published", or a video under "New videos"."""

    post: str  # post key
    title: str
    url: str
    source_title: str
    published: datetime
    video: Video | None = None
    blurb: str = ""


@dataclass(frozen=True, slots=True)
class IssueDocument:
    """What an issue says: all that feed, page and mail are rendered from, and nothing else is."""

    id: IssueId
    digest_title: str
    language: str
    title: str
    subject: str
    introduction: str  # plain paragraphs by an editor, or ""
    groups: tuple[Group, ...]
    quote_of_the_week: str = ""  # the id of a PickQuote, or ""
    new_videos: tuple[ListedPost, ...] = ()
    also_published: tuple[ListedPost, ...] = ()
    number: int | None = None  # given when it is frozen

    @property
    def picks(self) -> tuple[Pick, ...]:
        """All picks in reading order."""
        return tuple(pick for group in self.groups for pick in group.picks)


@dataclass(frozen=True, slots=True)
class Issue:
    """One dated edition of a digest, and where it stands."""

    id: IssueId
    state: IssueState
    document: IssueDocument
    created_at: datetime
    updated_at: datetime
    edit: int = 0  # counts an editor's changes; a draft with edit > 0 is never redrafted
    version: int = 0  # newest frozen version, 0 before approval
    approved_at: datetime | None = None
    published_at: datetime | None = None
    skipped_why: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A frozen state of an issue: ``data`` is canonical JSON of the document, ``sha256`` its digest."""

    issue: IssueId
    number: int
    data: bytes
    sha256: str
    frozen_at: datetime


@dataclass(frozen=True, slots=True)
class Rendering:
    """The bytes of one version for one choice of themes, before personal links are filled in."""

    issue: IssueId
    version: int
    choice: str  # "" for everything; sorted theme slugs joined by "," otherwise
    subject: str
    html: str
    text: str
    sha256: str


# ── audience and delivery ────────────────────────────────────────────────────────────────────────


class SubscriptionState(StrEnum):
    """Whether we may write to an address for a digest (double opt-in)."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscriber's subscription to one digest; ``themes`` None means all of them."""

    subscriber: int
    address: str
    digest: str
    state: SubscriptionState
    themes: tuple[str, ...] | None
    consent_at: datetime | None
    consent_source: str


class DeliveryState(StrEnum):
    """The states of a ledger row (docs/architecture.md, "The ledger")."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    IN_DOUBT = "in_doubt"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    NOTHING_FOR_THEM = "nothing_for_them"


class SendState(StrEnum):
    """Where the send of one issue stands."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Send:
    """The request to send one issue, stored in the transaction that causes it."""

    issue: IssueId
    version: int
    state: SendState
    requested_at: datetime
    expires_at: datetime
    why: str = ""  # why it is paused, or ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One ledger row: issue × subscriber."""

    id: int
    issue: IssueId
    subscriber: int
    address: str
    choice: str
    state: DeliveryState
    attempts: int = 0
    next_try_at: datetime | None = None
    owner: str = ""
    fence: int = 0
    lease_until: datetime | None = None
    reply: str = ""
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """The bytes for one recipient (RFC 5322, CRLF, not dot-stuffed) and its envelope (RFC 5321)."""

    sender: str
    recipient: str
    message_id: str
    data: bytes = field(repr=False)
