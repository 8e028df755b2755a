"""Units that wait for a worker: written with what makes them due, taken back from the dead, and none of it on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from digest.errors import StoreError
from digest.model import Queue, Unit, Work
from digest.model.units import QUEUE
from digest.store import jobs
from digest.store.database import open_database, reading, transaction
from digest.work.doing import _DOING
from digest.work.worker import back_off

POLL, SEND = Unit(Work.POLL, "hollin.test"), Unit(Work.SEND, "weekly/2026-11-22", 1)
SILENT = timedelta(seconds=15)


@pytest.fixture
def server(postgres_url: str) -> Iterator[Engine]:
    engine = open_database(postgres_url)
    jobs.install(engine)
    yield engine
    engine.dispose()


def put(engine: Engine, *units: Unit) -> int:
    with transaction(engine) as connection:
        return jobs.put(connection, *units)


def waiting(engine: Engine) -> dict[Queue, int]:
    with reading(engine) as connection:
        return dict(jobs.waiting(connection))


def fetch(connection: Connection, heard: str) -> str | None:
    """Take a job as Procrastinate's worker does, one that was heard of so long ago; its name."""
    worker = connection.execute(
        text(
            f"INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '{heard}') RETURNING id"
        )
    ).scalar_one()
    query = text("SELECT lock FROM procrastinate_fetch_job_v2(NULL, :worker)")
    return connection.execute(query, {"worker": worker}).scalar_one_or_none()


# ── names ────────────────────────────────────────────────────────────────────────────────────────


def test_every_kind_of_work_has_a_queue_and_is_done() -> None:
    """Nothing can be put that nobody would take, or that nobody knows how to do."""
    assert set(Work) == set(QUEUE) == set(_DOING)


def test_a_unit_says_of_what_and_no_two_have_one_name() -> None:
    """The name is the lock; the shards of a send have names of their own."""
    assert str(POLL) == "poll hollin.test"
    assert str(SEND) == "send weekly/2026-11-22 #2"
    assert str(Unit(Work.TREE)) == "tree"
    assert SEND.queue is Queue.SEND
    assert Unit(Work.OUTBOX).priority > SEND.priority > POLL.priority


def test_what_fails_rests_ever_longer_up_to_five_minutes() -> None:
    """However often it fails: the exponent is bounded."""
    assert [back_off(attempts).seconds for attempts in (0, 1, 2, 6, 10**9)] == [5, 10, 20, 300, 300]


# ── putting ──────────────────────────────────────────────────────────────────────────────────────


def test_a_unit_waits_once_the_transaction_that_makes_it_due_is_committed(server: Engine) -> None:
    """And not at all where that is rolled back."""
    with transaction(server) as connection:
        jobs.put(connection, POLL)
        connection.rollback()
    assert waiting(server) == {}
    assert put(server, POLL, SEND) == 2
    assert waiting(server) == {Queue.POLL: 1, Queue.SEND: 1}


def test_a_unit_waits_once_however_often_it_is_found_due(server: Engine) -> None:
    """In one transaction, in several, and from eight threads, of which two may at worst be equally fast."""
    assert put(server, POLL, POLL) == 1
    assert put(server, POLL) == 0
    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(lambda _: put(server, POLL), range(40))) == 0
    assert waiting(server) == {Queue.POLL: 1}


def test_what_is_being_done_may_become_due_again_and_waits_until_it_is_done(server: Engine) -> None:
    """Mail that is written while the Outbox is being sent is not forgotten; no two do the same at a time."""
    put(server, POLL)
    with transaction(server) as connection:
        assert fetch(connection, "0 s") == "poll hollin.test"
    assert put(server, POLL) == 1
    with transaction(server) as connection:
        assert fetch(connection, "0 s") is None


def test_without_its_tables_nothing_is_put(postgres_url: str) -> None:
    """As on a database that no installation was opened on yet."""
    engine = open_database(postgres_url)
    assert put(engine, POLL) == 0
    assert waiting(engine) == {}
    engine.dispose()


def test_on_sqlite_nothing_ever_waits(tmp_path: object) -> None:
    """There the rows are looked at."""
    engine = open_database(f"sqlite:///{tmp_path}/digest.db")
    jobs.install(engine)
    assert put(engine, POLL) == 0
    assert waiting(engine) == {}
    assert jobs.take_back(engine, SILENT) == 0
    engine.dispose()


# ── taking back ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("heard", "taken_back"), [("1 s", 0), ("16 s", 1)])
def test_the_units_of_a_worker_that_is_silent_wait_again(server: Engine, heard: str, taken_back: int) -> None:
    """A worker that was heard of just now keeps its own."""
    put(server, POLL)
    with transaction(server) as connection:
        fetch(connection, heard)
    assert waiting(server) == {}
    assert jobs.take_back(server, SILENT) == taken_back
    assert waiting(server).get(Queue.POLL, 0) == taken_back


def test_the_units_of_a_worker_that_is_forgotten_wait_again(server: Engine) -> None:
    """Procrastinate itself forgets workers that are silent, and what they had in hand stays behind."""
    put(server, POLL)
    with transaction(server) as connection:
        fetch(connection, "1 s")
        connection.execute(text("DELETE FROM procrastinate_workers"))
    assert jobs.take_back(server, SILENT) == 1


def test_the_age_of_the_oldest_unit_is_known(server: Engine) -> None:
    """For whoever watches the queues."""
    with reading(server) as connection:
        assert jobs.oldest(connection) is None
    put(server, POLL)
    with reading(server) as connection:
        assert jobs.oldest(connection) is not None


# ── Procrastinate's tables ───────────────────────────────────────────────────────────────────────


def test_its_tables_are_brought_up_to_date_with_the_package(postgres_url: str) -> None:
    """From those of an earlier release, script by script; then they do what today's do."""
    engine = open_database(postgres_url)
    scripts = jobs._scripts()
    earlier = [name for name in sorted(scripts) if name < "03.03"]
    with transaction(engine) as connection:
        for name in earlier:
            jobs._run(connection, scripts[name].read_text(encoding="utf-8"))
        jobs._run(connection, f"COMMENT ON TABLE procrastinate_jobs IS '{earlier[-1]}'")
    jobs.install(engine)
    with reading(engine) as connection:
        assert jobs._present(connection) == max(scripts)
    put(engine, POLL)
    with transaction(engine) as connection:
        fetch(connection, "1 minute")
    assert jobs.take_back(engine, SILENT) == 1
    engine.dispose()


def test_jobs_of_a_newer_procrastinate_are_left_alone(server: Engine) -> None:
    """One sentence, and what to do."""
    with transaction(server) as connection:
        connection.execute(text("COMMENT ON TABLE procrastinate_jobs IS '99.00.00_01_later'"))
    with pytest.raises(
        StoreError, match=r"newer Procrastinate \(99.00.00_01_later\).*install digest as it is"
    ):
        jobs.install(server)


def test_several_processes_may_make_its_tables_at_once(postgres_url: str) -> None:
    """As on a first start of many machines."""
    engines = [open_database(postgres_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(jobs.install, engines))
    assert put(engines[0], POLL) == 1
    for engine in engines:
        engine.dispose()
