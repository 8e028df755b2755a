"""What an editor has seen of an issue, and what was changed since: told before it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest import store
from digest.model import Edit, Editor, Issue, IssueId, Look, Preview
from digest.pipeline.installation import Installation
from digest.store.database import reading, transaction

_AGAIN = timedelta(minutes=1)  # a page shows its preview in many frames: they are one look


@dataclass(frozen=True, slots=True)
class Since:
    """What happened to an issue since an editor looked; ``look`` is None where they never did."""

    look: Look | None
    edits: tuple[Edit, ...] = ()
    drafted_at: datetime | None = None  # where the whole draft was made anew


def since(installation: Installation, issue: Issue, editor: Editor) -> Since:
    """What was changed in an issue since an editor last saw a preview of it."""
    with reading(installation.engine) as connection:
        look = store.looks.newest(connection, editor.id, issue.id)
        edits = store.issues.edits(connection, issue.id, after=look.edit) if look else ()
    if look is None:
        return Since(None)
    is_anew = issue.drafted_at is not None and issue.drafted_at > look.at
    return Since(look, edits, issue.drafted_at if is_anew else None)


def looked(installation: Installation, editor: Editor, issue: IssueId, edit: int, now: datetime) -> None:
    """Note that an editor was shown an issue at the desk, as it was after so many changes.

    Raises:
        StoreError: the database cannot be written to.
    """
    with reading(installation.engine) as connection:
        known = store.looks.newest(connection, editor.id, issue)
    if known and known.edit == edit and timedelta() <= now - known.at < _AGAIN:
        return
    with transaction(installation.engine) as connection:
        store.looks.remember(connection, editor.id, issue, Look(edit, now, Preview.DESK))
