"""Tokens of the API: whose they are, and until when they work."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, select, update

from digest.api.credentials import KEPT
from digest.model import ApiToken, Editor
from digest.store.columns import Instant
from digest.store.schema import api_tokens, editors
from digest.store.statements import columns_of, write

_COLUMNS = tuple(api_tokens.c[field.name] for field in fields(ApiToken))
_EDITOR_COLUMNS = tuple(editors.c[field.name] for field in fields(Editor))


def add(connection: Connection, token: ApiToken, key: str) -> ApiToken:
    """Store a token by its hash; it gets its number."""
    insert = api_tokens.insert().values(key=key, **columns_of(token, without=("id",)))
    return replace(token, id=connection.execute(insert.returning(api_tokens.c.id)).scalar_one())


def known(connection: Connection, keys: Collection[str]) -> tuple[ApiToken, Editor] | None:
    """The token of a hash by any of our keys, with whose it is; revoked and expired ones too.

    One statement, whatever is found, so that the time it takes tells nothing.
    """
    query = select(*_COLUMNS, *_EDITOR_COLUMNS).join(editors, editors.c.id == api_tokens.c.editor)
    row = connection.execute(query.where(api_tokens.c.key.in_(keys))).first()
    return (ApiToken(*row[: len(_COLUMNS)]), Editor(*row[len(_COLUMNS) :])) if row else None


def of_number(connection: Connection, editor: int, number: int) -> ApiToken | None:
    """One token of an editor."""
    theirs = and_(api_tokens.c.editor == editor, api_tokens.c.id == number)
    row = connection.execute(select(*_COLUMNS).where(theirs)).one_or_none()
    return ApiToken(**row._mapping) if row else None


def listed(connection: Connection, editor: int | None = None) -> tuple[ApiToken, ...]:
    """The tokens of one editor or of all that were not revoked, the oldest first."""
    query = select(*_COLUMNS).where(api_tokens.c.revoked_at.is_(None)).order_by(api_tokens.c.id)
    if editor is not None:
        query = query.where(api_tokens.c.editor == editor)
    return tuple(ApiToken(**row._mapping) for row in connection.execute(query))


def used(connection: Connection, number: int, now: datetime) -> None:
    """Remember that a token is used."""
    connection.execute(update(api_tokens).where(api_tokens.c.id == number).values(used_at=now))


def revoke(connection: Connection, number: int, now: datetime) -> bool:
    """Let nobody in by a token any more; False where that is so already."""
    open_ = and_(api_tokens.c.id == number, api_tokens.c.revoked_at.is_(None))
    return write(connection, update(api_tokens).where(open_).values(revoked_at=now)) == 1


def revoke_all(connection: Connection, editor: int, now: datetime) -> None:
    """Let nobody in by any token of an editor any more."""
    theirs = and_(api_tokens.c.editor == editor, api_tokens.c.revoked_at.is_(None))
    connection.execute(update(api_tokens).where(theirs).values(revoked_at=now))


def sweep(connection: Connection, now: datetime) -> int:
    """Forget tokens that let nobody in since ``KEPT``, and return how many there were; what they did stays in the log."""
    ended = func.coalesce(api_tokens.c.revoked_at, api_tokens.c.expires_at, type_=Instant)
    return write(connection, delete(api_tokens).where(ended <= now - KEPT))
