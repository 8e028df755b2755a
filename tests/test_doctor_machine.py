"""Room, folders, secrets, database, clock: what the doctor finds on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from digest.doctor import machine
from digest.doctor.check import Level, any_failed, failed, ok
from digest.doctor.pages import clock_check
from digest.store.database import transaction

AS_ROOT = os.geteuid() == 0


@pytest.mark.parametrize(
    ("free", "level"), [(50_000_000_000, Level.OK), (900_000_000, Level.WARNING), (100_000_000, Level.FAILED)]
)
def test_room_is_told_before_it_is_gone(free: int, level: Level) -> None:
    """Without room nothing can be noted, and so nothing is sent."""
    assert machine.room(Path("var"), free).level is level


def test_each_disk_is_told_once(tmp_path: Path) -> None:
    """Also that of a folder which is not there yet."""
    named = {"a": tmp_path, "b": tmp_path / "none" / "yet"}
    assert [check.about for check in machine.disk_checks(named)] == ["disk"]


def test_folders_that_are_not_there_are_made_later(tmp_path: Path) -> None:
    """It is enough that the nearest one can be written to; nothing is left behind by the look."""
    (check,) = machine.folder_checks({"[mail] folder": tmp_path / "var" / "outbox"})
    assert check.level is Level.OK
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    """With the setting that says so."""
    (tmp_path / "var").write_text("a file", encoding="utf-8")
    (check,) = machine.folder_checks({"[mail] folder": tmp_path / "var" / "outbox"})
    assert (check.level, "[mail] folder" in check.found) == (Level.FAILED, True)


@pytest.mark.skipif(AS_ROOT, reason="root may write everywhere")
def test_a_folder_of_somebody_else_is_told(tmp_path: Path) -> None:
    """With what to do."""
    tmp_path.chmod(0o500)
    (check,) = machine.folder_checks({"[publish] feeds_dir": tmp_path})
    assert (check.level, str(tmp_path) in check.todo) == (Level.FAILED, True)


@pytest.mark.parametrize(
    ("mode", "level"), [(0o600, Level.OK), (0o400, Level.OK), (0o640, Level.FAILED), (0o604, Level.FAILED)]
)
def test_secrets_are_for_their_owner_only(tmp_path: Path, mode: int, level: Level) -> None:
    """Whoever reads the key can sign links for anybody."""
    key = tmp_path / "secret.key"
    key.write_text("x", encoding="ascii")
    key.chmod(mode)
    (check,) = machine.secret_checks([key, key, tmp_path / "missing"])
    assert (check.level, check.about) == (level, "secrets")
    assert level is Level.OK or check.todo == f"Run: chmod 600 {key}"


def test_a_database_of_this_digest_is_in_order(engine: Engine) -> None:
    """On both kinds, with the version of its server."""
    check = machine.database_check(engine.url.render_as_string(hide_password=False).replace("+psycopg", ""))
    assert (check.level, "with the schema of this digest" in check.found) == (Level.OK, True)
    assert any(name in check.found for name in ("SQLite 3", "PostgreSQL 1"))


def test_a_database_of_another_time_is_told_and_left_as_it_is(engine: Engine) -> None:
    """It is brought up to date by the commands that use it, not by a look."""
    with transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    check = machine.database_check(engine.url.render_as_string(hide_password=False).replace("+psycopg", ""))
    assert (check.level, "older than this digest" in check.found) == (Level.FAILED, True)
    with transaction(engine) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0001"


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A look changes nothing."""
    check = machine.database_check(f"sqlite:///{tmp_path / 'digest.db'}")
    assert (check.level, list(tmp_path.iterdir())) == (Level.WARNING, [])


def test_a_server_that_is_away_is_told() -> None:
    """In one sentence, without a password."""
    check = machine.database_check("postgresql://nobody:hush@127.0.0.1:1/none")
    assert (check.level, "hush" in str(check)) == (Level.FAILED, False)


@pytest.mark.parametrize(
    ("offsets", "level"),
    [
        ([0.4, -0.6, 1.2], Level.OK),
        ([31.0], Level.WARNING),
        ([-31.0, -33.0], Level.WARNING),
        ([3600.0, 3601.0, 0.0], Level.FAILED),
        ([-3600.0], Level.FAILED),
        ([0.0, 0.1, 90_000.0], Level.OK),
        ([], Level.WARNING),
    ],
)
def test_the_clock_is_held_against_other_clocks(offsets: list[float], level: Level) -> None:
    """Against most of them: one that goes wrong proves nothing."""
    assert clock_check(offsets).level is level


def test_mistakes_in_templates_are_told_each() -> None:
    """And that there is none."""
    assert [check.level for check in machine.template_checks(["one", "two"])] == [Level.FAILED, Level.FAILED]
    assert [check.level for check in machine.template_checks([])] == [Level.OK]


def test_one_failure_is_enough() -> None:
    """For the exit code."""
    assert any_failed([ok("a", "b"), failed("c", "d", "e")])
    assert not any_failed([ok("a", "b")])


def test_an_address_of_a_database_that_is_none_is_told() -> None:
    """It is nobody's crash."""
    assert machine.database_check("no address").level is Level.FAILED
    assert machine.database_check("sqlite://").level is Level.FAILED
