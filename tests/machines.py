"""Workers and schedulers of one installation, each a process that may be killed at any moment, with a clock that a
test sets for all of them.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Event

from sqlalchemy import Engine, select

import loopback
from digest import schedule, store
from digest.model import DeliveryState, IssueId, IssueState, Queue
from digest.store.database import open_database, reading
from digest.store.leader import stand
from digest.store.schema import deliveries, issues, revisions
from digest.wiring import open_installation
from digest.work.worker import Habits, work
from installation import NOW, SLOT, Blog, Place, installed
from sink import Sink, sink

IS_LONG = os.environ.get("DIGEST_CHAOS") == "long"
OPENS = SLOT - timedelta(hours=48)  # when drafts are made
SILENT = timedelta(seconds=2)  # after which a worker counts as gone; the product waits longer
CONNECTIONS = 4  # to the mail server, of each send
_SOON = timedelta(seconds=1)
_PATIENCE = 90.0  # seconds until a fleet that does nothing fails the test


# ── one of them ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Machine:
    """What a process is told: which installation, whose clock, and what to do."""

    config: Path
    clock: Path  # a file with the time in it
    role: str  # "work" or "schedule"
    queues: tuple[Queue, ...] = tuple(Queue)


def clock_of(file: Path) -> datetime:
    """The time that the test has set, and what has gone by since."""
    began, said = file.read_text(encoding="ascii").split()
    return datetime.fromisoformat(said) + timedelta(seconds=time.time() - float(began))


def live(machine: Machine) -> None:
    """Be a worker or a scheduler until SIGTERM."""
    logging.basicConfig(
        filename=machine.config.parent / f"{machine.role}.log",
        level=logging.INFO,
        format="%(asctime)s %(process)d %(levelname)s %(name)s %(message)s",
    )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    stop, clock = Event(), partial(clock_of, machine.clock)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    schedule.COLLECT_EVERY = schedule.ADVANCE_EVERY = schedule.STALLED_EVERY = _SOON
    with open_installation(machine.config, clock()) as installation:
        if machine.role == "work":
            work(installation, clock, stop, Habits(machine.queues, 3, SILENT / 4, SILENT))
        else:
            stand(installation.engine, stop, partial(schedule.direct, installation, clock, silent=SILENT))


def start(machine: Machine) -> ForkServerProcess:
    """Run one in a process of its own; the modules are loaded once for all of them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    before = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = os.pathsep.join((str(Path(__file__).parent), before)).strip(os.pathsep)
    try:
        process = context.Process(target=live, args=(machine,), daemon=True)
        process.start()
    finally:
        os.environ["PYTHONPATH"] = before
    return process


# ── all of them ──────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Fleet:
    """An installation on PostgreSQL with its blogs, its readers, a mail server that keeps the truth, and processes."""

    place: Place
    engine: Engine
    sink: Sink
    blogs: tuple[Blog, ...]
    readers: tuple[str, ...]
    digests: tuple[str, ...]
    config: Path
    connections: int
    running: dict[str, ForkServerProcess] = field(default_factory=dict)

    @property
    def clock(self) -> Path:
        """The file with the time in it."""
        return self.place.folder / "clock"

    def set_clock(self, now: datetime) -> None:
        """For all of them, at once."""
        aside = self.clock.with_suffix(".new")
        aside.write_text(f"{time.time()} {now.isoformat()}", encoding="ascii")
        aside.replace(self.clock)

    def start(self, *names: str, **chosen: object) -> None:
        """Start processes; a name is a role and a number."""
        for name in names:
            role = name.rstrip("0123456789")
            self.running[name] = start(Machine(self.config, self.clock, role, **chosen))  # type: ignore[arg-type]

    def kill(self, name: str) -> None:
        """As if its machine had lost power."""
        process = self.running[name]
        process.kill()
        process.join(_PATIENCE)
        assert process.exitcode == -signal.SIGKILL, f"{name} ended with {process.exitcode} before"

    def end(self, name: str) -> int | None:
        """Tell it to end, and wait until it has; its exit code."""
        process = self.running.pop(name)
        process.terminate()
        process.join(_PATIENCE)
        return process.exitcode

    def kill_and_replace(self, times: int, chance: random.Random) -> None:
        """Kill any of them at any moment, some after the other."""
        for _ in range(times):
            time.sleep(chance.uniform(0.05, 1.0))
            victim = chance.choice(sorted(self.running))
            self.kill(victim)
            self.start(victim)

    def wait_for(self, what: Callable[[], bool], seconds: float = _PATIENCE) -> None:
        """Until it is so."""
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, f"it took too long:\n{self.log()}"
            time.sleep(0.1)

    def log(self) -> str:
        """The last lines that they have written."""
        logs = (self.place.folder / f"{role}.log" for role in ("work", "schedule"))
        return "\n".join(log.read_text(encoding="utf-8")[-4_000:] for log in logs if log.exists())

    # ── how it stands ────────────────────────────────────────────────────────────────────────────

    def posts(self) -> Counter[str]:
        """How often each post is stored, by its title."""
        with reading(self.engine) as connection:
            return Counter(connection.execute(select(revisions.c.title)).scalars())

    def issues(self) -> Counter[tuple[str, IssueState]]:
        """How many issues each digest has in each state."""
        query = select(issues.c.digest, issues.c.state)
        with reading(self.engine) as connection:
            return Counter((digest, state) for digest, state in connection.execute(query))

    def rows(self, *states: DeliveryState) -> set[tuple[str, str]]:
        """Who has a row of the ledger in one of the states: issue and address."""
        query = select(deliveries.c.issue, deliveries.c.address).where(deliveries.c.state.in_(states))
        with reading(self.engine) as connection:
            return {(str(issue), address) for issue, address in connection.execute(query)}

    def has_drafts(self) -> bool:
        """Whether each digest has a draft of all posts that its blogs have."""
        with reading(self.engine) as connection:
            found = [store.issues.issue(connection, IssueId(slug, SLOT.date())) for slug in self.digests]
        return all(issue and len(issue.document.posts) == len(self.written()) for issue in found)

    def written(self) -> set[str]:
        """The titles of all posts of all blogs."""
        return {f"The {post.name}" for blog in self.blogs for post in blog.posts}

    def is_sent(self) -> bool:
        """Whether every digest has an issue, and nobody is left who waits for one."""
        closed = self.rows(DeliveryState.ACCEPTED, DeliveryState.IN_DOUBT)
        return len(closed) == len(self.digests) * len(self.readers)

    def lost_or_twice(self) -> list[str]:
        """What must never be, by the log of the mail server and by the rows: empty where all is well."""
        arrived = Counter((taken.issue.replace(".", "/"), taken.recipient) for taken in self.sink.took())
        accepted = self.rows(DeliveryState.ACCEPTED)
        wrong = [f"{who} got {issue} {count} times" for (issue, who), count in arrived.items() if count > 1]
        wrong += [f"{who} has no {issue}" for issue, who in accepted - arrived.keys()]
        begun = accepted | self.rows(DeliveryState.IN_DOUBT, DeliveryState.SENDING)
        wrong += [
            f"{who} got {issue}, of which the ledger knows nothing" for issue, who in arrived.keys() - begun
        ]
        wrong += [f"{title} is stored {count} times" for title, count in self.posts().items() if count > 1]
        wrong += [f"{slug} has {count} issues" for (slug, _), count in self.issues().items() if count > 1]
        return wrong


@contextmanager
def fleet(
    database_url: str,
    folder: Path,
    *,
    blogs: int = 4,
    digests: int = 3,
    readers: int = 40,
    reached: str = "",
    opened: bool = True,
    per_second: int = 0,
    allowed: Sequence[str] = (),
) -> Iterator[Fleet]:
    """An installation with blogs on as many hosts, digests whose issues approve themselves, and readers of each.

    ``reached`` is the database as the processes reach it, where that is another way than the test's own. Unless it is
    ``opened`` nobody has subscribed. With ``per_second`` each issue is sent that slowly. ``allowed`` are further endpoints that may be polled.
    """
    with ExitStack() as stack:
        written = tuple(Blog() for _ in range(blogs))
        servers = [stack.enter_context(loopback.serve(blog.answer)) for blog in written]
        taking = stack.enter_context(sink(folder / "sink.log"))
        slugs = ("weekly", *(f"paper{number}" for number in range(1, digests)))
        settings = _settings(database_url, servers, _relay(taking.url, per_second), slugs, allowed)
        place = stack.enter_context(installed(folder, **settings))
        people = tuple(f"reader{number}@example.org" for number in range(readers))
        for number, blog in enumerate(written):
            blog.write(f"sluice{number}", f"weir{number}", at=NOW)
        if opened:
            with place.opened():  # a digest begins when it is first seen
                pass
            _subscribe(place, slugs, people)
        engine = open_database(database_url)
        stack.callback(engine.dispose)
        config = _reaching(place, reached) if reached else place.path
        here = Fleet(place, engine, taking, written, people, slugs, config, CONNECTIONS)
        here.set_clock(OPENS - timedelta(hours=2))
        stack.callback(_end_all, here)
        yield here


def _settings(
    database: str,
    servers: Sequence[loopback.Server],
    relay: str,
    slugs: Sequence[str],
    allowed: Sequence[str],
) -> dict[str, object]:
    """Further values for ``Place.configure``: the first digest and source are its own."""
    feeds = "".join(
        f'[[sources]]\nurl = "{server.url("/feed")}"\nslug = "blog{number}"\n'
        for number, server in enumerate(servers[1:], 1)
    )
    papers = "".join(
        f'[[digests]]\nlike = "weekly"\nslug = "{slug}"\ntitle = "The {slug}"\n' for slug in slugs[1:]
    )
    return {
        "database": database,
        "digest": 'approval = "auto"',
        "sources": feeds + papers,
        "feed": servers[0].url("/feed"),
        "endpoint": '", "'.join([*(server.endpoint for server in servers), *allowed]),
        "relay": relay,
    }


def _relay(address: str, per_second: int) -> str:
    """What stands in config.toml between the quotation marks after ``relay``, with further lines."""
    pace = f"per_second = {per_second}.0\n" if per_second else ""
    return f'{address}"\nconnections = {CONNECTIONS}\n{pace}username = "'


def _subscribe(place: Place, slugs: Sequence[str], people: Sequence[str]) -> None:
    file = place.folder / "people.csv"
    lines = [f"{address},2026-11-01,the fair" for address in people]
    file.write_text("\n".join(["address,consent_at,consent_source", *lines]), encoding="utf-8")
    for slug in slugs:
        place.done("subscribers", "import", file, "--digest", slug)


def _reaching(place: Place, reached: str) -> Path:
    """A config.toml for the processes, with the database where they find it."""
    file = place.folder / "machines.toml"
    before, database, after = place.path.read_text(encoding="utf-8").partition('[database]\nurl = "')
    assert database
    file.write_text(f"{before}{database}{reached}{after[after.index(chr(34)) :]}", encoding="utf-8")
    return file


def _end_all(here: Fleet) -> None:
    for process in here.running.values():
        process.kill()
        process.join(_PATIENCE)
