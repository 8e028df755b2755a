"""One run: connections are opened as they are needed, the ledger is looked at, and the end is found."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Generic

from sqlalchemy import Engine

from digest.deliver.ledger import Settled, Standing, unreached
from digest.deliver.pacing import Limits, Pace
from digest.model import DeliveryState, Message
from digest.sender import course as courses
from digest.sender.course import Course
from digest.sender.lane import Lane
from digest.sender.ledgers import Ledger, R
from digest.sender.owners import is_gone, owner
from digest.sender.scribe import Scribe
from digest.sender.transport import Transport
from digest.store.database import transaction

log = logging.getLogger(__name__)

GRACE_SECONDS = 20.0  # so long the relays may take to answer once a run is to end; then they are hung up on


@dataclass(frozen=True, slots=True)
class Report:
    """What one run did: rows by the state it brought them to, and why it ended before everything was sent."""

    counts: Mapping[DeliveryState, int]
    problem: str = ""
    next_try_at: datetime | None = None  # of the earliest row that was put back to be tried again


def send_all(
    engine: Engine,
    ledger: Ledger[R],
    relays: Sequence[Callable[[], Transport]],
    make_message: Callable[[R], Message],
    clock: Callable[[], datetime],
    stop: threading.Event,
    *,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    pace: Pace = Pace(),  # noqa: B008
    patience: timedelta = timedelta(),
    told: Callable[[Settled], None] = lambda _: None,
) -> Report:
    """Send what is due of a ledger, until nothing is, over as many connections as limits and relays allow.

    May run any number of times, also at once: a row belongs to one claim at a time. ``stop`` ends it after the
    messages in hand, and hangs up on a relay that leaves one unanswered for ``GRACE_SECONDS``; pause, resume and
    cancel act between two messages. With ``patience`` it also waits that long for rows that come due, for a pause to
    end, and for a relay that is away; without, it returns. ``make_message`` is called by several threads at once;
    ``told`` hears of each row that was settled, and should be quick.

    Raises:
        StoreError: the ledger cannot be used; then nothing is sent.
    """
    with owner() as name:
        with transaction(engine) as connection:
            ledger.abandoned(connection, is_gone, clock())
        course: Course[R] = Course(ledger.name, limits, pace, len(relays), clock, stop, told)
        scribe = Scribe(engine, ledger, name, clock, course.written, course.connections)
        run = _Run(engine, ledger, course, scribe, relays, make_message, clock, stop)
        run.go(clock() + patience)
    return Report(dict(course.counts), course.problem, course.next_try_at)


@dataclass(slots=True)
class _Run(Generic[R]):
    engine: Engine
    ledger: Ledger[R]
    course: Course[R]
    scribe: Scribe[R]
    relays: Sequence[Callable[[], Transport]]
    make_message: Callable[[R], Message]
    clock: Callable[[], datetime]
    stop: threading.Event
    lanes: dict[Lane[R], threading.Thread] = field(default_factory=dict)

    def go(self, until: datetime) -> None:
        """Send until nothing is due and patience, which ends at ``until``, is over."""
        try:
            while not self._is_over(until):
                self._man()
                if not self.course.wait(courses.LOOK_SECONDS):
                    self.course.look_again()
        finally:
            self._end()
        if self.course.failure is not None:
            raise self.course.failure

    def _is_over(self, until: datetime) -> bool:
        """Look at the ledger; where nothing can be sent now, end, or wait for a while."""
        if self.course.failure is not None or (self.stop.is_set() and not self.course.is_at_rest()):
            return True
        at_rest = self.course.is_at_rest()
        standing = self._look()
        if not at_rest or not self.course.is_at_rest():
            return standing.over and self.course.is_at_rest()
        if standing.over or self.clock() >= until or self.stop.wait(courses.LOOK_SECONDS):
            return True
        self.course.look_again()
        return False

    def _look(self) -> Standing:
        self.scribe.flush()
        why = self.course.pause_why
        with transaction(self.engine) as connection:
            standing = self.ledger.standing(connection, self.clock())
            if paused := bool(why and standing.running):
                self.ledger.pause(connection, why)
                standing = Standing(running=False, why=why)
        if paused:
            log.error("%s is paused: %s", self.ledger.name, why)
        self.course.stands(standing, paused=bool(why))
        if not standing.running:
            self._give_back()
        return standing

    def _man(self) -> None:
        """Serve the connections that are used and that nobody serves."""
        for number in self.course.unmanned():
            lane = Lane(number, self.course, self.scribe, self.relays, self.make_message, self.clock)
            thread = threading.Thread(target=lane.work, name=f"connection {number}", daemon=True)
            self.lanes = {lane: thread for lane, thread in self.lanes.items() if thread.is_alive()}
            self.lanes[lane] = thread
            thread.start()

    def _give_back(self) -> None:
        """What nobody has taken goes back to the queue."""
        for row in self.course.left_over():
            self.scribe.settle(row, unreached(row, row.reply))

    def _end(self) -> None:
        """Let the messages in hand come to their end, give back what was only claimed, and write it all."""
        self.course.end()
        grace_ends = monotonic() + GRACE_SECONDS
        for lane, thread in self.lanes.items():
            thread.join(max(0.0, grace_ends - monotonic()))
            if thread.is_alive():
                lane.abort()
                thread.join(1.0)
        try:
            self.scribe.flush()  # rows that were asked for may still have been claimed
            self._give_back()
        finally:
            self.scribe.close()
