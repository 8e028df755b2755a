"""Calendar → APScheduler jobs; a job is one look at what is due.

APScheduler only says *when*. What is due is read from the database each time (``work.due``), so a restart repeats
nothing, a look that happens twice is harmless, and what was missed while asleep is found by the first look afterwards.
What is found is done here, in threads (``run``), or put before workers on any number of machines (``direct``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from typing import Protocol

from apscheduler.events import EVENT_JOB_EXECUTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.interval import IntervalTrigger

from digest import store
from digest.assemble import window
from digest.model import IssueId, Queue, Unit, Work
from digest.pipeline.installation import Clock, Installation
from digest.pipeline.issues import publish
from digest.pipeline.upkeep.heart import beating
from digest.settings import DigestSettings, Settings
from digest.store.database import reading, transaction
from digest.work import due
from digest.work.doing import Hands, do_all, poll, told

log = logging.getLogger(__name__)

COLLECT_EVERY = timedelta(seconds=60)  # a look at which sources are due; each has its own time of next poll
ADVANCE_EVERY = timedelta(seconds=15)  # a look at approvals, resumed sends and rows to be tried again
CHORE_EVERY = timedelta(
    seconds=60
)  # a look at refusals, at what editors and others are to be told, at the hub
WEBHOOK_EVERY = timedelta(seconds=30)
PRUNE_EVERY = timedelta(hours=1)  # once a day it does something
DOCTOR_EVERY = timedelta(minutes=15)  # a look at whether doctor should look
STALLED_EVERY = timedelta(seconds=5)  # a look at workers that are gone
SILENT = timedelta(seconds=15)  # after which a worker counts as gone
FIRST_COLLECTION = timedelta(minutes=5)  # the longest that a start waits for it

Reminders = dict[IssueId, str]  # which issues' people have been reminded of what


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
    """Collect, draft, publish and send on time in threads, until ``stop`` is set; then finish the message in hand.

    What is published is written once more at the start, which mends a tree that a crash left behind.
    """
    publish.rebuild(installation)
    with beating(installation, clock) as beat:
        _go(installation.settings, _Here(installation, clock, stop), stop, beat)


def direct(installation: Installation, clock: Clock, over: Event, silent: timedelta = SILENT) -> None:
    """Put what is due before workers on time, and take back what dead ones had, until ``over`` is set.

    For the one scheduler that is elected, on PostgreSQL; a worker counts as dead once it is ``silent`` for so long.
    """
    with beating(installation, clock) as beat:
        _go(installation.settings, _Elsewhere(installation, clock, silent), over, beat)


# ── when ─────────────────────────────────────────────────────────────────────────────────────────


class _Way(Protocol):
    """What becomes of what is due. Each method is one look."""

    def polls(self) -> None:
        """Sources."""

    def digest(self, digest: DigestSettings, reminders: Reminders) -> None:
        """A digest's draft and issues; what waits for a person is told when that is new."""

    def chore(self, unit: Unit) -> None:
        """A unit that is due whenever its time comes."""

    def stalled(self) -> None:
        """What nobody is at work on any more, although somebody was."""


def _go(settings: Settings, way: _Way, stop: Event, beat: Callable[[], None]) -> None:
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(8 + len(settings.digests))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    scheduler.add_listener(lambda _: beat(), EVENT_JOB_EXECUTED)
    _add_job(scheduler, "collect", way.polls, _every(COLLECT_EVERY))
    _add_job(scheduler, "stalled", way.stalled, _every(STALLED_EVERY))
    doctor = partial(way.chore, Unit(Work.DOCTOR))
    _add_job(scheduler, "doctor", doctor, _every(DOCTOR_EVERY), DOCTOR_EVERY)
    for unit, often in _chores(settings).items():
        _add_job(scheduler, unit.work, partial(way.chore, unit), _every(often))
    for digest in settings.digests:
        trigger = OrTrigger([CalendarTrigger(digest), _every(ADVANCE_EVERY)])
        _add_job(scheduler, digest.slug, partial(way.digest, digest, {}), trigger)
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)


def _chores(settings: Settings) -> Mapping[Unit, timedelta]:
    """What is due at all times, and how often it is done."""
    chores = {
        Unit(Work.REFUSALS): CHORE_EVERY,
        Unit(Work.EDITORS): CHORE_EVERY,
        Unit(Work.NOTICES): CHORE_EVERY,
        Unit(Work.PRUNE): PRUNE_EVERY,
    }
    if settings.notices.webhook:
        chores[Unit(Work.WEBHOOK)] = WEBHOOK_EVERY
    if settings.inbound.imap:
        chores[Unit(Work.MAILBOX)] = timedelta(minutes=settings.inbound.imap_minutes)
    if settings.publish.hub:
        chores[Unit(Work.HUB)] = CHORE_EVERY
    return chores


def _every(interval: timedelta) -> IntervalTrigger:
    return IntervalTrigger(seconds=int(interval.total_seconds()), timezone=UTC)


def _add_job(
    scheduler: BackgroundScheduler,
    name: str,
    look: Callable[[], None],
    trigger: BaseTrigger,
    wait: timedelta = timedelta(),
) -> None:
    """A job that begins after a ``wait``, or at once; a failure of one look is told and ends only this look."""

    def tick() -> None:
        with told(name):
            look()

    scheduler.add_job(tick, trigger, name=name, next_run_time=datetime.now(UTC) + wait)


# ── here, or elsewhere ───────────────────────────────────────────────────────────────────────────


class _Here:
    """It is done at once, in the threads of the scheduler.

    After a long sleep there may be an issue to catch up at once, so the first look at a digest waits for the first
    collection, or for ``FIRST_COLLECTION`` where a source is that slow.
    """

    def __init__(self, installation: Installation, clock: Clock, stop: Event) -> None:
        self.hands = Hands(installation, clock, stop)
        self.collected = Event()

    def polls(self) -> None:
        try:
            poll(self.hands)
        finally:
            self.collected.set()

    def digest(self, digest: DigestSettings, reminders: Reminders) -> None:
        self.collected.wait(FIRST_COLLECTION.total_seconds())
        advance(self.hands.installation, digest, self.hands.clock, self.hands.stop, reminders)

    def chore(self, unit: Unit) -> None:
        do_all(self.hands, [unit])

    def stalled(self) -> None:
        """Nothing: whoever dies takes all with it, and the rows are as they were."""


class _Elsewhere:
    """It is put before workers. The first looks at digests wait until polls are done, as they do here."""

    def __init__(self, installation: Installation, clock: Clock, silent: timedelta) -> None:
        self.installation, self.clock, self.silent = installation, clock, silent
        self.begun, self.polled = clock(), Event()
        self.chore(Unit(Work.TREE))  # what a publisher that died has not written

    def polls(self) -> None:
        self._put(due.polls(self.installation, self.clock()))
        self.polled.set()

    def digest(self, digest: DigestSettings, reminders: Reminders) -> None:
        if self._has_collected():
            found = due.of_digest(self.installation, digest, self.clock())
            self._put(found)
            _remind(found.waiting, reminders)

    def chore(self, unit: Unit) -> None:
        self._put(due.Due((unit,)))

    def stalled(self) -> None:
        if count := store.jobs.take_back(self.installation.engine, self.silent):
            log.warning("%d units of workers that are gone are given to others", count)

    def _put(self, found: due.Due) -> None:
        with transaction(self.installation.engine) as connection:
            store.jobs.put(connection, *found.units)

    def _has_collected(self) -> bool:
        if self.clock() - self.begun > FIRST_COLLECTION:
            return True
        with reading(self.installation.engine) as connection:
            return self.polled.is_set() and not store.jobs.waiting(connection).get(Queue.POLL)


def advance(
    installation: Installation,
    digest: DigestSettings,
    clock: Clock,
    stop: Event,
    reminders: Reminders | None = None,
) -> None:
    """Bring a digest as far as it goes by itself: draft when it is time, then each unfinished issue's next steps.

    An issue that cannot go on is told of, and keeps no other one back. ``reminders`` remembers from one call to the
    next which issues' people have been reminded of what: each reminder is logged once.
    """
    do_all(Hands(installation, clock, stop), due.of_digest(installation, digest, clock()).units)
    if not stop.is_set():
        _remind(due.of_digest(installation, digest, clock()).waiting, {} if reminders is None else reminders)


def _remind(waiting: Mapping[IssueId, str], reminders: Reminders) -> None:
    for issue, why in waiting.items():
        if reminders.get(issue) != why:
            reminders[issue] = why
            log.warning("%s", why)
