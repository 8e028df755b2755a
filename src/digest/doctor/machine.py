"""What this machine has to have: room, folders, secrets that stay secret, a database of our kind, sound templates."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError

from digest.doctor.check import Check, failed, ok, warning
from digest.errors import DigestError
from digest.settings import Settings
from digest.store.database import open_database, reading, require_current

LITTLE, SOME = 200_000_000, 1_000_000_000  # bytes


def folders(settings: Settings) -> Mapping[str, Path]:
    """Where digest writes, by the setting that says so."""
    found = {
        "[publish] feeds_dir": settings.publish.feeds_dir,
        "[publish] pictures_dir": settings.publish.pictures_dir,
    }
    if not settings.mail.live:
        found["[mail] folder"] = settings.mail.folder
    if file := _sqlite_file(settings.database.url):
        found["[database] url"] = file.parent
    return found


def _sqlite_file(url: str) -> Path | None:
    try:
        location = make_url(url)
    except ArgumentError:  # told when it is opened
        return None
    database = location.database if location.get_backend_name() == "sqlite" else ""
    return Path(database) if database else None


def folder_checks(named: Mapping[str, Path]) -> Iterator[Check]:
    """Whether each folder, or the nearest one around it that is there, can be written to."""
    for setting, folder in named.items():
        why = _unwritable(_nearest(folder))
        if why:
            todo = f"Make {folder} and give it to the user that runs digest, or set {setting}."
            yield failed("folders", f"{setting} is {folder}, which cannot be written: {why}.", todo)
    if not any(_unwritable(_nearest(folder)) for folder in named.values()):
        yield ok("folders", f"all {len(named)} can be written.")


def _nearest(folder: Path) -> Path:
    return next((each for each in (folder, *folder.parents) if _is_there(each)), folder)


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except OSError:  # also where we may not look
        return False
    return True


def _unwritable(folder: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__


def template_checks(mistakes: Iterable[str]) -> Iterator[Check]:
    """What ``resources.check`` found in templates."""
    found = [
        failed("templates", mistake, "Correct it; `digest preview` shows each change.")
        for mistake in mistakes
    ]
    yield from found or [ok("templates", "all of them compile.")]


def disk_checks(named: Mapping[str, Path]) -> Iterator[Check]:
    """How much room there is, once for each disk."""
    seen = set()
    for folder in map(_nearest, named.values()):
        device = folder.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield room(folder, shutil.disk_usage(folder).free)


def room(folder: Path, free: int) -> Check:
    """What so many free bytes mean; without room nothing is sent, because nothing could be noted."""
    said = f"{free / 1e9:.1f} GB are free at {folder}."
    if free < LITTLE:
        return failed("disk", said, "Make room: digest sends nothing that it cannot note in its database.")
    if free < SOME:
        return warning("disk", said, "Make room soon.")
    return ok("disk", said)


def secret_checks(paths: Iterable[Path]) -> Iterator[Check]:
    """Whether only their owner reads the files that hold secrets."""
    there = [path for path in dict.fromkeys(paths) if _is_there(path)]
    open_ones = [path for path in there if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    for path in open_ones:
        mode = oct(path.stat().st_mode & 0o777)[2:]
        yield failed("secrets", f"{path} is open to others (mode {mode}).", f"Run: chmod 600 {path}")
    if not open_ones:
        files = "1 file" if len(there) == 1 else f"{len(there)} files"
        yield ok("secrets", f"{files}, for {_owner()} only.")


def _owner() -> str:
    return "root" if os.geteuid() == 0 else "their owner"


def database_check(url: str) -> Check:
    """Whether the database can be reached and is of this digest's making."""
    file = _sqlite_file(url)
    if file and not _is_there(file):
        return warning("database", f"{file} is not there yet.", "Any command makes it: digest check")
    try:
        engine = open_database(url)
    except DigestError as error:
        return failed("database", str(error), "See [database] url, and whether its server runs.")
    try:
        require_current(engine)
        with reading(engine) as connection:
            return ok("database", f"{_server(connection)}, with the schema of this digest.")
    except DigestError as error:
        return failed("database", str(error), "Back it up before you do it.")
    finally:
        engine.dispose()


def _server(connection: Connection) -> str:
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.dialect.name]
    version = connection.dialect.server_version_info or ()
    return f"{name} {'.'.join(map(str, version))}"
