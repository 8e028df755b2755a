"""A send that a person starts, looks at and steers at the desk: what is known before it, an undo window, each step logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest import store
from digest.errors import DigestError
from digest.masks import masked
from digest.model import DeliveryState, Editor, IssueId, IssueState, Send, SendState
from digest.pipeline import publish, send
from digest.pipeline.installation import Installation
from digest.store.database import reading, transaction

UNDO = timedelta(seconds=30)  # before the first mail
LARGE = 1_000  # people: from here on it is asked for their number, and for the password
FIRST_PERCENT = 1.0


@dataclass(frozen=True, slots=True)
class Before:
    """What is to be known before an issue is sent; ``last`` is the send before it, with what became of its mail."""

    people: int
    forecast: send.Forecast
    last: Send | None
    counts: Mapping[DeliveryState, int]

    @property
    def is_large(self) -> bool:
        """Whether a mistake would reach so many that it is asked twice."""
        return self.people > LARGE


def before(installation: Installation, issue_id: IssueId, now: datetime) -> Before:
    """What is to be known before an issue is sent."""
    forecast = send.forecast(installation, issue_id, now)
    with reading(installation.engine) as connection:
        last = store.deliveries.last_send(connection, issue_id.digest, issue_id)
        counts = store.deliveries.counts(connection, last.issue) if last else {}
    return Before(forecast.people, forecast, last, counts)


def start(
    installation: Installation,
    issue_id: IssueId,
    by: Editor,
    now: datetime,
    *,
    first_percent: float | None = None,
) -> Send:
    """Publish an approved issue, and ask for its send, which begins after the undo window; again, it changes nothing.

    Raises:
        TooEarlyError: it is not approved.
        DigestError: its send was cancelled or is paused.
    """
    if installation.issue(issue_id).state is IssueState.APPROVED:
        publish.publish(installation, issue_id, now)
    with reading(installation.engine) as connection:
        asked = store.deliveries.send(connection, issue_id)
    if asked:
        return asked
    found = send.request(installation, issue_id, now + UNDO, first_percent)
    if found.requested_at == now + UNDO:  # of two who ask at once, one has asked
        _log(installation, by, "send", issue_id, now, _first(first_percent))
    return found


def _first(percent: float | None) -> str:
    return f"to {percent:g} % of the audience first" if percent else ""


def take_back(installation: Installation, issue_id: IssueId, by: Editor, now: datetime) -> None:
    """Take a send back within the undo window: nobody was mailed, and it can be asked for again.

    Raises:
        NotFoundError: nobody asked to send it.
        DigestError: the window is over.
    """
    with transaction(installation.engine) as connection:
        recalled = store.deliveries.recall(connection, issue_id, now)
        if recalled:
            store.audit.add(connection, by, "take send back", str(issue_id), now)
    if not recalled:
        raise DigestError(f"{issue_id} is being sent already: pause it, or cancel what is left of it.")


def steer(
    installation: Installation, issue_id: IssueId, wanted: SendState, by: Editor, now: datetime
) -> None:
    """Pause a send, let it go on, or end it for good.

    Raises:
        DigestError: it is over, or was cancelled.
    """
    match wanted:
        case SendState.PAUSED:
            send.pause(installation, issue_id, f"{by.name} paused it")
        case SendState.RUNNING:
            send.resume(installation, issue_id)
        case SendState.CANCELLED:
            send.cancel(installation, issue_id, now)
        case SendState.FINISHED:
            raise DigestError("A send finishes by itself.")
    _log(installation, by, {SendState.RUNNING: "resume"}.get(wanted, str(wanted)), issue_id, now)


def settle(
    installation: Installation, issue_id: IssueId, address: str, by: Editor, now: datetime, *, was_sent: bool
) -> None:
    """A person's word on a message in doubt: it arrived, or it is to be sent once more.

    Raises:
        NotFoundError: no message of this issue to this address is in doubt.
    """
    send.settle(installation, issue_id, address, now, was_sent=was_sent)
    word = "it arrived" if was_sent else "send it again"
    _log(installation, by, "settle", issue_id, now, f"{masked(address)}: {word}")


def retry(installation: Installation, issue_id: IssueId, by: Editor, now: datetime) -> None:
    """Try what was put off now, and what expired once more.

    Raises:
        DigestError: the send was cancelled.
    """
    send.retry(installation, issue_id, now)
    _log(installation, by, "retry", issue_id, now)


def _log(
    installation: Installation, by: Editor, action: str, issue_id: IssueId, now: datetime, detail: str = ""
) -> None:
    with transaction(installation.engine) as connection:
        store.audit.add(connection, by, action, str(issue_id), now, detail)
