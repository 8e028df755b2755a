"""An issue: what it shows, where it stands, and its frozen versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from digest.errors import NotFoundError
from digest.model.readings import Quote
from digest.model.sources import Comments, Link, Video


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
    VETO = "veto"  # approved by itself at its review time, unless somebody vetoes it before


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
    why: str = ""  # why it is printed, in one sentence


@dataclass(frozen=True, slots=True)
class Picture:
    """A still of a video, drawn anew and kept by us; ``name`` is a file, called by the hash of its bytes."""

    name: str  # "3f2a….jpg"
    width: int  # pixels
    height: int


@dataclass(frozen=True, slots=True)
class PickVideo:
    """A video as an issue shows it, with why."""

    video: Video
    why: str
    picture: Picture | None = None


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
    parts: tuple[tuple[str, float], ...] = ()  # of the score: what each is called, and what it adds
    pinned: bool = False  # an editor keeps it at the head of its group
    source_feed: str = ""  # its source's feed and site when the draft was made
    source_site: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A theme inside an issue. ``slug`` is the theme's, or "" for a group that was formed by itself.

    Of the latter, ``name`` is unique in its issue, and "" for the last group, of what is like nothing else.
    """

    slug: str
    title: str
    picks: tuple[Pick, ...]
    name: str = ""

    @property
    def anchor(self) -> str:
        """The id of the group on page and in mail."""
        if self.slug:
            return f"theme-{self.slug}"
        return f"group-{self.name}" if self.name else "more"


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
    picture: Picture | None = None  # of the video
    why: str = ""  # why it is only named, in one sentence
    parts: tuple[tuple[str, float], ...] = ()  # of its score, where it was ranked
    theme: str = ""  # the title of a new video's theme


@dataclass(frozen=True, slots=True)
class Note:
    """What an editor says or points to by hand: plain paragraphs, and a titled link where ``url`` is given."""

    id: str  # permanent anchor, from its words
    text: str
    url: str = ""
    title: str = ""
    group: str = ""  # the anchor of the group that it stands at the head of; "": before all groups


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
    notes: tuple[Note, ...] = ()
    quote_of_the_week_why: str = ""

    @property
    def picks(self) -> tuple[Pick, ...]:
        """All picks in reading order."""
        return tuple(pick for group in self.groups for pick in group.picks)

    @property
    def posts(self) -> tuple[str, ...]:
        """The keys of all posts that it shows or names."""
        listed = (*self.new_videos, *self.also_published)
        return (*(pick.post for pick in self.picks), *(each.post for each in listed))


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
    goes_out_at: datetime | None = None  # where it is another time than its slot's
    drafted_at: datetime | None = (
        None  # when its posts were last taken; later ones are new since an editor's change
    )
    held: str = ""  # why it waits for a person, whatever the digest's approval
    dropped: tuple[str, ...] = ()  # keys of the posts that an editor took out for good
    later: tuple[str, ...] = ()  # keys of the posts that an editor left to the next issue


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of an issue by an editor: what it did, a sentence for each thing."""

    issue: IssueId
    number: int  # ``Issue.edit`` after it
    at: datetime
    changes: tuple[str, ...]
    by: str = ""  # whose change it was: an editor's address, or "command line"
    undoes: int = 0  # the number of the change that it takes back


@dataclass(frozen=True, slots=True)
class Before:
    """An issue as it was before a change of its editors, which can be taken back."""

    document: IssueDocument
    dropped: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """A frozen state of an issue: ``data`` is canonical JSON of the document, ``sha256`` its digest.

    A version after the first is a correction only where it says so: an issue that was approved, edited and approved
    again before anybody saw it has two versions and corrects nothing.
    """

    issue: IssueId
    number: int
    data: bytes
    sha256: str
    frozen_at: datetime
    correction: str = ""  # what it corrects of what was published, in one sentence, or ""


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
