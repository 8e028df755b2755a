"""What needs an editor now, most urgent first, each with its one action; and what comes next by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from digest.assemble.steps import NextStep, Step, goes_out
from digest.assemble.window import review_by
from digest.collect.health import HealthState, health
from digest.doctor.check import Checkup, Level
from digest.model import DeliveryState, Issue, IssueState, Send, Source
from digest.settings import DigestSettings
from digest.text.amounts import amount

_NEAR = timedelta(days=1)


class Urgency(IntEnum):
    """What comes first."""

    DOUBT = 0  # somebody may have got nothing, or would get it twice
    STOPPED = 1  # a send, or an issue whose time is over
    MACHINE = 2  # what a send stands on, when one is near
    LATE = 3  # it should have been approved by now
    WAITING = 4
    SOURCE = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """An unfinished issue: what is done with it next, and what has become of its mail so far."""

    issue: Issue
    digest: DigestSettings
    send: Send | None
    step: NextStep
    counts: Mapping[DeliveryState, int]


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for a person: ``path`` below the desk is where its ``action`` is done."""

    urgency: Urgency
    sentence: str
    action: str
    path: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """What a digest does next by itself; ``path`` leads to its draft, or is "" while there is none."""

    title: str
    at: datetime
    path: str
    picks: int
    approved: bool


def needs(
    standings: Collection[Standing],
    sources: Iterable[Source],
    now: datetime,
    checkup: Checkup | None = None,
) -> tuple[Need, ...]:
    """All that waits for a person, most urgent first, then what has waited longest; ``checkup`` is doctor's last one."""
    found = [need for standing in standings for need in _of_issue(standing, now)]
    found += [need for source in sources for need in _of_source(source, now)]
    if checkup and any(is_near(standing, now) for standing in standings):
        found += _of_machine(checkup)
    return tuple(sorted(found, key=lambda need: (need.urgency, need.since or now, need.path)))


def is_near(standing: Standing, now: datetime) -> bool:
    """Whether mail of an issue is to leave within a day, or does already."""
    if standing.step.step in (Step.SKIP, Step.EXPIRED, Step.DONE):
        return False
    return standing.send is not None or goes_out(standing.issue, standing.digest) - now < _NEAR


def _of_machine(checkup: Checkup) -> Iterator[Need]:
    broken = [check for check in checkup.wrong if check.level is Level.FAILED]
    if broken:
        more = f" And {len(broken) - 1} more." if len(broken) > 1 else ""
        sentence = f"A send is near, and doctor found {broken[0].about} wrong: {broken[0].found}{more}"
        yield Need(Urgency.MACHINE, sentence, "Look", "doctor", checkup.at)


def _of_issue(standing: Standing, now: datetime) -> Iterator[Need]:
    issue, send = standing.issue, standing.send
    path = f"issue/{issue.id}"
    if doubtful := standing.counts.get(DeliveryState.IN_DOUBT, 0):
        whether = f"{amount(doubtful, 'message')} {'is' if doubtful == 1 else 'are'}"
        sentence = f"{whether} in doubt: nobody knows whether the relay took it."
        yield Need(
            Urgency.DOUBT, f"{issue.id}: {sentence}", "Settle", f"deliveries/{issue.id}?state=in_doubt"
        )
    match standing.step.step:
        case Step.PAUSED:
            why = send.why if send and send.why else "by hand"
            yield Need(Urgency.STOPPED, f"Sending {issue.id} is paused: {why}", "Look", f"send/{issue.id}")
        case Step.EXPIRED:
            due = goes_out(issue, standing.digest)
            sentence = f"{issue.id} is more than {standing.digest.expires_hours} hours late, and goes out only by hand."
            yield Need(Urgency.STOPPED, sentence, "Decide", path, due)
        case Step.WAIT_FOR_APPROVAL:
            yield _approval(standing, path, now)


def _approval(standing: Standing, path: str, now: datetime) -> Need:
    issue, digest = standing.issue, standing.digest
    by = issue.goes_out_at or review_by(digest, issue.id.slot)
    because = f" ({issue.held})" if issue.held else ""
    late = now >= by
    says = "was to be approved by then" if late else "waits for approval"
    sentence = f"“{issue.document.title}” {says}{because}: {amount(len(issue.document.picks), 'post')}."
    return Need(Urgency.LATE if late else Urgency.WAITING, sentence, "Review", path, by)


def _of_source(source: Source, now: datetime) -> Iterator[Need]:
    found = health(source, now)
    if found.state in (HealthState.FAILING, HealthState.GONE, HealthState.SILENT):
        title = source.title or source.slug
        yield Need(
            Urgency.SOURCE,
            f"{title}: {found.sentence}",
            "Look",
            f"sources/{source.slug}",
            source.last_good_at,
        )


def coming(standing: Standing) -> Coming | None:
    """When an issue goes out if nobody does anything; None where it does not."""
    issue = standing.issue
    by_itself = standing.step.step in (Step.WAIT_FOR_SLOT, Step.APPROVE, Step.PUBLISH)
    if not by_itself or issue.state is IssueState.PUBLISHED:
        return None
    return Coming(
        issue.document.title,
        goes_out(issue, standing.digest),
        f"issue/{issue.id}",
        len(issue.document.picks),
        issue.state is IssueState.APPROVED,
    )
