"""What every provider's report shares: headers, a body with limits, times that are near."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from digest.deliver.bounces.failures import Failure, failure
from digest.model import BounceKind

MAX_BODY = 1_000_000  # bytes
MOST_EVENTS = 5_000  # of one report
WINDOW = timedelta(hours=24)  # how old a signed report may be: providers try again for hours
_AHEAD = timedelta(minutes=5)  # how wrong clocks may go

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Posted:
    """A report as it came: header names in lower case."""

    headers: Mapping[str, str]
    body: bytes


def values(body: bytes) -> tuple[Values, ...]:
    """The JSON objects of a report, be it one or a list of such; () for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    listed = found if isinstance(found, list) else [found]
    return tuple(each for each in listed[:MOST_EVENTS] if isinstance(each, dict))


def inner(found: Values, *names: str) -> Values:
    """The object behind a path of names; {} where there is none."""
    for name in names:
        value = found.get(name)
        found = value if isinstance(value, dict) else {}
    return found


def objects(found: Values, name: str) -> Iterator[Values]:
    """The objects in a list of that name."""
    value = found.get(name)
    yield from (
        each for each in (value if isinstance(value, list) else [])[:MOST_EVENTS] if isinstance(each, dict)
    )


def text(found: Values, *names: str) -> str:
    """The first of these names that has a text or a number; "" where none has."""
    for name in names:
        value = found.get(name)
        if isinstance(value, str) and value:
            return value[:10_000]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def is_recent(seconds: str, now: datetime) -> bool:
    """Whether a time, in seconds since 1970, is one at which a report may have been signed."""
    try:
        at = datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return False
    return is_near(at, now)


def is_near(at: datetime, now: datetime) -> bool:
    """Whether a moment is not too old and not to come."""
    return now - WINDOW <= at <= now + _AHEAD


def same(given: str, expected: str) -> bool:
    """Whether two texts are the same; takes as long for nearly the same ones."""
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode(errors="replace"))


def basic_login(headers: Mapping[str, str]) -> str:
    """``NAME:PASSWORD`` of basic authentication (RFC 7617), or ""."""
    scheme, _, packed = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(packed.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def bearer(headers: Mapping[str, str]) -> str:
    """A bearer token (RFC 6750), or ""."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def told(recipient: str, said: str, kind: BounceKind) -> Failure:
    """A failure to which the provider gives a kind of its own.

    "Hard" is said of refusals, too: there the mail server's own words decide.
    """
    found = failure(recipient, "", said)
    if kind is BounceKind.ADDRESS and found.kind in (BounceKind.POLICY, BounceKind.MESSAGE):
        return found
    return Failure(kind, found.recipient, found.status, found.words)


def unpacked(packed: str) -> bytes:
    """Bytes from base64; b"" where it is none."""
    try:
        return base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        return b""
