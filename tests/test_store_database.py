"""Opening, migrating and using a database: the same promises on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Table, column, event, insert, inspect, select, table, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from digest.errors import StoreError
from digest.model import Notice, NoticeKind, Rule, RuleKind
from digest.store import notices, schema, sources
from digest.store.database import exclusive, migrate, open_database, reading, require_current, transaction
from digest.store.statements import columns_of
from outbox_samples import put
from store_samples import NOW, a_post, a_source, request, store_post, subscribe

# ── opening ──────────────────────────────────────────────────────────────────────────────────────


def test_a_sqlite_file_is_made_with_its_folder_and_is_the_owners_alone(tmp_path: Path) -> None:
    """The database holds addresses: nobody else on the machine reads it."""
    path = tmp_path / "var" / "deep" / "digest.db"
    open_database(f"sqlite:///{path}").dispose()
    assert path.exists()
    assert path.stat().st_mode & 0o077 == 0


def test_sqlite_keeps_what_was_committed_and_checks_references(tmp_path: Path) -> None:
    """Write-ahead log, full synchronisation, foreign keys and a busy timeout hold on every connection."""
    engine = open_database(f"sqlite:///{tmp_path / 'digest.db'}")
    for _ in range(2):
        with reading(engine) as connection:
            pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
        assert values == ["wal", 2, 1, 30_000]
        engine.dispose()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "postgresql://nobody:secret@127.0.0.1:1/none",
            "postgresql://nobody:***@127.0.0.1:1/none cannot be used",
        ),
        ("mysql://127.0.0.1/digest", "must be sqlite:///PATH or postgresql://"),
        ("sqlite://", "must be sqlite:///PATH"),
        ("sqlite:///:memory:", "must be sqlite:///PATH"),
        ("digest.db", "must be sqlite:///PATH"),
    ],
)
def test_a_database_that_cannot_be_opened_says_so_without_its_password(url: str, said: str) -> None:
    """One sentence that names the database and what is wrong, and never the password."""
    with pytest.raises(StoreError) as caught:
        open_database(url)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    """Somebody's notes are not overwritten."""
    path = tmp_path / "digest.db"
    path.write_text("My notes on harbours. " * 100)
    with pytest.raises(StoreError, match=r"digest\.db cannot be used: file is not a database"):
        open_database(f"sqlite:///{path}")
    assert path.read_text().startswith("My notes")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """A path through a file is the operator's slip, not a defect."""
    (tmp_path / "var").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        open_database(f"sqlite:///{tmp_path / 'var' / 'digest.db'}")


# ── migrating ────────────────────────────────────────────────────────────────────────────────────


def test_the_migrations_lead_to_the_schema_that_the_code_uses(engine: Engine) -> None:
    """Tables, columns, types, indexes and constraints: nothing to add, nothing to drop."""
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_the_migrations_check_the_same_states_as_the_code(engine: Engine) -> None:
    """CHECK constraints, partial indexes and cascades too, which a comparison of metadata passes over."""
    migrated = _constraints(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        schema.metadata.drop_all(connection)
        schema.metadata.create_all(connection)
    assert migrated == _constraints(engine)
    assert sum("state IN" in line or "state = ANY" in line for line in migrated) == 6
    assert sum("held <> ''" in line for line in migrated) == 1
    assert sum("CASCADE" in line for line in migrated) == 5


def _constraints(engine: Engine) -> list[str]:
    found = inspect(engine)
    where = f"{engine.dialect.name}_where"
    lines = []
    for name in schema.metadata.tables:
        lines += [f"{check['name']} {check['sqltext']}" for check in found.get_check_constraints(name)]
        lines += [f"{key['name']} {key['options']}" for key in found.get_foreign_keys(name)]
        for index in found.get_indexes(name):
            partial = index.get("dialect_options", {}).get(where, "")
            lines.append(f"{index['name']} {index['column_names']} {partial}")
    return sorted(lines)


def test_two_processes_may_migrate_at_once(database_url: str) -> None:
    """The second finds the work done, and neither fails."""
    errors: list[BaseException] = []

    def start() -> None:
        try:
            engine = open_database(database_url)
            migrate(engine)
            require_current(engine)
            engine.dispose()
        except BaseException as error:  # noqa: BLE001 – shown by the assertion
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_new_file_that_another_is_writing_to_is_waited_for(tmp_path: Path) -> None:
    """SQLite says "locked" at once to whoever sets the journal of a file that is being written to: it is asked again."""
    writer = sqlite3.connect(tmp_path / "digest.db", isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    done = threading.Timer(0.3, writer.execute, ["COMMIT"])
    done.start()
    engine = open_database(f"sqlite:///{tmp_path / 'digest.db'}")
    with reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    done.join()
    writer.close()


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    """What is stored stays."""
    with transaction(engine) as connection:
        sources.add_source(connection, a_source(), NOW)
    migrate(engine)
    with reading(engine) as connection:
        assert len(sources.all_sources(connection)) == 1


def test_what_the_first_schema_held_is_there_after_an_upgrade(database_url: str) -> None:
    """With settings that mean what was done before they could be set."""
    engine = open_database(database_url)
    with transaction(engine) as connection:
        config = Config()
        config.set_main_option("script_location", "digest.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        _insert_as_of_then(connection, schema.sources, columns_of(a_source()))
        _insert_as_of_then(connection, schema.posts, {**columns_of(a_post()), "url_hash": ""})
        _insert_as_of_then(connection, schema.rules, columns_of(SAYS))
    migrate(engine)
    with transaction(engine) as connection:
        assert sources.source(connection, "harbour") == a_source()
        assert sources.rules(connection) == (SAYS,)
        assert connection.execute(select(schema.posts.c.indexed)).scalar() == 0
        sources.add_rule(connection, Rule(RuleKind.SPELLING, "Ilse Moro", spelling="Ilse Morow"))
        store_post(connection, a_post("b" * 16))
    engine.dispose()


SAYS = Rule(RuleKind.SOURCE_THEME, "harbour", "boats")


def _insert_as_of_then(connection: Connection, into: Table, values: Mapping[str, object]) -> None:
    """A row with the columns that its table has at this moment."""
    names = {each["name"] for each in inspect(connection).get_columns(into.name)}
    columns = [column(name, into.c[name].type) for name in names]
    connection.execute(table(into.name, *columns).insert().values({name: values[name] for name in names}))


def _revisions() -> list[str]:
    """Every revision of the schema, today's first."""
    config = Config()
    config.set_main_option("script_location", "digest.store:migrations")
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        (None, "has not been set up; any command"),
        ("0000", "was made by a newer digest"),
        *((revision, "is older than this digest; any command") for revision in _revisions()[1:]),
        (_revisions()[0], ""),
    ],
)
def test_a_database_of_another_time_is_refused_with_what_to_do(
    engine: Engine, revision: str | None, said: str
) -> None:
    """Older, newer and current are told apart; a revision that we do not know is of the future."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        if revision:
            connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
    if not said:
        require_current(engine)
        return
    with pytest.raises(StoreError, match=said):
        require_current(engine)


def test_a_newer_database_is_not_migrated(engine: Engine) -> None:
    """Neither back nor on: the operator is told to install the newer digest."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer digest"):
        migrate(engine)


# ── transactions ─────────────────────────────────────────────────────────────────────────────────


def test_a_transaction_that_fails_leaves_nothing(engine: Engine) -> None:
    """All or nothing, whatever the exception."""

    def interrupted() -> None:
        with transaction(engine) as connection:
            sources.add_source(connection, a_source(), NOW)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with reading(engine) as connection:
        assert sources.all_sources(connection) == ()


def test_a_reader_does_not_wait_for_a_writer(engine: Engine) -> None:
    """A page is served while a send is being written, and shows what was committed."""
    with transaction(engine) as writer:
        sources.add_source(writer, a_source(), NOW)
        with reading(engine) as reader:
            assert sources.all_sources(reader) == ()


def test_what_only_reads_cannot_write_by_mistake_on_postgresql(engine: Engine) -> None:
    """The server refuses it; SQLite would take the lock only then."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no transaction that is read-only by declaration")
    with pytest.raises(StoreError, match="read-only"), reading(engine) as connection:
        sources.add_source(connection, a_source(), NOW)


def test_a_locked_database_is_one_sentence(tmp_path: Path) -> None:
    """A program that holds the lock for too long is named as the cause; nothing hangs for ever."""
    path = tmp_path / "digest.db"
    engine = open_database(f"sqlite:///{path}")
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 20"))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"digest\.db is locked: another program"), transaction(engine):
        pass
    holder.close()


def test_a_defect_of_ours_is_not_dressed_up_as_the_databases_fault(engine: Engine) -> None:
    """A broken constraint raises as what it is, loudly."""
    row = columns_of(a_source())
    with pytest.raises(IntegrityError), transaction(engine) as connection:
        connection.execute(insert(schema.sources), [row, row])


def test_a_value_that_the_database_cannot_hold_is_a_store_error(engine: Engine) -> None:
    """PostgreSQL has no NUL in text; what slipped through all cleaning ends one unit of work, not the process."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite stores a NUL")
    with pytest.raises(StoreError, match="refuses a value"), transaction(engine) as connection:
        sources.add_source(connection, a_source(title="a\0b"), NOW)


def test_only_one_at_a_time_holds_an_exclusive_name(engine: Engine) -> None:
    """Two schedulers that write the same thing take turns."""
    order: list[str] = []
    first_is_in = threading.Event()

    def second() -> None:
        first_is_in.wait(10)
        with transaction(engine) as connection:
            exclusive(connection, "turns")
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with transaction(engine) as connection:
        exclusive(connection, "turns")
        first_is_in.set()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


# ── columns ──────────────────────────────────────────────────────────────────────────────────────


def test_times_come_back_in_utc_and_sort_as_time_does(engine: Engine) -> None:
    """Whatever zone they were given in, and with or without a fraction of a second."""
    east = timezone(timedelta(hours=5, minutes=30))
    times = [
        NOW,
        NOW + timedelta(microseconds=1),
        (NOW + timedelta(minutes=1)).astimezone(east),
        NOW - timedelta(days=1),
    ]
    with transaction(engine) as connection:
        for number, time in enumerate(times):
            connection.execute(insert(schema.digests).values(slug=str(number), started_at=time))
        stored = connection.execute(select(schema.digests.c.started_at).order_by(schema.digests.c.started_at))
        found = list(stored.scalars())
    assert found == sorted(times)
    assert {time.tzinfo for time in found} == {UTC}


def test_a_time_without_a_zone_is_a_defect(engine: Engine) -> None:
    """It would be read as another moment on another machine."""
    with pytest.raises(StatementError, match="without a zone"), transaction(engine) as connection:
        connection.execute(insert(schema.digests).values(slug="weekly", started_at=datetime(2026, 11, 22)))  # noqa: DTZ001


@pytest.mark.parametrize(
    "table",
    [table for table in schema.metadata.sorted_tables if "state" in table.c],
    ids=lambda table: table.name,
)
def test_a_state_outside_the_closed_set_is_refused_by_the_database(engine: Engine, table: Table) -> None:
    """Not even another program can write one."""
    with transaction(engine) as connection:
        subscribe(connection, "ada@example.org")
        store_post(connection, a_post())
        request(connection)
        put(connection, "notice")
        notices.put(connection, Notice("x", NoticeKind.TRIAL, "", "", NOW, NOW))
    with pytest.raises(IntegrityError), transaction(engine) as connection:
        connection.execute(update(table).values(state=text("'lost'")))
