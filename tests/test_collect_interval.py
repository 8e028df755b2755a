"""collect/interval.py: how often a source publishes, and how often it is worth asking."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.collect.interval import LONGEST_MINUTES, SLOWEST_MINUTES, learned, pace, poll_minutes
from digest.model import Entry, Source, SourceFeed

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BLOG = Source("harbour", "https://harbour.example.org/feed")


def every(gap: timedelta, times: int = 10) -> list[datetime | None]:
    """Publication times, the last one now."""
    return [NOW - gap * number for number in range(times)]


def feed(*times: datetime | None, **changes: object) -> SourceFeed:
    entries = tuple(Entry(str(number), "", "", published=time) for number, time in enumerate(times))
    return replace(SourceFeed("Harbour", "", "en", entries), **changes)  # type: ignore[arg-type]


# ── the rhythm ───────────────────────────────────────────────────────────────────────────────────


def test_a_rhythm_is_the_usual_gap() -> None:
    """A holiday or a busy day in between does not change it."""
    times = [*every(DAY), NOW - 40 * DAY, NOW - DAY - HOUR]
    assert pace(times, NOW) == DAY


def test_posts_that_are_published_together_count_as_one() -> None:
    """Some blogs put out five at noon on Fridays, seconds apart."""
    times = [time + timedelta(seconds=n) for time in every(7 * DAY, 5) if time for n in range(5)]
    assert pace(times, NOW + HOUR) == 7 * DAY


@pytest.mark.parametrize("times", [[], [NOW], every(DAY, 3), [NOW] * 50, [None] * 50])
def test_of_too_few_posts_no_rhythm_can_be_told(times: list[datetime | None]) -> None:
    """Nor of many with one date or none."""
    assert pace(times, NOW) is None


def test_only_what_is_newest_and_not_to_come_counts() -> None:
    """A blog that was busy years ago is not busy; a date in the future is a mistake."""
    times = [*every(DAY, 30), *(NOW - 900 * DAY - n * HOUR for n in range(100)), NOW + 9 * DAY]
    assert pace(times, NOW) == DAY


# ── what a feed teaches ──────────────────────────────────────────────────────────────────────────


def test_a_feed_teaches_its_rhythm_and_what_it_asks_for() -> None:
    """Kept with the source, for a 304 says neither."""
    found = learned(BLOG, feed(*every(DAY), ttl_minutes=90, skip_hours=(1, 2)), NOW)
    assert (found.pace_minutes, found.newest_at) == (24 * 60, NOW)
    assert (found.ttl_minutes, found.skip_hours) == (90, (1, 2))
    later = learned(found, feed(NOW - HOUR), NOW)
    assert (later.pace_minutes, later.newest_at) == (24 * 60, NOW)
    assert (later.ttl_minutes, later.skip_hours) == (None, ())


def test_what_no_column_could_hold_is_cut() -> None:
    """Feeds ask for a ttl of years."""
    assert learned(BLOG, feed(ttl_minutes=10**15), NOW).ttl_minutes == LONGEST_MINUTES
    assert learned(BLOG, feed(ttl_minutes=-5), NOW).ttl_minutes == 0


def test_a_feed_without_dates_teaches_nothing() -> None:
    """And does not forget what was known."""
    known = replace(BLOG, pace_minutes=60, newest_at=NOW)
    assert learned(known, feed(None, None, NOW + DAY), NOW) == known
    assert learned(BLOG, feed(), NOW) == BLOG


# ── how often to ask ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (HOUR / 4, 60),
        (2 * HOUR, 60),
        (8 * HOUR, 120),
        (DAY, 360),
        (2 * DAY, 720),
        (30 * DAY, SLOWEST_MINUTES),
    ],
)
def test_a_source_is_asked_four_times_for_each_post(gap: timedelta, expected: float) -> None:
    """Between what is configured and a day."""
    source = learned(BLOG, feed(*every(gap)), NOW)
    assert poll_minutes(source, 60, NOW) == expected


def test_a_source_whose_rhythm_is_unknown_is_asked_as_often_as_configured() -> None:
    """It may publish any minute."""
    assert poll_minutes(BLOG, 60, NOW) == 60
    assert poll_minutes(learned(BLOG, feed(NOW), NOW), 60, NOW) == 60


def test_a_source_that_falls_silent_is_asked_less_and_less() -> None:
    """Down to once a day, and as before once it speaks again."""
    busy = learned(BLOG, feed(*every(HOUR)), NOW)
    waits = [poll_minutes(busy, 60, NOW + days * DAY) for days in (0, 1, 2, 5, 10, 100)]
    assert waits == [60, 144, 288, 720, 1440, 1440]
    assert poll_minutes(learned(busy, feed(NOW + 100 * DAY), NOW + 100 * DAY), 60, NOW + 100 * DAY) == 60


@given(
    st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), max_size=40),
    st.floats(5, 10_000),
)
def test_whatever_is_published_nobody_is_hurried_nor_forgotten(
    times: list[datetime | None], least: float
) -> None:
    """The wait is what is configured, or more, up to a day."""
    wait = poll_minutes(learned(BLOG, feed(*times), NOW), least, NOW)
    assert least <= wait <= max(least, SLOWEST_MINUTES)
