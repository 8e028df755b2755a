"""Units of work that wait for a worker: Procrastinate's jobs on PostgreSQL; on SQLite nothing, for there the rows
that make a unit due are looked at instead.

A job holds the name of its unit and nothing else, so that it may be lost, doubled or late without harm. It is written
in the transaction that makes the unit due. Procrastinate's own ``queueing_lock`` is left alone: a job that is put back
to be tried again would meet its successor there, and stay "doing" for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from digest.errors import StoreError
from digest.model import Queue, Unit
from digest.store.database import SCHEMA_LOCK, exclusive, reading, transaction

# Not to_regclass: it may answer from a cache that is older than the lock that was just waited for.
_IS_THERE = text(
    "SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'procrastinate_jobs' AND pg_table_is_visible(oid))"
)
_VERSION = text("SELECT obj_description('procrastinate_jobs'::regclass, 'pg_class')")
_WAITING = text("SELECT lock FROM procrastinate_jobs WHERE status = 'todo' AND lock = ANY(:locks)")
_COUNTS = text(
    "SELECT queue_name, count(*) FROM procrastinate_jobs WHERE status = 'todo' GROUP BY queue_name"
)
_OLDEST = text("""
    SELECT min(events.at) FROM procrastinate_events events JOIN procrastinate_jobs jobs ON jobs.id = events.job_id
    WHERE jobs.status = 'todo' AND events.type = 'deferred'
""")
_STALLED = text("""
    SELECT jobs.id FROM procrastinate_jobs jobs
    LEFT JOIN procrastinate_workers workers ON workers.id = jobs.worker_id
    WHERE jobs.status = 'doing' AND (workers.id IS NULL OR workers.last_heartbeat < now() - CAST(:silent AS interval))
    FOR UPDATE OF jobs SKIP LOCKED
""")
_TAKE_BACK = text("SELECT procrastinate_retry_job_v2(:id, now(), NULL, NULL, NULL)")


# ── its tables ───────────────────────────────────────────────────────────────────────────────────


def install(engine: Engine) -> None:
    """Make Procrastinate's tables on PostgreSQL, or bring them up to date with the package; elsewhere nothing.

    Which of its migrations they have had is kept as a comment on the table of jobs.

    Raises:
        StoreError: they were made for a newer Procrastinate.
    """
    if engine.dialect.name != "postgresql":
        return
    scripts = _scripts()
    with reading(engine) as connection:
        if _present(connection) == max(scripts):
            return
    with transaction(engine) as connection:
        exclusive(connection, SCHEMA_LOCK)
        _bring_up_to_date(connection, scripts)


def _bring_up_to_date(connection: Connection, scripts: Mapping[str, Path]) -> None:
    present, newest = _present(connection), max(scripts)
    if present is not None and present > newest:
        raise StoreError(
            f"The jobs in the database were made for a newer Procrastinate ({present}) than is installed ({newest}): "
            "install digest as it is on the other machines."
        )
    if present is None:
        _run(connection, (_folder() / "schema.sql").read_text(encoding="utf-8"))
    else:
        for name in sorted(name for name in scripts if name > present):
            _run(connection, scripts[name].read_text(encoding="utf-8"))
    _run(connection, f"COMMENT ON TABLE procrastinate_jobs IS '{newest}'")


def _present(connection: Connection) -> str | None:
    """The newest of Procrastinate's migrations that the database has had; None where it has no jobs at all."""
    return str(connection.execute(_VERSION).scalar() or "") if _is_there(connection) else None


def _folder() -> Path:
    """Where the package has its SQL; it is not imported for that, which takes long."""
    spec = find_spec("procrastinate")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "sql"


def _scripts() -> Mapping[str, Path]:
    """Procrastinate's migrations, by name; their names sort as they are to be applied."""
    return {path.stem: path for path in (_folder() / "migrations").glob("*.sql")}


def _run(connection: Connection, script: str) -> None:
    connection.execution_options(no_parameters=True).exec_driver_sql(script)


def _is_there(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql" and bool(connection.execute(_IS_THERE).scalar_one())


# ── putting, counting, taking back ───────────────────────────────────────────────────────────────


def put(connection: Connection, *units: Unit) -> int:
    """Let units wait for a worker, unless they do already; how many there were that did not.

    Two transactions at once may both write one of them: whoever comes second finds it done.

    Raises:
        StoreError: the database cannot be used.
    """
    if not units or not _is_there(connection):
        return 0
    locks = [str(unit) for unit in units]
    waiting = set(connection.execute(_WAITING, {"locks": locks}).scalars())
    new = [unit for unit in dict.fromkeys(units) if str(unit) not in waiting]
    if new:
        _defer(connection, new)
    return len(new)


def _defer(connection: Connection, units: Iterable[Unit]) -> None:
    """By Procrastinate itself, on the connection and so in the transaction of its caller."""
    from procrastinate import SyncPsycopgConnector
    from procrastinate.exceptions import ConnectorException
    from procrastinate.jobs import Job
    from procrastinate.manager import JobManager

    jobs = [
        Job(
            queue=unit.queue.value,
            priority=unit.priority,
            lock=str(unit),
            queueing_lock=None,
            task_name=unit.work.value,
            task_kwargs={"subject": unit.subject, "shard": unit.shard},
        )
        for unit in units
    ]
    try:
        JobManager(SyncPsycopgConnector()).batch_defer_jobs(jobs, connection.connection.driver_connection)
    except ConnectorException as error:
        raise StoreError(f"The database takes no jobs: {error.__cause__ or error}.") from error


def waiting(connection: Connection) -> Mapping[Queue, int]:
    """How many units wait, by queue; a queue of a newer digest is left out, and on SQLite nothing ever waits."""
    if not _is_there(connection):
        return {}
    known = {queue.value: queue for queue in Queue}
    return {known[name]: count for name, count in connection.execute(_COUNTS) if name in known}


def oldest(connection: Connection) -> datetime | None:
    """Since when the unit waits that has waited for longest; None where none does."""
    if not _is_there(connection):
        return None
    found: datetime | None = connection.execute(_OLDEST).scalar()
    return found


def take_back(engine: Engine, silent: timedelta) -> int:
    """Let the jobs of workers that have not been heard of for so long wait again, at once; how many there were."""
    with transaction(engine) as connection:
        if not _is_there(connection):
            return 0
        stalled = connection.execute(_STALLED, {"silent": silent}).scalars().all()
        for job in stalled:
            connection.execute(_TAKE_BACK, {"id": job})
    return len(stalled)
