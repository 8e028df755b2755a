"""The verb ``edit``: an editor's change of a draft; two editors never overwrite each other silently."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from digest import store
from digest.assemble.drafting import covered
from digest.assemble.editing import Change, edited
from digest.errors import DigestError
from digest.model import Issue, IssueId
from digest.pipeline.draft import chosen, compose
from digest.pipeline.installation import Installation
from digest.store.database import transaction


def edit(
    installation: Installation, issue_id: IssueId, change: Change, now: datetime, *, seen: int | None = None
) -> Issue:
    """Change a draft.

    Args:
        seen: the count of changes that its editor has seen; None: whatever it is now.

    Raises:
        NotFoundError: there is no such issue, post or theme.
        DigestError: it is no draft, a text does not do, or somebody else has changed it meanwhile.
    """
    issue = installation.issue(issue_id)
    if seen is not None and seen != issue.edit:
        raise DigestError(
            f"{issue_id} was changed by somebody else: you have seen edit {seen}, and it is at {issue.edit}. "
            f"Look at it again: digest show {issue_id}"
        )
    with transaction(installation.engine) as connection:
        themes = covered(store.sources.themes(connection), installation.digest(issue_id.digest))
        posts = tuple(chosen(connection, change.add))
        added = compose(installation, connection, issue_id, posts, chosen=True) if posts else None
        changed = replace(edited(issue, change, themes, added), updated_at=now)
        stored = store.issues.save_draft(connection, changed, replaces_edit=issue.edit)
    if not stored:
        raise DigestError(f"{issue_id} was changed meanwhile; look at it again: digest show {issue_id}")
    return installation.issue(issue_id)
