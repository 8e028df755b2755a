"""What we write ourselves, in a digest's language: phrases, dates, numbers, and the words of links."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TypeVar, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from digest.errors import TemplateError
from digest.settings import DigestSettings
from digest.text.language import direction, shorten
from digest.text.links import absolute

T = TypeVar("T", bound=str)

# The digit nought of CLDR's numbering systems that languages write by default.
_ZEROS = {
    "arab": 0x660,
    "arabext": 0x6F0,
    "beng": 0x9E6,
    "cakm": 0x11136,
    "deva": 0x966,
    "mymr": 0x1040,
    "nkoo": 0x7C0,
}

_REMEMBERED = (
    2_000  # links, days, numbers: an issue's come back in its mail, its text part, its page and its feed
)
TITLE_LIMIT = 300  # characters; a longer title is a paragraph in the wrong place


@dataclass(frozen=True, slots=True)
class Wording:
    """Phrases of ``templates/strings/LANG.toml`` in one language, dates in one zone."""

    strings: Mapping[str, str]
    language: str
    zone: str

    def say(self, key: str, **values: object) -> str:
        """A phrase with its ``{placeholders}`` filled.

        Raises:
            TemplateError: the phrase is missing, or asks for something it does not get.
        """
        return self._filled(key, self._phrase(key), values)

    def tell(self, key: str, **values: object) -> Markup:
        """The same as HTML: the phrase and the values are escaped, but for values that are Markup.

        Raises:
            TemplateError: as for ``say``.
        """
        return self._filled(key, escape(self._phrase(key)), values)

    def _phrase(self, key: str) -> str:
        if key not in self.strings:
            raise TemplateError(
                f"strings/{self.language}.toml: there is no {key}; add it there or in strings/en.toml."
            )
        return self.strings[key]

    def _filled(self, key: str, phrase: T, values: Mapping[str, object]) -> T:
        try:
            return cast(T, phrase.format_map(values))
        except (LookupError, ValueError, AttributeError) as error:
            known = ", ".join(f"{{{name}}}" for name in values) or "no placeholder"
            raise TemplateError(f"strings/{self.language}.toml: {key} may use {known}: {error}.") from error

    def count(self, key: str, number: int) -> str:
        """The phrase ``key_one``, ``key_other``, … that CLDR's plural rules choose, with ``{number}``."""
        form = f"{key}_{self.locale.plural_form(number)}"
        return self.say(form if form in self.strings else f"{key}_other", number=self.number(number))

    def number(self, number: int) -> str:
        """A number as the language writes it."""
        return _number(self.language, number)

    def day(self, when: datetime | date, near: date | None = None) -> str:
        """A date in words, of a moment its date in the digest's zone; without the year where ``near`` has the same."""
        if not isinstance(when, date):
            raise TypeError(f"day() takes a date, not {when}")
        local = when.astimezone(ZoneInfo(self.zone)).date() if isinstance(when, datetime) else when
        return _day(self.language, local, near is None or near.year != local.year)

    def month(self, day: date) -> str:
        """The name of a month, standing alone."""
        return format_date(day, "LLLL", self.locale)

    def year(self, year: int) -> str:
        """A year, in the language's digits and without a separator."""
        return _in_digits(self.locale, str(year))

    def tongue(self, language: str) -> Markup:
        """``lang`` and ``dir`` for a block in another language than the issue's, or nothing."""
        if not language or language == self.language:
            return Markup("")
        return Markup(' lang="{}" dir="{}"').format(language, direction(language))

    def side(self, language: str) -> str:
        """The direction in which a block reads, ``ltr`` or ``rtl``."""
        return direction(language or self.language)

    @property
    def locale(self) -> Locale:
        """CLDR's data for the language; for one it does not know, for English."""
        return _locale(self.language)


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    for tag in (language, language.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


@lru_cache(maxsize=_REMEMBERED)
def _number(language: str, number: int) -> str:
    locale = _locale(language)
    return _in_digits(locale, format_decimal(number, locale=locale, numbering_system="default"))


@lru_cache(maxsize=_REMEMBERED)
def _day(language: str, day: date, with_year: bool) -> str:
    locale = _locale(language)
    written = format_date(day, "long", locale) if with_year else format_skeleton("MMMMd", day, locale=locale)
    return _in_digits(locale, written)


def _in_digits(locale: Locale, text: str) -> str:
    """The text in the language's own digits, which Babel leaves European."""
    zero = _ZEROS.get(locale.default_numbering_system)
    return text.translate({ord("0") + value: zero + value for value in range(10)}) if zero else text


def wording(strings: Mapping[str, str], digest: DigestSettings) -> Wording:
    """The wording of a digest."""
    return Wording(strings, digest.language, digest.zone)


def vocabulary(words: Wording) -> Mapping[str, Callable[..., object]]:
    """What every template may call: phrases, dates and safe links."""
    return {
        "say": words.say,
        "count": words.count,
        "number": words.number,
        "day": words.day,
        "month": words.month,
        "year_number": words.year,
        "tongue": words.tongue,
        "side": words.side,
        "web": web,
        "link": link,
    }


@lru_cache(maxsize=_REMEMBERED)
def web(url: str) -> str:
    """The address if it may stand in a link: absolute http or https; else ""."""
    found = absolute(url, "")
    return found if found.startswith(("https://", "http://")) else ""


def link(title: str, url: str) -> Markup:
    """The title as a link, or as plain text where the address is none of the web."""
    address = web(url)
    if not address:
        return Markup("{}").format(shorten(title, TITLE_LIMIT))
    words = escape(label(title, address))
    return Markup(f'<a href="{escape(address)}">{words}</a>')  # noqa: S704  # both are escaped; format takes four times as long


_NAMED_ADDRESS = re.compile(r"(?:https?://|\bwww\.)[^\s<>\"']{1,2048}", re.IGNORECASE)
_BARE_ADDRESS = re.compile(r"(?:[^\s./?#:@]{1,63}\.){1,8}[^\W\d_]{2,24}(?:[/:?#]\S*)?")


@lru_cache(maxsize=_REMEMBERED)
def label(title: str, url: str) -> str:
    """The words of a link: its title, in which the address of another host gives way to the link's real host.

    Readers and filters take a link that names one host and leads to another for a fraud. A link without a title
    shows its host.
    """
    words, real = shorten(title, TITLE_LIMIT), _host(url)
    if not words or (_BARE_ADDRESS.fullmatch(words) and _host(words) != real):
        return real or words
    return _NAMED_ADDRESS.sub(lambda named: named[0] if _host(named[0]) == real else real, words)


def _host(address: str) -> str:
    """The host that an address leads to, with or without its scheme; "www." counts for nothing."""
    try:
        host = urlsplit(address if "://" in address else f"https://{address}").hostname or ""
    except ValueError:  # brackets that hold no IPv6 address
        return ""
    return host.lower().rstrip(".").removeprefix("www.")
