"""Where the database as a whole went or came from; a departed one takes no rows, a held one sends no mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import product

from sqlalchemy import Connection, delete, insert, select, update

from digest.errors import StoreError
from digest.model import DeliveryState, IssueState, SendState
from digest.model.moves import Move, MoveKind
from digest.store import deliveries as ledger
from digest.store.schema import deliveries, issues, metadata, moves, outbox
from digest.store.statements import write

_BEING_SENT = (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.SENDING)


def known(connection: Connection) -> Mapping[MoveKind, Move]:
    """What happened to this database, by kind."""
    return {row.kind: Move(row.kind, row.place, row.at) for row in connection.execute(select(moves))}


def add(connection: Connection, move: Move) -> None:
    """Remember a move; one of its kind gives way."""
    remove(connection, move.kind)
    connection.execute(insert(moves).values(kind=move.kind, place=move.place, at=move.at))


def remove(connection: Connection, kind: MoveKind) -> bool:
    """Forget a move; whether there was one."""
    return write(connection, delete(moves).where(moves.c.kind == kind)) == 1


def require_here(connection: Connection) -> None:
    """Refuse a database that was moved elsewhere, or is not whole yet.

    Raises:
        StoreError: it is; the sentence names the other one.
    """
    found = known(connection)
    if gone := found.get(MoveKind.DEPARTED):
        raise StoreError(
            f"This database was moved to {gone.place} at {gone.at:%Y-%m-%d %H:%M} UTC: "
            "name that one in [database] url."
        )
    if coming := found.get(MoveKind.ARRIVING):
        raise StoreError(
            f"This database is being filled from {coming.place}, and that was not finished: "
            "run the same `digest db copy` once more."
        )


def why_held(connection: Connection) -> str:
    """Why no mail leaves, with what to do; "" where nothing holds it."""
    held = known(connection).get(MoveKind.HELD)
    if held is None:
        return ""
    return (
        f"No mail leaves: this database comes from {held.place} of {held.at:%Y-%m-%d %H:%M} UTC, and what was sent "
        "after that would be sent again. Look at what is open, then: digest db release"
    )


def hold_back(connection: Connection, why: str, now: datetime) -> Mapping[str, int]:
    """Let nothing that is open leave without a person; how many sends, mails in doubt, other mails and drafts that were.

    Running sends pause. What was just being sent may have arrived: it is in doubt, and so is every open mail of
    the Outbox, which has no send to pause. A draft waits for its approval.
    """
    running = ledger.running_sends(connection)
    for send in running:
        ledger.set_send_state(connection, send.issue, SendState.PAUSED, why)
    doubt = {"state": DeliveryState.IN_DOUBT, "reply": why, "lease_until": None}
    begun = update(deliveries).where(deliveries.c.state == DeliveryState.SENDING)
    waiting = update(outbox).where(outbox.c.state.in_(_BEING_SENT))
    drafts = update(issues).where(issues.c.state == IssueState.DRAFT, issues.c.held == "")
    return {
        "sends": len(running),
        "in doubt": write(connection, begun.values(**doubt)),
        "other mails": write(connection, waiting.values(**doubt, fence=outbox.c.fence + 1)),
        "drafts": write(connection, drafts.values(held=why, updated_at=now)),
    }


def close(connection: Connection, place: str) -> None:
    """From the end of this transaction on the database refuses every row, whoever still has it open."""
    fence = _on_sqlite if connection.dialect.name == "sqlite" else _on_postgresql
    for statement in fence(sorted(metadata.tables), place.replace("'", "''")):
        connection.exec_driver_sql(statement)


def _on_sqlite(tables: Iterable[str], place: str) -> Iterator[str]:
    for name, verb in product(tables, ("INSERT", "UPDATE", "DELETE")):
        yield (
            f"CREATE TRIGGER departed_{name}_{verb.lower()} BEFORE {verb} ON {name} "
            f"BEGIN SELECT RAISE(ABORT, 'this database was moved to {place}'); END"
        )


def _on_postgresql(tables: Iterable[str], place: str) -> Iterator[str]:
    words = f"this database was moved to {place}".replace("%", "%%")  # the driver looks for parameters
    yield (
        "CREATE OR REPLACE FUNCTION departed() RETURNS trigger LANGUAGE plpgsql AS "
        f"$fence$ BEGIN RAISE EXCEPTION USING MESSAGE = '{words}'; END $fence$"
    )
    for name in tables:
        yield (
            f"CREATE TRIGGER departed BEFORE INSERT OR UPDATE OR DELETE ON {name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION departed()"
        )
