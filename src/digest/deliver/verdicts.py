"""What a bounce or a complaint means for an address and for its domain: held, suppressed, paused, or nothing.

Large providers have bounced live addresses for a day, so one "no such mailbox" only holds an address, and many at one
domain at once say more about the domain than about its people.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model import BounceEffect, BounceKind, IssueId

HOLD = timedelta(days=3)  # how long an address is held, and how far apart two failures are that suppress it
SOFT_FAILURES = 5
SOFT_WINDOW = timedelta(days=30)

STORM_WINDOW = timedelta(hours=1)
STORM_FAILURES = 10  # at least, so that one lost mailbox of a small list is no storm
STORM_SHARE = 0.05
STORM_PAUSE = timedelta(days=1)
STORM_AGAIN = timedelta(days=60)  # a second storm this soon, but ``HOLD`` later, is believed

POLICY_PAUSE = timedelta(hours=1)
POLICY_REST = timedelta(
    hours=6
)  # between the ends of two such pauses: mail must get its chance before it expires


@dataclass(frozen=True, slots=True)
class Past:
    """A failure of an address; ``sent_at`` is when the mail that failed went out."""

    kind: BounceKind
    issue: IssueId
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an address; ``until`` where it is held."""

    effect: BounceEffect
    why: str
    until: datetime | None = None


def verdict(failed: Past, earlier: Sequence[Past], good: Collection[datetime], now: datetime) -> Verdict:
    """What a failure means for its address, beside the ``earlier`` ones that still count.

    ``good`` are the times of mails to the address that did not come back: one between two failures parts them.
    """
    match failed.kind:
        case BounceKind.COMPLAINT:
            return Verdict(BounceEffect.SUPPRESSED, f"complained about {failed.issue}")
        case BounceKind.ADDRESS:
            return _of_absence(failed, earlier, good, now)
        case BounceKind.SOFT:
            return _of_softness(failed, earlier, now)
        case BounceKind.POLICY:
            return Verdict(BounceEffect.NOTHING, "a matter of policy says nothing of the address")
        case BounceKind.MESSAGE:
            return Verdict(BounceEffect.NOTHING, "it was the message, not the address")


def _of_absence(failed: Past, earlier: Sequence[Past], good: Collection[datetime], now: datetime) -> Verdict:
    for past in earlier:
        first, last = sorted((past.sent_at, failed.sent_at))
        is_other = past.kind is BounceKind.ADDRESS and past.issue != failed.issue
        if is_other and last - first >= HOLD and not any(first < moment < last for moment in good):
            why = f"no such mailbox for {past.issue}, and {(last - first).days} days apart for {failed.issue}"
            return Verdict(BounceEffect.SUPPRESSED, why)
    return Verdict(BounceEffect.HELD, f"no such mailbox for {failed.issue}", now + HOLD)


def _of_softness(failed: Past, earlier: Sequence[Past], now: datetime) -> Verdict:
    issues = {
        past.issue
        for past in (*earlier, failed)
        if past.kind is BounceKind.SOFT and now - past.sent_at <= SOFT_WINDOW
    }
    if len(issues) < SOFT_FAILURES:
        return Verdict(
            BounceEffect.NOTHING,
            f"{max(len(issues), 1)} of {SOFT_FAILURES} soft failures in {SOFT_WINDOW.days} days",
        )
    return Verdict(BounceEffect.SUPPRESSED, f"{len(issues)} soft failures in {SOFT_WINDOW.days} days")


# ── domains ──────────────────────────────────────────────────────────────────────────────────────


def is_time_to_count(failures: int) -> bool:
    """Whether the failures at a domain in this hour are worth counting its mails: at 10, 20, 40, 80 …

    Counting looks at every mail of the issues concerned, so it must not happen for each of many bounces.
    """
    times, rest = divmod(failures, STORM_FAILURES)
    return rest == 0 and times > 0 and times & (times - 1) == 0


def is_storm(failures: int, mails: int) -> bool:
    """Whether so many of a domain's mailboxes fail at once that the domain itself is at fault."""
    return failures >= STORM_FAILURES and failures > STORM_SHARE * mails


def is_believed(last_storm: datetime | None, sent_at: datetime) -> bool:
    """Whether a domain had its storm before a mail went out: then those who fail again are gone."""
    return last_storm is not None and HOLD <= sent_at - last_storm <= STORM_AGAIN


def policy_pause(last_until: datetime | None, now: datetime) -> datetime | None:
    """Until when a domain pauses that refuses us; None where it has only just done so."""
    if last_until is not None and now < last_until + POLICY_REST:
        return None
    return now + POLICY_PAUSE
