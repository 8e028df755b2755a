"""Stored posts → the document of an issue: what is read, by which rules it goes, and what it stands beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from digest import store
from digest.assemble import subjects, window
from digest.assemble.drafting import covered
from digest.assemble.drafting import draft as assemble
from digest.assemble.spelling import respelt
from digest.assemble.window import Material
from digest.extract.reading import read_post
from digest.model import IssueDocument, IssueId, Post, Source
from digest.pipeline.archive import beside, likely_related
from digest.pipeline.installation import Installation
from digest.settings import DigestSettings


def followed(connection: Connection, digest: DigestSettings) -> Mapping[str, Source]:
    """The sources of a digest that are not retired, by slug; a digest that names none follows all."""
    return {
        source.slug: source
        for source in store.sources.all_sources(connection)
        if not digest.sources or source.slug in digest.sources
    }


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
        chosen=chosen,
        older=older,
    )
