"""Dates of feeds: the forms that they shall have, those that feedparser knows, and those that people write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import cast

from digest.collect.calendars import Custom, in_numbers, spelled

_Moment = tuple[int, int, int, int, int, int]
_YEARS = range(1990, 2101)

_YEAR_FIRST = re.compile(r"\d{4}[-/.]\d")
_LOOSE_ISO_DATE = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})? ?(?:UTC|GMT|Z|([+-]\d\d:?\d\d))?)?"
)
_RFC822_DATE = re.compile(
    r"(?:[A-Z][a-z]{2,8},? )?(\d{1,2}) ([A-Z][a-z]{2,8}) (\d{4})"
    r"(?: (\d\d):(\d\d)(?::(\d\d))?(?: (?:GMT|UTC|UT|Z|([+-])(\d\d):?(\d\d)))?)?"
)
_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTHS = {name: at for at, month in enumerate(_NAMES, 1) for name in (month, month[:3])}
_DAY = 24 * 60  # minutes: no zone is further away


def moment(raw: str, parsed: Sequence[int], custom: Custom) -> datetime | None:
    """A date in UTC, or None for nonsense.

    Args:
        raw: as the feed writes it.
        parsed: year, month, day, hour, minute, second in UTC as feedparser read them, or nothing.
        custom: how the feed writes its dates.

    feedparser reads ``1700000000`` as 1699, ``2026-13-01`` as 2027, ``20-11-2026`` as 2020 and ``20 marraskuuta 2026``
    as March: a date in numbers has to be one that we read, and of others the year has to stand in the text (give or
    take the day that a time zone may shift it).
    """
    raw = raw.strip()
    if read := dated(raw):
        return read
    read = spelled(raw, custom)
    if read and read.year in _YEARS:
        return read
    if (
        in_numbers(raw)
        or len(parsed) < 6
        or parsed[0] not in _YEARS
        or (_YEAR_FIRST.match(raw) and not moment_of(raw[:10]))
    ):
        return None
    try:
        read = datetime(*cast(_Moment, tuple(parsed[:6])), tzinfo=UTC)
    except ValueError:  # a leap second
        return None
    years = {(read + timedelta(days=shift)).year for shift in (-1, 0, 1)}
    return (
        read if any(re.search(rf"(?<!\d)(?:{year}|{year % 100:02})(?!\d)", raw) for year in years) else None
    )


@lru_cache(maxsize=256)  # a date is looked at when it is read, and again when it is used
def dated(raw: str) -> datetime | None:
    """A date of one of the two forms that feeds shall have (RFC 3339, RFC 822 with four digits), or None.

    Both as people write them: without a zone (UTC then), without a time, with other signs between the numbers.
    """
    return _rfc822(raw) or moment_of(raw) or _loose_iso(raw)


def _rfc822(raw: str) -> datetime | None:
    match = _RFC822_DATE.fullmatch(raw.strip())
    if match is None:
        return None
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    ahead = int(zone_hours or 0) * 60 + int(zone_minutes or 0)
    seconds = 59 if second == "60" else int(second or 0)  # a leap second
    try:
        read = datetime(
            int(year), _MONTHS[month], int(day), int(hour or 0), int(minute or 0), seconds, tzinfo=UTC
        )
        if ahead >= _DAY:
            return None
        read -= timedelta(minutes=-ahead if sign == "-" else ahead)
    except (KeyError, ValueError, OverflowError):
        return None
    return read if read.year in _YEARS else None


def _loose_iso(raw: str) -> datetime | None:
    match = _LOOSE_ISO_DATE.fullmatch(raw.strip())
    if match is None:
        return None
    year, month, day, time, zone = match.groups()
    return moment_of(f"{year}-{month:0>2}-{day:0>2}T{time or '00:00'}{zone or ''}")


def moment_of(raw: str) -> datetime | None:
    """An RFC 3339 or ISO 8601 date in UTC (no zone is UTC), to the second, or None for nonsense."""
    try:
        read = datetime.fromisoformat(raw.strip())
        read = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return read.replace(microsecond=0) if read.year in _YEARS else None
