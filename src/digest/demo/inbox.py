"""A real SMTP server on loopback that keeps what it gets and shows it in a browser.

The demo reads its mail here, and the tests use it as their mail server. It therefore also knows how to be
difficult: to refuse at any stage, to lose a connection before or after it took a message, to demand a
password, to offer STARTTLS, and to leave out extensions.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Collection, Coroutine
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from ssl import SSLContext
from threading import Thread
from types import TracebackType
from typing import Self

from digest.demo.conversation import Conversation, Envelope, Replies, Stage
from digest.demo.inbox_pages import InboxPages
from digest.demo.letters import Received
from digest.demo.loopback import HOST, listening
from digest.errors import DigestError


@dataclass(frozen=True, slots=True)
class Command:
    """One line a client sent, passwords left out; ``connection`` counts the clients from 1."""

    connection: int
    line: str

    @property
    def verb(self) -> str:
        """``EHLO``, ``MAIL``, …, in capitals."""
        return self.line.split(" ", 1)[0].upper()


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Inbox:
    """A mail server while the ``with`` block lasts.

    ``folder`` gets one .eml file per recipient, with the bytes as they came. ``replies`` is asked at every
    stage, in a thread of its own, so that it may wait: None means the usual reply, a text is sent instead,
    and ``conversation`` has the two ways to lose a connection. It may be set while the server runs.
    With ``login`` (user, password) mail is taken only after AUTH. ``starttls`` offers STARTTLS,
    ``tls`` speaks TLS from the first byte. ``hide`` names EHLO extensions that are not offered.
    """

    folder: Path | None = None
    port: int = 0
    web_port: int = 0
    replies: Replies | None = None
    login: tuple[str, str] | None = None
    starttls: SSLContext | None = None
    tls: SSLContext | None = None
    hide: Collection[str] = ()
    clock: Callable[[], datetime] = _now

    def __post_init__(self) -> None:
        self.url = ""  # of the web view, once it runs
        self._messages: list[Received] = []
        self._commands: list[Command] = []
        self._open: set[Conversation] = set()
        self._connections = 0

    @property
    def messages(self) -> tuple[Received, ...]:
        """What came so far, oldest first, one for each recipient; complete as soon as the client has its 250."""
        return tuple(self._messages)

    @property
    def commands(self) -> tuple[Command, ...]:
        """What the clients said so far."""
        return tuple(self._commands)

    @property
    def smtp_url(self) -> str:
        """Where to send mail: ``smtp://127.0.0.1:PORT``, or ``smtps://…`` with ``tls``."""
        return f"{'smtps' if self.tls else 'smtp'}://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self.folder:
                self.folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(self._receiving())
            pages = InboxPages(lambda: self.messages)
            self.url = stack.enter_context(listening(lambda _: pages.respond, self.web_port))
            self._running = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    # ── the server's thread ──────────────────────────────────────────────────────────────────────

    def _receiving(self) -> ExitStack:
        """Start the SMTP server; closing what is returned stops it and every connection."""
        try:
            listener = socket.create_server((HOST, self.port), backlog=64)
        except OSError as error:
            raise DigestError(
                f"No mail can be received at {HOST}:{self.port} ({error.strerror}); choose another port, or 0 for any."
            ) from error
        self.port = listener.getsockname()[1]
        loop = asyncio.new_event_loop()
        stop = asyncio.Event()
        thread = Thread(target=_run, args=(loop, self._serve(listener, stop)), name="inbox", daemon=True)
        thread.start()
        stack = ExitStack()
        stack.callback(thread.join)
        stack.callback(loop.call_soon_threadsafe, stop.set)
        return stack

    async def _serve(self, listener: socket.socket, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Conversation(self, loop), sock=listener, ssl=self.tls)
        await stop.wait()
        server.close()
        for conversation in tuple(self._open):
            conversation.abort()
        await server.wait_closed()

    # ── what a conversation asks of us, always in the server's thread ────────────────────────────

    def begun(self, conversation: Conversation) -> int:
        """Count a new connection; gives its number."""
        self._open.add(conversation)
        self._connections += 1
        return self._connections

    def ended(self, conversation: Conversation) -> None:
        """Forget a connection that is closed."""
        self._open.discard(conversation)

    def note(self, connection: int, line: str) -> None:
        """Write down what a client said."""
        self._commands.append(Command(connection, line))

    async def reply(self, stage: Stage, envelope: Envelope) -> str | None:
        """What ``replies`` wants to be said instead of the usual, or None."""
        return await asyncio.to_thread(self.replies, stage, envelope) if self.replies else None

    def keep(self, envelope: Envelope) -> None:
        """Put one copy into the inbox for every recipient."""
        for recipient in envelope.recipients:
            received_at, number = self.clock(), len(self._messages) + 1
            path = self._file(number, recipient, received_at)
            if path:
                path.write_bytes(envelope.data)
            self._messages.append(
                Received(number, recipient, envelope.sender, envelope.data, received_at, path)
            )

    def _file(self, number: int, recipient: str, received_at: datetime) -> Path | None:
        # The recipient is whatever a client wrote: only harmless characters get into a file name.
        name = re.sub(r"[^A-Za-z0-9.@_+-]", "_", recipient)[:80]
        return self.folder / f"{received_at:%Y%m%dT%H%M%S}-{number:04}-{name}.eml" if self.folder else None


def _run(loop: asyncio.AbstractEventLoop, main: Coroutine[None, None, None]) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(main)
