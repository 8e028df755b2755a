"""One run, in one thread: connections work, what they have to say is written, the ledger is looked at, the end is found."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
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
from digest.sender.loop import Loop
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
    stop: Event,
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
    end, and for a relay that is away; without, it returns. All of it is done in the caller's thread. ``told`` hears of each row that was settled, and should be quick.

    Raises:
        StoreError: the ledger cannot be used; then nothing is sent.
    """
    with owner() as name:
        with transaction(engine) as connection:
            ledger.abandoned(connection, is_gone, clock())
        course: Course[R] = Course(ledger.name, limits, pace, len(relays), clock, stop, told)
        scribe = Scribe(engine, ledger, name, clock, course.written)
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
    stop: Event
    loop: Loop = field(default_factory=Loop)

    def go(self, until: datetime) -> None:
        """Send until nothing is due and patience, which ends at ``until``, is over."""
        try:
            while not self._is_over(until):
                self._send(courses.LOOK_SECONDS)
        finally:
            self._end()
        if self.course.failure is not None:
            raise self.course.failure

    # ── sending ──────────────────────────────────────────────────────────────────────────────

    def _send(self, seconds: float) -> None:
        """Let all connections work until the next look at the ledger is due, or there is nothing to do."""
        ends = monotonic() + seconds
        while not self.course.is_at_rest() and self.course.failure is None:
            if (left := ends - monotonic()) <= 0:
                self.course.look_again()
                return
            self._man()
            self._turn(left)

    def _turn(self, seconds: float) -> None:
        """Let everybody go on who can; what they have to say is written once no more of it comes."""
        unwritten = len(self.scribe)
        wait = min(seconds, self.scribe.wait(self.course.connections()))
        if self.loop.has_idle:
            wait = min(wait, self.course.pause_seconds())
        self.loop.turn(wait)
        if unwritten and len(self.scribe) == unwritten:
            self._write()

    def _write(self) -> None:
        self.scribe.write()
        if self.scribe.failure is not None:
            self.course.fail(self.scribe.failure)

    def _man(self) -> None:
        """Serve the connections that are used and that nobody serves."""
        for number in self.course.unmanned():
            lane = Lane(number, self.course, self.scribe, self.relays, self.make_message, self.clock)
            self.loop.start(lane.work())

    # ── looking ──────────────────────────────────────────────────────────────────────────────

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
        self._write()
        if self.scribe.failure is not None:
            raise self.scribe.failure
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

    def _give_back(self) -> None:
        """What nobody has taken goes back to the queue."""
        for row in self.course.left_over():
            self.scribe.settle(row, unreached(row, row.reply))

    # ── ending ───────────────────────────────────────────────────────────────────────────────

    def _end(self) -> None:
        """Let the messages in hand come to their end, give back what was only claimed, and write it all."""
        self.course.end()
        with closing(self.loop), closing(self.scribe):
            self._let_finish()
            self.scribe.write()  # rows that were asked for may still be claimed
            self._give_back()
            self.scribe.write()
        if self.scribe.failure is not None:
            raise self.scribe.failure

    def _let_finish(self) -> None:
        grace_ends = monotonic() + GRACE_SECONDS
        while self.loop and (left := grace_ends - monotonic()) > 0:
            self._turn(left)
        self.loop.hang_up()
        while self.loop:
            self._turn(0)
