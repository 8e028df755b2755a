"""collect/health.py: how a source is, in one sentence for an editor."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.collect.health import HealthState, health
from digest.collect.poll import PollAnswer, after, failed
from digest.model import Source

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADDED = Source("harbour", "https://harbour.example.org/feed", added_at=NOW - 9 * DAY)
DAILY = replace(ADDED, pace_minutes=24 * 60, newest_at=NOW - DAY)
WELL = after(DAILY, PollAnswer(200, etag='"1"'), 60, NOW - HOUR)

SOURCES = {
    HealthState.NEW: ADDED,
    HealthState.HEALTHY: WELL,
    HealthState.SILENT: replace(WELL, newest_at=NOW - 6 * DAY),
    HealthState.FAILING: after(WELL, failed("The server took longer than 30 s."), 60, NOW),
    HealthState.GONE: after(WELL, PollAnswer(410), 60, NOW),
    HealthState.RETIRED: replace(WELL, retired=True),
}


@pytest.mark.parametrize("state", HealthState)
def test_every_state_has_one_sentence(state: HealthState) -> None:
    """How it is, and no other full stop than the last (or an address, to be copied)."""
    found = health(SOURCES[state], NOW)
    assert found.state is state
    assert not re.search(r"[.!?] [A-Z]", found.sentence)
    assert found.sentence.endswith((".", SOURCES[state].url))


def test_a_source_that_answers_and_publishes_is_healthy() -> None:
    """Since when, its rhythm, and when it is polled next."""
    assert WELL.next_poll_at is not None
    assert health(WELL, NOW).sentence == (
        "It answered well on 2026-11-20 11:00 UTC, with a post about every day; "
        f"it is polled next on {WELL.next_poll_at:%Y-%m-%d %H:%M} UTC."
    )


def test_a_source_that_is_overdue_is_polled_by_the_next_collect() -> None:
    """No time is promised that has passed."""
    assert health(WELL, NOW + 30 * DAY).sentence.endswith("it is polled by the next digest collect.")
    assert health(ADDED, NOW).sentence == (
        "It has not been polled yet since it was added on 2026-11-11 12:00 UTC; "
        "it is polled by the next digest collect."
    )


def test_a_source_is_silent_after_five_times_its_usual_interval() -> None:
    """It answers all the same: many blogs end without an error."""
    assert health(replace(WELL, newest_at=NOW - 5 * DAY), NOW).state is HealthState.HEALTHY
    found = health(replace(WELL, newest_at=NOW - 5 * DAY - HOUR), NOW)
    assert found.state is HealthState.SILENT
    assert "published nothing since 2026-11-15 11:00 UTC" in found.sentence
    assert "about every day before" in found.sentence


def test_a_news_site_is_not_silent_at_night() -> None:
    """Within a day nothing is silence."""
    busy = replace(WELL, pace_minutes=20, newest_at=NOW - 8 * HOUR)
    assert health(busy, NOW).state is HealthState.HEALTHY
    assert health(busy, NOW + DAY).state is HealthState.SILENT


def test_a_source_without_a_rhythm_is_never_silent() -> None:
    """Nobody can say how long is long."""
    assert (
        health(replace(WELL, pace_minutes=None, newest_at=NOW - 900 * DAY), NOW).state is HealthState.HEALTHY
    )
    assert health(replace(WELL, newest_at=None), NOW).state is HealthState.HEALTHY


def test_a_failure_says_since_when_and_that_nothing_is_lost() -> None:
    """And outweighs silence."""
    source = replace(SOURCES[HealthState.FAILING], newest_at=NOW - 90 * DAY)
    assert health(source, NOW).sentence.startswith(
        "It has failed once since it answered well on 2026-11-20 11:00 UTC (The server took longer than 30 s); "
        "its posts are kept, and it is polled next on "
    )
    never = health(after(ADDED, failed("It is no feed."), 60, NOW), NOW)
    assert "and has never answered well (It is no feed)" in never.sentence
    assert "3 times in a row" in health(replace(source, failures=3), NOW).sentence
    moved = replace(source, old_url="https://lights.example.org/feed")
    assert "; it has moved there from https://lights.example.org/feed)" in health(moved, NOW).sentence


def test_a_source_that_is_gone_needs_a_person() -> None:
    """It is polled no more, and says what to do."""
    found = health(SOURCES[HealthState.GONE], NOW).sentence
    assert found.startswith("It says, since 2026-11-20 12:00 UTC, that it is gone for good")
    assert "give its new address or remove it" in found


def test_a_move_is_announced_before_it_is_believed() -> None:
    """An editor can look at it during these two days."""
    moved = after(WELL, PollAnswer(200, moved_to="https://quay.example.net/feed"), 60, NOW)
    assert "says since 2026-11-20 12:00 UTC that it has moved to https://quay.example.net/feed" in (
        health(moved, NOW).sentence
    )


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (1, "minute"),
        (20, "20 minutes"),
        (60, "hour"),
        (80, "hour"),
        (90, "2 hours"),
        (19 * 60, "19 hours"),
        (23 * 60, "day"),
        (24 * 60, "day"),
        (36 * 60, "2 days"),
        (7 * 24 * 60, "7 days"),
    ],
)
def test_a_rhythm_is_said_in_round_words(minutes: int, said: str) -> None:
    """As a person would."""
    assert f"about every {said};" in health(replace(WELL, pace_minutes=minutes, newest_at=NOW), NOW).sentence
