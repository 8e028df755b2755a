"""A send under attack, and how it stands at any moment by the sink's own log: the scene of the chaos suite."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from sqlalchemy import Engine, make_url, text

import chaos_sender
from chaos_sender import Victim
from databases import migrated_sqlite
from deliver_samples import ISSUE, request_send
from digest.model import Delivery, DeliveryState
from digest.store import deliveries
from digest.store.database import migrate, open_database, reading
from sink import Sink, Taken, sink

IS_LONG = os.environ.get("DIGEST_CHAOS") == "long"
CONNECTIONS = 4
_PATIENCE = 60.0  # seconds until a sender that does nothing fails the test
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_NOT_TAKEN = frozenset(DeliveryState) - {
    DeliveryState.ACCEPTED,
    DeliveryState.SENDING,
    DeliveryState.IN_DOUBT,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a send stands: by its ledger, and by what the sink took."""

    rows: Counter[DeliveryState]
    lost: tuple[str, ...]  # accepted by the ledger, never taken
    twice: tuple[str, ...]  # taken more than once
    early: tuple[str, ...]  # taken, although the ledger says that nothing was begun

    def __str__(self) -> str:
        states = ", ".join(f"{count} {state}" for state, count in self.rows.items() if count)
        return (
            states if self.is_good else f"{states}; lost {self.lost}, twice {self.twice}, early {self.early}"
        )

    @property
    def doubts(self) -> int:
        """Rows that wait for a person, or will once their dead sender is noticed."""
        return self.rows[DeliveryState.IN_DOUBT] + self.rows[DeliveryState.SENDING]

    @property
    def is_good(self) -> bool:
        """Nothing lost, nothing twice, nothing sent without a trace."""
        return not (self.lost or self.twice or self.early)


@dataclass(slots=True)
class Scene:
    """An issue on its way to ``readers`` people, and those who try to stop it."""

    database: str
    engine: Engine
    sink: Sink
    readers: int
    kills: int = 0
    restarts: list[float] = field(default_factory=list)  # seconds from each start to its first message
    _senders: list[ForkServerProcess] = field(default_factory=list)

    def start(self, **chosen: object) -> ForkServerProcess:
        """Start a sender; ``chosen`` are values of ``Victim``."""
        victim = Victim(self.database, self.sink.url, CONNECTIONS)
        process = chaos_sender.start(replace(victim, **chosen))  # type: ignore[arg-type]
        self._senders.append(process)
        return process

    def finish(self, **chosen: object) -> int:
        """Let a sender do all that it can; its exit code."""
        process = self.start(**chosen)
        process.join(_PATIENCE)
        assert process.exitcode is not None, "the sender does not end"
        if not any(sender.is_alive() for sender in self._senders):
            self.settle()
        return process.exitcode

    def bury(self, process: ForkServerProcess) -> None:
        """Wait for a sender that was killed, and for what it had written to arrive."""
        process.join(_PATIENCE)
        assert process.exitcode == -signal.SIGKILL, f"it ended with {process.exitcode} before it was killed"
        self.kills += 1
        self.settle()

    def settle(self) -> None:
        """Wait until all that a dead sender had said has come to its end, at the sink and in the database."""
        self.sink.settle()
        deadline = time.monotonic() + _PATIENCE
        while self.engine.dialect.name == "postgresql" and self._others():
            assert time.monotonic() < deadline, "a session of a dead sender goes on"
            time.sleep(0.002)

    def _others(self) -> int:
        """Sessions of this database that are not ours: PostgreSQL may still commit for a client that is dead."""
        with reading(self.engine) as connection:
            return int(connection.execute(text(_OTHERS)).scalar_one())

    def kill_after(self, messages: int, pause: float) -> None:
        """Start a sender and kill it from outside, ``pause`` seconds after so many messages were taken."""
        before, begun = self.sink.count(), time.time()
        process = self.start()
        self.wait_for(before + max(messages, 1))
        self.restarts.append(self._taken(before).at - begun)
        time.sleep(pause)
        process.kill()
        self.bury(process)

    def _taken(self, place: int) -> Taken:
        """The message of this place in the log; the sink counts it a moment before its line is synced."""
        deadline = time.monotonic() + _PATIENCE
        while len(taken := self.sink.took()) <= place:
            assert time.monotonic() < deadline, "the sink logs nothing"
            time.sleep(0.002)
        return taken[place]

    def freeze(self, process: ForkServerProcess) -> None:
        """Stop a sender at a moment when it holds no lock of the database, for then nobody else could go on."""
        assert process.pid
        for _ in range(1_000):
            os.kill(process.pid, signal.SIGSTOP)
            time.sleep(0.005)
            if self._is_free():
                return
            os.kill(process.pid, signal.SIGCONT)
            time.sleep(0.001)
        raise AssertionError("the sender never lets go of the database")

    def wake(self, process: ForkServerProcess) -> None:
        """Let a frozen sender go on as if nothing had been."""
        assert process.pid
        os.kill(process.pid, signal.SIGCONT)

    def end(self) -> None:
        """Kill whoever is left, frozen ones too."""
        for process in self._senders:
            process.kill()
            process.join()

    def _is_free(self) -> bool:
        if self.engine.dialect.name == "sqlite":
            return _can_be_written(str(self.engine.url.database))
        with reading(self.engine) as connection:
            return not connection.execute(text(f"{_OTHERS} AND state <> 'idle'")).scalar_one()

    def wait_for(self, messages: int) -> None:
        """Until the sink has taken so many in all."""
        deadline = time.monotonic() + _PATIENCE
        while self.sink.count() < messages:
            assert time.monotonic() < deadline, "the sender sends nothing"
            time.sleep(0.002)

    def verdict(self) -> Verdict:
        """Compare ledger and sink; whatever else is wrong with the sums fails at once."""
        rows = self.rows()
        with reading(self.engine) as connection:
            counts = Counter(deliveries.counts(connection, ISSUE))
        assert sum(counts.values()) == len(rows) == self.readers
        assert counts == Counter(row.state for row in rows)
        copies = Counter(taken.recipient for taken in self.sink.took())
        return Verdict(
            counts,
            tuple(
                row.address for row in rows if row.state is DeliveryState.ACCEPTED and not copies[row.address]
            ),
            tuple(address for address, count in copies.items() if count > 1),
            tuple(row.address for row in rows if row.state in _NOT_TAKEN and copies[row.address]),
        )

    def rows(self) -> tuple[Delivery, ...]:
        """The whole ledger of the issue."""
        with reading(self.engine) as connection:
            return deliveries.rows(connection, ISSUE)

    def check(self) -> Verdict:
        """The promise: nothing lost, nothing twice, and a doubt at most for each connection of each kill."""
        found = self.verdict()
        assert found.is_good, found
        assert found.doubts <= self.kills * CONNECTIONS, found
        return found


@contextmanager
def scene(database: str, folder: Path, readers: int) -> Iterator[Scene]:
    """A send that was requested a moment ago, on an empty ``database``."""
    if (where := make_url(database)).drivername == "sqlite":
        migrated_sqlite(Path(str(where.database)))
    engine = open_database(database)
    migrate(engine)
    request_send(engine, readers, now=datetime.now(UTC) - timedelta(hours=2), expires=timedelta(days=10))
    with sink(folder / "sink.log") as server:
        place = Scene(database, engine, server, readers)
        try:
            yield place
        finally:
            place.end()
            engine.dispose()


def _can_be_written(path: str) -> bool:
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        connection.execute("ROLLBACK")
        return True


def moments(kills: int, seed: int) -> Iterator[tuple[int, float]]:
    """When to kill: after how many messages, and how many seconds later."""
    chance = random.Random(seed)
    for _ in range(kills):
        yield chance.randrange(25), chance.random() * 0.02
