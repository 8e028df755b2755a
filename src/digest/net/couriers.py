"""Fetching in processes beside this one, because one process of Python fetches on one core.

A courier is a process with the same ``Fetcher`` and a few lines, which are pairs of sockets. A visit takes a line
that is free, and hands over one request after the other; where none is free, because all are busy or the courier is
still starting, it fetches here. So who is asked, when and in which order is decided in one place, and a courier
knows nothing but requests and answers: a courier that dies costs nothing but its speed.
"""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from queue import Empty, LifoQueue
from threading import Thread
from types import TracebackType
from typing import Protocol, Self

from digest.errors import FetchError
from digest.net.http import ACCEPT_FEED, Answer, Fetcher, Visit

_MAIN = "import sys; from digest.net.couriers import main; main(sys.argv[1:])"
_READY = b"\n"
_GRACE = 5.0  # seconds after a fetch should have ended, in which a courier has to say so
_GONE = (OSError, EOFError, pickle.UnpicklingError)  # what a line that ends brings, wherever it ends

Request = tuple[bool, *tuple[str, ...]]  # whether a visit begins; what ``Visit.get`` takes


class Visiting(Protocol):
    """What a visit does, wherever the fetching happens."""

    def get(self, url: str, etag: str = "", last_modified: str = "", accept: str = ACCEPT_FEED) -> Answer:
        """As ``Visit.get``."""


class Couriers:
    """Processes that fetch, for as long as their ``with`` block lasts.

    They start in the background; visits do not wait for them.

    Args:
        fetcher: whose limits and guard they have; it fetches what they do not.
        count: so many processes; with 0 everything is fetched here.
        lines: visits that one of them pays at a time.

    Raises:
        TypeError: the fetcher cannot be had in another process.
    """

    def __init__(self, fetcher: Fetcher, count: int, lines: int) -> None:
        self._fetcher = fetcher
        self._free: LifoQueue[_Line] = LifoQueue()
        self.closed = False
        order = pickle.dumps(fetcher) if count else b""
        self._processes: list[subprocess.Popen[bytes]] = []
        with suppress(OSError):  # no room for another process: fewer of them, or none, do as well
            for _ in range(count):
                self._processes.append(self._start(order, lines))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes; what they are fetching fails."""
        self.closed = True
        for process in self._processes:
            process.kill()
            with suppress(OSError), process:  # closes the pipes and waits
                pass

    @contextmanager
    def visit(self) -> Iterator[Visiting]:
        """For several documents of one host, one after the other, as ``Fetcher.visit``."""
        line = self._line()
        with self._fetcher.visit() as here:
            if line is None:
                yield here
                return
            errand = _Errand(line, here, self)
            yield errand
            if errand.line:
                self._free.put(errand.line)

    def _line(self) -> _Line | None:
        try:
            return self._free.get_nowait()
        except Empty:
            return None

    def _start(self, order: bytes, lines: int) -> subprocess.Popen[bytes]:
        with ExitStack() as ends:
            pairs = [tuple(map(ends.enter_context, socket.socketpair())) for _ in range(lines)]
            theirs = [end.fileno() for _, end in pairs]
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", _MAIN, *map(str, theirs)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what fails there is done again here, and told from here
                pass_fds=theirs,
                start_new_session=True,  # Ctrl-C is for this process, which then ends them
            )
            ours = [_Line(end, self._fetcher.timeout + _GRACE) for end, _ in pairs]
        Thread(target=self._welcome, args=(process, order, ours), name="courier", daemon=True).start()
        return process

    def _welcome(self, process: subprocess.Popen[bytes], order: bytes, lines: list[_Line]) -> None:
        """Hand a new courier its order, and put its lines to use once it has imported what it needs."""
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError, ValueError):  # it was ended before it began
            process.stdin.write(order)
            process.stdin.flush()
            if process.stdout.read(1) == _READY:
                for line in lines:
                    self._free.put(line)


class _Line:
    """Our end of one line: it carries one request at a time."""

    def __init__(self, end: socket.socket, patience: float) -> None:
        end.settimeout(patience)
        self._stream = end.makefile("rwb")  # which keeps it open

    def ask(self, request: Request) -> Answer | FetchError:
        """Have one document fetched.

        Raises:
            OSError, EOFError, pickle.UnpicklingError: the courier is gone.
        """
        pickle.dump(request, self._stream)
        self._stream.flush()
        answer: Answer | FetchError = pickle.load(self._stream)  # noqa: S301  from our own code, which parses nothing
        return answer


class _Errand:
    """A visit over a line; from where the line is lost, it goes on here."""

    def __init__(self, line: _Line, here: Visit, couriers: Couriers) -> None:
        self.line: _Line | None = line
        self._here = here
        self._couriers = couriers
        self._begins = True

    def get(self, url: str, etag: str = "", last_modified: str = "", accept: str = ACCEPT_FEED) -> Answer:
        """As ``Visit.get``; it fails too where the couriers were ended meanwhile."""
        answer = self._asked(url, etag, last_modified, accept)
        if isinstance(answer, FetchError):
            raise answer
        if answer is None and self._couriers.closed:
            raise FetchError(f"{url} was not fetched to the end: fetching has been stopped.")
        return answer or self._here.get(url, etag, last_modified, accept)

    def _asked(self, *request: str) -> Answer | FetchError | None:
        """None where no courier could say."""
        if self.line is None:
            return None
        begins, self._begins = self._begins, False
        try:
            return self.line.ask((begins, *request))
        except _GONE:
            self.line = None
            return None


# ── the courier's side ───────────────────────────────────────────────────────────────────────────


def main(arguments: list[str]) -> None:
    """A courier: DESCRIPTOR… of its lines; its order comes on standard input, whose end is its own."""
    fetcher: Fetcher = pickle.load(sys.stdin.buffer)  # noqa: S301  from the process that started it
    for descriptor in map(int, arguments):
        Thread(target=_serve, args=(fetcher, socket.socket(fileno=descriptor)), daemon=True).start()
    sys.stdout.buffer.write(_READY)
    sys.stdout.flush()
    sys.stdin.buffer.read()
    os._exit(0)  # whatever is still being fetched


def _serve(fetcher: Fetcher, end: socket.socket) -> None:
    """Answer the requests of one line; a defect ends it, and shows where the request is repeated."""
    visit = fetcher.visit()
    with suppress(*_GONE), end, end.makefile("rwb") as stream:
        while True:
            begins, *request = pickle.load(stream)  # noqa: S301  from the process that started this one
            if begins:
                visit.end()
            pickle.dump(_answer(visit, *request), stream)
            stream.flush()


def _answer(visit: Visit, *request: str) -> Answer | FetchError:
    try:
        return visit.get(*request)
    except FetchError as error:
        return error
