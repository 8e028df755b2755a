"""``[desk] four_eyes``: the acts of one issue are of different people."""

from __future__ import annotations

from digest import store
from digest.desk.rights import Act, require_another
from digest.model import Editor, IssueId
from digest.pipeline.installation import Installation
from digest.store.database import reading

_MOST_ENTRIES = 1_000  # of an issue's log that are looked through


def require_four_eyes(installation: Installation, editor: Editor, act: Act, issue_id: IssueId) -> None:
    """Where ``[desk] four_eyes`` is set, somebody else has to do this.

    Raises:
        ForbiddenError: the same person would create and approve, or approve and send.
    """
    if not installation.settings.desk.four_eyes:
        return
    with reading(installation.engine) as connection:
        done = store.audit.newest(connection, _MOST_ENTRIES, subject=str(issue_id))
    require_another(editor, act, [entry for _, entry in done])
