"""A send that a person starts: what is known before it, what is asked for before many get it, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest import store
from digest.errors import DigestError
from digest.model import DeliveryState, Editor, IssueId, Send
from digest.pipeline.installation import Installation
from digest.pipeline.mail import send
from digest.store.database import reading, transaction

UNDO = timedelta(seconds=30)  # before the first mail
LARGE = 1_000  # people: from here on it is asked for their number, and for the password
FIRST_PERCENT = 1.0


class NumberError(DigestError):
    """A send to many was asked for without their number."""


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


def require_number(issue_id: IssueId, before: Before, typed: str) -> None:
    """Refuse to send to a large audience whose number was not typed.

    Raises:
        NumberError: it was not, or is another one by now.
    """
    if before.is_large and typed.strip() != str(before.people):
        raise NumberError(f"{issue_id} would go to {before.people} people: type that number to send it.")


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
