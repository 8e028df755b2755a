"""Threads that work through groups of jobs: the groups side by side, the jobs of a group one after the other.

A lane whose server keeps it waiting counts no longer: another one is opened beside it. So however many slow
servers there are, the others go on as fast as before.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

PATIENCE = 1.0  # seconds of waiting after which another lane is opened
MOST_WAITING = 256  # lanes that were kept waiting, and so do not count
GRACE = 3.0  # seconds that a lane has to end what it is doing, once it shall stop
_TICK = 0.05  # seconds

Job = TypeVar("Job")
Result = TypeVar("Result")


class Lane(Thread):
    """One thread, and since when it has been kept waiting."""

    def __init__(self, drive: Callable[[Lane], None], number: int) -> None:
        super().__init__(name=f"collect {number}", daemon=True)
        self._drive = drive
        self._waits_since: float | None = None
        self.overtaken = False

    def run(self) -> None:
        """Work until there is nothing left to do."""
        self._drive(self)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While the network is waited for, and not this machine."""
        self._waits_since = time.monotonic()
        try:
            yield
        finally:
            self._waits_since = None

    @property
    def kept_waiting(self) -> bool:
        """Whether it has been waiting for longer than others should."""
        since = self._waits_since
        return since is not None and time.monotonic() - since > PATIENCE


class Lanes(Generic[Job, Result]):
    """The lanes of one run.

    Args:
        groups: the jobs of a group are done one after the other, in one lane.
        work: a generator of results for one group; it raises only what shall end everything.
        width: so many lanes at once, beside those that are kept waiting.
        stop: once it is set, no further group is begun; ``work`` looks at it between two jobs.
    """

    def __init__(
        self,
        groups: Iterable[Sequence[Job]],
        work: Callable[[Lane, Sequence[Job]], Iterable[Result]],
        width: int,
        stop: Event,
    ) -> None:
        self._groups = deque(groups)
        self._work = work
        self._width = width
        self._stop = stop
        self._closed = Event()
        self._results: Queue[Result | Exception] = Queue(maxsize=4 * width)
        self._lanes: list[Lane] = []
        self._ends: float | None = None

    def results(self) -> Generator[Result | None, None, None]:
        """The results in the order in which they come, and None whenever there is none at the moment.

        Raises:
            Exception: what ``work`` raised, as it is.
        """
        for _ in range(min(self._width, len(self._groups))):
            self._open()
        try:
            while not self._results.empty() or self._busy() or not self._results.empty():
                yield self._next()
        finally:
            self._closed.set()

    def _next(self) -> Result | None:
        try:
            result = self._results.get(timeout=_TICK)
        except Empty:
            return None
        if isinstance(result, Exception):
            raise result
        return result

    def _busy(self) -> bool:
        """Whether a lane is at work; what is under way some time after a stop is left to another run."""
        self._lanes = [lane for lane in self._lanes if lane.is_alive()]
        if not self._stop.is_set():
            self._overtake()
            return bool(self._lanes)
        self._ends = self._ends or time.monotonic() + GRACE
        return bool(self._lanes) and time.monotonic() < self._ends

    def _overtake(self) -> None:
        """Open a lane for each that is kept waiting."""
        room = MOST_WAITING - sum(lane.overtaken for lane in self._lanes)
        slow = [lane for lane in self._lanes if lane.kept_waiting and not lane.overtaken]
        for lane in slow[: max(room, 0)]:
            if self._groups:
                lane.overtaken = True
                self._open()

    def _open(self) -> None:
        lane = Lane(self._drive, len(self._lanes) + 1)
        self._lanes.append(lane)
        lane.start()

    def _drive(self, lane: Lane) -> None:
        try:
            while not (self._stop.is_set() or lane.overtaken) and (group := self._group()):
                for result in self._work(lane, group):
                    self._put(result)
        except Exception as error:  # noqa: BLE001  raised again where the results are taken
            self._put(error)

    def _group(self) -> Sequence[Job]:
        try:
            return self._groups.popleft()
        except IndexError:
            return ()

    def _put(self, result: Result | Exception) -> None:
        """Wait for room, but not for a reader who has gone."""
        while not self._closed.is_set():
            with suppress(Full):
                self._results.put(result, timeout=_TICK)
                return
