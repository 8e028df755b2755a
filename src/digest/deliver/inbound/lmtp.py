"""A mail server hands us what comes back, over LMTP (RFC 2033): on a port of this machine, or on a socket.

One recipient at a time: so each mail has one answer, and a mail that cannot be stored now stays in the queue of the
server that brought it.
"""

# ruff: noqa: ARG002, N802 - aiosmtpd finds methods by name, and passes more than they need

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from threading import Thread

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from digest.deliver.bounces.report import MAX_BYTES
from digest.errors import ConfigError, DigestError

_MOST_CONNECTIONS = 20
_IDLE_SECONDS = 60.0
_SOCKET_MODE = 0o660

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.WARNING)  # below that aiosmtpd writes down every address


class Answer(StrEnum):
    """What the server that brings a mail is told."""

    TAKEN = "250 2.0.0 taken"
    FOR_A_PERSON = "550 5.7.1 this mailbox reads only what mail systems send; write to the address in From"
    LATER = "451 4.3.0 it cannot be stored now, bring it again"


Take = Callable[[bytes, str], bool]  # a mail and its recipient; False where a person should read it


@contextmanager
def listening(where: str, take: Take) -> Iterator[str]:
    """An LMTP server at ``HOST:PORT``, or at the path of a socket, while the block lasts; gives where it listens.

    ``take`` is called in threads, up to 20 at once. A DigestError that it raises means: later.

    Raises:
        ConfigError: nobody can listen there.
    """
    listener = _listener(where)
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = Thread(target=_run, args=(loop, _serve(listener, take, stop)), name="lmtp", daemon=True)
    thread.start()
    try:
        yield where if where.startswith("/") else "{}:{}".format(*listener.getsockname()[:2])
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        if where.startswith("/"):
            Path(where).unlink(missing_ok=True)


def _listener(where: str) -> socket.socket:
    try:
        if where.startswith("/"):
            return _local_socket(Path(where))
        host, _, port = where.rpartition(":")
        return socket.create_server((host.strip("[]"), int(port)), family=_family(host), backlog=64)
    except (OSError, ValueError) as error:
        raise ConfigError(f"[inbound] lmtp: nobody can listen at {where}: {error}.") from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _local_socket(path: Path) -> socket.socket:
    if path.is_socket():  # of a run that was killed
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(_SOCKET_MODE)
        listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener


def _run(loop: asyncio.AbstractEventLoop, main: Coroutine[None, None, None]) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main)


async def _serve(listener: socket.socket, take: Take, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    open_now: set[_Conversation] = set()
    make_server = loop.create_unix_server if listener.family == socket.AF_UNIX else loop.create_server
    server = await make_server(lambda: _Conversation(_Handler(take), open_now, loop), sock=listener)
    await stop.wait()
    server.close()
    for conversation in tuple(open_now):
        conversation.abort()
    await server.wait_closed()


class _Conversation(LMTP):
    """One client's conversation; where there are too many, it is asked to come back."""

    line_length_limit = 65_536  # what is given back may have longer lines than RFC 5321 allows

    def __init__(
        self, handler: _Handler, open_now: set[_Conversation], loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(
            handler,
            data_size_limit=MAX_BYTES,
            enable_SMTPUTF8=True,
            hostname="digest",
            ident="LMTP",
            timeout=_IDLE_SECONDS,
            loop=loop,
        )
        self._open_now = open_now

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._open_now.add(self)
        if len(self._open_now) > _MOST_CONNECTIONS and isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.3.2 too many connections, come back later\r\n")
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._open_now.discard(self)
        super().connection_lost(error)

    def abort(self) -> None:
        """Close the connection at once."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()


class _Handler:
    """What aiosmtpd asks at each step."""

    def __init__(self, take: Take) -> None:
        self._take = take

    async def handle_RCPT(
        self, server: object, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """One recipient for each mail."""
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: object, session: Session, envelope: Envelope) -> str:
        """Hand the mail over, and say what became of it."""
        data = envelope.original_content or b""
        try:
            is_taken = await asyncio.to_thread(self._take, data, envelope.rcpt_tos[0])
        except DigestError as error:
            log.error("an inbound mail waits: %s", error)  # noqa: TRY400  # the sentence says it all
            return Answer.LATER
        return Answer.TAKEN if is_taken else Answer.FOR_A_PERSON
