"""The verb ``explain``: where a post stands and why, and what is read in it and why. It changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest import store
from digest.assemble import window
from digest.assemble.drafting import covered
from digest.assemble.standing import Settled, Standing, standing
from digest.assemble.themes import Assignment, assign
from digest.extract.explained import Explained, explain
from digest.extract.words import Words
from digest.model import Entry, IssueId, IssueState, PickQuote, Post, Settlement, Source
from digest.pipeline.drafts.composing import followed
from digest.pipeline.drafts.draft import slot_to_draft
from digest.pipeline.installation import Installation
from digest.settings import DigestSettings
from digest.store import standings
from digest.store.database import reading
from digest.text.links import canonical


@dataclass(frozen=True, slots=True)
class Placed:
    """A stored post in one digest: where it stands there, and the theme that it has among the digest's themes."""

    standing: Standing
    theme: Assignment
    theme_title: str  # "" where it has none
    printed: tuple[PickQuote, ...]  # its quotes that the issue prints, each with why


@dataclass(frozen=True, slots=True)
class Explanation:
    """A post and the reasons; an entry that is not stored stands in no digest."""

    post: Post | Entry
    read: Explained
    source: Source | None = None
    placed: tuple[Placed, ...] = ()


def explain_entry(entry: Entry, words: Words) -> Explanation:
    """What is read in an entry that is not stored."""
    return Explanation(entry, explain(entry, words))


def explain_stored(installation: Installation, name: str, now: datetime) -> Explanation | None:
    """A stored post by its key, its address (with tracking or without) or its id in its feed; None if there is none."""
    with reading(installation.engine) as connection:
        post = standings.find(connection, name) or standings.find(connection, canonical(name) or name)
        if post is None:
            return None
        read = explain(post, installation.words)
        sources = {source.slug: source for source in store.sources.all_sources(connection)}
        placed = tuple(_placed(installation, connection, post, read, now))
    return Explanation(post, read, sources.get(post.source), placed)


def _placed(
    installation: Installation, connection: Connection, post: Post, read: Explained, now: datetime
) -> Iterator[Placed]:
    settled = standings.settled(connection, post.key)
    themes = store.sources.themes(connection)
    rules = store.sources.rules(connection)
    for digest in installation.settings.digests:
        own = covered(themes, digest)
        theme = assign(post, read.reading, own, rules)
        title = next((each.title for each in own if each.slug == theme.theme), "")
        where = _standing(connection, digest, post, settled.get(digest.slug), now)
        yield Placed(where, theme, title, _printed(connection, where, post))


def _printed(connection: Connection, where: Standing, post: Post) -> tuple[PickQuote, ...]:
    issue = store.issues.issue(connection, where.issue) if where.issue else None
    picks = issue.document.picks if issue else ()
    return tuple(shown for pick in picks if pick.post == post.key for shown in pick.quotes)


def _standing(
    connection: Connection,
    digest: DigestSettings,
    post: Post,
    settled: tuple[IssueId, Settlement] | None,
    now: datetime,
) -> Standing:
    issue = store.issues.issue(connection, settled[0]) if settled else None
    started = store.issues.started(connection, digest.slug)
    return standing(
        post,
        digest,
        settled=Settled(issue, settled[1]) if issue and settled else None,
        unsettled=store.issues.issues(connection, digest.slug, (IssueState.DRAFT, IssueState.SKIPPED)),
        left=store.issues.left_open(connection, digest.slug, post.key),
        withdrawn=store.withdrawals.withdrawn(connection, [post.key]).get(post.key, ""),
        follows=post.source in followed(connection, digest),
        window_start=window.window_start(digest, started),
        next_issue=IssueId(digest.slug, slot_to_draft(connection, digest, now)),
    )
