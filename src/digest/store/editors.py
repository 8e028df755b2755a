"""Who may sign in at the desk: editors, their sessions, links that let one in once, and wrong tries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, func, select, update

from digest.model import Editor, Errand, Role, Session
from digest.store.schema import editors as editors_table
from digest.store.schema import errands, tries
from digest.store.schema import sessions as sessions_table
from digest.store.statements import address_key, columns_of, insert_into, write

_COLUMNS = tuple(
    editors_table.c[name]
    for name in ("id", "address", "name", "roles", "created_at", "left_at", "zone", "password", "totp")
)


def add(connection: Connection, address: str, name: str, roles: Iterable[Role], now: datetime) -> int | None:
    """A new editor, who has no password yet; None where the address is known already."""
    row = {
        "address": address,
        "address_key": address_key(address),
        "name": name,
        "roles": tuple(roles),
        "created_at": now,
        "zone": "UTC",
        "password": "",
        "totp": "",
        "totp_step": 0,
    }
    insert = insert_into(connection, editors_table).values(**row).on_conflict_do_nothing()
    return connection.execute(insert.returning(editors_table.c.id)).scalar()


def editors(connection: Connection) -> tuple[Editor, ...]:
    """All of them, by address; also who has left."""
    found = connection.execute(select(*_COLUMNS).order_by(editors_table.c.address_key))
    return tuple(Editor(**row._mapping) for row in found)


def locked(connection: Connection) -> tuple[Editor, ...]:
    """Who has not left; none of them is changed by anybody else before this transaction ends."""
    here = select(*_COLUMNS).where(editors_table.c.left_at.is_(None)).order_by(editors_table.c.id)
    return tuple(Editor(**row._mapping) for row in connection.execute(here.with_for_update()))


def editor(connection: Connection, number: int) -> Editor | None:
    """One editor."""
    return _one(connection, select(*_COLUMNS).where(editors_table.c.id == number))


def known_as(connection: Connection, address: str) -> Editor | None:
    """The editor of an address, however it is spelt."""
    return _one(connection, select(*_COLUMNS).where(editors_table.c.address_key == address_key(address)))


def _one(connection: Connection, query: Select[Any]) -> Editor | None:
    row = connection.execute(query).one_or_none()
    return Editor(**row._mapping) if row else None


def change(
    connection: Connection,
    number: int,
    *,
    name: str | None = None,
    roles: Iterable[Role] | None = None,
    zone: str | None = None,
) -> None:
    """Change what an editor is called, may do, or in which zone they live."""
    wanted = {"name": name, "roles": None if roles is None else tuple(roles), "zone": zone}
    values = {column: value for column, value in wanted.items() if value is not None}
    if values:
        _update(connection, number, **values)


def leave(connection: Connection, number: int, now: datetime | None) -> None:
    """Shut an editor out, whatever they have open, or (None) let them in again."""
    _update(connection, number, left_at=now)
    if now is not None:
        end_sessions(connection, number)
        connection.execute(delete(errands).where(errands.c.editor == number))


def set_password(connection: Connection, number: int, password: str) -> None:
    """Store the hash of a new password; every session and every link of this editor ends."""
    _update(connection, number, password=password)
    end_sessions(connection, number)
    connection.execute(delete(errands).where(errands.c.editor == number))


def rehash(connection: Connection, number: int, password: str) -> None:
    """Store a stronger hash of the same password."""
    _update(connection, number, password=password)


def set_totp(connection: Connection, number: int, secret: str) -> None:
    """Ask this editor for a code as well ("": no longer)."""
    _update(connection, number, totp=secret, totp_step=0)


def take_step(connection: Connection, number: int, step: int) -> bool:
    """Take the code of a time step (RFC 6238, section 5.2); False where it, or a later one, was taken before."""
    fresh = (editors_table.c.id == number) & (editors_table.c.totp_step < step)
    return write(connection, update(editors_table).where(fresh).values(totp_step=step)) == 1


def _update(connection: Connection, number: int, **values: object) -> None:
    connection.execute(update(editors_table).where(editors_table.c.id == number).values(**values))


# ── sessions ─────────────────────────────────────────────────────────────────────────────────────


def begin(connection: Connection, session: Session) -> None:
    """Remember a session."""
    connection.execute(sessions_table.insert().values(**columns_of(session)))


def session(connection: Connection, key: str) -> tuple[Session, Editor] | None:
    """The session of a cookie's hash, with whose it is; None where it has ended or its editor has left."""
    row = connection.execute(select(sessions_table).where(sessions_table.c.key == key)).one_or_none()
    if row is None:
        return None
    found = Session(**row._mapping)
    whose = editor(connection, found.editor)
    return (found, whose) if whose and whose.left_at is None else None


def sessions(connection: Connection, number: int) -> tuple[Session, ...]:
    """The sessions of an editor, the newest first; some of them may be over."""
    query = select(sessions_table).where(sessions_table.c.editor == number)
    rows = connection.execute(query.order_by(sessions_table.c.began_at.desc()))
    return tuple(Session(**row._mapping) for row in rows)


def seen(connection: Connection, key: str, now: datetime) -> None:
    """Remember that a session is still used."""
    connection.execute(update(sessions_table).where(sessions_table.c.key == key).values(seen_at=now))


def proved(connection: Connection, key: str, now: datetime) -> None:
    """Remember that the password was typed again."""
    connection.execute(update(sessions_table).where(sessions_table.c.key == key).values(proved_at=now))


def end(connection: Connection, key: str) -> None:
    """Sign one browser out."""
    connection.execute(delete(sessions_table).where(sessions_table.c.key == key))


def end_sessions(connection: Connection, number: int) -> None:
    """Sign an editor out everywhere."""
    connection.execute(delete(sessions_table).where(sessions_table.c.editor == number))


# ── links that let one in once ───────────────────────────────────────────────────────────────────


def give_errand(connection: Connection, key: str, number: int, errand: Errand, expires_at: datetime) -> None:
    """Remember a link by its hash; an older one for the same errand no longer works."""
    connection.execute(delete(errands).where(errands.c.editor == number, errands.c.errand == errand))
    connection.execute(errands.insert().values(key=key, editor=number, errand=errand, expires_at=expires_at))


def errand(connection: Connection, key: str, kind: Errand, now: datetime) -> Editor | None:
    """Whose a link is that still works; looking does not use it up."""
    works = exists().where(
        errands.c.key == key,
        errands.c.editor == editors_table.c.id,
        errands.c.errand == kind,
        errands.c.expires_at > now,
    )
    return _one(connection, select(*_COLUMNS).where(works, editors_table.c.left_at.is_(None)))


def use_errand(connection: Connection, key: str, kind: Errand, now: datetime) -> Editor | None:
    """Whose a link is, once: of two who come at the same time one is let in."""
    whose = errand(connection, key, kind, now)
    used = write(connection, delete(errands).where(errands.c.key == key, errands.c.errand == kind))
    return whose if used else None


# ── wrong tries ──────────────────────────────────────────────────────────────────────────────────


def tried(connection: Connection, subjects: Iterable[str], now: datetime) -> None:
    """Remember a wrong password or code, for each who can be blamed for it."""
    connection.execute(tries.insert(), [{"subject": subject, "at": now} for subject in subjects])


def tries_since(connection: Connection, subject: str, since: datetime) -> int:
    """How many wrong tries there were."""
    query = select(func.count()).where(tries.c.subject == subject, tries.c.at > since)
    return connection.execute(query).scalar_one()


def forget_tries(connection: Connection, subject: str) -> None:
    """What came before a right password no longer counts."""
    connection.execute(delete(tries).where(tries.c.subject == subject))


def forget_old(connection: Connection, before: datetime) -> None:
    """Clear away tries and links from before a moment, which nobody asks for again."""
    connection.execute(delete(tries).where(tries.c.at < before))
    connection.execute(delete(errands).where(errands.c.expires_at < before))
