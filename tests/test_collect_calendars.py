"""collect/calendars.py: dates with the names of months, and dates in numbers, by the custom of their feed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.collect.calendars import Custom, custom_of, spelled
from digest.collect.dates import moment
from digest.collect.parse import parse_feed
from effort import effort

NOVEMBER = datetime(2026, 11, 20, tzinfo=UTC)
MARCH_OR_APRIL = "04/03/2026 10:00"


def feed(*dates: str, language: str = "") -> list[datetime | None]:
    """When the items of an RSS feed were published that is dated so."""
    items = "".join(f"<item><title>T</title><pubDate>{date}</pubDate></item>" for date in dates)
    said = f"<language>{language}</language>" if language else ""
    body = f'<rss version="2.0"><channel><title>Elm</title>{said}{items}</channel></rss>'
    return [entry.published for entry in parse_feed(body.encode(), "https://elm.example.org/feed").entries]


# ── names ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "date",
    [
        "20 novembre 2026",
        "ven., 20 nov. 2026",
        "Freitag, 20. November 2026",
        "20 de noviembre de 2026",
        "20 ноября 2026",
        "20 Νοεμβρίου 2026",
        "20 marraskuuta 2026",
        "2026. november 20.",
        "20 Kasım 2026",
        "٢٠ نوفمبر ٢٠٢٦",
        "November 20, 2026",
        "20th November 2026",
    ],
)
def test_a_month_is_known_by_its_name_in_the_languages_of_blogs(date: str) -> None:
    """Whatever the order of day, month and year, and whatever words stand between."""
    assert spelled(date, Custom()) == NOVEMBER


@pytest.mark.parametrize(
    ("date", "month"), [("5 Mär 2026", 3), ("5 Ago 2026", 8), ("5 juil. 2026", 7), ("5 Dez 2026", 12)]
)
def test_a_month_is_known_by_the_beginning_of_its_name(date: str, month: int) -> None:
    """As software writes it that cuts names off after three letters."""
    assert spelled(date, Custom()) == datetime(2026, month, 5, tzinfo=UTC)


def test_a_beginning_that_two_months_share_names_neither() -> None:
    """In French, June and July."""
    assert spelled("5 jui 2026", Custom("fr")) is None


@pytest.mark.parametrize(("language", "month"), [("pl", 11), ("hr", 10), ("", None)])
def test_the_language_of_the_feed_tells_which_month_is_meant(language: str, month: int | None) -> None:
    """The same word is November to Poles and October to Croats, and nobody's month where nobody says whose it is."""
    expected = month and datetime(2026, month, 20, tzinfo=UTC)
    assert spelled("20 listopada 2026", Custom(language)) == expected


def test_a_country_has_names_of_its_own() -> None:
    """January, as Austrians call it."""
    assert spelled("5. Jänner 2026", Custom("de-AT")) == datetime(2026, 1, 5, tzinfo=UTC)


def test_a_weekday_that_looks_like_a_month_is_passed_over() -> None:
    """In Spanish, Tuesday begins as March does."""
    assert spelled("mar., 20 ene 2026", Custom("es")) == datetime(2026, 1, 20, tzinfo=UTC)


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "date",
    [
        "11/20/2026",
        "20/11/2026",
        "20-11-2026",
        "11-20-2026",
        "20.11.2026",
        "Fri 20/11/2026",
        "2026年11月20日",
    ],
)
def test_what_can_be_one_day_only_is_that_day(date: str) -> None:
    """There is no twentieth month."""
    assert spelled(date, Custom()) == NOVEMBER


def test_one_date_of_a_feed_tells_the_order_of_the_others() -> None:
    """Even where the feed's language has the other order."""
    assert feed(MARCH_OR_APRIL, "04/20/2026", language="en-GB")[0] == datetime(2026, 4, 3, 10, tzinfo=UTC)
    assert feed(MARCH_OR_APRIL, "20/04/2026", language="en-US")[0] == datetime(2026, 3, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "month"), [("en-US", 4), ("en", 4), ("en-gb", 3), ("de", 3), ("es_MX", 3), ("zh-Hans-CN", 3)]
)
def test_else_the_order_is_that_of_the_language_and_the_country(language: str, month: int) -> None:
    """Americans put the month first."""
    assert feed(MARCH_OR_APRIL, language=language) == [datetime(2026, month, 7 - month, 10, tzinfo=UTC)]


def test_what_nobody_can_tell_is_no_date() -> None:
    """No language, or dates in both orders; but dots are for days before months everywhere."""
    assert feed(MARCH_OR_APRIL) == [None]
    assert feed(MARCH_OR_APRIL, "04/20/2026", "20/04/2026", language="") == [
        None,
        datetime(2026, 4, 20, tzinfo=UTC),
        datetime(2026, 4, 20, tzinfo=UTC),
    ]
    assert feed("04.03.2026") == [datetime(2026, 3, 4, tzinfo=UTC)]
    assert feed("Fr., 04/03/2026, 10:00:00.5 a.m.", language="en")[0] == datetime(2026, 4, 3, 10, tzinfo=UTC)
    assert feed("07/07/2026") == [datetime(2026, 7, 7, tzinfo=UTC)]


@pytest.mark.parametrize(
    "date",
    [
        "30.02.2026",
        "31/31/2026",
        "20/11/26",
        "20/11/1026",
        "November 2026",
        "32 May 2026",
        "Week 3, 4 May 2026",
    ],
)
def test_what_is_no_day_is_no_date(date: str) -> None:
    """Nor is a day without its year in full, or one before there were feeds."""
    assert moment(date, (), Custom("en-GB")) is None


def test_feedparser_is_not_asked_about_numbers() -> None:
    """It takes 20-11-2026 for a day in 2020."""
    assert feed("20-11-2026", "03-04-2026") == [NOVEMBER, datetime(2026, 4, 3, tzinfo=UTC)]
    assert feed("03-04-2026") == [None]


# ── times ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("clock", "hour", "minute"),
    [
        ("10:00:00 AM", 10, 0),
        ("12:30 a.m.", 0, 30),
        ("12:30 p. m.", 12, 30),
        ("9:05 PM EST", 26, 5),
        ("10:00:00.123 +0100", 9, 0),
        ("10:00 GMT-02:30", 12, 30),
        ("23:59:60 Z", 23, 59),
    ],
)
def test_a_time_may_stand_before_or_behind_with_its_zone(clock: str, hour: int, minute: int) -> None:
    """Twelve hours or twenty-four, and what no zone is given for is UTC."""
    expected = datetime(2026, 11, 20 + hour // 24, hour % 24, minute, tzinfo=UTC)
    for date in (f"11/20/2026 {clock}", f"{clock} 11/20/2026", f"20 nov. 2026, {clock}"):
        read = spelled(date, Custom())
        assert read is not None
        assert read.replace(second=0) == expected


@pytest.mark.parametrize("clock", ["25:00", "10:61", "10:00 +99", "10:00:61"])
def test_a_day_with_an_impossible_time_is_no_date(clock: str) -> None:
    """Rather than one with a time that was made up."""
    assert spelled(f"20.11.2026 {clock}", Custom()) is None


def test_a_time_that_leaves_the_calendar_is_no_date() -> None:
    """The first moment of all, west of Greenwich."""
    assert spelled("01.01.0001 00:00 +1000", Custom()) is None


# ── anything ─────────────────────────────────────────────────────────────────────────────────────


@given(st.text(), st.text(max_size=20))
def test_no_text_and_no_language_raises_anything(date: str, language: str) -> None:
    """Whatever stands where a date should be."""
    spelled(date, custom_of(language, [date], date.encode("utf-8", "replace")))


def test_hostile_dates_take_no_time() -> None:
    """A hundred kilobytes of what nearly is a date, and a body full of it."""
    body = b">11/11/202" * 10_000
    with effort() as spent:
        for piece in ("1:", "1/", "a ", "10:00 p ", "\u0301", "\ufdfa", "9"):
            spelled(piece * 50_000, Custom("en"))
        custom_of("en", [MARCH_OR_APRIL], body)
    assert spent.seconds < 0.5
