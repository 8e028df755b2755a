"""Passwords as argon2id hashes (RFC 9106), and codes by the clock (TOTP, RFC 6238)."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from unicodedata import normalize

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

STEP = 30  # seconds that a code is good for


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # argon2id with the parameters of RFC 9106, section 4, for little memory


def hashed(password: str) -> str:
    """The hash to be stored; its parameters and salt stand in it."""
    return _hasher().hash(_typed(password))


def is_right(stored: str, password: str) -> bool:
    """Whether a password is the one that was hashed; it takes as long where nothing is stored ("")."""
    try:
        return _hasher().verify(stored or _nobodys(), _typed(password)) and bool(stored)
    except (Argon2Error, InvalidHashError):
        return False


def is_weak(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than those of today."""
    return _hasher().check_needs_rehash(stored)


@cache
def _nobodys() -> str:
    return hashed("nobody has this password")


def _typed(password: str) -> str:
    return normalize("NFKC", password)  # however a keyboard composes letters (SP 800-63B, section 5.1.1.2)


# ── codes ────────────────────────────────────────────────────────────────────────────────────────


def new_secret() -> str:
    """A secret to be shared with an app that shows codes, in base32."""
    return pyotp.random_base32()


def secret_url(secret: str, address: str, issuer: str) -> str:
    """The ``otpauth:`` address by which an app takes over a secret."""
    return pyotp.TOTP(secret).provisioning_uri(name=address, issuer_name=issuer)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is: the present one or a neighbour, for clocks that differ; None for a wrong code."""
    digits = "".join(code.split())
    present = int(now.timestamp()) // STEP
    known = pyotp.TOTP(secret)
    matching = [
        step
        for step in (present - 1, present, present + 1)
        if pyotp.utils.strings_equal(digits, known.at(step * STEP))
    ]
    return matching[-1] if matching else None
