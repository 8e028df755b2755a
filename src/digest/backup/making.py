"""Writing a backup: the rows of one moment, whoever writes meanwhile, then the files, then a look at what was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, Engine

from digest.backup import manifest as manifests
from digest.backup.archive import Packing, packing, pieces_of
from digest.backup.belongings import absent, belongings, database_file, name_of
from digest.backup.manifest import Manifest, Part, Table
from digest.backup.verifying import verify
from digest.config import SECRET_VARIABLE
from digest.errors import DigestError
from digest.moving import rows
from digest.moving.shapes import Shape, encoder, shapes
from digest.moving.snapshots import require_same, snapshot
from digest.settings import Settings
from digest.store import moves
from digest.store.database import revision

_ROWS = "rows"


def make(
    engine: Engine, config: Path, settings: Settings, environ: Mapping[str, str], place: Path, now: datetime
) -> Manifest:
    """Write a backup to ``place``, which must not be there, and read it back; what is in it.

    Args:
        config: the config.toml, whose folder is the installation's.

    Raises:
        StoreError: the database cannot be used, was moved elsewhere, or has the schema of another digest.
        DigestError: the file is there already, cannot be written, or is not read back as it was written.
    """
    if place.exists():
        raise DigestError(f"{place} is there already: name another file.")
    require_same(engine)
    with packing(place, int(now.timestamp())) as pack:
        with snapshot(engine) as connection:
            moves.require_here(connection)
            tables = tuple(_table(pack, connection, number, shape) for number, shape in enumerate(shapes()))
            schema = str(revision(connection))
        written = Manifest(
            format=manifests.FORMAT,
            made_at=now,
            digest=version("digest-pipeline"),
            schema=schema,
            config=config.name,
            database=database_file(config.parent, settings),
            tables=tables,
            files=tuple(_files(pack, config, settings, environ)),
            absent=absent(environ),
        )
        pack.add(manifests.NAME, [manifests.dump(written)])
    try:
        verify(place)
    except DigestError:
        place.unlink(missing_ok=True)
        raise
    return written


def _table(pack: Packing, connection: Connection, number: int, shape: Shape) -> Table:
    count = 0
    encode = encoder(shape)

    def lines() -> Iterator[bytes]:
        nonlocal count
        for row in rows.read(connection, shape):
            count += 1
            yield encode(row) + b"\n"

    part = pack.add(f"{_ROWS}/{number:02}-{shape.name}.jsonl", lines())
    return Table(shape.name, part, shape.columns, shape.key, count, rows.last_number(connection, shape))


def _files(pack: Packing, config: Path, settings: Settings, environ: Mapping[str, str]) -> Iterator[Part]:
    """Each file once; the keys of links as they are in use."""
    keys = name_of(config.parent, settings.serve.secret_file)
    found = dict(belongings(config, settings))
    if given := environ.get(SECRET_VARIABLE):
        found.pop(keys, None)
        yield pack.add(keys, [given.encode()])
    for name, path in found.items():
        yield pack.add(name, pieces_of(path))
