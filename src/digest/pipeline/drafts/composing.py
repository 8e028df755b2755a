"""Stored posts → the document of an issue: what is read, by which rules it goes, and what it stands beside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from digest import store
from digest.assemble import subjects, window
from digest.assemble.drafting import covered
from digest.assemble.drafting import draft as assemble
from digest.assemble.spelling import respelt
from digest.assemble.window import Material
from digest.extract.reading import read_post
from digest.model import IssueDocument, IssueId, Post, Source
from digest.pipeline.drafts.meanings import remember, understood, wanted
from digest.pipeline.installation import Installation
from digest.pipeline.issues.archive import beside, index_archive, likely_related
from digest.settings import DigestSettings


def followed(connection: Connection, digest: DigestSettings) -> Mapping[str, Source]:
    """The sources of a digest that are not retired, by slug; a digest that names none follows all."""
    return {
        source.slug: source
        for source in store.sources.all_sources(connection)
        if not digest.sources or source.slug in digest.sources
    }


def prepare(
    installation: Installation,
    digest: DigestSettings,
    posts_of: Callable[[Connection], Iterable[Post]],
    now: datetime,
) -> None:
    """Do before composing what takes long and is kept: index the archive, and read what these posts mean."""
    index_archive(installation)
    remember(
        installation,
        lambda connection: _texts(installation, connection, digest, tuple(posts_of(connection))),
        now,
    )


def _texts(
    installation: Installation, connection: Connection, digest: DigestSettings, posts: Sequence[Post]
) -> tuple[str, ...]:
    """The texts whose meanings an issue of these posts is made with."""
    themes = covered(store.sources.themes(connection), digest)
    stand_beside = beside(connection, followed(connection, digest), posts)
    return wanted([*posts, *stand_beside], themes, subjects.read(installation.resources.subjects()))


def compose(
    installation: Installation,
    connection: Connection,
    issue_id: IssueId,
    posts: Sequence[Post],
    *,
    chosen: bool = False,
) -> IssueDocument:
    """The issue that these posts make; what an editor has chosen is never cut by a cap."""
    digest = installation.digest(issue_id.digest)
    sources = {source.slug: source for source in store.sources.all_sources(connection, retired=True)}
    following = followed(connection, digest)
    themes = covered(store.sources.themes(connection), digest)
    rules = store.sources.rules(connection)
    asked = _texts(installation, connection, digest, posts) if installation.encoder else ()

    def material(found: Sequence[Post], *, listed_only: bool = False) -> tuple[Material, ...]:
        read = (
            Material(each, read_post(each, installation.words, listed_only=listed_only), sources[each.source])
            for each in found
        )
        return tuple(respelt(each, rules) for each in read)

    def older(picks: Sequence[tuple[Material, str]]) -> tuple[Material, ...]:
        likely = likely_related(connection, picks, themes)
        return material([post for post in likely if post.source in following], listed_only=True)

    return assemble(
        issue_id,
        digest,
        material(posts),
        material(beside(connection, following, posts), listed_only=True),
        themes,
        rules,
        installation.resources.strings(digest.language),
        window.slot_at(digest, issue_id),  # not now: drafted again it is the same, whatever the hour
        subjects=subjects.read(installation.resources.subjects()),
        meanings=understood(installation.encoder, connection, asked),
        chosen=chosen,
        older=older,
    )
