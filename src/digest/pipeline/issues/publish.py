"""The verbs ``approve`` and ``publish``: an issue is frozen, then shown to the world."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from digest import store, tree
from digest.assemble.issue import freeze, may_approve, may_publish, settlements
from digest.errors import DigestError, NotFoundError
from digest.metrics.durations import timed
from digest.model import Editor, Issue, IssueDocument, IssueId, IssueState, Unit, Work
from digest.pipeline.drafts.draft import open_posts
from digest.pipeline.drafts.editing import ChangedMeanwhileError
from digest.pipeline.installation import Installation
from digest.pipeline.issues.announce import announce
from digest.pipeline.issues.pictures import illustrated
from digest.pipeline.issues.preflight import preflight
from digest.pipeline.issues.tree import pictured, planned
from digest.settings import DigestSettings
from digest.store.audit import COMMAND_LINE
from digest.store.database import reading, transaction

log = logging.getLogger(__name__)


def approve(
    installation: Installation,
    issue_id: IssueId,
    now: datetime,
    *,
    goes_out_at: datetime | None = None,
    seen_at: datetime | None = None,
    by: Editor | str = COMMAND_LINE,
) -> Issue:
    """Freeze a draft: check every quote against its stored revision, give the issue its number, settle its posts.

    Approving what is approved already changes nothing, except when it goes out.

    Args:
        goes_out_at: None: as it stands, which is at its slot; an extra issue goes out at once then.
        seen_at: when the draft that its approver has looked at was last changed; None: whatever it is now.
        by: who approves it.

    Raises:
        NotFoundError: there is no such issue.
        ChangedMeanwhileError: it is another draft than the one that was looked at.
        VerbatimError: a quote is no longer in its source; the issue stays a draft.
        TemplateError: a template of the mail has a mistake.
        DigestError: it was skipped, has too few picks, its mail must not leave, or has a post that another issue had
            meanwhile.
    """
    digest = installation.digest(issue_id.digest)
    issue = installation.issue(issue_id)
    may_approve(issue, digest)
    if seen_at not in (None, issue.updated_at):
        raise ChangedMeanwhileError(
            f"{issue_id} is another draft than the one you have looked at: it was changed at {issue.updated_at:%H:%M} UTC."
            f" Look at it again: digest show {issue_id}"
        )
    if issue.state is IssueState.DRAFT:
        issue = replace(issue, document=illustrated(installation, issue.document))
        preflight(installation, issue, now)
    with transaction(installation.engine) as connection:
        if issue.state is IssueState.DRAFT:
            at_once = now if issue_id.name else None
            timed = replace(issue, goes_out_at=goes_out_at or issue.goes_out_at or at_once)
            _freeze(connection, timed, digest, now)
            store.audit.add(connection, by, "approve", str(issue_id), now)
        elif goes_out_at:
            store.issues.put_off(connection, issue_id, goes_out_at, now)
    approved = installation.issue(issue_id)
    _hang(installation, approved.document)
    return approved


def _hang(installation: Installation, document: IssueDocument) -> None:
    """Put the pictures of an approved issue into the tree, so that test copies of its mail show them.

    Publishing does it again, so what fails here is not missed.
    """
    root, hung = installation.settings.publish.feeds_dir, pictured(installation, [document])
    if not hung:
        return
    try:
        with tree.locked(root):
            tree.add(root, hung)
    except DigestError as error:
        log.warning("%s: its pictures are in no test copy yet: %s", document.id, error)


def _freeze(connection: Connection, issue: Issue, digest: DigestSettings, now: datetime) -> None:
    if not issue.id.name:  # what an editor chose for an extra issue may stand in another one, too
        _refuse_repeated(connection, issue)
    number = store.issues.next_number(connection, digest.slug, digest.first_issue)
    withdrawn = store.withdrawals.withdrawn(connection, issue.document.posts)
    refuse_removed(connection, issue)
    version = freeze(issue, number, partial(text_of, connection), now, withdrawn)
    posts, rules = open_posts(connection, digest, now), store.sources.rules(connection)
    settled = settlements(issue.document, posts, rules, issue.dropped)
    store.issues.freeze(connection, issue, version, settled, now)
    store.jobs.put(connection, Unit(Work.PUBLISH, str(issue.id)))


def text_of(connection: Connection, post: str, revision: int) -> str | None:
    """The text of a stored revision, or None where there is none any more."""
    try:
        return store.posts.revision_text(connection, post, revision)
    except NotFoundError:
        return None


def refuse_removed(connection: Connection, issue: Issue) -> None:
    """Whether an issue has nothing in it that was removed on request, such as a name that an editor wrote since.

    Raises:
        DigestError: it has.
    """
    ink = store.redactions.blackout(connection)
    if ink and ink.walk(issue.document) != issue.document:
        raise DigestError(
            f"{issue.id} has something in it that was removed on request, and that stays so; "
            f"look for it with: digest show {issue.id}"
        )


def _refuse_repeated(connection: Connection, issue: Issue) -> None:
    elsewhere = store.issues.settled_elsewhere(connection, issue.id, issue.document.posts)
    for post, other in elsewhere.items():
        again = f"digest edit {issue.id} --later {post}" if issue.edit else f"digest draft {issue.id.digest}"
        raise DigestError(f"The post {post} stands in {other} already, so {issue.id} is out of date: {again}")


@timed("publish")
def publish(installation: Installation, issue_id: IssueId, now: datetime) -> Issue:
    """Write the feeds and the pages with this issue in them, and tell the hub; run again, it writes the same bytes.

    It is marked as published first: a crash before the last file is mended by the next ``publish``, or by
    ``digest run`` when it starts, without another date.

    Raises:
        NotFoundError: there is no such issue.
        TooEarlyError: it is not approved.
        TemplateError: a template has a mistake; nothing is written and the issue stays approved.
    """
    issue = installation.issue(issue_id)
    may_publish(issue)
    root = installation.settings.publish.feeds_dir
    with tree.locked(root):  # who has it last has seen all that was published before
        with transaction(installation.engine) as connection:
            if issue.state is IssueState.APPROVED:
                store.issues.published(connection, issue_id, now)
                store.jobs.put(connection, Unit(Work.TREE))
            prepared = tree.prepare(root, planned(installation, connection))
        tree.write(root, prepared)
    announce(installation, now)
    return installation.issue(issue_id)


def rebuild(installation: Installation) -> tree.Updated:
    """Write what is published once more; only files that differ are touched.

    Raises:
        TemplateError: a template has a mistake; nothing is written.
    """
    root = installation.settings.publish.feeds_dir
    with tree.locked(root):
        with reading(installation.engine) as connection:
            plan = planned(installation, connection)
        return tree.bring_up_to_date(root, plan)
