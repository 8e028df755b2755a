"""Which mails an issue is due to its editors: when its draft is ready, before its hour is over, and after its send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from digest.assemble.steps import goes_out
from digest.assemble.window import review_by
from digest.desk.rights import Act
from digest.desk.today import Standing
from digest.model import DeliveryState, IssueState
from digest.text.amounts import amount

BEFORE = timedelta(hours=2)  # the end of the review: then whoever has not approved is reminded


class Occasion(StrEnum):
    """What a mail to editors is about; each issue has one of each, whatever happens."""

    READY = "ready"
    REMINDER = "reminder"
    REPORT = "report"


CONCERNS: Mapping[Occasion, Act] = {
    Occasion.READY: Act.EDIT,
    Occasion.REMINDER: Act.APPROVE,
    Occasion.REPORT: Act.SEND,
}


def occasions(standing: Standing, now: datetime) -> Iterator[Occasion]:
    """What a draft is due now; one without a post is due nothing yet."""
    issue = standing.issue
    if issue.state is not IssueState.DRAFT or not issue.document.posts:
        return
    yield Occasion.READY
    by = issue.goes_out_at or min(review_by(standing.digest, issue.id.slot), goes_out(issue, standing.digest))
    if now >= by - BEFORE:
        yield Occasion.REMINDER


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a send, without a look at what anybody did with the mail."""

    counts: Mapping[DeliveryState, int]
    bounced: Mapping[str, int]  # by what the bounce means
    unsubscribed: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """The same for a person."""
        told = [f"With the relay: {amount(self.counts.get(DeliveryState.ACCEPTED, 0), 'mail')}."]
        others = [
            f"{count} {state.replace('_', ' ')}"
            for state, count in self.counts.items()
            if count and state is not DeliveryState.ACCEPTED
        ]
        if others:
            told.append(f"The others: {', '.join(others)}.")
        if self.bounced:
            came_back = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in self.bounced.items())
            told.append(f"Came back: {came_back}.")
        told.append(f"{self.unsubscribed} have left since.")
        told.append("Who opened it and what was clicked is not known, and not asked.")
        return tuple(told)
