"""One database copied into another, all of it or nothing, and at most one of the two in use at any moment.

The source is kept from writing until the end. The rows and a mark ("arriving") are committed to the target first,
then the source is closed for good, then the mark is taken away: whatever stops in between leaves a database that
says what to do, and the same command goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, inspect, text

from digest.errors import StoreError
from digest.model.moves import Move, MoveKind
from digest.moving import rows
from digest.moving.rows import Tally
from digest.moving.shapes import Shape, shapes
from digest.moving.snapshots import require_same, snapshot
from digest.store import moves
from digest.store.database import migrate, reading, shown, transaction
from digest.store.leader import leadership


@dataclass(frozen=True, slots=True)
class Copied:
    """What stands in both databases now, table by table."""

    source: str
    target: str
    tables: tuple[Tally, ...]

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(tally.rows for tally in self.tables)


def copy(source: Engine, target: Engine, now: datetime, *, trial: bool = False) -> Copied:
    """Copy every row of ``source`` into ``target``, which must be empty, and compare them row by row.

    Afterwards the source takes no rows any more and says where it went. A ``trial`` leaves it in use, and no mail
    leaves from the copy.

    Raises:
        StoreError: one of them cannot be used or has another schema, the target has rows of its own, the source is
            in use, or the two differ; then nothing was changed, but that the target may have got its empty tables.
    """
    if source.url == target.url:
        raise StoreError(f"{shown(source.url)} cannot be copied into itself: name another database.")
    require_same(source)
    _prepare(target)
    names = shown(source.url), shown(target.url)
    if not trial and _is_left_over(source, target):
        return _finished(source, target, names)
    with _alone(source, trial), _kept(source, trial) as of:
        moves.require_here(of)
        with transaction(target) as into:
            tallies = _carried(of, into)
            _mark(of, into, names[0], now, trial)
        if not trial:
            moves.add(of, Move(MoveKind.DEPARTED, names[1], now))
            moves.close(of, names[1])
    if not trial:
        _arrived(target)
    return Copied(*names, tallies)


def _carried(of: Connection, into: Connection) -> tuple[Tally, ...]:
    found = shapes()
    _require_empty(into, found)
    for shape in found:
        rows.write(into, shape, rows.read(of, shape))
        rows.go_on_from(into, shape, rows.last_number(of, shape))
    return tuple(rows.compare(of, into, shape) for shape in found)


def _mark(of: Connection, into: Connection, place: str, now: datetime, trial: bool) -> None:
    """A trial is held; what moves is not to be used yet, and stays held where it was held before."""
    if trial:
        moves.add(into, Move(MoveKind.HELD, place, now))
        moves.hold_back(into, f"copied from {place} for a trial", now)
        return
    moves.add(into, Move(MoveKind.ARRIVING, place, now))
    if held := moves.known(of).get(MoveKind.HELD):
        moves.add(into, held)


def _require_empty(into: Connection, found: Sequence[Shape]) -> None:
    """What a copy that was stopped has left is cleared; rows of anybody else are not."""
    if MoveKind.ARRIVING in moves.known(into):
        for shape in reversed(found):
            rows.clear(into, shape)
    taken = [shape.name for shape in found if not rows.is_empty(into, shape)]
    if taken:
        raise StoreError(
            f"The database {shown(into.engine.url)} has rows already, in {', '.join(taken[:3])}: "
            "name an empty one; nothing was changed."
        )


# ── before ───────────────────────────────────────────────────────────────────────────────────────


def _prepare(target: Engine) -> None:
    """Make the tables of a new database; one that has some must have ours, of this version."""
    with reading(target) as connection:
        tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        require_same(target)
    elif tables & {shape.name for shape in shapes()}:
        raise StoreError(
            f"The database {shown(target.url)} has tables of another program: name an empty one."
        )
    migrate(target)


@contextmanager
def _alone(source: Engine, trial: bool) -> Iterator[None]:
    """No scheduler is at work on the source; a trial does not mind."""
    if trial:
        yield
        return
    with leadership(source) as leads:
        if not leads:
            raise StoreError(
                f"`digest run` is at work on {shown(source.url)}: stop it first; nothing was copied."
            )
        yield


@contextmanager
def _kept(source: Engine, trial: bool) -> Iterator[Connection]:
    """One state of the source until the end of the block, and, unless it is a trial, nobody who writes to it."""
    if trial:
        with snapshot(source) as connection:
            yield connection
        return
    with transaction(source) as connection:
        if source.dialect.name == "postgresql":
            names = ", ".join(shape.name for shape in shapes())
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            connection.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
        yield connection


# ── after ────────────────────────────────────────────────────────────────────────────────────────


def _is_left_over(source: Engine, target: Engine) -> bool:
    """Whether an earlier copy of these two was stopped after the source had been closed."""
    with reading(source) as of, reading(target) as into:
        gone, coming = (
            moves.known(of).get(MoveKind.DEPARTED),
            moves.known(into).get(MoveKind.ARRIVING),
        )
    return bool(gone and coming and gone.place == shown(target.url) and coming.place == shown(source.url))


def _finished(source: Engine, target: Engine, names: tuple[str, str]) -> Copied:
    """The last step of a copy that was stopped before it: nothing has been written to either since."""
    with snapshot(source) as of, snapshot(target) as into:
        tallies = tuple(rows.compare(of, into, shape) for shape in shapes())
    _arrived(target)
    return Copied(*names, tallies)


def _arrived(target: Engine) -> None:
    with transaction(target) as into:
        moves.remove(into, MoveKind.ARRIVING)
