"""Tokens by which programs act for an editor: given, listed, revoked; each step is in the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_urlsafe

from digest import store
from digest.api import credentials
from digest.desk.rights import listed
from digest.errors import DigestError, NotFoundError
from digest.model import ApiToken, Editor, Role
from digest.pipeline.installation import Installation
from digest.store.audit import COMMAND_LINE
from digest.store.database import reading, transaction

LONGEST_NAME = 100  # characters
MOST = 50  # tokens of one editor


@dataclass(frozen=True, slots=True)
class Given:
    """A new token: ``secret`` is the only copy of what its bearer must show."""

    token: ApiToken
    secret: str = field(repr=False)


def give(
    installation: Installation,
    editor: Editor,
    name: str,
    now: datetime,
    *,
    roles: Sequence[Role] | None = None,
    expires_at: datetime | None = None,
    by: Editor | str = COMMAND_LINE,
) -> Given:
    """A new token of an editor.

    Args:
        name: what the editor knows it by.
        roles: some of the editor's; None: all of them.
        expires_at: from when on it lets nobody in; None: it works until it is revoked.

    Raises:
        DigestError: it has no name, a role that the editor is not, or ends before now; or there are too many.
    """
    name = " ".join(name.split())
    _check(editor, name, roles, expires_at, now)
    secret = credentials.PREFIX + token_urlsafe(32)
    wanted = ApiToken(0, editor.id, name, tuple(roles or editor.roles), now, expires_at)
    with transaction(installation.engine) as connection:
        if len(store.api_tokens.listed(connection, editor.id)) >= MOST:
            raise DigestError(
                f"{editor.address} has {MOST} tokens; revoke one first: digest editors token list"
            )
        token = store.api_tokens.add(connection, wanted, credentials.prints(installation.keys, secret)[0])
        told = f"{token.id} “{name}” as {listed(token.roles)}"
        store.audit.add(connection, by, "give token", editor.address, now, told)
    return Given(token, secret)


def _check(
    editor: Editor, name: str, roles: Sequence[Role] | None, expires_at: datetime | None, now: datetime
) -> None:
    if not 1 <= len(name) <= LONGEST_NAME:
        raise DigestError(f"A token needs a name by which you know it, of at most {LONGEST_NAME} characters.")
    if editor.left_at is not None:
        raise DigestError(f"{editor.address} is let in no more, and so gets no token.")
    if missing := [role for role in roles or () if role not in editor.roles]:
        raise DigestError(
            f"{editor.address} is {listed(editor.roles)}, and a token can be no more: not {missing[0]}."
        )
    if expires_at is not None and expires_at <= now:
        raise DigestError("A token must end later than now.")


def given(installation: Installation, editor: Editor | None = None) -> tuple[ApiToken, ...]:
    """The tokens of one editor or of all that were not revoked, the oldest first; expired ones too."""
    with reading(installation.engine) as connection:
        return store.api_tokens.listed(connection, editor.id if editor else None)


def revoke(
    installation: Installation, editor: Editor, number: int, now: datetime, by: Editor | str = COMMAND_LINE
) -> ApiToken:
    """Let nobody in by a token of an editor any more.

    Raises:
        NotFoundError: they have no such token.
    """
    with transaction(installation.engine) as connection:
        token = store.api_tokens.of_number(connection, editor.id, number)
        if token is None:
            raise NotFoundError(
                f"{editor.address} has no token {number}; digest editors token list shows those there are."
            )
        if store.api_tokens.revoke(connection, number, now):
            store.audit.add(connection, by, "revoke token", editor.address, now, f"{number} “{token.name}”")
    return token


def bearer(installation: Installation, authorization: str, now: datetime) -> tuple[Editor, ApiToken] | None:
    """Who comes with an Authorization header, with the rights of that token; None where nobody is let in.

    That it is used is remembered every few minutes. A header that is none takes as long as a token that is unknown,
    revoked or expired: one look at the database.
    """
    keys = credentials.prints(installation.keys, credentials.bearer(authorization))
    with reading(installation.engine) as connection:
        found = store.api_tokens.known(connection, keys)
    if found is None or not credentials.works(*found, now):
        return None
    token, editor = found
    if credentials.is_stale(token, now):
        with transaction(installation.engine) as connection:
            store.api_tokens.used(connection, token.id, now)
    return credentials.as_bearer(editor, token), token
