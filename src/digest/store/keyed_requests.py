"""Requests with an idempotency key: begun once, whoever comes at the same time; answered once."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from digest.api.keyed import KEPT, KeyedRequest
from digest.store.schema import keyed_requests
from digest.store.statements import columns_of, insert_into, write

_COLUMNS = tuple(keyed_requests.c[field.name] for field in fields(KeyedRequest))


def begin(connection: Connection, request: KeyedRequest) -> bool:
    """Remember that a request is begun; False where its key is known, and was used within ``KEPT``."""
    old = and_(_is(request.editor, request.key), keyed_requests.c.begun_at <= request.begun_at - KEPT)
    connection.execute(delete(keyed_requests).where(old))
    insert = insert_into(connection, keyed_requests).values(**columns_of(request))
    return write(connection, insert.on_conflict_do_nothing()) == 1


def found(connection: Connection, editor: int, key: str) -> KeyedRequest | None:
    """What is kept under an editor's key."""
    row = connection.execute(select(*_COLUMNS).where(_is(editor, key))).one_or_none()
    return KeyedRequest(**row._mapping) if row else None


def take_over(connection: Connection, seen: KeyedRequest, now: datetime) -> bool:
    """Begin a request again that was begun and not answered; False where somebody else has done so."""
    same = and_(_unanswered(seen.editor, seen.key), keyed_requests.c.begun_at == seen.begun_at)
    return write(connection, update(keyed_requests).where(same).values(begun_at=now)) == 1


def answer(connection: Connection, request: KeyedRequest, status: int, body: str) -> None:
    """Keep the answer to a request; the first one stays."""
    theirs = _unanswered(request.editor, request.key)
    connection.execute(update(keyed_requests).where(theirs).values(status=status, body=body))


def give_up(connection: Connection, request: KeyedRequest) -> None:
    """Forget a request that was refused, so that it can be made again; one that was answered stays."""
    connection.execute(delete(keyed_requests).where(_unanswered(request.editor, request.key)))


def sweep(connection: Connection, now: datetime) -> int:
    """Clear away what is kept no longer, and return how many there were."""
    return write(connection, delete(keyed_requests).where(keyed_requests.c.begun_at <= now - KEPT))


def _is(editor: int, key: str) -> ColumnElement[bool]:
    return and_(keyed_requests.c.editor == editor, keyed_requests.c.key == key)


def _unanswered(editor: int, key: str) -> ColumnElement[bool]:
    return and_(_is(editor, key), keyed_requests.c.status.is_(None))
