"""One scheduler at a time: a lock on a file beside a SQLite database, an advisory lock on PostgreSQL.

The lock ends with its holder, however that ends, so a crashed scheduler blocks nobody.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine, text

_LOCK_ID = int.from_bytes(sha256(b"digest: scheduler").digest()[:8], "big", signed=True)


@contextmanager
def leadership(engine: Engine) -> Iterator[bool]:
    """True for the one holder of the lock, for the length of the block; False for anybody else."""
    holding = _on_file if engine.dialect.name == "sqlite" else _on_server
    with holding(engine) as held:
        yield held


@contextmanager
def _on_file(engine: Engine) -> Iterator[bool]:
    path = Path(f"{engine.url.database}.scheduler.lock")
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def _on_server(engine: Engine) -> Iterator[bool]:
    # The lock belongs to this session, so the connection is kept for as long as it is held.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = connection.execute(text("SELECT pg_try_advisory_lock(:id)"), {"id": _LOCK_ID}).scalar_one()
        try:
            yield bool(held)
        finally:
            if held:
                connection.execute(text("SELECT pg_advisory_unlock(:id)"), {"id": _LOCK_ID})
