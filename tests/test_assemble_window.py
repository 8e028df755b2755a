"""Slots, and which posts are open for an issue."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assembling import digest
from digest.assemble.window import (
    draft_opens,
    newest_slot,
    open_slot,
    period,
    period_start,
    slot_at,
    slot_on,
    slots,
    window_start,
)
from digest.errors import DigestError
from digest.model import IssueId, IssueState

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Tehran",
    "America/Santiago",
    "Africa/Cairo",
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKLY = digest()
SUNDAY = date(2026, 11, 22)
FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def days_from(after: datetime, count: int, **fields: object) -> list[date]:
    """The next slots' days."""
    return [slot.day for slot in islice(slots(digest(**fields), after), count)]


def test_a_slot_is_a_local_time_given_in_utc() -> None:
    """Nine in Berlin is eight in UTC in winter and seven in summer."""
    assert slot_on(WEEKLY, SUNDAY).at == datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    assert slot_on(WEEKLY, date(2026, 7, 5)).at == datetime(2026, 7, 5, 7, 0, tzinfo=UTC)


def test_a_day_without_a_regular_slot_can_have_one() -> None:
    """An issue dated today goes out at the digest's usual time."""
    assert slot_at(WEEKLY, IssueId("weekly", date(2026, 11, 18))) == datetime(2026, 11, 18, 8, 0, tzinfo=UTC)


def test_slots_follow_the_days_of_the_digest() -> None:
    """Mondays and Thursdays, in turn."""
    expected = [date(2026, 11, 23), date(2026, 11, 26), date(2026, 11, 30)]
    assert days_from(FRIDAY, 3, days=("thursday", "monday")) == expected


def test_a_slot_that_is_now_is_no_longer_to_come() -> None:
    """The newest slot and the next one never are the same."""
    at = slot_on(WEEKLY, SUNDAY).at
    assert newest_slot(WEEKLY, at).day == SUNDAY
    assert days_from(at, 1) == [date(2026, 11, 29)]


@pytest.mark.parametrize(
    ("zone", "night"),
    [
        ("Europe/Berlin", date(2026, 10, 25)),
        ("America/New_York", date(2026, 11, 1)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
    ],
)
def test_a_half_past_one_slot_in_the_autumn_night_comes_once(zone: str, night: date) -> None:
    """Of a local hour that comes twice the first is meant."""
    nightly = digest(days=DAYS, at=time(1, 45) if zone == "Australia/Lord_Howe" else time(1, 30), zone=zone)
    before = datetime.combine(night, time(0), ZoneInfo(zone)).astimezone(UTC)
    found = [slot.day for slot in islice(slots(nightly, before), 3)]
    assert found == [night, night + timedelta(days=1), night + timedelta(days=2)]


@pytest.mark.parametrize(
    ("zone", "night", "at", "gap_ends"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("America/New_York", date(2026, 3, 8), time(2, 30), datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
        ("America/Santiago", date(2026, 9, 6), time(0, 30), datetime(2026, 9, 6, 4, 0, tzinfo=UTC)),
    ],
)
def test_a_slot_in_the_spring_gap_comes_once_and_after_it(
    zone: str, night: date, at: time, gap_ends: datetime
) -> None:
    """A local time that does not exist is not lost."""
    nightly = digest(days=DAYS, at=at, zone=zone)
    found = [slot for slot in islice(slots(nightly, gap_ends - timedelta(hours=12)), 3) if slot.day == night]
    assert len(found) == 1
    assert gap_ends <= found[0].at <= gap_ends + timedelta(hours=1)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.sets(st.sampled_from(DAYS), min_size=1),
    st.times(),
    st.integers(0, 3 * 365 * 24 * 60).map(
        lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
)
def test_slots_are_each_once_and_in_order(zone: str, days: set[str], at: time, now: datetime) -> None:
    """In every zone and at every time of day: one slot a day, later and later, none skipped around now."""
    made = digest(zone=zone, days=tuple(days), at=at)
    following = list(islice(slots(made, now), 8))
    newest = newest_slot(made, now)
    assert newest.at <= now < following[0].at
    line = [newest, *following]
    assert all(a.day < b.day and a.at < b.at for a, b in zip(line, following, strict=False))
    assert all(b.day - a.day <= period(made) for a, b in zip(line, following, strict=False))


# ── which slot a draft is for ────────────────────────────────────────────────────────────────────


def test_a_new_digest_drafts_its_next_slot() -> None:
    """No slot was missed before it started."""
    assert open_slot(WEEKLY, [], FRIDAY, FRIDAY) == SUNDAY


def test_an_existing_draft_comes_first_even_when_its_slot_is_past() -> None:
    """A draft that waited over its slot is still the one to work on."""
    issues = [(date(2026, 11, 15), IssueState.DRAFT), (date(2026, 11, 8), IssueState.PUBLISHED)]
    assert open_slot(WEEKLY, issues, LONG_AGO, FRIDAY) == date(2026, 11, 15)


def test_of_two_drafts_the_earlier_comes_first() -> None:
    """An issue dated today beside the regular one."""
    issues = [(SUNDAY, IssueState.DRAFT), (date(2026, 11, 20), IssueState.DRAFT)]
    assert open_slot(WEEKLY, issues, LONG_AGO, FRIDAY) == date(2026, 11, 20)


def test_after_a_sleep_over_several_slots_there_is_one_to_catch_up() -> None:
    """The newest missed slot stands for all of them."""
    issues = [(date(2026, 10, 18), IssueState.PUBLISHED)]
    assert open_slot(WEEKLY, issues, LONG_AGO, FRIDAY) == date(2026, 11, 15)
    caught_up = [*issues, (date(2026, 11, 15), IssueState.PUBLISHED)]
    assert open_slot(WEEKLY, caught_up, LONG_AGO, FRIDAY) == SUNDAY


def test_a_skipped_slot_is_not_drafted_again() -> None:
    """Whoever skipped it meant it."""
    issues = [(date(2026, 11, 15), IssueState.SKIPPED)]
    assert open_slot(WEEKLY, issues, LONG_AGO, FRIDAY) == SUNDAY


def test_a_slot_that_is_approved_already_gives_way_to_the_next() -> None:
    """Approving early does not stop the drafting of what follows."""
    issues = [(SUNDAY, IssueState.APPROVED)]
    assert open_slot(WEEKLY, issues, LONG_AGO, FRIDAY) == date(2026, 11, 29)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-60, 20), st.sampled_from(list(IssueState))),
        max_size=6,
        unique_by=lambda pair: pair[0],
    ),
    st.integers(0, 90),
)
def test_the_open_slot_never_is_taken_and_never_depends_on_the_order(
    offsets: list[tuple[int, IssueState]], age: int
) -> None:
    """Drafting never lands on an issue that is further than a draft."""
    issues = [(FRIDAY.date() + timedelta(days=days), state) for days, state in offsets]
    started = FRIDAY - timedelta(days=age)
    found = open_slot(WEEKLY, issues, started, FRIDAY)
    assert found not in {day for day, state in issues if state is not IssueState.DRAFT}
    assert found == open_slot(WEEKLY, issues[::-1], started, FRIDAY)


# ── windows ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("days", "longest"),
    [
        (("sunday",), 7),
        (("monday", "thursday"), 4),
        (DAYS, 1),
        (("monday", "wednesday", "friday"), 3),
        (("friday", "friday"), 7),
    ],
)
def test_the_period_is_the_longest_time_between_slots(days: tuple[str, ...], longest: int) -> None:
    """So that whatever was published between two issues counts as new."""
    assert period(digest(days=days)) == timedelta(days=longest)


def test_a_window_reaches_a_period_back_from_the_start() -> None:
    """A first draft is not empty, and not an archive."""
    assert window_start(WEEKLY, FRIDAY) == FRIDAY - timedelta(days=7)
    assert period_start(WEEKLY, FRIDAY) == FRIDAY - timedelta(days=7)


def test_a_draft_opens_its_hours_before_the_slot() -> None:
    """In real hours, also over a night that is longer than others."""
    night = digest(draft_hours=24)
    assert draft_opens(night, date(2026, 10, 25)) == slot_on(night, date(2026, 10, 25)).at - timedelta(
        hours=24
    )


def test_a_day_outside_the_calendar_is_refused_with_a_sentence() -> None:
    """A typing error in a year ends in words, not in a traceback."""
    with pytest.raises(DigestError, match="9999-12-31 is no day"):
        slot_on(digest(zone="America/New_York", at=time(23, 0)), date.max)
