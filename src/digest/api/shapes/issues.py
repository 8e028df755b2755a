"""Digests and issues as answers have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from digest.deliver.findings import Finding
from digest.desk.choices import Choices
from digest.model import (
    Edit,
    Group,
    Issue,
    IssueState,
    ListedPost,
    Note,
    PickLink,
    PickQuote,
    PickVideo,
    Post,
    Quote,
)


@dataclass(frozen=True, slots=True)
class DigestNow:
    """A digest, its next issue, and what it waits for; ``issue`` is null while there is no draft."""

    slug: str
    title: str
    language: str
    zone: str
    draft_opens_at: datetime
    goes_out_at: datetime
    issue: str | None
    state: IssueState | None


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue in a list."""

    id: str
    state: IssueState
    title: str
    number: int | None
    edit: int
    version: int
    updated_at: datetime
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssueNow:
    """An issue with all that it shows, where it stands and what comes next; ``edit`` counts its changes by editors."""

    id: str
    state: IssueState
    next: str  # what is done with it next, or what it waits for
    edit: int
    version: int
    number: int | None
    title: str
    subject: str
    introduction: str
    language: str
    quote_of_the_week: str
    groups: tuple[Group, ...]
    notes: tuple[Note, ...]
    new_videos: tuple[ListedPost, ...]
    also_published: tuple[ListedPost, ...]
    new_since_edit: tuple[PostRow, ...]  # what came later, and is in it only if an editor adds it
    dropped: tuple[str, ...]
    later: tuple[str, ...]
    held: str
    skipped_why: str
    goes_out_at: datetime
    created_at: datetime
    updated_at: datetime
    approved_at: datetime | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class PostRow:
    """A stored post in a list; ``held`` is why it is kept out of issues as back-fill, or ""."""

    key: str
    source: str
    title: str
    url: str
    published: datetime
    first_seen: datetime
    held: str = ""


@dataclass(frozen=True, slots=True)
class Released:
    """How many of some posts were held, and are open for the next issue now."""

    released: int


@dataclass(frozen=True, slots=True)
class EditMade:
    """One change of an issue: what it did, a sentence for each thing; ``undoes`` is the change that it takes back, or 0."""

    number: int
    at: datetime
    by: str
    changes: tuple[str, ...]
    undoes: int


@dataclass(frozen=True, slots=True)
class Drafted:
    """An issue after it was drafted; ``kept`` is why it was left as it was, or ""."""

    issue: IssueNow
    kept: str


@dataclass(frozen=True, slots=True)
class QuoteFound:
    """A quote that was found in a post: its number, the words around it, and how the issue prints it, or null."""

    number: int
    quote: Quote
    before: str
    after: str
    printed: PickQuote | None


@dataclass(frozen=True, slots=True)
class PickChoices:
    """All that a post of an issue offers: quotes, videos and related posts, and which of them are chosen."""

    quotes: tuple[QuoteFound, ...]
    excerpts: tuple[PickQuote, ...]  # picked out by hand
    videos: tuple[PickVideo, ...]
    videos_offered: tuple[PickVideo, ...]
    related: tuple[PickLink, ...]
    related_offered: tuple[PickLink, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What is to be mended before a mail leaves; ``problems`` kept a part of it from being made."""

    problems: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """A test copy that was sent: to whom, and the relay's words."""

    to: str
    reply: str


def issue_row(issue: Issue) -> IssueRow:
    """An issue in a list."""
    return IssueRow(
        str(issue.id),
        issue.state,
        issue.document.title,
        issue.document.number,
        issue.edit,
        issue.version,
        issue.updated_at,
        issue.published_at,
    )


def issue_now(issue: Issue, goes_out_at: datetime, coming: str, new: Sequence[Post]) -> IssueNow:
    """An issue with all that it shows.

    Args:
        goes_out_at: when it goes out.
        coming: what comes next, in a sentence.
        new: what came since an editor changed it.
    """
    document = issue.document
    return IssueNow(
        id=str(issue.id),
        state=issue.state,
        next=coming,
        edit=issue.edit,
        version=issue.version,
        number=document.number,
        title=document.title,
        subject=document.subject,
        introduction=document.introduction,
        language=document.language,
        quote_of_the_week=document.quote_of_the_week,
        groups=document.groups,
        notes=document.notes,
        new_videos=document.new_videos,
        also_published=document.also_published,
        new_since_edit=tuple(map(post_row, new)),
        dropped=issue.dropped,
        later=issue.later,
        held=issue.held,
        skipped_why=issue.skipped_why,
        goes_out_at=goes_out_at,
        created_at=issue.created_at,
        updated_at=issue.updated_at,
        approved_at=issue.approved_at,
        published_at=issue.published_at,
    )


def post_row(post: Post) -> PostRow:
    """A post in a list."""
    return PostRow(post.key, post.source, post.title, post.url, post.published, post.first_seen, post.held)


def edit_made(edit: Edit) -> EditMade:
    """A change in a list."""
    return EditMade(edit.number, edit.at, edit.by, edit.changes, edit.undoes)


def pick_choices(choices: Choices) -> PickChoices:
    """What can be chosen for a pick."""
    return PickChoices(
        tuple(
            QuoteFound(each.number, each.quote, each.before, each.after, each.printed)
            for each in choices.quotes
        ),
        choices.own,
        tuple(each.shown for each in choices.videos if each.chosen),
        tuple(each.shown for each in choices.videos if not each.chosen),
        tuple(each.shown for each in choices.links if each.chosen),
        tuple(each.shown for each in choices.links if not each.chosen),
    )


# ── entity tags (RFC 9110, section 8.8.3) ────────────────────────────────────────────────────────


def tag_of(issue: Issue) -> str:
    """The entity tag of an issue: another one whenever anything of it has changed."""
    state = f"{issue.state} {issue.edit} {issue.version} {issue.updated_at.isoformat()}"
    return f'"{issue.edit}-{sha256(state.encode()).hexdigest()[:16]}"'


def matches(header: str, issue: Issue) -> bool:
    """Whether an If-Match header names the issue as it is (RFC 9110, section 13.1.1); "*" is any."""
    tags = {tag.strip() for tag in header.split(",")}
    return bool(tags & {"*", tag_of(issue)})


def edit_seen(header: str) -> int | None:
    """The count of changes that an If-Match header's sender has seen, or None."""
    number = header.strip().lstrip('"').partition("-")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
