"""What the connections of one run share: the rows they take from, the pace, and why the run does not go on.

Everything here is done in the one thread of the run and takes microseconds: no socket, no database.
"""

from __future__ import annotations

import logging
import math
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Event
from typing import Generic

from digest.deliver import ledger, pacing
from digest.deliver.ledger import Outcome, Settled, Standing
from digest.deliver.pacing import Limits, Pace, Reach
from digest.deliver.waits import TURN, until
from digest.model import DeliveryState
from digest.sender.ledgers import R
from digest.sender.scribe import Written

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # how often a waiting sender looks for pause, cancel and due rows
LONGEST_PAUSE = timedelta(minutes=1)  # between two messages; a longer wait is not this run's
_KEPT_READY = 10  # claimed rows for each connection


class Course(Generic[R]):
    """One run, as its connections see it.

    Args:
        name: of what is sent, for sentences.
        limits: what we hold ourselves to.
        pace: what has gone already, as far as the limits ask for it.
        relays: how many there are, the first one preferred.
        clock: what time it is.
        stop: set when the run is to end.
        told: hears of each row that was settled.
    """

    def __init__(
        self,
        name: str,
        limits: Limits,
        pace: Pace,
        relays: int,
        clock: Callable[[], datetime],
        stop: Event,
        told: Callable[[Settled], None],
    ) -> None:
        self.name, self.limits, self._clock, self._stop = name, limits, clock, stop
        self._told = told
        self.counts: Counter[DeliveryState] = Counter()
        self.problem = ""
        self.next_try_at: datetime | None = None
        self.pause_why = ""  # a person is to look; not written yet
        self.failure: BaseException | None = None
        self.standing = Standing(running=False)
        self._ready: deque[R] = deque()  # claimed, in nobody's hands
        self._at_work = 0  # rows in the hands of a connection
        self._dry = False  # the last claim brought nothing
        self._asked_for_more = False
        self._resting: dict[str, datetime] = {}
        self._ended = False
        self._closed = self._rejected = 0  # by the relays' answers, written or not
        self._manned: set[int] = set()
        self._pace = pace
        self._widths = [pacing.width(limits)] * relays
        self._reaches = [Reach()] * relays

    # ── taking rows ──────────────────────────────────────────────────────────────────────────

    async def take(self, lane: int, want: Callable[[int], None]) -> R | None:
        """The next row for a connection, once it may go; None when it is to hang up, also as one too many.

        ``want`` is called where more rows should be claimed.
        """
        while self._is_needed(lane):
            if (row := self._next(want)) is not None:
                return row
            await until(TURN)
        return None

    def take_at_once(self, lane: int, want: Callable[[int], None]) -> R | None:
        """The next row for a connection where it may go without a wait."""
        return self._next(want) if self._is_needed(lane) else None

    def goes_on(self, lane: int) -> bool:
        """Whether a connection still is to send a row that it took."""
        return self._is_needed(lane) and self._is_going()

    def _next(self, want: Callable[[int], None]) -> R | None:
        now = self._clock()
        wait = pacing.may_go_at(self._pace, self.limits, now) - now
        if not self._is_going() or wait > LONGEST_PAUSE:
            return None
        if len(self._ready) < self.open_connections and not (self._dry or self._asked_for_more):
            self._asked_for_more = True
            want(self._enough())
        if not self._ready or wait:
            return None
        self._pace = pacing.gone(self._pace, self.limits, now)
        self._at_work += 1
        return self._ready.popleft()

    def _enough(self) -> int:
        """How many rows are claimed at once: no more than go in a minute, so that none waits out its lease here."""
        enough = self.open_connections * _KEPT_READY
        return min(enough, math.ceil(60 * (self.limits.per_second or enough)))

    def _is_needed(self, lane: int) -> bool:
        return not self._is_ending() and lane < self.open_connections

    def _is_ending(self) -> bool:
        return self._ended or self._stop.is_set()

    def _may_go(self) -> bool:
        return self._is_going() and self._wait() <= LONGEST_PAUSE

    def _is_going(self) -> bool:
        going = self.standing.running and not self.pause_why and self.failure is None
        return going and self.relay() is not None

    def _wait(self) -> timedelta:
        now = self._clock()
        return pacing.may_go_at(self._pace, self.limits, now) - now

    def pause_seconds(self) -> float:
        """How long nothing can be taken, unless something comes of what is under way."""
        if self._is_ending():
            return 0.0
        if not self._ready or not self._may_go():
            return LOOK_SECONDS
        return min(self._wait().total_seconds(), LOOK_SECONDS)

    def resting(self, row: R) -> datetime | None:
        """Until when the domain of a row is left alone."""
        domain = row.address.rpartition("@")[2].casefold()
        until = self._resting.get(domain) or self.standing.resting.get(domain)
        return until if until and until > self._clock() else None

    def rest(self, domain: str, until: datetime) -> None:
        """Leave a domain alone, before the ledger says so to every sender."""
        self._resting[domain] = until

    # ── what became of them ──────────────────────────────────────────────────────────────────

    def hand_back(self, row: R) -> None:
        """A connection is not to send a row after all: another one will, or it is given back at the end."""
        self._at_work -= 1
        self._ready.appendleft(row)

    def put_down(self) -> None:
        """A connection has no longer a row in its hands."""
        self._at_work -= 1

    def written(self, written: Written[R]) -> None:
        """What a transaction has brought."""
        for row in written.lost:
            log.debug("%s: row %d was no longer ours to settle", self.name, row.id)
        for _, settled in written.settled:
            self._count(settled)
            self._told(settled)
        if written.claimed is not None:
            self._ready.extend(written.claimed)
            self._asked_for_more, self._dry = False, not written.claimed

    def _count(self, settled: Settled) -> None:
        again = settled.next_try_at
        if settled.state is DeliveryState.QUEUED:
            if again is None or again <= self._clock():
                self._dry = False
            else:
                self.next_try_at = min(again, self.next_try_at or again)
        if settled.tried:
            self.counts[settled.state] += 1

    def answered(self, relay: int, outcome: Outcome, settled: Settled) -> None:
        """A relay took or refused a message: it can be reached, and bears so many connections."""
        self._widths[relay] = pacing.widened(self._widths[relay], outcome, self._clock())
        if self._reaches[relay].failed:
            self._reaches[relay], self.problem = Reach(), ""
        self._closed += settled.state is not DeliveryState.QUEUED
        self._rejected += settled.state is DeliveryState.REJECTED
        if settled.state is DeliveryState.REJECTED:
            alarm = ledger.alarm(self._closed, self._rejected, settled.reply)
            self.pause_why = self.pause_why or alarm

    # ── relays ───────────────────────────────────────────────────────────────────────────────

    def relay(self) -> int | None:
        """Which relay takes mail now: the first that does not rest."""
        if not self._reaches[0].failed:
            return 0
        now = self._clock()
        return next((number for number, reach in enumerate(self._reaches) if not reach.rests(now)), None)

    @property
    def open_connections(self) -> int:
        """How many connections are used now."""
        relay = self.relay()
        return self._widths[relay].open if relay is not None else 0

    def unmanned(self) -> Sequence[int]:
        """The connections that are used now and that nobody serves; from now on the caller does."""
        if len(self._manned) >= self.open_connections or self._is_ending():
            return ()
        missing = sorted({*range(self.open_connections)} - self._manned)
        self._manned.update(missing)
        return missing

    def connections(self) -> int:
        """How many are served."""
        return len(self._manned)

    def left(self, lane: int) -> None:
        """A connection is served no more."""
        self._manned.discard(lane)

    def unreached(self, relay: int, why: str) -> None:
        """A connection failed. Another relay is tried; where none is left a while is waited, and at last a person asked."""
        self._reaches[relay] = pacing.unreached(self._reaches[relay], self._clock())
        if self.relay() is None:
            self.problem = why
        failed = min(reach.failed for reach in self._reaches)
        if failed >= ledger.UNREACHED_IN_A_ROW:
            self.pause_why = f"{failed} connections in a row failed. {why}"

    # ── the run as a whole ───────────────────────────────────────────────────────────────────

    def hold(self, why: str) -> None:
        """Nothing else is taken: a person is to look."""
        self.pause_why = self.pause_why or why

    def fail(self, error: BaseException) -> None:
        """Something broke: the run ends with it."""
        self.failure = self.failure or error

    def stands(self, standing: Standing, *, paused: bool = False) -> None:
        """What a look at the ledger has shown."""
        self.standing = standing
        if paused:
            self.pause_why, self._reaches = "", [Reach()] * len(self._reaches)
        if not standing.running and not standing.over:
            self.problem = standing.why or "the send is paused"

    def look_again(self) -> None:
        """There may be rows that are due now."""
        self._dry = False

    def is_at_rest(self) -> bool:
        """Whether no row is in anybody's hands and none can be taken now."""
        nothing = self._dry and not self._ready and not self._asked_for_more
        return self._at_work == 0 and (nothing or not self._may_go() or self._is_ending())

    def end(self) -> None:
        """Nothing is taken from now on."""
        self._ended = True

    def left_over(self) -> Sequence[R]:
        """The rows that were claimed and that nobody took; they are no longer here."""
        left = tuple(self._ready)
        self._ready.clear()
        return left
