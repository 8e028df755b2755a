"""Lines over a socket: whole SMTP replies in, bytes out, each within a deadline however slowly it trickles.

The socket does not block: what can be written at once costs one system call, and who drives the conversation
(``waits``) decides how a wait is spent.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Self

from digest.deliver.waits import Dial, Readiness, until
from digest.errors import DigestError

# RFC 5321, section 4.5.3.1.5 allows 512 bytes a line; real relays write a little more.
_MAX_LINE = 2_048
_MAX_LINES = 128
_MAX_TEXT = 500  # characters of a reply that are kept
_BLOCK = 65_536
_RECORD = 16_384  # of TLS: what is written by one call leaves whole or not at all (RFC 8446, section 5.1)
_REPLY = re.compile(rb"([2-5][0-9][0-9])(?:([ -])([^\r\n]*))?")


class LostError(DigestError):
    """The connection ended, or an answer did not come in time; of a write at most ``left`` bytes have left us."""

    def __init__(self, why: str, left: int = 0) -> None:
        super().__init__(why)
        self.left = left


class SilentError(LostError):
    """Nothing came in time, although the connection stands."""


class GarbledError(LostError):
    """What came is no SMTP reply."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A relay's answer; written as one line, for a person."""

    code: int
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.code} {' '.join(line for line in self.lines if line)}".strip()[:_MAX_TEXT]


class Wire:
    """A connected socket. Every way in which it can fail is a ``LostError`` that says how."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._buffer = bytearray()
        self._poll = select.poll()
        # An envelope is a small write after a large one: it must not wait for an acknowledgement.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)

    @classmethod
    async def to(cls, host: str, port: int, seconds: float) -> Self:
        """Connect.

        Raises:
            LostError: nobody answers there, or the name is unknown.
        """
        try:
            return cls(await until(Dial(host, port, seconds)))
        except (OSError, UnicodeError) as error:
            raise LostError(_why(error)) from error

    @property
    def peer(self) -> str:
        """The address of the other side."""
        return str(self._socket.getpeername()[0])

    @property
    def own_literal(self) -> str:
        """Our own address as EHLO names it: ``[192.0.2.1]`` or ``[IPv6:2001:db8::1]`` (RFC 5321, section 4.1.3)."""
        address = str(self._socket.getsockname()[0]).partition("%")[0]
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    @property
    def secured(self) -> ssl.SSLSocket | None:
        """The socket where TLS is on."""
        return self._socket if isinstance(self._socket, ssl.SSLSocket) else None

    async def secure(self, context: ssl.SSLContext, host: str, seconds: float) -> None:
        """Start TLS and verify that it is ``host``.

        Raises:
            ssl.SSLError: no TLS there, or a certificate that does not verify.
            LostError: the connection ended, or commands were slipped in before the handshake.
        """
        if self._buffer:  # an attacker's plain text, to be read as if it had come by TLS (CVE-2011-0411)
            raise GarbledError("bytes before the TLS handshake")
        deadline = time.monotonic() + seconds
        try:
            secured = context.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
            self._socket = secured
            await self._shake_hands(secured, deadline)
        except (OSError, ValueError) as error:
            if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
                raise
            raise LostError(_why(error)) from error

    async def _shake_hands(self, secured: ssl.SSLSocket, deadline: float) -> None:
        while True:
            try:
                return secured.do_handshake()
            except ssl.SSLWantReadError:
                await self._wait(select.POLLIN, deadline)
            except ssl.SSLWantWriteError:
                await self._wait(select.POLLOUT, deadline)

    async def write(self, data: bytes, seconds: float) -> None:
        """Write all of it, each block of 64 KB within ``seconds``.

        Raises:
            LostError: it could not be written; how much may have been, it tells.
        """
        deadline = time.monotonic() + seconds * ceil(len(data) / _BLOCK)
        view, done = memoryview(data), 0
        step = _RECORD if self.secured else len(data)
        while done < len(data):
            block = view[done : done + step]
            try:
                done += self._socket.send(block)
            except (BlockingIOError, ssl.SSLWantWriteError):
                await self._wait(select.POLLOUT, deadline, left=done)
            except ssl.SSLWantReadError:
                await self._wait(select.POLLIN, deadline, left=done)
            except OSError as error:
                raise LostError(_why(error), done + len(block) if self.secured else done) from error

    async def reply(self, seconds: float) -> Reply:
        """The next reply, of one line or several, whole within ``seconds``.

        Raises:
            LostError: the connection ended or time ran out first.
            GarbledError: it is no reply, or one without end.
        """
        deadline = time.monotonic() + seconds
        lines: list[str] = []
        while len(lines) < _MAX_LINES:
            line = await self._line(deadline)
            match = _REPLY.fullmatch(line)
            if match is None:
                raise GarbledError(f"it answered {_printable(line)[:80]!r}")
            lines.append(_printable(match[3] or b""))
            if match[2] != b"-":
                return Reply(int(match[1]), tuple(lines))
        raise GarbledError(f"a reply of more than {_MAX_LINES} lines")

    def stirs(self) -> bool:
        """Whether the other side has said something unasked, or has gone."""
        self._poll.register(self._socket, select.POLLIN)
        if not self._buffer and self._poll.poll(0):
            try:
                received = self._socket.recv(4_096)
            except (BlockingIOError, ssl.SSLWantReadError):  # TLS has said something for itself
                return False
            except OSError:
                return True
            self._buffer += received
            return True
        return bool(self._buffer)

    def close(self) -> None:
        """Hang up, without waiting for anything."""
        with suppress(OSError):
            self._socket.close()

    async def _line(self, deadline: float) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _MAX_LINE:
                raise GarbledError("a line without end")
            self._buffer += await self._received(deadline)
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        return line

    async def _received(self, deadline: float) -> bytes:
        while True:
            if not (self.secured and self.secured.pending()):
                await self._wait(select.POLLIN, deadline)
            try:
                received = self._socket.recv(4_096)
            except (BlockingIOError, ssl.SSLWantReadError):  # half a record of TLS
                continue
            except ssl.SSLWantWriteError:
                await self._wait(select.POLLOUT, deadline)
                continue
            except OSError as error:
                raise LostError(_why(error)) from error
            if not received:
                raise LostError("the relay closed the connection")
            return received

    async def _wait(self, event: int, deadline: float, left: int = 0) -> None:
        """Until the socket is ready; an error of it counts as ready, for the next call to raise it."""
        if not await until(Readiness(self._socket.fileno(), event, deadline)):
            raise SilentError("no answer in time", left)


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "its name is unknown"
    return str(getattr(error, "strerror", None) or error).lower()


def _printable(line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    if text.isprintable():
        return text.strip()
    return "".join(character if character.isprintable() else " " for character in text).strip()
