"""What the headers of an answer say: opaque validators, how long to wait, how long it is fresh, what it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_WAIT = 30 * 24 * 3600  # seconds; no server makes us stay away for longer

CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_MAX_VALIDATOR = 1024
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:+-]{1,40})", re.IGNORECASE)
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?([0-9]{1,12})", re.IGNORECASE)


def opaque(value: str) -> str:
    """A validator fit to be stored and sent back, else "": nothing that could break a header line."""
    value = value.strip()
    fit = len(value) <= _MAX_VALIDATOR and not CONTROL.search(value) and (value.isascii() or _latin(value))
    return value if fit else ""


def media_type(headers: Mapping[str, str]) -> str:
    """``application/atom+xml``: lower case, without parameters."""
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()[:100]


def charset(headers: Mapping[str, str]) -> str:
    """The encoding that the server names, in lower case, or ""."""
    return _first(_CHARSET, headers.get("Content-Type", "")).lower()


def dated(headers: Mapping[str, str]) -> datetime | None:
    """The time by the server's own clock when it answered (RFC 9110 §6.6.1), or None."""
    return _date(headers.get("Date", ""))


def freshness(headers: Mapping[str, str]) -> int | None:
    """For how many seconds the answer is fresh (RFC 9111 §4.2.1): max-age wins over Expires."""
    age = _first(_MAX_AGE, headers.get("Cache-Control", ""))
    return _seconds(age or headers.get("Expires", ""), headers)


def retry_after(headers: Mapping[str, str]) -> int | None:
    """For how many seconds the server asks us to stay away (RFC 9110 §10.2.3), at most ``MAX_WAIT``."""
    return _seconds(headers.get("Retry-After", ""), headers)


def _latin(value: str) -> bool:
    return all(ord(char) < 256 for char in value)


def _seconds(value: str, headers: Mapping[str, str]) -> int | None:
    """Delay-seconds or a date (RFC 9110 §10.2.3); a date counts from the server's own clock where it says."""
    value = value.strip()
    if not value:
        return None
    if re.fullmatch(r"[0-9]{1,12}", value):
        return min(int(value), MAX_WAIT)
    then = _date(value)
    if then is None:
        return None
    now = _date(headers.get("Date", "")) or datetime.now(UTC)
    return min(max(int((then - now).total_seconds()), 0), MAX_WAIT)


def _date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value[:100])
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text[:1000])
    return found[1] if found else ""
