"""One scheduler at a time: a lock on a file beside a SQLite database, an advisory lock on PostgreSQL.

The lock ends with its holder, however that ends. On PostgreSQL the holder says every second that it is there; the
server ends the session of one that has been silent for three, and with it the lock: it was cut off, or stopped.
"""

from __future__ import annotations

import fcntl
import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

_LOCK_ID = int.from_bytes(sha256(b"digest: scheduler").digest()[:8], "big", signed=True)
_TRY = text("SELECT pg_try_advisory_lock(:id)")
_PING_SECONDS = 1.0
_SILENT_SECONDS = 3.0  # after which neither side believes in the other any more
_LOOK_SECONDS = 0.2
_AGAIN_SECONDS = 1.0  # between two tries to be elected

log = logging.getLogger(__name__)


@contextmanager
def leadership(engine: Engine) -> Iterator[bool]:
    """True for the one holder of the lock, for the length of the block; False for anybody else."""
    holding = _on_file if engine.dialect.name == "sqlite" else _on_server
    with holding(engine) as held:
        yield held


@contextmanager
def _on_file(engine: Engine) -> Iterator[bool]:
    path = Path(f"{engine.url.database}.scheduler.lock")
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def _on_server(engine: Engine) -> Iterator[bool]:
    # The lock belongs to this session, so the connection is kept for as long as it is held.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = connection.execute(_TRY, {"id": _LOCK_ID}).scalar_one()
        try:
            yield bool(held)
        finally:
            if held:
                connection.execute(text("SELECT pg_advisory_unlock(:id)"), {"id": _LOCK_ID})


# ── any number of candidates ─────────────────────────────────────────────────────────────────────


def stand(engine: Engine, stop: Event, term: Callable[[Event], None]) -> None:
    """Stand for election on PostgreSQL until ``stop``; while elected, ``term`` is at work in a thread.

    ``term`` gets an event that is set once its time is over, because of ``stop`` or because the lock may be somebody
    else's by now, and then ends soon. A database that is away is waited for.
    """
    own = _engine_of_lock(engine)
    told = ""
    try:
        while not stop.is_set():
            try:
                _stand_once(own, stop, term)
                told = ""
            except DBAPIError as error:
                why = " ".join(str(error.orig).split())
                if why != told:
                    log.warning("no scheduler is elected here, for the database is away: %s", why)
                told = why
            stop.wait(_AGAIN_SECONDS)
    finally:
        own.dispose()


def _engine_of_lock(engine: Engine) -> Engine:
    """Connections of the lock only, which notice soon that the other side is gone."""
    silent = int(_SILENT_SECONDS)
    arguments: dict[str, object] = {
        "connect_timeout": silent,
        "keepalives_idle": 1,
        "keepalives_interval": 1,
        "keepalives_count": silent - 1,
        "tcp_user_timeout": silent * 1000,
    }
    return create_engine(engine.url, poolclass=NullPool, connect_args=arguments, isolation_level="AUTOCOMMIT")


def _stand_once(engine: Engine, stop: Event, term: Callable[[Event], None]) -> None:
    with engine.connect() as connection:
        connection.execute(text(f"SET idle_session_timeout = '{_SILENT_SECONDS:.0f}s'"))  # PostgreSQL 14
        while not connection.execute(_TRY, {"id": _LOCK_ID}).scalar_one():
            if stop.wait(_AGAIN_SECONDS):
                return
        log.info("this scheduler is elected")
        _serve(connection, stop, term)


def _serve(connection: Connection, stop: Event, term: Callable[[Event], None]) -> None:
    """Let a term go on for as long as the pulse of the lock is felt."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    over, pulse = Event(), _Pulse(connection)
    at_work = Thread(target=term, args=(over,), name="digest-term")
    pulse.start()
    at_work.start()
    try:
        while not stop.wait(_LOOK_SECONDS) and at_work.is_alive():
            if not pulse.is_felt():
                log.warning("this scheduler is no longer elected: its connection to the database is gone")
                _hang_up(connection, driver)
                break
    finally:
        over.set()
        pulse.stop.set()
        at_work.join()
        pulse.join(_SILENT_SECONDS)


def _hang_up(connection: Connection, driver: psycopg.Connection[Any]) -> None:
    """End the wait of whichever thread waits for an answer."""
    with suppress(OSError, psycopg.OperationalError), socket.socket(fileno=os.dup(driver.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
    connection.invalidate()


class _Pulse(Thread):
    """Asks the server for an answer every second, in a thread, since a dead line never answers."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(name="digest-pulse", daemon=True)
        self.connection, self.stop, self.last = connection, Event(), monotonic()

    def run(self) -> None:
        """Until it is stopped, or the connection breaks."""
        with suppress(DBAPIError):
            while not self.stop.wait(_PING_SECONDS):
                self.connection.execute(text("SELECT 1"))
                self.last = monotonic()

    def is_felt(self) -> bool:
        """Whether the server has answered of late."""
        return self.is_alive() and monotonic() - self.last < _SILENT_SECONDS
