"""The verbs ``draft``, ``veto`` and ``skip``: what is new becomes an issue for an editor to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from digest import store
from digest.assemble import issue as assembly
from digest.assemble import window
from digest.errors import DigestError, NotFoundError
from digest.metrics.durations import timed
from digest.model import Editor, Issue, IssueDocument, IssueId, IssueState, Post
from digest.pipeline.drafts.composing import compose, followed, prepare
from digest.pipeline.installation import Installation
from digest.pipeline.issues.pictures import illustrated
from digest.settings import DigestSettings
from digest.store import standings
from digest.store.audit import COMMAND_LINE
from digest.store.database import reading, transaction
from digest.text.links import canonical

_EVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Drafted:
    """An issue after ``draft``; ``kept`` says why it was left as it was, or is ""."""

    issue: Issue
    kept: str = ""


@timed("draft")
def draft(installation: Installation, digest_slug: str, now: datetime, *, today: bool = False) -> Drafted:
    """Make or refresh the draft of a digest's next open slot, or of one dated today, which goes out once approved.

    An issue that an editor has changed, or that is no draft any more, is left as it is.

    Raises:
        NotFoundError: an unknown digest.
    """
    digest = installation.digest(digest_slug)
    prepare(installation, digest, lambda connection: open_posts(connection, digest, now), now)
    with reading(installation.engine) as connection:
        issue_id = IssueId(digest.slug, slot_to_draft(connection, digest, now, today=today))
        existing = store.issues.issue(connection, issue_id)
        if existing and (kept := why_kept(existing)):
            return Drafted(existing, kept)
        closes = window.closes(digest, issue_id, existing.created_at if existing else now)
        posts = open_posts(connection, digest, min(now, closes or now))
        document = compose(installation, connection, issue_id, posts)
    earlier = existing.document if existing else None
    if existing is None:
        goes_out_at = now if today else None
        existing = Issue(issue_id, IssueState.DRAFT, document, now, now, goes_out_at=goes_out_at)
    return save(installation, replace(existing, document=document, updated_at=now, drafted_at=now), earlier)


def save(installation: Installation, drafted: Issue, earlier: IssueDocument | None) -> Drafted:
    """Store a draft that was made anew, with its pictures; ``earlier`` is the draft before, which has some of them."""
    drafted = replace(drafted, document=illustrated(installation, drafted.document, earlier))
    with transaction(installation.engine) as connection:
        stored = store.issues.save_draft(connection, drafted)
    kept = "" if stored else f"{drafted.id} was changed by somebody else meanwhile and was left as it is."
    return Drafted(installation.issue(drafted.id), kept)


def why_kept(existing: Issue) -> str:
    """Why a draft is not made anew, as a sentence, or ""."""
    try:
        assembly.may_redraft(existing)
    except DigestError as error:
        return str(error)
    return ""


def slot_to_draft(
    connection: Connection, digest: DigestSettings, now: datetime, *, today: bool = False
) -> date:
    """The local date of the issue that ``draft`` works on: the next open slot, or today."""
    if today:
        return now.astimezone(ZoneInfo(digest.zone)).date()
    started = store.issues.started(connection, digest.slug)
    issues, moved = store.issues.slots(connection, digest.slug), store.issues.moved(connection, digest.slug)
    return window.open_slot(digest, issues, started, now, moved)


def next_free_slot(connection: Connection, digest: DigestSettings, now: datetime) -> window.Slot:
    """The next regular slot that has no issue."""
    taken = {day for day, _ in store.issues.slots(connection, digest.slug)}
    taken |= {window.newest_slot(digest, at).day for at in store.issues.moved(connection, digest.slug)}
    return next(slot for slot in window.slots(digest, now) if slot.day not in taken)


def open_posts(
    connection: Connection, digest: DigestSettings, now: datetime, since: datetime = _EVER
) -> tuple[Post, ...]:
    """What an issue of this digest may take now; with ``since``, only what was first seen from then on."""
    started = store.issues.started(connection, digest.slug)
    begin = max(since, window.window_start(digest, started))
    return store.posts.open_posts(connection, digest.slug, tuple(followed(connection, digest)), begin, now)


def new_posts(
    connection: Connection, digest: DigestSettings, issue: Issue, now: datetime
) -> tuple[Post, ...]:
    """What a regular draft would take, and came after its posts were taken: it is drafted again, or, where an editor
    has changed it, the posts are offered as new since then.
    """
    closes = window.closes(digest, issue.id, issue.created_at)
    since = issue.drafted_at or issue.created_at
    found = open_posts(connection, digest, min(now, closes or now), since)
    return tuple(post for post in found if post.first_seen > since)


def new_since_edit(installation: Installation, issue: Issue, now: datetime) -> tuple[Post, ...]:
    """The posts that came after an editor first changed a regular draft; they alter it only if the editor says so."""
    if not issue.edit or issue.state is not IssueState.DRAFT or issue.id.name:
        return ()
    with reading(installation.engine) as connection:
        found = new_posts(connection, installation.digest(issue.id.digest), issue, now)
    return tuple(post for post in found if post.key not in (*issue.document.posts, *issue.dropped))


def chosen(connection: Connection, names: Sequence[str]) -> Iterator[Post]:
    """The posts that an editor names by address, key or id, each once, in the order given.

    Raises:
        NotFoundError: one is not stored.
    """
    found: dict[str, Post] = {}
    for name in names:
        post = standings.find(connection, name) or standings.find(connection, canonical(name) or name)
        if post is None:
            raise NotFoundError(
                f"There is no stored post {name}; collect first, or see: digest explain {name}"
            )
        found[post.key] = post
    yield from found.values()


def skip(
    installation: Installation, issue_id: IssueId, why: str, now: datetime, by: Editor | str = COMMAND_LINE
) -> Issue:
    """Leave an issue out, with a reason; its posts stay open for the next one.

    Raises:
        NotFoundError: there is no such issue.
        DigestError: it is published already.
    """
    issue = installation.issue(issue_id)
    assembly.may_skip(issue)
    if issue.state is not IssueState.SKIPPED:
        with transaction(installation.engine) as connection:
            store.issues.skip(connection, issue_id, why, now)
            store.audit.add(connection, by, "skip", str(issue_id), now, why)
    return installation.issue(issue_id)


def veto(
    installation: Installation, issue_id: IssueId, why: str, now: datetime, by: Editor | str = COMMAND_LINE
) -> Issue:
    """Keep a draft from being approved by itself: it waits until a person approves or skips it.

    Raises:
        NotFoundError: there is no such issue.
        DigestError: it is no draft any more.
    """
    assembly.may_veto(installation.issue(issue_id))
    with transaction(installation.engine) as connection:
        held = store.issues.hold(connection, issue_id, why, now)
        if held:
            store.audit.add(connection, by, "veto", str(issue_id), now, why)
    issue = installation.issue(issue_id)
    if not held:
        assembly.may_veto(issue)  # somebody was faster: say how far it is
    return issue
