"""A mail relay on loopback that says line by line what a test writes: exact, rude, slow or silent."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Client:
    """The relay's end of one connection."""

    connection: socket.socket
    lines: list[str]
    reads: list[int]  # how many lines had come with each packet
    _buffer: bytes = b""

    def say(self, *lines: str) -> None:
        self.connection.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def line(self) -> str:
        """The next line of the client, or "" when it has gone."""
        while b"\r\n" not in self._buffer:
            received = self.connection.recv(65536)
            if not received:
                return ""
            self.reads.append(received.count(b"\r\n"))
            self._buffer += received
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        self.lines.append(line.decode())
        return self.lines[-1]

    def greet(self, *offers: str) -> None:
        """Greeting and EHLO."""
        self.say("220 relay.example.org ready")
        assert self.line().startswith("EHLO ")
        said = ["relay.example.org", *offers]
        self.say(*(f"250-{line}" for line in said[:-1]), f"250 {said[-1]}")

    def envelope(self) -> None:
        """MAIL, RCPT and DATA, all welcome."""
        for reply in ("250 sender ok", "250 recipient ok", "354 go on"):
            self.line()
            self.say(reply)

    def body(self) -> str:
        """All lines up to the dot, as they were on the wire."""
        lines = []
        while (line := self.line()) != ".":
            lines.append(line)
        return "\n".join(lines)

    @property
    def ahead(self) -> bytes:
        """What has come and is not read yet."""
        return self._buffer

    def hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()


@dataclass(slots=True)
class Relay:
    """Where it listens, and what all clients said."""

    port: int
    lines: list[str] = field(default_factory=list)
    reads: list[int] = field(default_factory=list)
    connections: int = 0

    def said(self, verb: str) -> list[str]:
        return [line for line in self.lines if line.upper().startswith(verb)]


@contextmanager
def scripted(*scripts: Callable[[Client], None], host: str = "127.0.0.1") -> Iterator[Relay]:
    """Run one script for each connection, the last one for all that follow; then the connection is closed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    failures: list[BaseException] = []
    with socket.create_server((host, 0), family=family) as listener:
        relay = Relay(listener.getsockname()[1])

        def listen() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                script = scripts[min(relay.connections, len(scripts) - 1)]
                relay.connections += 1
                try:
                    with connection:
                        script(Client(connection, relay.lines, relay.reads))
                except OSError:  # the client hung up first
                    continue
                except BaseException as error:  # noqa: BLE001 - shown by the test below
                    failures.append(error)

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield relay
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)
    assert not failures, failures
