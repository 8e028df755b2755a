"""The verbs ``draft`` and ``skip``: what is new becomes an issue for an editor to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from digest import store
from digest.assemble import issue as assembly
from digest.assemble import window
from digest.assemble.drafting import draft as assemble
from digest.assemble.window import Material
from digest.errors import DigestError
from digest.extract.reading import read_post
from digest.extract.words import Words
from digest.model import Issue, IssueDocument, IssueId, IssueState, Post, Source
from digest.pipeline.installation import Installation
from digest.settings import DigestSettings
from digest.store.database import reading, transaction

ARCHIVE_POSTS = 500  # the newest posts that may be shown as related
_EVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Drafted:
    """An issue after ``draft``; ``kept`` says why it was left as it was, or is ""."""

    issue: Issue
    kept: str = ""


def draft(installation: Installation, digest_slug: str, now: datetime, *, today: bool = False) -> Drafted:
    """Make or refresh the draft of a digest's next open slot, or of one dated today.

    An issue that an editor has changed, or that is no draft any more, is left as it is.

    Raises:
        NotFoundError: an unknown digest.
    """
    digest = installation.digest(digest_slug)
    with reading(installation.engine) as connection:
        issue_id = IssueId(digest.slug, slot_to_draft(connection, digest, now, today=today))
        existing = store.issues.issue(connection, issue_id)
        if existing and (kept := _kept(existing)):
            return Drafted(existing, kept)
        document = _document(installation, connection, issue_id, digest, now)
    drafted = Issue(
        issue_id,
        IssueState.DRAFT,
        document,
        created_at=existing.created_at if existing else now,
        updated_at=now,
    )
    with transaction(installation.engine) as connection:
        stored = store.issues.save_draft(connection, drafted)
    kept = "" if stored else f"{issue_id} was changed by somebody else meanwhile and was left as it is."
    return Drafted(installation.issue(issue_id), kept)


def _kept(existing: Issue) -> str:
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
    return window.open_slot(digest, store.issues.slots(connection, digest.slug), started, now)


def followed(connection: Connection, digest: DigestSettings) -> Mapping[str, Source]:
    """The sources of a digest that are not retired, by slug; a digest that names none follows all."""
    return {
        source.slug: source
        for source in store.sources.all_sources(connection)
        if not digest.sources or source.slug in digest.sources
    }


def open_posts(
    connection: Connection, digest: DigestSettings, now: datetime, since: datetime = _EVER
) -> tuple[Post, ...]:
    """What an issue of this digest may take now; with ``since``, only what was first seen from then on."""
    started = store.issues.started(connection, digest.slug)
    begin = max(since, window.window_start(digest, started))
    return store.posts.open_posts(connection, digest.slug, tuple(followed(connection, digest)), begin, now)


def _document(
    installation: Installation,
    connection: Connection,
    issue_id: IssueId,
    digest: DigestSettings,
    now: datetime,
) -> IssueDocument:
    sources = followed(connection, digest)
    posts = open_posts(connection, digest, now)
    archive = store.posts.recent(connection, tuple(sources), _EVER, ARCHIVE_POSTS)
    themes = [
        theme
        for theme in store.sources.themes(connection)
        if not digest.themes or theme.slug in digest.themes
    ]
    as_of = window.slot_at(digest, issue_id)  # not now: drafted again it is the same, whatever the hour
    return assemble(
        issue_id,
        digest,
        _material(posts, sources, installation.words),
        _material(archive, sources, installation.words),
        themes,
        store.sources.rules(connection),
        installation.resources.strings(digest.language),
        as_of,
    )


def _material(posts: Sequence[Post], sources: Mapping[str, Source], words: Words) -> tuple[Material, ...]:
    return tuple(Material(post, read_post(post, words), sources[post.source]) for post in posts)


def skip(installation: Installation, issue_id: IssueId, why: str, now: datetime) -> Issue:
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
    return installation.issue(issue_id)
