"""What an admin does for the others at the desk: lets them in, sees how they sign in, resets it, ends what they have open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest import store
from digest.desk import signing as rules
from digest.errors import NotFoundError
from digest.model import Editor, Role, Session
from digest.pipeline.editors import signing
from digest.pipeline.editors.editor_mail import mail_invitation
from digest.pipeline.installation import Installation
from digest.store.database import reading, transaction


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at the desk, when they last came in, and the browsers in which they are signed in."""

    editor: Editor
    signed_in_at: datetime | None
    sessions: tuple[Session, ...]  # the newest first


def everybody(installation: Installation, now: datetime) -> tuple[Colleague, ...]:
    """All who work or worked at the desk, by address, who has left last."""
    with reading(installation.engine) as connection:
        found = store.editors.editors(connection)
        colleagues = tuple(_colleague(connection, editor, now) for editor in found)
    return tuple(sorted(colleagues, key=lambda each: each.editor.left_at is not None))


def colleague(installation: Installation, number: int, now: datetime) -> Colleague:
    """One of them.

    Raises:
        NotFoundError: there is none of that number.
    """
    with reading(installation.engine) as connection:
        editor = store.editors.editor(connection, number)
        if editor is None:
            raise NotFoundError(f"There is no editor {number}.")
        return _colleague(connection, editor, now)


def _colleague(connection: Connection, editor: Editor, now: datetime) -> Colleague:
    open_ones = (
        each for each in store.editors.sessions(connection, editor.id) if not rules.is_over(each, now)
    )
    return Colleague(editor, store.audit.last(connection, editor.address, "sign in"), tuple(open_ones))


def invite(
    installation: Installation, address: str, name: str, roles: Sequence[Role], now: datetime, by: Editor
) -> Editor:
    """A new editor, who chooses a password by a link in a mail.

    Raises:
        DigestError: it is no address, or an editor has it already.
    """
    editor = signing.add_editor(installation, address, name, roles, now, by)
    mail_invitation(installation, editor, by, now)
    return editor


def reset(installation: Installation, editor: Editor, by: Editor, now: datetime) -> None:
    """Let neither password nor codes nor tokens let an editor in, end what they have open, and mail them a link to begin anew."""
    with transaction(installation.engine) as connection:
        store.editors.set_password(connection, editor.id, "")
        store.editors.set_totp(connection, editor.id, "")
        store.api_tokens.revoke_all(connection, editor.id, now)
        store.audit.add(connection, by, "reset editor", editor.address, now)
    mail_invitation(installation, editor, by, now)


def let_in_again(installation: Installation, editor: Editor, by: Editor, now: datetime) -> None:
    """Let somebody in who was shut out; they choose a new password by a link in a mail."""
    with transaction(installation.engine) as connection:
        store.editors.leave(connection, editor.id, None)
        store.audit.add(connection, by, "let in again", editor.address, now)
    reset(installation, editor, by, now)


def end_sessions(
    installation: Installation, editor: Editor, keys: Iterable[str], by: Editor, now: datetime
) -> None:
    """Sign an editor out in some browsers, by the keys of their sessions; keys of others end nothing."""
    theirs = set(keys)
    with transaction(installation.engine) as connection:
        for session in store.editors.sessions(connection, editor.id):
            if session.key in theirs:
                store.editors.end(connection, session.key)
        store.audit.add(connection, by, "end sessions", editor.address, now)
