"""Requests that must not be done twice: what an Idempotency-Key is, and what is done with one that was seen before.

As draft-ietf-httpapi-idempotency-key-header has it. Where a process ended before it kept an answer, whoever tries again
does the request again: so its effect is one that changes nothing when it is there already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from digest.errors import DigestError

KEPT = timedelta(hours=24)
AT_WORK = timedelta(minutes=5)  # after which whoever began it is taken to have ended without an answer
_KEY = re.compile(r'"([\x20\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x5b\x5d-\x7e]{1,255})', re.ASCII)


class KeyMissingError(DigestError):
    """The request came without an Idempotency-Key, or with one that is none."""


class KeyReusedError(DigestError):
    """The key was used for another request."""


class KeyBusyError(DigestError):
    """The request with this key is being done at this moment."""


class Verdict(StrEnum):
    """What is done with a request that has a key."""

    BEGIN = "begin"  # it is new
    AGAIN = "again"  # it was begun so long ago that whoever began it has ended without an answer
    REPEAT = "repeat"  # it was answered: the same answer once more
    BUSY = "busy"
    OTHER = "other"  # the key was used for another request


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request with a key as it is kept; ``status`` and ``body`` are those of its answer, once there is one."""

    editor: int
    key: str  # ``kept_key`` of the header
    fingerprint: str
    begun_at: datetime
    status: int | None = None
    body: str = ""


def kept_key(header: str) -> str:
    """What is kept of an Idempotency-Key: a quoted string as the draft has it, or the same without its quotes.

    Raises:
        KeyMissingError: it is missing, too long or has other characters than printable ASCII.
    """
    found = _KEY.fullmatch(header.strip())
    if found is None:
        raise KeyMissingError(
            "This needs an Idempotency-Key: a name of your own for this one request, such as a UUID,"
            " at most 255 characters of ASCII; send the same one when you try again."
        )
    return sha256((found[1] or found[2]).encode()).hexdigest()


def fingerprint(operation: str, body: bytes) -> str:
    """What tells a request from another one with the same key."""
    return sha256(operation.encode() + b"\0" + body).hexdigest()


def verdict(found: KeyedRequest | None, wanted: str, now: datetime) -> Verdict:
    """What is done with a request.

    Args:
        found: what is kept under its key; None: nothing, or longer ago than ``KEPT``.
        wanted: its fingerprint.
    """
    if found is None:
        return Verdict.BEGIN
    if found.fingerprint != wanted:
        return Verdict.OTHER
    if found.status is not None:
        return Verdict.REPEAT
    return Verdict.BUSY if now < found.begun_at + AT_WORK else Verdict.AGAIN
