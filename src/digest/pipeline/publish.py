"""The verbs ``approve`` and ``publish``: an issue is frozen, then shown to the world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from digest import codec, files, store
from digest.assemble.issue import freeze, may_approve, may_publish, settlements
from digest.errors import DigestError, NotFoundError
from digest.model import Issue, IssueDocument, IssueId, IssueState
from digest.pipeline.draft import open_posts
from digest.pipeline.installation import Installation
from digest.publish import page
from digest.publish.addresses import PublishedIssue
from digest.publish.page import Shelf
from digest.settings import DigestSettings
from digest.store.database import reading, transaction


def approve(
    installation: Installation, issue_id: IssueId, now: datetime, *, goes_out_at: datetime | None = None
) -> Issue:
    """Freeze a draft: check every quote against its stored revision, give the issue its number, settle its posts.

    Approving what is approved already changes nothing, except when it goes out.

    Args:
        goes_out_at: None: as it stands, which is at its slot; an extra issue goes out at once then.

    Raises:
        NotFoundError: there is no such issue.
        VerbatimError: a quote is no longer in its source; the issue stays a draft.
        DigestError: it was skipped, has too few picks, or has a post that another issue had meanwhile.
    """
    digest = installation.digest(issue_id.digest)
    issue = installation.issue(issue_id)
    may_approve(issue, digest)
    with transaction(installation.engine) as connection:
        if issue.state is IssueState.DRAFT:
            at_once = now if issue_id.name else None
            timed = replace(issue, goes_out_at=goes_out_at or issue.goes_out_at or at_once)
            _freeze(connection, timed, digest, now)
        elif goes_out_at:
            store.issues.put_off(connection, issue_id, goes_out_at, now)
    return installation.issue(issue_id)


def _freeze(connection: Connection, issue: Issue, digest: DigestSettings, now: datetime) -> None:
    def text_of(post: str, revision: int) -> str | None:
        try:
            return store.posts.revision_text(connection, post, revision)
        except NotFoundError:
            return None

    if not issue.id.name:  # what an editor chose for an extra issue may stand in another one, too
        _refuse_repeated(connection, issue)
    number = store.issues.next_number(connection, digest.slug, digest.first_issue)
    version = freeze(issue, number, text_of, now)
    posts, rules = open_posts(connection, digest, now), store.sources.rules(connection)
    settled = settlements(issue.document, posts, rules, issue.dropped)
    store.issues.freeze(connection, issue, version, settled, now)


def _refuse_repeated(connection: Connection, issue: Issue) -> None:
    elsewhere = store.issues.settled_elsewhere(connection, issue.id, issue.document.posts)
    for post, other in elsewhere.items():
        again = f"digest edit {issue.id} --later {post}" if issue.edit else f"digest draft {issue.id.digest}"
        raise DigestError(f"The post {post} stands in {other} already, so {issue.id} is out of date: {again}")


def publish(installation: Installation, issue_id: IssueId, now: datetime) -> Issue:
    """Write the feed and the pages with this issue in them; run again, it writes the same bytes.

    It is marked as published first: a crash before the last file is mended by the next ``publish``, or by
    ``digest run`` when it starts, without another date.

    Raises:
        NotFoundError: there is no such issue.
        TooEarlyError: it is not approved.
        TemplateError: a template has a mistake; nothing is written and the issue stays approved.
    """
    issue = installation.issue(issue_id)
    may_publish(issue)
    with transaction(installation.engine) as connection:
        if issue.state is IssueState.APPROVED:
            store.issues.published(connection, issue_id, now)
        shelves = _shelves(installation, connection)
        tree = _tree(installation, shelves)
    _write(installation, tree, shelves)
    return installation.issue(issue_id)


def rebuild(installation: Installation) -> None:
    """Write what is published once more; only files that differ are touched.

    Raises:
        TemplateError: a template has a mistake; nothing is written.
    """
    with reading(installation.engine) as connection:
        shelves = _shelves(installation, connection)
    _write(installation, _tree(installation, shelves), shelves)


def _write(installation: Installation, tree: Mapping[str, bytes], shelves: Sequence[Shelf]) -> None:
    """Write the tree, and once more where another process published something meanwhile: the last one has it all."""
    files.write_tree(installation.settings.publish.feeds_dir, tree)
    with reading(installation.engine) as connection:
        present = _shelves(installation, connection)
    if present != shelves:
        _write(installation, _tree(installation, present), present)


def _shelves(installation: Installation, connection: Connection) -> tuple[Shelf, ...]:
    """What is published, by digest."""
    return tuple(
        Shelf(digest, tuple(map(_as_published, store.issues.frozen_versions(connection, digest.slug))))
        for digest in installation.settings.digests
    )


def _tree(installation: Installation, shelves: Sequence[Shelf]) -> Mapping[str, bytes]:
    """Every published document, by its path below ``feeds_dir``."""
    return page.tree(
        shelves,
        publish=installation.settings.publish,
        templates=installation.templates,
        strings=installation.resources.strings,
    )


def _as_published(frozen: store.issues.Published) -> PublishedIssue:
    document = codec.load(IssueDocument, frozen.version.data)
    return PublishedIssue(document, frozen.version.number, frozen.published_at, frozen.updated_at)
