"""A line between programs and a PostgreSQL server that a test slows down, holds and cuts."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from sqlalchemy import URL, make_url

_BLOCK = 65_536


@dataclass(slots=True)
class Line:
    """Where programs connect to, instead of the server itself."""

    server: URL
    listener: socket.socket
    seconds: float = 0.0  # that each block of bytes takes longer
    flowing: Event = field(default_factory=Event)
    ends: list[socket.socket] = field(default_factory=list)
    pumps: list[Thread] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The database, as it is reached over this line."""
        port = self.listener.getsockname()[1]
        plain = self.server.set(host="127.0.0.1", port=port, query={}, drivername="postgresql")
        return plain._replace(password=None).render_as_string()

    def cut(self) -> None:
        """Break every connection; new ones can be made."""
        for end in self.ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def hold(self) -> None:
        """Let nothing through, and say nothing of it."""
        self.flowing.clear()

    def release(self) -> None:
        """Let through what was held, and what comes."""
        self.flowing.set()

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = _connected(self.server)
                self.ends += [near, far]
                for pair in ((near, far), (far, near)):
                    pump = Thread(target=self._pump, args=pair, daemon=True)
                    self.pumps.append(pump)
                    pump.start()

    def close(self) -> None:
        """End it all; nobody can connect any more."""
        self.listener.shutdown(socket.SHUT_RDWR)  # which wakes whoever waits for a connection
        self.release()
        self.cut()
        for pump in self.pumps:
            pump.join()
        for end in self.ends:
            end.close()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_BLOCK):
                self.flowing.wait()
                time.sleep(self.seconds)
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _connected(server: URL) -> socket.socket:
    folder = str(server.query.get("host", ""))
    if folder.startswith("/"):
        path = Path(folder) / f".s.PGSQL.{server.port or 5432}"
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(path))
        return line
    return socket.create_connection((server.host or "127.0.0.1", server.port or 5432))


@contextmanager
def faulty_line(database: str) -> Iterator[Line]:
    """A line to a database that is sound until the test says otherwise."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = Line(make_url(database), listener)
        line.release()
        taking = Thread(target=line.serve, daemon=True)
        taking.start()
        try:
            yield line
        finally:
            line.close()
            taking.join()
