"""Taking changes back, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from digest.assemble.editing.revising import as_draft
from digest.model import Before, Edit, Issue


def undoable(edits: Sequence[Edit]) -> int:
    """The number of the newest change that was not taken back and takes none back itself; 0 where there is none."""
    gone = {edit.undoes for edit in edits}
    left = [edit.number for edit in edits if not edit.undoes and edit.number not in gone]
    return max(left, default=0)


def undone(issue: Issue, before: Before, now: datetime) -> Issue:
    """The issue as it was before a change, as one more change of it."""
    return replace(
        as_draft(issue, now),
        document=before.document,
        edit=issue.edit + 1,
        updated_at=now,
        dropped=before.dropped,
        later=before.later,
    )
