"""Open a database, bring its schema up to date, and run transactions on it: SQLite or PostgreSQL.

SQLite serves one machine without any set-up: WAL, ``synchronous=FULL`` (a committed ledger row survives a
power cut), and every writing transaction starts with ``BEGIN IMMEDIATE``, so that it waits for its turn
at the start instead of failing in the middle. PostgreSQL (psycopg 3) serves many machines.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError
from time import monotonic, sleep

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
    TimeoutError,
)

from digest.errors import StoreError
from digest.store.schema.upgrades import upgrades

BUSY_SECONDS = 30  # how long a transaction waits for another one, or for a server to answer
SCHEMA_LOCK = "digest: schema"
_NOTICES_A_DEAD_LINE = {
    "keepalives_idle": 10,  # seconds, as the next one
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": BUSY_SECONDS * 1000,
}
_NOT_AS_IT_SHOULD_BE = ("already exists", "does not exist", "no such", "duplicate column")
_PREPARE_SQLITE = (
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


def open_database(url: str, *, must_exist: bool = False) -> Engine:
    """The engine for ``sqlite:///PATH`` or ``postgresql://…``, after one successful connection.

    The folder of a SQLite file is made where missing, and the file, unless it ``must_exist``; it is readable by its
    owner only, for it holds addresses.

    Raises:
        StoreError: the URL is of no such database, or the database cannot be reached.
    """
    location = _location(url)
    if location.get_backend_name() == "sqlite":
        if must_exist and not Path(str(location.database)).is_file():
            raise StoreError(f"There is no database {location.database}.")
        _make_room(location)
        engine = create_engine(location)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        connect_args = {"connect_timeout": BUSY_SECONDS, **_NOTICES_A_DEAD_LINE}
        engine = create_engine(location, pool_pre_ping=True, connect_args=connect_args)
    with reading(engine):
        return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write: committed at the end, rolled back whole by any exception.

    Raises:
        StoreError: the database cannot be reached, is locked, full, or refuses a value.
    """
    with _as_store_error(engine), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads, and so never waits for a writer.

    Raises:
        StoreError: as ``transaction``.
    """
    with _as_store_error(engine), engine.connect() as connection:
        options = connection.execution_options(postgresql_readonly=True, only_reads=True)
        with options.begin():
            yield options


@contextmanager
def session(engine: Engine) -> Iterator[Connection]:
    """One connection for several transactions, each begun with ``begin``: what is temporary lasts between them.

    Raises:
        StoreError: as ``transaction``.
    """
    with _as_store_error(engine), engine.connect() as connection:
        yield connection


@contextmanager
def once_more(session: Connection) -> Iterator[None]:
    """One transaction of a session that may write: for who commits hundreds a second.

    Raises:
        StoreError: as ``transaction``; the session can be used again.
    """
    with _as_store_error(session.engine), session.begin():
        yield


@contextmanager
def aside(connection: Connection) -> Iterator[None]:
    """A transaction of a session that writes to temporary tables only, and so keeps no other writer waiting."""
    connection.execution_options(only_reads=True)
    with connection.begin():
        yield
    connection.execution_options(only_reads=False)


def exclusive(connection: Connection, name: str) -> None:
    """Until this transaction ends, no other one that asks for ``name`` goes on.

    On SQLite every writing transaction is exclusive already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def migrate(engine: Engine, to: str = "head") -> None:
    """Bring the schema up to date, or up to a revision; when two processes start at once, the second finds it done.

    Raises:
        StoreError: the database is newer than this digest, or cannot be used.
    """
    with transaction(engine) as connection:
        migrate_within(connection, to)


def migrate_within(connection: Connection, to: str = "head") -> None:
    """``migrate`` in a transaction of the caller's."""
    exclusive(connection, SCHEMA_LOCK)
    config = _alembic()
    if _is_ahead(connection, ScriptDirectory.from_config(config)):
        return
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except DBAPIError as error:
        if any(words in str(error.orig) for words in _NOT_AS_IT_SHOULD_BE):
            raise _half_done(connection.engine, error) from error
        raise


def require_current(engine: Engine) -> None:
    """Refuse a database whose schema is not the one this digest was written for.

    Raises:
        StoreError: it is empty, older or newer; the sentence says what to do.
    """
    scripts = ScriptDirectory.from_config(_alembic())
    with reading(engine) as connection:
        is_ahead = _is_ahead(connection, scripts)
        current = revision(connection)
    if not is_ahead and current != scripts.get_current_head():
        what = "is older than this digest" if current else "has not been set up"
        raise StoreError(
            f"The database {shown(engine.url)} {what}; any command that uses it helps: digest check"
        )


# ── opening ──────────────────────────────────────────────────────────────────────────────────────


def _location(url: str) -> URL:
    try:
        location = make_url(url)
    except ArgumentError:
        location = None
    backend = location.get_backend_name() if location else ""
    if location is not None and backend == "sqlite" and location.database not in (None, "", ":memory:"):
        return location.set(drivername="sqlite+pysqlite", database=str(Path(location.database).absolute()))
    if location is not None and backend in ("postgresql", "postgres"):
        return location.set(drivername="postgresql+psycopg")
    raise StoreError(
        "The database url in config.toml must be sqlite:///PATH or postgresql://USER@HOST/NAME, "
        f"not {shown(location) if location else 'one without a scheme'}."
    )


def _make_room(location: URL) -> None:
    path = Path(str(location.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise StoreError(f"The database {path} cannot be made: {error.strerror}.") from error


def _prepare_sqlite(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None  # the driver starts no transaction by itself: _begin_sqlite does
    for pragma in _PREPARE_SQLITE:
        connection.execute(pragma)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    if not pages:  # later it would wait for whoever writes, and do nothing; ``pruning.give_back`` needs it
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    _enter_wal(connection, until=monotonic() + BUSY_SECONDS)


def _enter_wal(connection: SqliteConnection, until: float) -> None:
    """Set the journal of the file, trying again for as long as others open it at the same time.

    A new file has to be locked whole for that, and SQLite answers "locked" at once, without its busy
    handler, where waiting could end in a deadlock (sqlite3_busy_handler, "the possibility of deadlock").
    """
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except OperationalError as error:
            if "locked" not in str(error) or monotonic() > until:
                raise
            sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    only_reads = connection.get_execution_options().get("only_reads", False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


# ── the revision of the schema ───────────────────────────────────────────────────────────────────


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", "digest.store:migrations")
    return config


def revision(connection: Connection) -> str | None:
    """The revision of a database's schema; None where it has none of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def _is_ahead(connection: Connection, scripts: ScriptDirectory) -> bool:
    """Whether a newer digest has brought the schema further, and says that this one may go on working on it."""
    current = revision(connection)
    known = {script.revision for script in scripts.walk_revisions()}
    if not current or current in known:
        return False
    query = select(upgrades.c.works_from).where(upgrades.c.revision == current)
    if connection.execute(query).scalar() not in known:
        raise StoreError(
            f"The database {shown(connection.engine.url)} was made by a newer digest (its schema is {current}); "
            "install that version, or restore the backup from before."
        )
    return True


def _half_done(engine: Engine, error: DBAPIError) -> StoreError:
    """Alembic's upgrades are whole or not at all, so somebody else has been at work on this one."""
    return StoreError(
        f"The database {shown(engine.url)} cannot be brought up to date, for it is not what its version says "
        f"({_words(error)}); restore the backup from before it was changed."
    )


def newest_revision() -> str:
    """The revision of the schema that this digest was written for."""
    return str(ScriptDirectory.from_config(_alembic()).get_current_head())


def known_revisions() -> frozenset[str]:
    """All revisions of the schema that this digest can bring up to date."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions())


# ── what went wrong, as a sentence ───────────────────────────────────────────────────────────────

_MOVED = "this database was moved to "  # what the triggers of ``store.moves.close`` say
_DEFECTS = (IntegrityError, NotSupportedError, ProgrammingError)  # of our own code: never hidden


@contextmanager
def _as_store_error(engine: Engine) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise StoreError(
            f"The database {shown(engine.url)} is too busy: all connections are in use."
        ) from error
    except DBAPIError as error:
        if isinstance(error, _DEFECTS) and _MOVED not in str(error.orig):
            raise
        raise StoreError(_sentence(engine.url, error)) from error


def _words(error: DBAPIError) -> str:
    return " ".join(str(error.orig).split()).rstrip(".")


def _sentence(url: URL, error: DBAPIError) -> str:
    said = _words(error)
    if _MOVED in said:
        place = said.partition(_MOVED)[2].partition(" CONTEXT:")[0]
        return f"The database {shown(url)} was moved to {place}: name that one in [database] url, and start again."
    if "locked" in said:
        return f"The database {shown(url)} is locked: another program has been writing for over {BUSY_SECONDS} s."
    if isinstance(error, DataError):
        return f"The database {shown(url)} refuses a value: {said}."
    return f"The database {shown(url)} cannot be used: {said}."


def shown(url: URL) -> str:
    """A database as people may see it: the path of a file, or an address without its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(drivername=url.get_backend_name(), query={}).render_as_string()
