"""A worker: takes units from Procrastinate's queues on PostgreSQL and does them, some at the same time.

A unit that fails is tried again, ever later; one that a worker was told to leave is given back at once. A worker that
is killed leaves its units to others, once the scheduler has not heard of it for a while. The database may go away
meanwhile: the worker waits for it, and what it had in hand is due until it is done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from psycopg import Error as DatabaseError
from psycopg_pool import PoolTimeout

from digest import store
from digest.errors import DigestError, StoreError
from digest.model import Queue, Unit, Work
from digest.model.units import QUEUE
from digest.pipeline.installation import Clock, Installation
from digest.pipeline.mail.send import give_back
from digest.store.database import transaction
from digest.work.doing import Hands, do

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=1)  # of a send with its relay: then others may have their turn
_LONGEST_WAIT = timedelta(minutes=5)
_CONNECT_SECONDS = 10
_AGAIN_SECONDS = 2.0  # after the database was away
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Habits:
    """What a worker takes, how much of it at the same time, and how often it says that it is there."""

    queues: Collection[Queue] = tuple(Queue)
    concurrency: int = 4
    heartbeat: timedelta = timedelta(seconds=2)
    silent: timedelta = timedelta(seconds=15)  # after which it counts as gone


class GivenBack(Exception):  # noqa: N818  # nothing went wrong
    """A worker that ends has left a unit where it was."""


class BackOff(BaseRetryStrategy):
    """Five seconds after the first failure, then twice as long each time, five minutes at most; what is given back at once."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """When a unit that failed is tried again; Procrastinate's interface."""
        wait = timedelta() if isinstance(exception, GivenBack) else back_off(job.attempts)
        return RetryDecision(retry_at=datetime.now(UTC) + wait)


def back_off(attempts: int) -> timedelta:
    """How long a unit rests that has failed once more after so many failures."""
    return min(_LONGEST_WAIT, timedelta(seconds=5 * 2 ** min(attempts, 16)))


def work(installation: Installation, clock: Clock, stop: Event, habits: Habits = Habits()) -> None:
    """Do what waits in some queues until ``stop``; then finish or give back what is in hand."""
    logging.getLogger("procrastinate").setLevel(
        logging.CRITICAL
    )  # what matters is said here, in one sentence
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    told = ""
    while not stop.is_set():
        why = asyncio.run(_shift(installation, clock, stop, habits))
        if why and why != told:
            log.warning("this worker waits for the database: %s", why)
        told = why
        if not stop.is_set():
            stop.wait(_AGAIN_SECONDS)


async def _shift(installation: Installation, clock: Clock, stop: Event, habits: Habits) -> str:
    """Be one worker of Procrastinate's until ``stop``, or until the database fails it: why, or "".

    Of a worker whose word did not reach the database nobody knows what it has done, least of all Procrastinate: its units
    are ended, it goes, and what it leaves behind is taken back.
    """
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(habits.concurrency, thread_name_prefix="digest-unit"))
    loop.set_exception_handler(
        lambda *_: None
    )  # of what it could not say to the database; ``connector`` has heard
    halt, connector, failed = Event(), _Connector(installation), Event()
    failed.set()  # so it may have been before this shift
    app = _app(connector, _Place(Hands(installation, clock, halt, PATIENCE), failed), habits)
    try:
        async with app.open_async():
            worker = asyncio.create_task(_run(app, habits))
            while not (worker.done() or stop.is_set() or connector.trouble):
                await asyncio.wait([worker], timeout=_LOOK_SECONDS)
                if failed.is_set():
                    await asyncio.to_thread(_give_back, installation, clock, failed)
            halt.set()
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker
    except (ConnectorException, DatabaseError, PoolTimeout) as error:
        return _words(error)
    return connector.trouble


async def _run(app: App, habits: Habits) -> None:
    await app.run_worker_async(
        queues=[queue.value for queue in habits.queues],
        concurrency=habits.concurrency,
        fetch_job_polling_interval=2.0,
        delete_jobs="always",
        install_signal_handlers=False,
        update_heartbeat_interval=habits.heartbeat.total_seconds(),
        stalled_worker_timeout=habits.silent.total_seconds(),
    )


def _give_back(installation: Installation, clock: Clock, failed: Event) -> None:
    """What a unit held when the database failed it, once that is back."""
    failed.clear()
    try:
        give_back(installation, clock())
    except StoreError:
        failed.set()


def _words(error: BaseException) -> str:
    return " ".join(str(error.__cause__ or error).split()) or type(error).__name__


class _Connector(PsycopgConnector):
    """Procrastinate's way to the database; it remembers the first thing that went wrong on it."""

    def __init__(self, installation: Installation) -> None:
        address = installation.engine.url.set(drivername="postgresql")
        super().__init__(
            conninfo=address.render_as_string(hide_password=False),
            kwargs={"connect_timeout": _CONNECT_SECONDS, "keepalives_idle": 5, "tcp_user_timeout": 20_000},
            min_size=1,
            max_size=4,
            timeout=_CONNECT_SECONDS,
        )
        self.trouble = ""

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        """As Procrastinate's."""
        with self._heard():
            await super().execute_query_async(query, **arguments)

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        """As Procrastinate's."""
        with self._heard():
            row: dict[str, Any] = await super().execute_query_one_async(query, **arguments)
            return row

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        """As Procrastinate's."""
        with self._heard():
            rows: list[dict[str, Any]] = await super().execute_query_all_async(query, **arguments)
            return rows

    @contextmanager
    def _heard(self) -> Iterator[None]:
        try:
            yield
        except (ConnectorException, DatabaseError, PoolTimeout) as error:
            self.trouble = self.trouble or _words(error)
            raise


@dataclass(frozen=True, slots=True)
class _Place:
    """Where units are done; ``failed`` is set when the database failed one of them."""

    hands: Hands
    failed: Event


def _app(connector: PsycopgConnector, place: _Place, habits: Habits) -> App:
    """Procrastinate's application: a task for each kind of work."""
    app = App(connector=connector)
    for kind, queue in QUEUE.items():
        if queue in habits.queues:
            app.task(name=kind.value, queue=queue.value, retry=BackOff())(_task(place, kind))
    return app


def _task(place: _Place, kind: Work) -> Callable[[str, int], None]:
    def task(subject: str, shard: int) -> None:
        """Do it; what follows from it waits for whoever is free."""
        unit = Unit(kind, subject, shard)
        following = _done(place, unit)
        if place.hands.stop.is_set():
            raise GivenBack(str(unit))
        with transaction(place.hands.installation.engine) as connection:
            store.jobs.put(connection, *following)

    return task


def _done(place: _Place, unit: Unit) -> tuple[Unit, ...]:
    try:
        return do(place.hands, unit)
    except DigestError as error:
        if isinstance(error, StoreError):
            place.failed.set()
        log.error("%s: %s", unit, error)  # noqa: TRY400  # the sentence says it all
        raise
    except Exception:
        log.exception("%s", unit)
        raise
