"""The verbs ``edit`` and ``unapprove``: an editor's change of an issue. Two editors never overwrite each other silently."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from digest import store
from digest.assemble.differences import differences
from digest.assemble.editing import Change, edited, rules_of, undoable, undone
from digest.assemble.issue import may_edit, may_unapprove
from digest.errors import DigestError
from digest.model import Before, Edit, Editor, Issue, IssueId, IssueState, Rule
from digest.pipeline.drafts.stock import stock_of
from digest.pipeline.installation import Installation
from digest.store.audit import COMMAND_LINE
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
    by: Editor | str = COMMAND_LINE,
) -> Edited:
    """Change an issue; where it was approved, the approval is void, and what it settled is free again.

    Args:
        seen: the count of changes that its editor has seen; None: whatever it is now.
        remember: what of the change can be a standing rule becomes one.
        by: whose change it is.

    Raises:
        NotFoundError: there is no such issue, post, quote or theme.
        ChangedMeanwhileError: somebody else has changed it meanwhile.
        DigestError: it is published or skipped, or a text does not do.
    """
    issue = _as_seen(installation, issue_id, seen)
    with transaction(installation.engine) as connection:
        stock = stock_of(installation, connection, issue, change)
        changed = edited(issue, change, stock, now)
        rules = tuple(rules_of(issue.document, change)) if remember else ()
        stored = _store(connection, issue, changed, now, by)
        if stored:
            for rule in rules:
                store.sources.add_rule(connection, rule)
    if not stored:
        raise changed_meanwhile(installation, issue_id, issue.edit)
    return Edited(installation.issue(issue_id), rules)


def undo(
    installation: Installation,
    issue_id: IssueId,
    now: datetime,
    *,
    seen: int | None = None,
    by: Editor | str = COMMAND_LINE,
) -> Issue:
    """Take the newest change of an issue back that was not taken back yet; again, and the one before it goes.

    Raises:
        NotFoundError: there is no such issue.
        ChangedMeanwhileError: somebody else has changed it meanwhile.
        DigestError: it is published or skipped, or there is nothing to take back.
    """
    issue = _as_seen(installation, issue_id, seen)
    may_edit(issue)
    with transaction(installation.engine) as connection:
        number = undoable(store.issues.edits(connection, issue_id))
        before = store.issues.before(connection, issue_id, number) if number else None
        if before is None:
            raise DigestError(f"Nothing was changed in {issue_id} that could be taken back.")
        stored = _store(connection, issue, undone(issue, before, now), now, by, undoes=number)
    if not stored:
        raise changed_meanwhile(installation, issue_id, issue.edit)
    return installation.issue(issue_id)


def unapprove(
    installation: Installation, issue_id: IssueId, why: str, now: datetime, by: Editor | str = COMMAND_LINE
) -> Issue:
    """Withdraw the approval of an issue that is not published: it is a draft again, and waits for a person.

    A draft is left as it is.

    Raises:
        NotFoundError: there is no such issue.
        ChangedMeanwhileError: somebody else has changed it meanwhile.
        DigestError: it is published or skipped.
    """
    issue = installation.issue(issue_id)
    may_unapprove(issue)
    if issue.state is IssueState.APPROVED:
        with transaction(installation.engine) as connection:
            reopened = store.issues.reopen(connection, issue, why, now)
            if reopened:
                store.audit.add(connection, by, "unapprove", str(issue_id), now, why)
        if not reopened:
            raise changed_meanwhile(installation, issue_id, issue.edit)
    return installation.issue(issue_id)


def _as_seen(installation: Installation, issue_id: IssueId, seen: int | None) -> Issue:
    issue = installation.issue(issue_id)
    if seen is not None and seen != issue.edit:
        raise changed_meanwhile(installation, issue_id, seen)
    return issue


def _store(
    connection: Connection, seen: Issue, changed: Issue, now: datetime, by: Editor | str, undoes: int = 0
) -> bool:
    """Store a change of an issue as its editor has seen it; False where it has moved on since."""
    if seen.state is IssueState.APPROVED and not store.issues.reopen(connection, seen, changed.held, now):
        return False
    if not store.issues.save_draft(connection, changed, replaces_edit=seen.edit):
        return False
    done = differences(seen.document, changed.document)
    who = by.address if isinstance(by, Editor) else by
    before = Before(replace(seen.document, number=None), seen.dropped, seen.later)
    store.issues.add_edit(connection, Edit(changed.id, changed.edit, now, done, who, undoes), before)
    store.audit.add(connection, by, "undo" if undoes else "edit", str(changed.id), now, " ".join(done))
    return True


class ChangedMeanwhileError(DigestError):
    """Somebody else has changed the issue since; the sentence says who and what they did."""


def changed_meanwhile(installation: Installation, issue_id: IssueId, seen: int) -> ChangedMeanwhileError:
    """That somebody else was faster, and what they did."""
    with transaction(installation.engine) as connection:
        now = store.issues.issue(connection, issue_id)
        since = store.issues.edits(connection, issue_id, after=seen)
    where = f", and it is {now.state} at edit {now.edit}" if now else ""
    told = " ".join(sentence for each in since for sentence in each.changes)
    who = ", ".join(dict.fromkeys(each.by for each in since if "@" in each.by)) or "somebody else"
    return ChangedMeanwhileError(
        f"{issue_id} was changed by {who}: you have seen edit {seen}{where}. {told}".rstrip()
        + f" Look at it again: digest show {issue_id}"
    )
