"""What a bounce means for an address and its domain, as values: no database, no mail."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from deliver_samples import NOW
from digest.deliver import verdicts
from digest.deliver.verdicts import Past, Verdict, verdict
from digest.model import BounceEffect, BounceKind, IssueId

DAY = timedelta(days=1)


def failed(days_ago: float = 0, kind: BounceKind = BounceKind.ADDRESS, issue: int = 0) -> Past:
    """A failure of the issue of that many days ago, or of another one."""
    sent = NOW - days_ago * DAY
    return Past(kind, IssueId("weekly", date(2026, 1, 1) + timedelta(days=issue or int(days_ago))), sent)


def judged(now: Past, *earlier: Past, good: tuple[float, ...] = ()) -> Verdict:
    return verdict(now, earlier, [NOW - days * DAY for days in good], NOW)


def test_the_first_absence_holds() -> None:
    """For three days: then the next issue tries again."""
    found = judged(failed())
    assert (found.effect, found.until) == (BounceEffect.HELD, NOW + 3 * DAY)


def test_a_second_absence_three_days_on_suppresses() -> None:
    """In a later issue; the sentence says why."""
    found = judged(failed(), failed(3))
    assert found.effect is BounceEffect.SUPPRESSED
    assert "3 days apart" in found.why


@pytest.mark.parametrize("earlier", [failed(2.9), failed(7, issue=99), failed(7, BounceKind.SOFT)])
def test_what_is_no_second_absence_holds_again(earlier: Past) -> None:
    """Less than three days; the same issue; another kind of failure."""
    again = failed(issue=99) if earlier.issue == failed(issue=99).issue else failed()
    assert judged(again, earlier).effect is BounceEffect.HELD


def test_a_mail_that_stayed_parts_two_absences() -> None:
    """One between them; not one before or after."""
    assert judged(failed(), failed(14), good=(7,)).effect is BounceEffect.HELD
    assert judged(failed(), failed(14), good=(21,)).effect is BounceEffect.SUPPRESSED


def test_reports_may_come_in_any_order() -> None:
    """A folder of old bounces is read from either end."""
    assert judged(failed(14), failed(0)).effect is BounceEffect.SUPPRESSED


def test_the_fifth_soft_failure_in_thirty_days_suppresses() -> None:
    """Each of another issue; older ones do not count."""
    soft = [failed(days, BounceKind.SOFT) for days in (0, 7, 14, 21, 28, 35)]
    assert judged(*soft[:4]).effect is BounceEffect.NOTHING
    assert judged(*soft[:5]).effect is BounceEffect.SUPPRESSED
    assert judged(*soft[:4], soft[5]).effect is BounceEffect.NOTHING
    assert judged(soft[0], *[failed(1, BounceKind.SOFT)] * 9).effect is BounceEffect.NOTHING


@pytest.mark.parametrize("kind", [BounceKind.POLICY, BounceKind.MESSAGE])
def test_what_is_not_about_the_address_does_nothing(kind: BounceKind) -> None:
    """However often."""
    many = [failed(days, kind) for days in range(20)]
    assert judged(*many).effect is BounceEffect.NOTHING


def test_a_complaint_suppresses_at_once() -> None:
    """And says about what."""
    found = judged(failed(kind=BounceKind.COMPLAINT))
    assert (found.effect, found.why) == (BounceEffect.SUPPRESSED, "complained about weekly/2026-01-01")


def test_a_storm_takes_ten_mailboxes_and_more_than_five_percent() -> None:
    """One lost mailbox of a list of three is no storm, and ten of a million neither."""
    assert not verdicts.is_storm(9, 9)
    assert verdicts.is_storm(10, 100)
    assert not verdicts.is_storm(10, 200)
    assert verdicts.is_storm(11, 200)


def test_mails_are_counted_a_few_times_only() -> None:
    """At 10, 20, 40 …: a million failures cost 17 counts, not a million."""
    counted = [failures for failures in range(1_000_001) if verdicts.is_time_to_count(failures)]
    assert counted[:4] == [10, 20, 40, 80]
    assert len(counted) == 17


def test_a_second_storm_is_believed() -> None:
    """At least three days after the first, at most sixty."""
    assert not verdicts.is_believed(None, NOW)
    assert [verdicts.is_believed(NOW - days * DAY, NOW) for days in (1, 3, 60, 61)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_domain_that_refuses_us_pauses_now_and_then() -> None:
    """An hour, and not again for six: mail must get its chance before it expires."""
    hour = timedelta(hours=1)
    assert verdicts.policy_pause(None, NOW) == NOW + hour
    assert verdicts.policy_pause(NOW - 5 * hour, NOW) is None
    assert verdicts.policy_pause(NOW - 7 * hour, NOW) == NOW + hour
