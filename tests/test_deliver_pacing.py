"""How fast mail may go: limits kept exactly, relays neither overrun nor given up, by decisions without a clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from digest.deliver.ledger import Accepted, Lost, Outcome, Refused, Stage
from digest.deliver.pacing import (
    DAY,
    HOUR,
    Limits,
    Pace,
    Reach,
    Width,
    asks_to_slow_down,
    domain_rest,
    enhanced,
    gone,
    lasts,
    may_go_at,
    unreached,
    widened,
    width,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OK = Accepted("250 2.0.0 ok")
SLOWER = Refused(421, "421 4.7.0 too many connections", Stage.MAIL)


def send_for(
    limits: Limits, span: timedelta, late: timedelta = timedelta(), start: datetime = NOW
) -> list[datetime]:
    """When messages go in that time, where each is as late as a busy machine makes it."""
    pace, now, went = Pace(), start, []
    while (now := may_go_at(pace, limits, now) + late) < start + span:
        pace = gone(pace, limits, now)
        went.append(now)
    return went


# ── limits ───────────────────────────────────────────────────────────────────────────────────────


def test_without_limits_nothing_waits() -> None:
    """And nothing is remembered."""
    assert may_go_at(Pace(), Limits(), NOW) == NOW
    assert gone(Pace(), Limits(), NOW) == Pace()


@pytest.mark.parametrize("rate", [0.5, 5.0, 40.0])
@pytest.mark.parametrize("late", [0.0, 0.004, 0.02])
def test_a_rate_is_kept_however_late_each_message_is(rate: float, late: float) -> None:
    """Within 5 %, not only from above: a setting of 40 a second means 40."""
    seconds = max(20, 20 / rate)
    went = send_for(Limits(per_second=rate), seconds * SECOND, late * SECOND)
    assert len(went) == pytest.approx(rate * seconds, rel=0.05, abs=1)


def test_after_a_pause_the_rate_is_not_made_up_for() -> None:
    """A quarter of a second's worth at most goes at once."""
    limits = Limits(per_second=20)
    pace = gone(Pace(), limits, NOW)
    later, burst = NOW + HOUR, 0
    while may_go_at(pace, limits, later) == later:
        pace, burst = gone(pace, limits, later), burst + 1
    assert burst <= 20 * 0.25 + 1


def test_a_clock_that_is_put_back_keeps_nobody_waiting() -> None:
    """Not for the hour by which it jumped, but for one interval."""
    limits = Limits(per_second=2)
    pace = gone(Pace(), limits, NOW)
    assert may_go_at(pace, limits, NOW - HOUR) == NOW - HOUR + SECOND / 2


@pytest.mark.parametrize(("limits", "span"), [(Limits(per_hour=100), HOUR), (Limits(per_day=300), DAY)])
def test_in_no_hour_and_no_day_more_go_than_said(limits: Limits, span: timedelta) -> None:
    """Not in any window of that length, wherever it begins."""
    went = send_for(limits, 3 * span, SECOND)
    most = limits.per_hour or limits.per_day or 0
    for first, begins in enumerate(went):
        assert sum(at < begins + span for at in went[first : first + most + 1]) <= most
    assert len(went) >= 2.8 * most


def test_an_hour_begins_at_once() -> None:
    """A small list is not spread over the hour for nothing."""
    went = send_for(Limits(per_hour=100), timedelta(minutes=30))
    assert len(went) == 100
    assert went[-1] == NOW


def test_a_ramp_takes_its_days() -> None:
    """The first days are smaller; after them the limit of a day holds."""
    limits = Limits(per_day=1000, warm_up=(10, 50), warm_up_from=date(2026, 11, 22))
    assert [limits.on(date(2026, 11, day)) for day in (21, 22, 23, 24)] == [10, 10, 50, 1000]
    assert Limits(warm_up=(10,), warm_up_from=date(2026, 11, 22)).on(date(2026, 11, 30)) is None
    begins = datetime(2026, 11, 22, tzinfo=UTC)
    assert len(send_for(limits, DAY - SECOND, SECOND, begins)) == 10


@pytest.mark.parametrize(
    ("count", "limits", "wanted"),
    [
        (0, Limits(), timedelta()),
        (200, Limits(), 10 * SECOND),
        (200, Limits(per_second=2), 100 * SECOND),
        (250, Limits(per_hour=100), 2 * HOUR + 2.5 * SECOND),
        (2500, Limits(per_day=1000), 2 * DAY + 25 * SECOND),
        (160, Limits(warm_up=(10, 50), warm_up_from=NOW.date()), 2 * DAY + 5 * SECOND),
    ],
)
def test_how_long_a_send_will_take(count: int, limits: Limits, wanted: timedelta) -> None:
    """So that a person knows before whether the last one is in time."""
    assert lasts(count, limits, NOW, 20.0) == wanted


def test_a_forecast_of_years_comes_to_an_end() -> None:
    """One message a day for a million people is counted, not waited for."""
    assert lasts(1_000_000, Limits(per_day=1), NOW, 20.0) > 365 * DAY


# ── connections ──────────────────────────────────────────────────────────────────────────────────


def after(present: Width, *outcomes: Outcome, now: datetime = NOW) -> Width:
    for outcome in outcomes:
        present = widened(present, outcome, now)
    return present


def test_connections_begin_with_two_and_grow_while_all_goes_well() -> None:
    """Up to what is set, and never more: ten of them after some dozens of messages."""
    present = width(Limits(connections=10))
    assert present.open == 2
    assert after(present, OK, OK).open == 3
    assert after(present, *[OK] * 44).open == 10
    assert after(present, *[OK] * 1000).open == 10
    assert width(Limits(connections=1)).open == 1


def test_after_a_complaint_they_grow_more_slowly() -> None:
    """Five messages accepted on each connection bring one more."""
    present = after(Width(most=10, open=4), SLOWER)
    assert after(present, *[OK] * 9).open == 2
    assert after(present, *[OK] * 10).open == 3


def test_a_relay_that_asks_to_slow_down_gets_half() -> None:
    """Ten connections that hear it at the same time halve once; one connection always stays."""
    wide = Width(most=10, open=10)
    assert after(wide, SLOWER, SLOWER, SLOWER).open == 5
    assert after(after(wide, SLOWER), SLOWER, now=NOW + 11 * SECOND).open == 2
    assert after(Width(most=10, open=1), SLOWER).open == 1


def test_what_is_about_one_address_changes_nothing() -> None:
    """Nor does a lost connection say that there were too many."""
    present = Width(most=10, open=4)
    about_them = Refused(450, "450 4.2.2 mailbox full", Stage.RCPT)
    assert (
        after(present, about_them, Lost(after_dot=True), Refused(550, "550 5.1.1 no", Stage.RCPT)) == present
    )


@pytest.mark.parametrize(
    ("code", "reply", "asks"),
    [
        (421, "421 busy", True),
        (451, "451 4.7.1 slow down", True),
        (450, "450-4.7.650 rate", True),
        (450, "450 4.2.1 not 4.7.1", False),
        (450, "450 4.77 x", False),
        (554, "554 5.7.1 blocked", False),
    ],
)
def test_who_asks_to_slow_down(code: int, reply: str, asks: bool) -> None:
    """421, and the enhanced status for policy; not any words."""
    assert asks_to_slow_down(code, reply) is asks


def test_the_enhanced_status_stands_behind_the_code() -> None:
    """Numbers elsewhere in a reply are none."""
    assert enhanced("550 5.7.26 unauthenticated") == "5.7.26"
    assert enhanced("550 see 5.7.1") == ""
    assert enhanced("") == ""


# ── domains and relays ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("reply", "rest"),
    [
        ("451 4.7.500 mail for tide.example is deferred", timedelta(minutes=15)),
        ("550 5.7.1 TIDE.example does not accept mail from you", HOUR),
        ("550 5.7.1 blocked", None),
        ("550 5.7.1 <ada@tide.example>: blocked", None),
        ("550 5.7.1 <ada@tide.example>: tide.example blocks you", HOUR),
        ("550 5.7.1 mx.tide.example says no", None),
        ("550 5.7.1 tide.example.net says no", None),
        ("450 4.2.1 tide.example is slow", None),
        ("550 5.1.1 nobody at tide.example", None),
    ],
)
def test_a_domain_rests_only_when_a_policy_names_it(reply: str, rest: timedelta | None) -> None:
    """A reply that repeats the address, or names a host of it, is about that message."""
    assert domain_rest(reply, "ada@tide.example") == rest


def test_an_address_without_a_domain_has_none_to_rest() -> None:
    """Whatever a relay answers to it."""
    assert domain_rest("550 5.7.1 no", "") is None


def test_a_relay_that_is_away_is_tried_ever_more_slowly() -> None:
    """Two seconds, then twice as long each time, up to a minute."""
    reach, rests = Reach(), []
    for _ in range(8):
        reach = unreached(reach, NOW)
        assert reach.rests_until
        rests.append((reach.rests_until - NOW).total_seconds())
    assert rests == [2, 4, 8, 16, 32, 60, 60, 60]
    assert reach.failed == 8
    assert reach.rests(NOW + 59 * SECOND)
    assert not reach.rests(NOW + 60 * SECOND)
    assert not Reach().rests(NOW)


def test_a_rest_is_not_prolonged_by_the_clock() -> None:
    """Put back by an hour, it would be an hour long."""
    assert not unreached(Reach(), NOW).rests(NOW - HOUR)
