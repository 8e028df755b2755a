"""A function in a reused child process with limits on memory and time.

For code that untrusted input can crash or stall: mjml-python segfaults on deep nesting, parsers run away on
hostile feeds. A crash costs one call; the next one starts a new child.

Requests and replies are length-prefixed pickles on the child's standard input and output. What comes back is not
trusted: only plain values, values of ``digest.model`` and our errors are unpickled.
"""

from __future__ import annotations

import io
import os
import pickle
import queue
import resource
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from types import TracebackType
from typing import IO, Self

from digest import errors, model
from digest.errors import DigestError

_LENGTH = struct.Struct("!Q")
_MEGABYTE = 1024 * 1024
_LARGEST_FRAME = 256 * _MEGABYTE
_MAIN = "import sys; from digest.isolate import main; main(sys.argv[1:])"


@dataclass(frozen=True, slots=True)
class _Request:
    function: str  # "package.module:function"
    arguments: tuple[object, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Crash:
    """What a function raised that is none of our errors."""

    sentence: str


class Child:
    """One child process for one call at a time; threads that share it wait for each other.

    It starts at the first call, or at ``start()``, which returns at once: the child imports what it needs while
    the caller goes on. It ends with ``close()``, with its ``with`` block, or when this process is gone.
    """

    def __init__(self, *, timeout: float = 10.0, memory: int = 1024, preload: tuple[str, ...] = ()) -> None:
        """``timeout`` in seconds a call; ``memory`` in MB of address space; ``preload`` names modules to import."""
        self.timeout = timeout
        self.memory = memory
        self.preload = preload
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the process in the background, so that the first call need not wait for it."""
        with self._lock:
            self._running()

    def close(self) -> None:
        """End the process. A later call starts a new one."""
        with self._lock:
            self._stop()

    def end(self) -> None:
        """End the process without waiting for a call under way, which fails; so does every later one."""
        self._ended = True
        process = self._process
        if process is not None:
            process.kill()
        self.close()

    def run(self, function: str, *arguments: object) -> object:
        """Call ``function`` ("package.module:name") in the child and return what it returns.

        Arguments and results are what pickle takes; results are limited to plain values (str, bytes, numbers,
        dates, tuples, lists, dicts) and the values of ``digest.model``.

        Raises:
            DigestError: what the function raised, if it is one of ours; else that it failed, crashed, took
                longer than the timeout or more memory than allowed.
        """
        with self._lock:
            if self._ended:
                raise DigestError(f"{function} was not called: its process has been ended.")
            reply = self._ask(_Request(function, arguments, self.timeout))
        if isinstance(reply, DigestError):
            raise reply
        if isinstance(reply, _Crash):
            raise DigestError(f"{function} failed: {reply.sentence}")
        return reply

    def _ask(self, request: _Request) -> object:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        ends = time.monotonic() + self.timeout
        try:
            _send(process.stdin.fileno(), pickle.dumps(request), ends)
            reply = _receive(process.stdout.fileno(), ends)
        except (EOFError, OSError) as error:
            raise DigestError(self._obituary(request.function, isinstance(error, TimeoutError))) from error
        return _restricted(reply)

    def _obituary(self, function: str, overdue: bool) -> str:
        """Bury a child that died during a call, and say what it died of."""
        status = self._stop()
        why = (
            f"took longer than {self.timeout:g} s"
            if overdue
            else f"crashed its process (exit status {status})"
        )
        return f"{function} {why}: its input is too large, too deep or broken."

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._stop()
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _MAIN, str(self.memory), *self.preload],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a runtime's last words on a crash are for no reader
                bufsize=0,
                start_new_session=True,  # Ctrl-C is for the parent, which then closes the child
            )
            assert self._process.stdin is not None
            os.set_blocking(
                self._process.stdin.fileno(), False
            )  # a child that reads nothing must not hold us
        return self._process

    def _stop(self) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        process.kill()
        with suppress(OSError), process:  # closes the pipes and waits
            pass
        return process.returncode


class Crew:
    """Several children, each reused: a call goes to one that is idle, or waits for one.

    A call that crashes or runs away costs itself and holds up one child, not the others.
    """

    def __init__(
        self, size: int, *, timeout: float = 10.0, memory: int = 1024, preload: tuple[str, ...] = ()
    ) -> None:
        """``size`` children at most, each as ``Child`` takes the rest."""
        self._children = [Child(timeout=timeout, memory=memory, preload=preload) for _ in range(size)]
        self._idle: queue.LifoQueue[Child] = queue.LifoQueue()  # the last one used is warm
        for child in reversed(self._children):
            self._idle.put(child)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, count: int) -> None:
        """Start so many of the children in the background, as far as there are."""
        for child in self._children[:count]:
            child.start()

    def close(self) -> None:
        """End the children; a call under way fails, and later calls do."""
        for child in self._children:
            child.end()

    def run(self, function: str, *arguments: object) -> object:
        """Call ``function`` in an idle child, as ``Child.run`` does.

        Raises:
            DigestError: as ``Child.run``.
        """
        child = self._idle.get()
        try:
            return child.run(function, *arguments)
        finally:
            self._idle.put(child)


# ── the protocol ─────────────────────────────────────────────────────────────────────────────────


def _send(pipe: int, data: bytes, ends: float) -> None:
    """Write one frame to a pipe that does not block.

    Raises:
        TimeoutError: it could not be written before the clock of ``time.monotonic`` shows ``ends``.
        OSError: the other side is gone.
    """
    left = memoryview(_LENGTH.pack(len(data)) + data)
    while left:
        _wait(pipe, select.POLLOUT, ends)
        left = left[os.write(pipe, left) :]


def _receive(pipe: int, ends: float) -> bytes:
    """Read one frame.

    Raises:
        TimeoutError: it had not come when the clock of ``time.monotonic`` showed ``ends``.
        EOFError: the other side is gone.
    """
    (length,) = _LENGTH.unpack(_received(pipe, _LENGTH.size, ends))
    if length > _LARGEST_FRAME:
        raise EOFError
    return _received(pipe, length, ends)


def _received(pipe: int, length: int, ends: float) -> bytes:
    data = bytearray()
    while len(data) < length:
        _wait(pipe, select.POLLIN, ends)
        piece = os.read(pipe, min(length - len(data), _MEGABYTE))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


def _wait(pipe: int, event: int, ends: float) -> None:
    poll = select.poll()
    poll.register(pipe, event)
    if not poll.poll(max(ends - time.monotonic(), 0.0) * 1000):
        raise TimeoutError


def _write(stream: IO[bytes], data: bytes) -> None:
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def _read(stream: IO[bytes]) -> bytes:
    """One frame.

    Raises:
        EOFError: the other side is gone.
    """
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if length > _LARGEST_FRAME:
        raise EOFError
    return _exactly(stream, length)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


class _Unpickler(pickle.Unpickler):
    """Builds values only: no name outside the vocabulary is looked up, so nothing can be called."""

    def find_class(self, module: str, name: str) -> object:
        if module == __name__ and name == _Crash.__name__:
            return _Crash
        found = getattr(errors if module == errors.__name__ else model, name, None)
        if module.startswith("digest.") and isinstance(found, type) and found.__module__ == module:
            return found
        if module == "datetime" and name in ("datetime", "date", "timedelta", "timezone"):
            return getattr(import_module("datetime"), name)
        raise pickle.UnpicklingError(f"{module}.{name} is not a value")


def _restricted(data: bytes) -> object:
    try:
        return _Unpickler(io.BytesIO(data)).load()
    except (pickle.UnpicklingError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise DigestError(f"A child process answered with something else than values: {error}") from error


# ── the child's side ─────────────────────────────────────────────────────────────────────────────


def serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    """Answer requests until the other side is gone."""
    with suppress(EOFError, BrokenPipeError):
        while True:
            request = pickle.loads(_read(requests))  # noqa: S301  from the parent, which trusts itself
            _limit_seconds(request.seconds)
            _write(replies, _reply(request))


def _reply(request: _Request) -> bytes:
    try:
        return pickle.dumps(_function(request.function)(*request.arguments))
    except DigestError as error:
        return pickle.dumps(error)
    except Exception as error:  # noqa: BLE001  the edge of one call: the parent raises it as its own error
        return pickle.dumps(_Crash(f"{type(error).__name__}: {error}"))


def _function(path: str) -> Callable[..., object]:
    module, _, name = path.partition(":")
    found: Callable[..., object] = getattr(import_module(module), name)
    return found


def _limit_memory(megabytes: int) -> None:
    with suppress(ValueError, OSError):  # some systems know no limit on address space
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * _MEGABYTE, megabytes * _MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_seconds(seconds: float) -> None:
    """Stop a runaway call even if the parent, which keeps the real deadline, has been killed meanwhile."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main(arguments: list[str]) -> None:
    """The child: MEGABYTES MODULE…. Standard output is for replies only, whatever a function prints."""
    _limit_memory(int(arguments[0]))
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for module in arguments[1:]:
        import_module(module)
    serve(sys.stdin.buffer, replies)
