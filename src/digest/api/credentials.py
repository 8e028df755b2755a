"""What a token of the API looks like, what is kept of it, and what its bearer may do.

A token is 256 random bits, so its hash needs no salt and no slowness; it is keyed with the secret of the
installation, so that whoever can only write to the database cannot make one.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from digest.model import ApiToken, Editor, Role
from digest.tokens import Keys

PREFIX = "digest_"  # by which a token is known where it must not be: in a repository, in a log
TOUCH = timedelta(minutes=5)  # how exactly it is remembered that a token is used
KEPT = timedelta(days=365)  # for so long it is known of a token that lets nobody in any more whose it was
_PURPOSE = b"api\0"
_BEARER = re.compile(rf"[Bb]earer +({PREFIX}[A-Za-z0-9_-]{{43}}) *", re.ASCII)


def bearer(authorization: str) -> str:
    """The token of an Authorization header (RFC 6750, section 2.1), or "" where it has none of ours."""
    found = _BEARER.fullmatch(authorization)
    return found[1] if found else ""


def prints(keys: Keys, token: str) -> tuple[str, ...]:
    """The hash of a token by each key: the first is stored, any of them tells it again after a new key went on top."""
    signed = _PURPOSE + token.encode(errors="surrogatepass")
    return tuple(hmac.digest(key, signed, sha256).hex() for key in keys.keys)


def works(token: ApiToken, editor: Editor, now: datetime) -> bool:
    """Whether a token still lets its bearer in."""
    expired = token.expires_at is not None and now >= token.expires_at
    return token.revoked_at is None and editor.left_at is None and not expired


def is_stale(token: ApiToken, now: datetime) -> bool:
    """Whether it is worth a write to remember that the token is used."""
    return token.used_at is None or now >= token.used_at + TOUCH


def as_bearer(editor: Editor, token: ApiToken) -> Editor:
    """The editor with the rights of one token: what an editor is no more, none of their tokens is."""
    return replace(editor, roles=shared(editor.roles, token.roles))


def shared(roles: Sequence[Role], wanted: Sequence[Role]) -> tuple[Role, ...]:
    """Those of the wanted roles that are there, in their order."""
    return tuple(role for role in roles if role in wanted)
