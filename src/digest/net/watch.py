"""A watchdog that ends every wait on a socket once the time of a whole exchange is over.

requests has no deadline for a whole exchange: its timeouts start anew with every byte, so a trickling body
overran a limit of 3 s to 40 s. Shutting the socket ends any wait, in the TLS handshake as in the headers.
"""

from __future__ import annotations

import contextlib
import heapq
import socket
import threading
import time
from itertools import count
from types import TracebackType
from typing import Self

_TIDY = 256  # watchdogs that were called off and are still in the queue, before it is tidied


class Watchdog:
    """Shuts the watched socket when the time is over; every wait on it then returns at once."""

    def __init__(self, seconds: float, watched: socket.socket | None = None) -> None:
        self.ends = time.monotonic() + seconds
        self.bitten = False
        self.asleep = False
        self._lock = threading.Lock()
        self._socket = watched

    def __enter__(self) -> Self:
        _kennel.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self.asleep = True
            self._socket = None
        _kennel.called_off()

    def left(self) -> float:
        """Seconds that remain, never below a millisecond: 0 would mean non-blocking to a socket."""
        return max(self.ends - time.monotonic(), 0.001)

    def watch(self, connection: socket.socket | None) -> None:
        """Watch this socket instead of the one before, which may be closed now."""
        with self._lock:
            self._socket = connection
            if self.bitten and connection is not None:
                _shut(connection)

    def bite(self) -> None:
        """The time is over."""
        with self._lock:
            if self.asleep:
                return
            self.bitten = True
            if self._socket is not None:
                _shut(self._socket)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other side was faster
        connection.shutdown(socket.SHUT_RDWR)


class _Kennel:
    """One thread for all watchdogs of this process: a thread for each would cost as much as its request."""

    def __init__(self) -> None:
        self._queue: list[tuple[float, int, Watchdog]] = []
        self._changed = threading.Condition()
        self._numbers = count()
        self._off = 0
        self._thread: threading.Thread | None = None

    def add(self, watchdog: Watchdog) -> None:
        with self._changed:
            heapq.heappush(self._queue, (watchdog.ends, next(self._numbers), watchdog))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="watchdogs", daemon=True)
                self._thread.start()
            elif self._queue[0][2] is watchdog:
                self._changed.notify()

    def called_off(self) -> None:
        """One of the queue sleeps now; once most of them do, they are let go."""
        with self._changed:
            self._off += 1
            if self._off > _TIDY:
                self._queue = [each for each in self._queue if not each[2].asleep]
                heapq.heapify(self._queue)
                self._off = 0

    def _run(self) -> None:
        while True:
            self._next().bite()

    def _next(self) -> Watchdog:
        """Waits for the first whose time is over."""
        with self._changed:
            while not self._queue or self._queue[0][0] > time.monotonic():
                self._changed.wait(self._queue[0][0] - time.monotonic() if self._queue else None)
            return heapq.heappop(self._queue)[2]


_kennel = _Kennel()
