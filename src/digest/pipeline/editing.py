"""The verbs ``edit`` and ``unapprove``: an editor's change of an issue. Two editors never overwrite each other silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest import store
from digest.assemble.arranging import pick_of
from digest.assemble.differences import differences
from digest.assemble.drafting import covered
from digest.assemble.editing import Change, Stock, edited, rules_of
from digest.assemble.issue import may_unapprove
from digest.assemble.spelling import respelt
from digest.assemble.window import Material
from digest.errors import DigestError
from digest.extract.reading import read_post
from digest.model import Edit, Issue, IssueId, IssueState, Post, PostKind, Quote, Rule
from digest.pipeline.composing import compose
from digest.pipeline.draft import chosen
from digest.pipeline.installation import Installation
from digest.store.database import transaction


@dataclass(frozen=True, slots=True)
class Edited:
    """An issue after a change, and what of it is remembered as a rule from now on."""

    issue: Issue
    remembered: tuple[Rule, ...] = ()


def edit(
    installation: Installation,
    issue_id: IssueId,
    change: Change,
    now: datetime,
    *,
    seen: int | None = None,
    remember: bool = False,
) -> Edited:
    """Change an issue; where it was approved, the approval is void, and what it settled is free again.

    Args:
        seen: the count of changes that its editor has seen; None: whatever it is now.
        remember: what of the change can be a standing rule becomes one.

    Raises:
        NotFoundError: there is no such issue, post, quote or theme.
        DigestError: it is published or skipped, a text does not do, or somebody else has changed it meanwhile; the
            sentence says what.
    """
    issue = installation.issue(issue_id)
    if seen is not None and seen != issue.edit:
        raise changed_meanwhile(installation, issue_id, seen)
    with transaction(installation.engine) as connection:
        stock = stock_of(installation, connection, issue, change)
        changed = edited(issue, change, stock, now)
        rules = tuple(rules_of(issue.document, change)) if remember else ()
        stored = _store(connection, issue, changed, now)
        if stored:
            for rule in rules:
                store.sources.add_rule(connection, rule)
    if not stored:
        raise changed_meanwhile(installation, issue_id, issue.edit)
    return Edited(installation.issue(issue_id), rules)


def unapprove(installation: Installation, issue_id: IssueId, why: str, now: datetime) -> Issue:
    """Withdraw the approval of an issue that is not published: it is a draft again, and waits for a person.

    A draft is left as it is.

    Raises:
        NotFoundError: there is no such issue.
        DigestError: it is published or skipped, or somebody else has changed it meanwhile.
    """
    issue = installation.issue(issue_id)
    may_unapprove(issue)
    if issue.state is IssueState.APPROVED:
        with transaction(installation.engine) as connection:
            reopened = store.issues.reopen(connection, issue, why, now)
        if not reopened:
            raise changed_meanwhile(installation, issue_id, issue.edit)
    return installation.issue(issue_id)


def _store(connection: Connection, seen: Issue, changed: Issue, now: datetime) -> bool:
    """Store a change of an issue as its editor has seen it; False where it has moved on since."""
    if seen.state is IssueState.APPROVED and not store.issues.reopen(connection, seen, changed.held, now):
        return False
    if not store.issues.save_draft(connection, changed, replaces_edit=seen.edit):
        return False
    done = differences(seen.document, changed.document)
    store.issues.add_edit(connection, Edit(changed.id, changed.edit, now, done))
    return True


def stock_of(installation: Installation, connection: Connection, issue: Issue, change: Change) -> Stock:
    """What the change draws on: themes, the posts that it adds, and what is read in those whose quotes it chooses."""
    digest = installation.digest(issue.id.digest)
    posts = tuple(chosen(connection, change.add))
    return Stock(
        covered(store.sources.themes(connection), digest),
        tuple(
            compose(installation, connection, issue.id, together, chosen=True) for together in _apart(posts)
        ),
        _quotes(installation, connection, issue, [name for name, _ in change.quotes]),
        _texts(connection, issue, [name for name, _, _ in change.excerpts]),
    )


def _apart(posts: Sequence[Post]) -> Iterator[Sequence[Post]]:
    """Articles, and the videos that the editor makes picks of."""
    for kind in PostKind:
        if found := [post for post in posts if post.kind is kind]:
            yield found


def _quotes(
    installation: Installation, connection: Connection, issue: Issue, names: Iterable[str]
) -> Mapping[str, Sequence[Quote]]:
    """All that is quoted in the posts of these picks, in the revision that the issue shows, by post key."""
    rules = store.sources.rules(connection)
    found = {}
    for name in names:
        pick = pick_of(issue.document, name)
        post = store.posts.post(connection, pick.post, pick.revision)
        source = store.sources.source(connection, pick.source)
        if post and source:
            material = respelt(Material(post, read_post(post, installation.words), source), rules)
            found[pick.post] = material.reading.quotes
    return found


def _texts(connection: Connection, issue: Issue, names: Iterable[str]) -> Mapping[str, str]:
    """The texts of these picks' posts in the revisions that the issue shows, by post key."""
    picks = [pick_of(issue.document, name) for name in names]
    return {pick.post: store.posts.revision_text(connection, pick.post, pick.revision) for pick in picks}


def changed_meanwhile(installation: Installation, issue_id: IssueId, seen: int) -> DigestError:
    """That somebody else was faster, and what they did."""
    with transaction(installation.engine) as connection:
        now = store.issues.issue(connection, issue_id)
        since = store.issues.edits(connection, issue_id, after=seen)
    where = f", and it is {now.state} at edit {now.edit}" if now else ""
    told = " ".join(sentence for each in since for sentence in each.changes)
    return DigestError(
        f"{issue_id} was changed by somebody else: you have seen edit {seen}{where}. {told}".rstrip()
        + f" Look at it again: digest show {issue_id}"
    )
