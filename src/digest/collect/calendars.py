"""Dates as people write them: with a month's name in their language, or in numbers in the order that is usual there.

Names and orders are those of the CLDR (the Unicode Consortium's Common Locale Data Repository), by way of Babel.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from digest.text.markup import names

_LONGEST = 100  # characters of a date
_SHORTEST = 3  # letters of a month's name that is cut off
_LANGUAGES = names(  # in which a month is looked for whose language nobody tells
    "en de fr es it pt nl da sv nb fi is pl cs sk sl hr sr ro hu bg ru uk be el tr lt lv et ca eu gl cy sq mk ar fa he "
    "id ms sw af"
)
_ENGLISH = "en"

_ZONES = dict.fromkeys(("z", "ut", "utc", "gmt"), 0) | {  # RFC 822 §5.1
    **{"est": -5, "edt": -4, "cst": -6, "cdt": -5},
    **{"mst": -7, "mdt": -6, "pst": -8, "pdt": -7},
}
_TIME = re.compile(
    r"(?<![\d:])(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?(?![\d:])"
    r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?)?"
    rf"(?:\s?(?P<zone>{'|'.join(_ZONES)})\b)?"
    r"(?:\s?(?P<sign>[+-])(?P<zone_hours>\d\d?)(?::?(?P<zone_minutes>\d\d))?)?"
)
_FARTHEST = timedelta(days=1)  # that a zone can be from UTC
_NUMBER = re.compile(r"\d+")
_IN_NUMBERS = re.compile(r"\D*+(?P<first>\d\d?)(?P<sign>\W++)(?P<second>\d\d?)\W++(?P<year>\d{4})\D*+")
_WORD = re.compile(r"[^\W\d_]+")
_IN_BODY = re.compile(rb">\s{0,9}+(?:[A-Za-z]{2,12}[.,]{0,2} )?+(\d\d?)([/-])(\d\d?)\2\d{4}\b")
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z]{4})?(?:[-_]([A-Za-z]{2}))?(?=$|[-_])")


@dataclass(frozen=True, slots=True)
class Custom:
    """How a feed writes its dates."""

    language: str = ""  # a BCP 47 tag
    month_first: bool | None = None  # where a date is in numbers; None if nobody knows


def custom_of(language: str, dates: Collection[str], body: bytes) -> Custom:
    """What a feed shows of its custom: 11/20 can be one day only, and 3/4 is then meant in the same order.

    Where it shows none, the order is that of its language and country, and unknown without these.

    Args:
        language: that the feed says it is in.
        dates: of its items.
        body: the document, which is looked at only if one of the dates leaves it open.
    """
    numeric = (_IN_NUMBERS.fullmatch(_parts(date)[0]) for date in dates)
    if not any(date and _order(date) is None for date in numeric):
        return Custom(language)
    pairs = [(int(first), int(second)) for first, _, second in _IN_BODY.findall(body)]
    month_first = any(first <= 12 < second for first, second in pairs)
    day_first = any(second <= 12 < first for first, second in pairs)
    return Custom(language, month_first if month_first != day_first else _puts_month_first(language))


def in_numbers(date: str) -> bool:
    """Whether a date is nothing but numbers, with the year in full at its end: others may take it for another."""
    return _IN_NUMBERS.fullmatch(_parts(date)[0]) is not None


def spelled(date: str, custom: Custom) -> datetime | None:
    """The moment, in UTC, that a date of this custom names, or None if it names none.

    A time may stand anywhere in it, with AM or PM or without, and a zone behind the time: hours from UTC, or one of
    RFC 822 §5.1. Without a zone it is UTC. Words that name no month are passed over.
    """
    date, clock = _parts(date)
    try:
        day = _day(date, custom)
        return day + _since_midnight(clock) if day and clock else day
    except (ValueError, OverflowError):  # the 13th month, the 30th of February, 25 o'clock
        return None


def _parts(date: str) -> tuple[str, re.Match[str] | None]:
    """The day, in small letters without accents and with digits of the usual width; and the time, if there is one."""
    decomposed = unicodedata.normalize("NFKD", date[:_LONGEST].casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    clock = _TIME.search(plain)
    return (f"{plain[: clock.start()]} {plain[clock.end() :]}" if clock else plain), clock


# ── the day ──────────────────────────────────────────────────────────────────────────────────────


def _day(date: str, custom: Custom) -> datetime | None:
    if numeric := _IN_NUMBERS.fullmatch(date):
        return _numbered(numeric, custom)
    match _NUMBER.findall(date):
        case [year, month, day] if len(year) == 4:
            return datetime(int(year), int(month), int(day), tzinfo=UTC)
        case [_, _] as numbers if sorted(map(len, numbers)) in ([1, 4], [2, 4]):
            day, year = sorted(numbers, key=len)
            named = _month(date, custom.language)
            return datetime(int(year), named, int(day), tzinfo=UTC) if named else None
    return None


def _numbered(date: re.Match[str], custom: Custom) -> datetime | None:
    first, second, year = int(date["first"]), int(date["second"]), int(date["year"])
    month_first = custom.month_first if (order := _order(date)) is None else order
    if month_first is None:
        return None
    month, day = (first, second) if month_first else (second, first)
    return datetime(year, month, day, tzinfo=UTC)


def _order(date: re.Match[str]) -> bool | None:
    """Whether a date in numbers has its month first, as far as it tells; with a dot between them, the day is first."""
    first, second = int(date["first"]), int(date["second"])
    if "." in date["sign"] or first > 12 or first == second:
        return False
    return True if second > 12 else None


def _puts_month_first(language: str) -> bool | None:
    """The order of numeric dates in a language, or None for an unknown one. Year-first languages end in the day."""
    locale = _locale(language)
    return locale.date_formats["short"].pattern.startswith("M") if locale else None


# ── the month ────────────────────────────────────────────────────────────────────────────────────


def _month(date: str, language: str) -> int:
    """The month that is named last, for a weekday before it may look like one; 0 if none is.

    In the language of the feed, else in English, else in all languages that have such a month and agree.
    """
    match = _LOCALE.match(language)
    tables = [_months(match.group())] if match else []
    tables += [_months(_ENGLISH), _months(*_LANGUAGES)]
    words = reversed(_WORD.findall(date))
    return next((month for word in words for table in tables if (month := table.get(word, 0))), 0)


@lru_cache(maxsize=64)
def _months(*languages: str) -> Mapping[str, int]:
    """Months by their names and by the beginnings of these; 0 where a beginning is of several."""
    whole: dict[str, int] = {}
    cut: dict[str, int] = {}
    for name, month in (found for language in languages for found in _names(language)):
        whole[name] = month if whole.get(name, month) == month else 0
        for length in range(_SHORTEST, len(name)):
            begun = name[:length]
            cut[begun] = month if cut.get(begun, month) == month else 0
    return cut | whole


def _names(language: str) -> Iterator[tuple[str, int]]:
    """The names of the months in a language, long and short, alone and within a date."""
    locale = _locale(language)
    for forms in locale.months.values() if locale else ():
        for width in ("wide", "abbreviated"):
            for month, name in forms[width].items():
                if word := _WORD.fullmatch(_parts(name)[0].strip(". ")):
                    yield word.group(), month


@lru_cache(maxsize=64)
def _locale(tag: str) -> Locale | None:
    match = _LOCALE.match(tag)
    try:
        return Locale(match[1].lower(), match[2].upper() if match[2] else None) if match else None
    except UnknownLocaleError:  # a country in which nobody speaks it, or no language
        return _locale(match[1]) if match and match[2] else None


# ── the time ─────────────────────────────────────────────────────────────────────────────────────


def _since_midnight(clock: re.Match[str]) -> timedelta:
    """From midnight in UTC to that time in its zone.

    Raises:
        ValueError: there is no such time or zone.
    """
    hour = int(clock["hour"])
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"] == "p" else 0)
    second = int(clock["second"] or 0)
    read = time(hour, int(clock["minute"]), second - (second == 60))  # a leap second
    ahead = timedelta(hours=int(clock["zone_hours"] or 0), minutes=int(clock["zone_minutes"] or 0))
    if clock["sign"] == "-":
        ahead = -ahead
    if not clock["sign"]:
        ahead = timedelta(hours=_ZONES.get(clock["zone"] or "", 0))
    if abs(ahead) >= _FARTHEST:
        raise ValueError(clock.group())
    return timedelta(hours=read.hour, minutes=read.minute, seconds=read.second) - ahead
