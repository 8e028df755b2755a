"""A backup brought back, into an empty place, where nothing leaves until a person has looked.

What was sent after the backup stands in no row of it. So all that was open is held back in the same transaction in
which the rows come, and the mark that holds the mail is of it, too: there is no moment in which a sender could begin.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from sqlalchemy import Connection, Engine, inspect

from digest import files
from digest.backup.archive import Member, pieces_of, unpacking
from digest.backup.belongings import name_of
from digest.backup.manifest import ELSEWHERE, HERE, Manifest, Table
from digest.backup.verifying import verify
from digest.config import load
from digest.errors import DigestError, StoreError
from digest.model.moves import Move, MoveKind
from digest.moving import rows
from digest.moving.shapes import Row, decoder
from digest.store import moves
from digest.store.database import known_revisions, migrate_within, open_database, reading, shown, transaction

_LONGEST_ROW = 256_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, and what is held."""

    manifest: Manifest
    database: str
    held: Mapping[str, int]  # as ``store.moves.hold_back`` says
    elsewhere: tuple[str, ...]  # files that were named by whole paths, below the new folder


def restore(
    backup: Path,
    folder: Path,
    now: datetime,
    *,
    database: str | None = None,
    redactions: Path | None = None,
) -> Restored:
    """Bring an installation back into ``folder``, all of it or nothing.

    Args:
        folder: where config.toml is to stand; it must not be there, or be empty.
        database: an empty one to fill, where the backup's was a server, or a file elsewhere.
        redactions: a newer list of what was removed on request, in the place of the backup's; it is applied
            when the installation is opened.

    Raises:
        DigestError: the backup is not whole or of a newer digest, the place is not empty, or cannot be written.
        StoreError: the database cannot be used, or is not empty.
    """
    manifest = verify(backup)
    _require_readable(manifest)
    with _standing_in(folder) as stage:
        engine = _database(manifest, stage, database)
        try:
            with transaction(engine) as connection:
                held = _fill(connection, backup, manifest, stage, now)
            if redactions:
                _put_redactions(stage, manifest, redactions)
        finally:
            engine.dispose()  # the last connection to go writes SQLite's log into its file
    prefix = f"{ELSEWHERE}/"
    elsewhere = tuple(part.name for part in manifest.files if part.name.startswith(prefix))
    filled = shown(engine.url) if database else str(folder / manifest.database)
    return Restored(manifest, filled, held, elsewhere)


def _require_readable(manifest: Manifest) -> None:
    if manifest.schema not in known_revisions():
        raise DigestError(
            f"The backup was made by a newer digest, {manifest.digest} (its schema is {manifest.schema}): "
            "install that version."
        )


@contextmanager
def _standing_in(folder: Path) -> Iterator[Path]:
    """A folder that stands at ``folder`` when the block ends, and nowhere if it raises."""
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise DigestError(
                f"{folder} is not empty: a backup is restored into a new folder; nothing was changed."
            )
        stage = folder.with_name(f".{folder.name}.{token_hex(6)}.new")
        folder.parent.mkdir(parents=True, exist_ok=True)
        stage.mkdir(mode=0o700)
        try:
            yield stage
            if folder.exists():
                folder.rmdir()
            stage.rename(folder)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    except OSError as error:
        raise DigestError(
            f"{error.filename or folder} cannot be written: {error.strerror or error}."
        ) from error


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────


def _database(manifest: Manifest, stage: Path, named: str | None) -> Engine:
    if named is None and not manifest.database:
        raise DigestError(
            "The database of this backup was on a server, or in a file elsewhere: name an empty one with --database."
        )
    place = files.inside(stage, manifest.database) if named is None else None
    engine = open_database(named or f"sqlite:///{place}")
    with reading(engine) as connection:
        tables = inspect(connection).get_table_names()
    if tables:
        engine.dispose()
        raise StoreError(
            f"The database {shown(engine.url)} has tables already: a backup is restored into an empty one."
        )
    return engine


def _fill(
    connection: Connection, backup: Path, manifest: Manifest, stage: Path, now: datetime
) -> Mapping[str, int]:
    """All in one transaction: tables of then, rows, tables of now, and what holds them."""
    migrate_within(connection, manifest.schema)
    tables = {table.part.name: table for table in manifest.tables}
    wanted = {part.name for part in manifest.files}
    with unpacking(backup) as members:
        for member in members:
            if table := tables.get(member.name):
                _write_table(connection, table, member)
            elif member.name in wanted:
                _put(stage, member.name, member.pieces())
    migrate_within(connection)
    made = f"{manifest.made_at:%Y-%m-%d %H:%M} UTC"
    moves.add(connection, Move(MoveKind.HELD, f"the backup {backup.name}", manifest.made_at))
    return moves.hold_back(connection, f"restored from the backup of {made}: it may have left since", now)


def _write_table(connection: Connection, table: Table, member: Member) -> None:
    rows.write(connection, table.shape, _rows(table, member))
    rows.go_on_from(connection, table.shape, table.last_number)
    found = rows.tally(connection, table.shape)
    if (found.rows, found.sha256) != (table.rows, table.part.sha256):
        raise DigestError(
            f"The rows of {table.name} are not in the database as they are in the backup; nothing was changed."
        )


def _rows(table: Table, member: Member) -> Iterator[Row]:
    decode = decoder(table.shape)
    for line in iter(lambda: member.file.readline(_LONGEST_ROW), b""):
        try:
            yield decode(line)
        except ValueError as error:
            raise DigestError(
                f"The backup has a row of {table.name} that cannot be read: {error}."
            ) from error


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def _put(stage: Path, name: str, pieces: Iterable[bytes]) -> None:
    """Below the new folder, readable by its owner only, as all that may be secret."""
    head, _, path = name.partition("/")
    place = files.inside(stage, path if head == HERE else name)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with files.whole_file(place) as file:
        file.writelines(pieces)


def _put_redactions(stage: Path, manifest: Manifest, given: Path) -> None:
    """In the place where the restored config.toml names them."""
    named = load(stage / manifest.config).database.redactions_file
    _put(stage, name_of(stage, named), pieces_of(given))
