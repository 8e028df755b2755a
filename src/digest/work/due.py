"""Which units are due: read from the rows, decided by pure functions of them.

Both ways of working ask here, and whoever does a unit asks here once more. So the two cannot drift, and a unit that
was done meanwhile, or is named twice, does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest import store
from digest.assemble import window
from digest.assemble.steps import Step, next_step
from digest.desk.today import is_near
from digest.model import Issue, IssueId, Unit, Work
from digest.pipeline.drafts import draft
from digest.pipeline.editors.overview import standings
from digest.pipeline.installation import Installation
from digest.pipeline.mail.send import senders
from digest.pipeline.posts.collect import due_hosts
from digest.settings import DigestSettings
from digest.store.database import reading

CHECKED_EVERY = timedelta(minutes=40)  # so that nothing that is shown before a send is older than an hour
PUBLISHING = frozenset(
    {Step.SKIP, Step.APPROVE, Step.PUBLISH}
)  # the steps of one unit, taken one after the other
_FOR_A_PERSON = frozenset({Step.WAIT_FOR_APPROVAL, Step.PAUSED, Step.EXPIRED})


@dataclass(frozen=True, slots=True)
class Due:
    """Units that are due, in the order in which they are to be done, and which issues wait for a person, and why."""

    units: tuple[Unit, ...] = ()
    waiting: Mapping[IssueId, str] = field(default_factory=dict)


def polls(installation: Installation, now: datetime) -> Due:
    """A unit for each host with sources that are due."""
    return Due(tuple(Unit(Work.POLL, host) for host in due_hosts(installation, now)))


def of_digest(installation: Installation, digest: DigestSettings, now: datetime) -> Due:
    """The draft of the next slot, and what the unfinished issues need."""
    drafts = (Unit(Work.DRAFT, digest.slug),) if draft_is_due(installation, digest, now) else ()
    with reading(installation.engine) as connection:
        unfinished = store.issues.unfinished(connection, digest.slug)
    return _together([Due(drafts), *(of_issue(installation, digest, issue, now) for issue in unfinished)])


def checkup_is_due(installation: Installation, now: datetime) -> bool:
    """Whether doctor should look: mail is to leave within a day, and what was found last is soon too old."""
    with reading(installation.engine) as connection:
        last = store.checks.newest(connection)
        near = any(is_near(each, now) for each in standings(installation, connection, now))
    return near and (last is None or last.is_old(now, CHECKED_EVERY))


def draft_is_due(installation: Installation, digest: DigestSettings, now: datetime) -> bool:
    """Whether the next open slot has no draft although it is time, or one that is out of date.

    Posts came since, or another issue had some of them. A draft that an editor has changed stays as it is.
    """
    with reading(installation.engine) as connection:
        day = draft.slot_to_draft(connection, digest, now)
        if now < window.draft_opens(digest, day):
            return False
        existing = store.issues.issue(connection, IssueId(digest.slug, day))
        if existing is None:
            return True
        repeats = store.issues.settled_elsewhere(connection, existing.id, existing.document.posts)
        return not existing.edit and bool(repeats or draft.new_posts(connection, digest, existing, now))


def of_issue(installation: Installation, digest: DigestSettings, issue: Issue, now: datetime) -> Due:
    """Its next step (``assemble.steps``) as units: a send has one for each worker that may join in."""
    with reading(installation.engine) as connection:
        wanted = store.deliveries.send(connection, issue.id)
    step = next_step(issue, digest, wanted, now)
    if step.step in PUBLISHING:
        return Due((Unit(Work.PUBLISH, str(issue.id)),))
    if step.step is Step.SEND:
        shards = range(shards_of(installation, issue.id))
        return Due(tuple(Unit(Work.SEND, str(issue.id), shard) for shard in shards))
    return Due(waiting={issue.id: step.why} if step.step in _FOR_A_PERSON else {})


def shards_of(installation: Installation, issue: IssueId) -> int:
    """How many workers send an issue: one on SQLite, which serves one machine."""
    if installation.engine.dialect.name == "sqlite":
        return 1
    with reading(installation.engine) as connection:
        people = sum(store.deliveries.counts(connection, issue).values())
    return senders(installation.settings.mail, people)


def _together(found: Iterable[Due]) -> Due:
    found = tuple(found)
    units = tuple(unit for each in found for unit in each.units)
    return Due(units, {issue: why for each in found for issue, why in each.waiting.items()})
