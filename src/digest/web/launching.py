"""A send asked for at the desk or through the API: two verbs, one after the other, as the scheduler takes them at a slot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from digest import store
from digest.model import Editor, IssueId, IssueState, Send
from digest.pipeline.editors.sending import UNDO
from digest.pipeline.installation import Installation
from digest.pipeline.issues import publish
from digest.pipeline.mail import send
from digest.store.database import reading


def launch(
    installation: Installation,
    issue_id: IssueId,
    by: Editor,
    now: datetime,
    *,
    first_percent: float | None = None,
    noted: Callable[[Connection, Send], None] = lambda *_: None,
) -> Send:
    """Publish an approved issue, and ask for its send, which begins after the undo window; again, it changes nothing.

    A crash between the two leaves a published issue without a send: the next launch asks for it.

    Args:
        noted: writes what must be stored with a new request or not at all.

    Raises:
        TooEarlyError: it is not approved.
    """
    if installation.issue(issue_id).state is IssueState.APPROVED:
        publish.publish(installation, issue_id, now)
    with reading(installation.engine) as connection:
        asked = store.deliveries.send(connection, issue_id)
    return asked or send.request(installation, issue_id, now + UNDO, first_percent, by, noted)
