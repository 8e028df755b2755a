"""When a source is due next, and what an answer means for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.collect.poll import LONGEST, NEVER, PollAnswer, adopted, after, due, failed, next_poll
from digest.model import Source

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BLOG = Source(
    "harbour", "https://harbour.example.org/feed", etag='"old"', last_modified="Mon, 16 Nov 2026 08:00:00 GMT"
)
CHANNEL = Source("channel", "https://www.youtube.com/feeds/videos.xml?channel_id=UC0")
GOOD = PollAnswer(200, etag='W/"new"', body_hash="ab" * 32)


def wait(source: Source, answer: PollAnswer, minutes: float = 60) -> timedelta:
    """How long the answer makes us wait."""
    return next_poll(source, answer, minutes, NOW) - NOW


def test_a_source_with_validators_is_asked_once_per_interval() -> None:
    """The delay is the interval and at most a tenth more."""
    assert HOUR <= wait(BLOG, GOOD) <= HOUR * 1.1


def test_a_source_without_validators_is_asked_half_as_often() -> None:
    """Without validators each poll costs the source a whole document."""
    assert 2 * HOUR <= wait(BLOG, PollAnswer(200)) <= 2 * HOUR * 1.1


def test_a_304_without_validators_of_its_own_counts_as_conditional() -> None:
    """The validators that made it a 304 are still good."""
    assert wait(BLOG, PollAnswer(304)) <= HOUR * 1.1


def test_a_304_to_an_unconditional_question_does_not_make_it_conditional() -> None:
    """A server that answers so to everybody sends no validators."""
    assert wait(CHANNEL, PollAnswer(304)) >= 2 * HOUR


@pytest.mark.parametrize(
    "answer",
    [
        replace(GOOD, ttl_minutes=300),
        replace(GOOD, max_age=5 * 3600),
        replace(GOOD, retry_after=5 * 3600),
        failed("It is busy.", 503, retry_after=5 * 3600),
        failed("It is busy.", 429, retry_after=5 * 3600),
    ],
)
def test_what_a_source_asks_for_is_honoured(answer: PollAnswer) -> None:
    """ttl, max-age and Retry-After each hold a poll back."""
    assert 5 * HOUR <= wait(BLOG, answer) <= 5 * HOUR * 1.1


@given(
    st.sampled_from([0, 200, 301, 304, 400, 404, 429, 500, 503]),
    st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)),
    st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)),
    st.integers(0, 10_000),
    st.floats(5, 100_000),
)
def test_no_answer_can_silence_a_source_or_hurry_us(
    status: int, asked: float | None, ttl: float | None, failures: int, minutes: float
) -> None:
    """Whatever is asked for, the next poll is later than now and within 30 days."""
    answer = PollAnswer(status, retry_after=asked, max_age=asked, ttl_minutes=ttl)
    assert timedelta(0) < wait(replace(BLOG, failures=failures), answer, minutes) <= LONGEST


def test_failures_double_the_wait_up_to_a_day() -> None:
    """A source that is down is asked less and less, and at least daily."""
    down = failed("It cannot be reached.")
    waits = [wait(replace(BLOG, failures=number), down) for number in range(12)]
    assert waits == sorted(waits)
    assert waits[0] < 1.2 * HOUR
    assert waits[3] > 7 * HOUR
    assert waits[-1] <= timedelta(days=1) * 1.1


def test_a_404_backs_off_for_longer_than_a_failure_to_connect() -> None:
    """What is not there may stay away for a week between polls."""
    missing = wait(replace(BLOG, failures=30), failed("Not found.", 404))
    assert timedelta(days=7) <= missing <= timedelta(days=7) * 1.1


def test_a_source_that_is_busy_is_not_missing() -> None:
    """429 asks for patience, not for a week."""
    assert wait(replace(BLOG, failures=30), failed("It is busy.", 429)) <= timedelta(days=1) * 1.1


def test_a_410_ends_the_polling_and_says_what_to_do() -> None:
    """Gone is for good, and an editor hears of it."""
    gone = after(BLOG, PollAnswer(410), 60, NOW)
    assert gone.next_poll_at == NEVER
    assert "remove it" in gone.status
    assert not due(gone, NOW + timedelta(days=3650))


@pytest.mark.parametrize("status", [404, 410, 500])
def test_for_a_youtube_channel_a_missing_feed_is_weather(status: int) -> None:
    """It is asked again within a day, however often it failed."""
    later = next_poll(replace(CHANNEL, failures=40), failed("Not found.", status), 60, NOW)
    assert later <= NOW + timedelta(days=1.1)


def test_a_host_that_only_looks_like_youtube_is_not_weather() -> None:
    """The rule is for the host itself."""
    fake = replace(CHANNEL, url="https://youtube.com.example.org/feed")
    assert next_poll(fake, PollAnswer(410), 60, NOW) == NEVER


def test_a_good_answer_is_remembered_byte_for_byte() -> None:
    """Validators are opaque, and a new body leaves none of the old ones."""
    polled = after(replace(BLOG, failures=3), GOOD, 60, NOW)
    assert (polled.etag, polled.last_modified, polled.body_hash) == ('W/"new"', "", "ab" * 32)
    assert (polled.failures, polled.last_good_at, polled.first_collected_at) == (0, NOW, NOW)


def test_a_304_refreshes_the_validators_it_carries_and_keeps_the_rest() -> None:
    """RFC 9110 §15.4.5: a 304 may carry a new ETag."""
    polled = after(replace(BLOG, body_hash="old"), PollAnswer(304, etag='"newer"'), 60, NOW)
    assert (polled.etag, polled.last_modified, polled.body_hash) == ('"newer"', BLOG.last_modified, "old")


def test_a_login_page_leaves_the_last_good_state_alone() -> None:
    """A 200 that is no feed is a failure, and its validators are not ours."""
    page = PollAnswer(
        200, "https://harbour.example.org/feed is not a feed.", etag='"login"', body_hash="page"
    )
    polled = after(replace(BLOG, body_hash="good", last_good_at=NOW - HOUR), page, 60, NOW)
    assert (polled.etag, polled.body_hash, polled.last_good_at) == ('"old"', "good", NOW - HOUR)
    assert (polled.failures, polled.status) == (1, page.problem)
    assert polled.last_polled_at == NOW


def test_the_first_collection_is_dated_once() -> None:
    """Later polls do not move it: it decides what counts as back-fill."""
    first = after(BLOG, GOOD, 60, NOW)
    assert after(first, GOOD, 60, NOW + HOUR).first_collected_at == NOW


def test_a_source_is_due_when_its_time_has_come_and_not_once_it_is_retired() -> None:
    """A new source is due at once; a restart polls nothing early."""
    assert due(BLOG, NOW)
    polled = after(BLOG, GOOD, 60, NOW)
    assert not due(polled, NOW + timedelta(minutes=59))
    assert due(polled, NOW + timedelta(minutes=67))
    assert not due(replace(BLOG, retired=True), NOW)


def test_sources_drift_apart_but_each_keeps_its_own_rhythm() -> None:
    """The jitter comes from the slug: different between sources, the same every time."""
    waits = {wait(replace(BLOG, slug=f"source-{number}"), GOOD) for number in range(20)}
    assert len(waits) == 20
    assert wait(BLOG, GOOD) == wait(BLOG, GOOD)


# ── rhythm, hours, moves ─────────────────────────────────────────────────────────────────────────


def test_a_source_that_publishes_seldom_is_asked_seldom() -> None:
    """Four times for each of its posts, at least daily; validators or not."""
    weekly = replace(BLOG, pace_minutes=7 * 24 * 60, newest_at=NOW)
    daily = replace(BLOG, pace_minutes=24 * 60, newest_at=NOW)
    assert 24 * HOUR <= wait(weekly, GOOD) <= 24 * HOUR * 1.1
    assert 6 * HOUR <= wait(daily, PollAnswer(304)) <= 6 * HOUR * 1.1
    assert 6 * HOUR <= wait(daily, PollAnswer(200)) <= 6 * HOUR * 1.1


def test_a_rhythm_does_not_delay_the_next_try_after_a_failure() -> None:
    """What was missed may be there in an hour."""
    weekly = replace(BLOG, pace_minutes=7 * 24 * 60, newest_at=NOW)
    assert wait(weekly, failed("It cannot be reached.")) < 1.2 * HOUR


def test_a_ttl_is_kept_for_answers_that_do_not_say_it() -> None:
    """A 304 has no body; a feed that changes its mind is heard."""
    asked = replace(BLOG, ttl_minutes=300)
    assert wait(asked, PollAnswer(304)) >= 5 * HOUR
    assert wait(asked, replace(GOOD, ttl_minutes=0)) < 1.2 * HOUR


def test_a_source_is_not_polled_in_hours_that_it_asks_us_to_skip() -> None:
    """RSS 2.0 skipHours: the first moment after them, each source at one of its own."""
    resting = replace(BLOG, skip_hours=(13, 14, 15))
    first, second = (next_poll(replace(resting, slug=slug), GOOD, 60, NOW) for slug in ("harbour", "tides"))
    assert {first.hour, second.hour} == {16}
    assert first != second
    midnight = replace(BLOG, skip_hours=(22, 23, 0, 1))
    found = next_poll(midnight, GOOD, 60, NOW.replace(hour=21, minute=30))
    assert (found.day, found.hour) == (NOW.day + 1, 2)


@pytest.mark.parametrize("hours", [(), tuple(range(24)), (13, 99, -1)])
def test_hours_that_make_no_sense_silence_nobody(hours: tuple[int, ...]) -> None:
    """All of them, none, or hours that no clock has."""
    assert wait(replace(BLOG, skip_hours=hours), GOOD) <= 3 * HOUR


MOVED = replace(GOOD, moved_to="https://quay.example.net/feed")


def polls(source: Source, answer: PollAnswer, *hours: float) -> Source:
    """The source after the same answer at so many hours from now."""
    for each in hours:
        source = after(source, answer, 60, NOW + each * HOUR)
    return source


def test_a_move_is_believed_after_five_answers_over_two_days() -> None:
    """Neither five in an hour nor four in a week are enough."""
    assert adopted(polls(BLOG, MOVED, 0, 12, 24, 36, 48), NOW + 48 * HOUR) == MOVED.moved_to
    assert adopted(polls(BLOG, MOVED, 0, 12, 24, 36, 47), NOW + 47 * HOUR) == ""
    assert adopted(polls(BLOG, MOVED, 0, 24, 48, 72), NOW + 72 * HOUR) == ""
    assert adopted(BLOG, NOW) == ""


@pytest.mark.parametrize(
    "other",
    [GOOD, replace(MOVED, moved_to="https://elsewhere.example.net/feed"), PollAnswer(304)],
    ids=["at home again", "somewhere else", "unchanged at home"],
)
def test_another_answer_starts_the_count_anew(other: PollAnswer) -> None:
    """Five *identical* ones in a row."""
    shaken = after(polls(BLOG, MOVED, 0, 12, 24, 36), other, 60, NOW + 40 * HOUR)
    assert adopted(polls(shaken, MOVED, 48, 60, 72, 84), NOW + 84 * HOUR) == ""
    assert adopted(polls(shaken, MOVED, 48, 60, 72, 84, 96), NOW + 96 * HOUR) == MOVED.moved_to


def test_a_redirect_that_leads_to_no_feed_is_never_believed() -> None:
    """A captive portal answers every address with its login page."""
    portal = PollAnswer(200, "It is not a feed.", moved_to="https://login.example.net/")
    assert adopted(polls(BLOG, portal, *range(0, 200, 10)), NOW + 200 * HOUR) == ""
    assert polls(BLOG, portal, 0, 1).moved_times == 0


def test_a_failure_in_between_does_not_matter() -> None:
    """A server that is down for an hour has not moved back."""
    shaken = after(polls(BLOG, MOVED, 0, 12, 24), failed("It cannot be reached."), 60, NOW + 30 * HOUR)
    assert adopted(polls(shaken, MOVED, 36, 48), NOW + 48 * HOUR) == MOVED.moved_to


def test_a_redirect_to_itself_or_to_an_endless_address_is_no_move() -> None:
    """Nothing is learned from either."""
    for address in (BLOG.url, "https://quay.example.net/" + "x" * 3000):
        answer = replace(GOOD, moved_to=address)
        assert adopted(polls(BLOG, answer, 0, 20, 40, 60, 80), NOW + 80 * HOUR) == ""
