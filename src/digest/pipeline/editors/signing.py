"""Signing in at the desk and out of it; editors, and the links by which they choose a password.

A wrong address, a wrong password and a wrong code get the same answer after the same work.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Connection

from digest import passwords, store
from digest.desk import signing
from digest.desk.rights import listed
from digest.errors import DigestError, NotFoundError
from digest.model import Editor, Errand, Role, Session
from digest.pipeline.installation import Installation
from digest.store.audit import COMMAND_LINE
from digest.store.database import reading, transaction
from digest.store.statements import address_key


class RefusedError(DigestError):
    """Somebody who wanted to sign in is not let in."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """A session that begins: ``cookie`` is the only copy of what its browser must show."""

    cookie: str
    session: Session
    editor: Editor


def key_of(secret: str) -> str:
    """What is stored of a cookie or a link."""
    return sha256(secret.encode(errors="surrogatepass")).hexdigest()


# ── in and out ───────────────────────────────────────────────────────────────────────────────────


def sign_in(
    installation: Installation, address: str, password: str, code: str, network: str, now: datetime
) -> Welcome:
    """Let an editor in who knows the password and, where one is asked for, the code of this moment.

    Raises:
        RefusedError: something of it is wrong, or there were too many tries; the sentence does not say what is wrong.
    """
    blamed = _blamed(address, network)
    with reading(installation.engine) as connection:
        since = now - signing.TRY_WINDOW
        wrong = max((store.editors.tries_since(connection, subject, since) for subject in blamed), default=0)
        editor = store.editors.known_as(connection, address)
    if signing.must_wait(wrong):
        raise RefusedError(_later())
    right = passwords.is_right(editor.password if editor else "", password)
    with transaction(installation.engine) as connection:
        if editor and editor.left_at is None and right and _code_is_right(connection, editor, code, now):
            return _welcome(connection, editor, password, blamed, now)
        store.editors.tried(connection, blamed, now)
    raise RefusedError("That address, password or code is not right.")


def _code_is_right(connection: Connection, editor: Editor, code: str, now: datetime) -> bool:
    if not editor.totp:
        return True
    step = passwords.step_of(editor.totp, code, now)
    return step is not None and store.editors.take_step(connection, editor.id, step)


def _welcome(
    connection: Connection, editor: Editor, password: str, blamed: Collection[str], now: datetime
) -> Welcome:
    for subject in blamed:
        store.editors.forget_tries(connection, subject)
    store.editors.forget_old(connection, now - signing.TRY_WINDOW)
    if passwords.is_weak(editor.password):
        store.editors.rehash(connection, editor.id, passwords.hashed(password))
    store.audit.add(connection, editor, "sign in", editor.address, now)
    return _begin(connection, editor, now)


def _begin(connection: Connection, editor: Editor, now: datetime) -> Welcome:
    cookie = token_urlsafe(32)
    session = Session(key_of(cookie), editor.id, token_urlsafe(32), now, now, now)
    store.editors.begin(connection, session)
    return Welcome(cookie, session, editor)


def _blamed(address: str, network: str) -> tuple[str, ...]:
    return tuple(filter(None, (address_key(address)[:320], network)))


def _later() -> str:
    minutes = int(signing.TRY_WINDOW.total_seconds() // 60)
    return f"Too many wrong tries: wait {minutes} minutes, or choose a new password by mail."


def visitor(installation: Installation, cookie: str, now: datetime) -> tuple[Session, Editor] | None:
    """Whose session a cookie opens, or None; that it is used is remembered every few minutes."""
    key = key_of(cookie)
    with reading(installation.engine) as connection:
        found = store.editors.session(connection, key)
    if found is None or signing.is_over(found[0], now):
        return None
    if signing.is_stale(found[0], now):
        with transaction(installation.engine) as connection:
            store.editors.seen(connection, key, now)
    return found


def prove(installation: Installation, session: Session, password: str, network: str, now: datetime) -> None:
    """Take the password once more, before a step that is hard to undo.

    Raises:
        RefusedError: it is wrong, or there were too many tries.
    """
    with reading(installation.engine) as connection:
        editor = store.editors.editor(connection, session.editor)
        blamed = _blamed(editor.address if editor else "", network)
        since = now - signing.TRY_WINDOW
        wrong = max(store.editors.tries_since(connection, subject, since) for subject in blamed)
    if signing.must_wait(wrong):
        raise RefusedError(_later())
    right = passwords.is_right(editor.password if editor else "", password)
    with transaction(installation.engine) as connection:
        if right:
            store.editors.proved(connection, session.key, now)
            return
        store.editors.tried(connection, blamed, now)
    raise RefusedError("That is not your password.")


def sign_out(installation: Installation, session: Session, editor: Editor, now: datetime) -> None:
    """End one session."""
    with transaction(installation.engine) as connection:
        store.editors.end(connection, session.key)
        store.audit.add(connection, editor, "sign out", editor.address, now)


# ── editors ──────────────────────────────────────────────────────────────────────────────────────


def add_editor(
    installation: Installation,
    address: str,
    name: str,
    roles: Sequence[Role],
    now: datetime,
    by: Editor | str = COMMAND_LINE,
) -> Editor:
    """A new editor, who chooses a password by a link.

    Raises:
        DigestError: it is no address, or an editor has it already.
    """
    try:
        address = validate_email(address, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise DigestError(f"{address!r} is no address: {error}") from error
    with transaction(installation.engine) as connection:
        if store.editors.add(connection, address, name or address, roles, now) is None:
            raise DigestError(
                f"{address} is an editor already; change what they may do: digest editors change"
            )
        store.audit.add(connection, by, "add editor", address, now, f"as {listed(roles)}")
    return editor_of(installation, address)


def editor_of(installation: Installation, address: str) -> Editor:
    """The editor of an address.

    Raises:
        NotFoundError: there is none.
    """
    with reading(installation.engine) as connection:
        found = store.editors.known_as(connection, address)
    if found is None:
        raise NotFoundError(f"No editor has the address {address}; digest editors list shows who is one.")
    return found


def change_editor(
    installation: Installation,
    address: str,
    now: datetime,
    *,
    name: str | None = None,
    roles: Sequence[Role] | None = None,
    zone: str | None = None,
    by: Editor | str = COMMAND_LINE,
) -> Editor:
    """Change an editor's name, roles or time zone.

    Raises:
        NotFoundError: there is no such editor.
        DigestError: nobody would be admin any more.
    """
    editor = editor_of(installation, address)
    with transaction(installation.engine) as connection:
        if roles is not None and Role.ADMIN not in roles:
            _require_another_admin(connection, editor)
        store.editors.change(connection, editor.id, name=name, roles=roles, zone=zone)
        told = f"is {listed(roles)} now" if roles is not None else ""
        store.audit.add(connection, by, "change editor", editor.address, now, told)
    return editor_of(installation, address)


def shut_out(
    installation: Installation, address: str, now: datetime, by: Editor | str = COMMAND_LINE
) -> Editor:
    """End an editor's sessions, links and tokens, and let them in no more; what they did stays in the log.

    Raises:
        NotFoundError: there is no such editor.
        DigestError: nobody would be admin any more.
    """
    editor = editor_of(installation, address)
    with transaction(installation.engine) as connection:
        _require_another_admin(connection, editor)
        store.editors.leave(connection, editor.id, now)
        store.api_tokens.revoke_all(connection, editor.id, now)
        store.audit.add(connection, by, "remove editor", editor.address, now)
    return editor_of(installation, address)


def _require_another_admin(connection: Connection, editor: Editor) -> None:
    """Refuse to leave the desk without an admin, also where two of them remove each other at once."""
    admins = [each.id for each in store.editors.locked(connection) if Role.ADMIN in each.roles]
    if admins == [editor.id]:
        raise DigestError(f"{editor.address} is the last admin: make somebody else one first.")


# ── links that let one in once ───────────────────────────────────────────────────────────────────


def link(installation: Installation, editor: Editor, errand: Errand, lasts: timedelta, now: datetime) -> str:
    """A new link for an editor, which works once; older ones for the same errand work no longer."""
    with transaction(installation.engine) as connection:
        secret = give_link(connection, editor, errand, lasts, now)
    return link_url(installation, errand, secret)


def give_link(connection: Connection, editor: Editor, errand: Errand, lasts: timedelta, now: datetime) -> str:
    """The secret of a new link, in the transaction of whatever makes it known to the editor."""
    secret = token_urlsafe(32)
    store.editors.give_errand(connection, key_of(secret), editor.id, errand, now + lasts)
    return secret


def link_url(installation: Installation, errand: Errand, secret: str) -> str:
    """Where a link leads."""
    return f"{installation.settings.publish.app_url.rstrip('/')}/desk/{errand}/{secret}"


def whose_link(installation: Installation, secret: str, errand: Errand, now: datetime) -> Editor | None:
    """Whose a link is that still works; looking does not use it up."""
    with reading(installation.engine) as connection:
        return store.editors.errand(connection, key_of(secret), errand, now)


def choose_password(installation: Installation, secret: str, password: str, now: datetime) -> Welcome:
    """Set the password of whoever has this link, and let them in; every older session of theirs ends.

    Raises:
        RefusedError: the link was used or is too old.
        DigestError: the password will not do; the link still works.
    """
    editor = whose_link(installation, secret, Errand.CHOOSE, now)
    if editor and (why := signing.unfit(password, editor)):
        raise DigestError(why)
    hashed = passwords.hashed(password)
    with transaction(installation.engine) as connection:
        editor = store.editors.use_errand(connection, key_of(secret), Errand.CHOOSE, now)
        if editor is None:
            raise RefusedError("This link was used already, or is too old. Ask for another one.")
        store.editors.set_password(connection, editor.id, hashed)
        store.editors.forget_tries(connection, address_key(editor.address))
        store.audit.add(connection, editor, "choose password", editor.address, now)
        return _begin(connection, editor, now)


def enter_demo(installation: Installation, secret: str, now: datetime) -> Welcome:
    """Let in whoever was given the link of a demonstration.

    Raises:
        RefusedError: the link was used or is too old.
    """
    with transaction(installation.engine) as connection:
        editor = store.editors.use_errand(connection, key_of(secret), Errand.DEMO, now)
        if editor is None:
            raise RefusedError("This link was used already, or is too old: start the demonstration again.")
        return _begin(connection, editor, now)
