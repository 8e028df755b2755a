"""What people do with a send: hold it, let it go on, end it, settle what is in doubt, try again. Each is logged with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest import store
from digest.assemble.issue import may_steer
from digest.deliver.ledger import first_went
from digest.errors import NotFoundError
from digest.masks import masked
from digest.model import DeliveryState, Editor, Issue, IssueId, SendState
from digest.pipeline.installation import Installation
from digest.pipeline.mail.send import Sent, sent
from digest.store.audit import COMMAND_LINE
from digest.store.database import transaction

Who = Editor | str


def pause(
    installation: Installation,
    issue_id: IssueId,
    now: datetime,
    why: str = "paused by hand",
    by: Who = COMMAND_LINE,
) -> Sent:
    """Hold a running send; it stops between two messages.

    Raises:
        NotFoundError: there is no such issue, or nobody asked to send it.
        DigestError: it is over, or was cancelled.
    """
    issue = installation.issue(issue_id)
    with transaction(installation.engine) as connection:
        _set(connection, issue, SendState.PAUSED, why)
        store.audit.add(connection, by, "pause", str(issue_id), now, why)
    return sent(installation, issue_id)


def resume(installation: Installation, issue_id: IssueId, now: datetime, by: Who = COMMAND_LINE) -> Sent:
    """Let a paused send go on; ``send`` or ``run`` does the sending.

    Where its first part went wrong, this is the word by which all others get it. Raises as ``pause``.
    """
    issue = installation.issue(issue_id)
    with transaction(installation.engine) as connection:
        _end_bad_first_part(connection, issue_id)
        _set(connection, issue, SendState.RUNNING)
        store.audit.add(connection, by, "resume", str(issue_id), now)
    return sent(installation, issue_id)


def _end_bad_first_part(connection: Connection, issue_id: IssueId) -> None:
    asked = store.deliveries.send(connection, issue_id)
    if not (asked and asked.first_until):
        return
    part = store.deliveries.first_part_of(connection, asked, store.bounces.complaints(connection, issue_id))
    if isinstance(first_went(part, timedelta(), part.last_at or asked.requested_at), str):
        store.deliveries.end_first_part(connection, asked)


def cancel(installation: Installation, issue_id: IssueId, now: datetime, by: Who = COMMAND_LINE) -> Sent:
    """End a send for good: what has not been sent never will be. Raises as ``pause``."""
    issue = installation.issue(issue_id)
    with transaction(installation.engine) as connection:
        _set(connection, issue, SendState.CANCELLED)
        store.deliveries.cancel_open(connection, issue_id, now)
        store.audit.add(connection, by, "cancel", str(issue_id), now)
    return sent(installation, issue_id)


def _set(connection: Connection, issue: Issue, state: SendState, why: str = "") -> None:
    may_steer(issue, store.deliveries.send(connection, issue.id))
    store.deliveries.set_send_state(connection, issue.id, state, why)


def settle(
    installation: Installation,
    issue_id: IssueId,
    address: str,
    now: datetime,
    *,
    was_sent: bool,
    by: Who = COMMAND_LINE,
) -> Sent:
    """A person's word on a message in doubt: it was sent, or it is to be sent once more.

    Raises:
        NotFoundError: there is no such issue, or no message of it to that address is in doubt.
    """
    installation.issue(issue_id)
    with transaction(installation.engine) as connection:
        if not store.deliveries.settle_doubt(connection, issue_id, address, was_sent, now):
            raise NotFoundError(
                f"No message of {issue_id} to {address} is in doubt; digest show {issue_id} lists them."
            )
        word = "it arrived" if was_sent else "send it again"
        store.audit.add(connection, by, "settle", str(issue_id), now, f"{masked(address)}: {word}")
    return sent(installation, issue_id)


def retry(
    installation: Installation, issue_id: IssueId, now: datetime, by: Who = COMMAND_LINE
) -> Mapping[DeliveryState, int]:
    """Queue again what waits, what is too late, and what was refused for a policy; how many there were of each state.

    ``send`` or ``run`` does the sending, for as long as a new send would last.

    Raises:
        NotFoundError: there is no such issue, or nobody asked to send it.
        DigestError: its send was cancelled.
    """
    installation.issue(issue_id)
    hours = installation.digest(issue_id.digest).expires_hours
    with transaction(installation.engine) as connection:
        again = store.deliveries.retry(connection, issue_id, now + timedelta(hours=hours), now)
        store.audit.add(connection, by, "retry", str(issue_id), now)
    return again
