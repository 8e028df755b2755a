"""Databases with the schema of today, made once in a process and copied for each test."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, text

from digest.store.database import migrate, open_database

_TEMPLATE = "digest_migrated"


def migrated_sqlite(path: Path) -> None:
    """Write a SQLite file with the schema of today and nothing in it; only its owner may read it."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(_migrated())


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digest.db"
        engine = open_database(f"sqlite:///{path}")
        migrate(engine)
        engine.dispose()  # the last connection to go writes what is in the log into the file
        return path.read_bytes()


def create_postgres(server: Engine, name: str, *, migrated: bool) -> None:
    """Create a database on a server: empty, or with the schema of today."""
    template = f" TEMPLATE {_postgres_template(server)}" if migrated else ""
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}{template}"))


@cache
def _postgres_template(server: Engine) -> str:
    name = f"{_TEMPLATE}_{os.getpid()}"  # workers may share a server
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = open_database(server.url.set(database=name).render_as_string(hide_password=False))
    migrate(engine)
    engine.dispose()
    return name
