"""Calendar → APScheduler jobs; a job is one verb, or the next step of one digest.

APScheduler only says *when*. What is due is read from the database each time, so a restart repeats nothing, a
tick that happens twice is harmless, and what was missed while asleep is found by the first tick afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.interval import IntervalTrigger

from digest import store
from digest.assemble import window
from digest.assemble.steps import Step, next_step
from digest.deliver.inbound.imap import Mailbox
from digest.errors import DigestError
from digest.model import Issue, IssueId
from digest.pipeline.drafts import draft
from digest.pipeline.editors.editor_mail import tell_editors
from digest.pipeline.installation import Clock, Installation
from digest.pipeline.issues import announce, publish
from digest.pipeline.mail import bounces, send
from digest.pipeline.mail.inbound import read_mailbox
from digest.pipeline.posts import collect
from digest.settings import DigestSettings
from digest.store.audit import SCHEDULER
from digest.store.database import reading
from digest.wiring import mailbox_of

log = logging.getLogger(__name__)

COLLECT_EVERY = timedelta(seconds=60)  # a look at which sources are due; each has its own time of next poll
PATIENCE = timedelta(minutes=30)  # with a relay that is away: long enough for the sender to give up and pause
ADVANCE_EVERY = timedelta(seconds=15)  # a look at approvals, resumed sends and rows to be tried again
JUDGE_EVERY = timedelta(seconds=60)  # a look at what the relay has refused
TELL_EVERY = timedelta(seconds=60)  # a look at what editors are to be told
ANNOUNCE_EVERY = timedelta(seconds=60)  # a look at what a WebSub hub has not heard of yet
FIRST_COLLECTION = timedelta(minutes=5)  # the longest that a start waits for it


class CalendarTrigger(BaseTrigger):
    """Fires when a draft of a digest is to be opened, and at its slots, in the digest's own zone."""

    def __init__(self, digest: DigestSettings) -> None:
        self.digest = digest

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """The first such moment later than the last one, or than ``now``; APScheduler's interface."""
        return next_moment(self.digest, previous or now)


def next_moment(digest: DigestSettings, after: datetime) -> datetime:
    """When a draft opens, a veto ends or an issue goes out next, in UTC."""
    moments: list[datetime] = []
    for slot in window.slots(digest, after):
        opens = window.draft_opens(digest, slot.day)
        moments += [opens, window.review_by(digest, slot.day), slot.at]
        if opens > after:
            break
    return min(moment for moment in moments if moment > after)


def run(installation: Installation, clock: Clock, stop: Event) -> None:
    """Collect, draft, publish and send on time, until ``stop`` is set; then finish the message in hand.

    What is published is written once more at the start, which mends a tree that a crash left behind. After a
    long sleep there may be an issue to catch up at once, so the first look at a digest waits for the first
    collection, or for ``FIRST_COLLECTION`` where a source is that slow.
    """
    publish.rebuild(installation)
    box = mailbox_of(installation.settings)
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(6 + len(installation.settings.digests))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    collected = Event()

    def collect_now() -> None:
        try:
            collect_due(installation, clock, stop)
        finally:
            collected.set()

    def judge_now() -> None:
        bounces.judge(installation.engine, clock())

    def read_now(box: Mailbox) -> None:
        read_mailbox(installation, box, clock)

    def tell_now() -> None:
        tell_editors(installation, clock())

    def announce_now() -> None:
        announce.announce(installation, clock())

    def advance_now(digest: DigestSettings, told: dict[IssueId, str]) -> None:
        collected.wait(FIRST_COLLECTION.total_seconds())
        advance(installation, digest, clock, stop, told)

    _add_job(scheduler, "collect", collect_now, _every(COLLECT_EVERY))
    _add_job(scheduler, "bounces", judge_now, _every(JUDGE_EVERY))
    _add_job(scheduler, "editors", tell_now, _every(TELL_EVERY))
    if box is not None:
        minutes = timedelta(minutes=installation.settings.inbound.imap_minutes)
        _add_job(scheduler, "mailbox", partial(read_now, box), _every(minutes))
    if installation.settings.publish.hub:
        _add_job(scheduler, "hub", announce_now, _every(ANNOUNCE_EVERY))
    for digest in installation.settings.digests:
        trigger = OrTrigger([CalendarTrigger(digest), _every(ADVANCE_EVERY)])
        _add_job(scheduler, digest.slug, partial(advance_now, digest, {}), trigger)
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)


def _every(interval: timedelta) -> IntervalTrigger:
    return IntervalTrigger(seconds=int(interval.total_seconds()), timezone=UTC)


def _add_job(
    scheduler: BackgroundScheduler, name: str, work: Callable[[], None], trigger: BaseTrigger
) -> None:
    """A job that begins at once; a failure of one tick is told and ends only this tick."""

    def tick() -> None:
        with _told(name):
            work()

    scheduler.add_job(tick, trigger, name=name, next_run_time=datetime.now(UTC))


@contextmanager
def _told(name: object) -> Iterator[None]:
    """A failure in this block is for the operator to read, and for the next tick to try again."""
    try:
        yield
    except DigestError as error:
        log.error("%s: %s", name, error)  # noqa: TRY400  # the sentence says it all


def collect_due(installation: Installation, clock: Clock, stop: Event) -> None:
    """Poll what is due; say what came of it."""
    for polled in collect.collect(installation, clock, stop=stop):
        say = log.info if polled.ok else log.warning
        say("source %s: %s", polled.source, polled.status)


def advance(
    installation: Installation,
    digest: DigestSettings,
    clock: Clock,
    stop: Event,
    told: dict[IssueId, str] | None = None,
) -> None:
    """Bring a digest as far as it goes by itself: draft when it is time, then each unfinished issue's next steps.

    An issue that cannot go on is told of, and keeps no other one back. ``told`` remembers from one call to the next
    which issues' people have been reminded of what: each reminder is logged once.
    """
    told = {} if told is None else told
    if draft_is_due(installation, digest, clock()):
        drafted = draft.draft(installation, digest.slug, clock())
        log.info("%s: %s", drafted.issue.id, drafted.kept or "drafted")
    with reading(installation.engine) as connection:
        unfinished = store.issues.unfinished(connection, digest.slug)
    for issue in unfinished:
        with _told(issue.id):
            _advance_issue(installation, digest, issue, clock, stop, told)


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


def _advance_issue(
    installation: Installation,
    digest: DigestSettings,
    issue: Issue,
    clock: Clock,
    stop: Event,
    told: dict[IssueId, str],
) -> None:
    """Take steps while there is one to take; what waits for a person is told when that is new."""
    while not stop.is_set():
        with reading(installation.engine) as connection:
            wanted = store.deliveries.send(connection, issue.id)
        step = next_step(issue, digest, wanted, clock())
        log.debug("%s", step.why)
        match step.step:
            case Step.SKIP:
                issue = draft.skip(installation, issue.id, step.why, clock(), SCHEDULER)
                log.warning("%s is skipped: %s", issue.id, step.why)
            case Step.APPROVE:
                issue = publish.approve(installation, issue.id, clock(), by=SCHEDULER)
            case Step.PUBLISH:
                issue = publish.publish(installation, issue.id, clock())
                log.info("%s is published", issue.id)
            case Step.SEND:
                _send(installation, issue, clock, stop)
                return
            case Step.WAIT_FOR_APPROVAL | Step.PAUSED | Step.EXPIRED:
                if told.get(issue.id) != step.why:
                    told[issue.id] = step.why
                    log.warning("%s", step.why)
                return
            case _:
                return


def _send(installation: Installation, issue: Issue, clock: Clock, stop: Event) -> None:
    """Send what is due, and stay a while for what the relay puts off; the rest is for a later tick."""
    _foretell(installation, issue, clock())
    result = send.send(installation, issue.id, clock, stop=stop, patience=PATIENCE, by=SCHEDULER)
    moved = ", ".join(f"{count} {state}" for state, count in result.moved.items() if count)
    if moved:
        log.info("%s: %s", issue.id, moved)
    if result.problem:
        log.error("%s: %s", issue.id, result.problem)


def _foretell(installation: Installation, issue: Issue, now: datetime) -> None:
    """Say once, when a send begins, that it cannot reach everybody in time."""
    with reading(installation.engine) as connection:
        begun = store.deliveries.send(connection, issue.id)
    if begun is None and (expected := send.forecast(installation, issue.id, now)).is_too_late:
        log.warning("%s: %s", issue.id, expected.sentence)
