"""Slots, and which posts are open for an issue.

A slot is a local date on which a regular issue goes out, at the digest's time in its zone. An issue takes
posts by when we first saw them, from the start of the window until it is frozen (docs/architecture.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from digest.errors import DigestError
from digest.model import IssueId, IssueState, Post, Reading, Source
from digest.settings import DigestSettings

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Material:
    """What an issue is made from: a post, what was read in it, and who published it."""

    post: Post
    reading: Reading
    source: Source


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A local date and the instant, in UTC, at which its issue goes out."""

    day: date
    at: datetime


def slot_on(digest: DigestSettings, day: date) -> Slot:
    """The slot of a day, also of one on which no regular issue goes out.

    Of a local time that comes twice (autumn) the first is meant; one that is left out (spring) is read with
    the offset before the change, so it comes once, after the gap (PEP 495, ``fold=0``).

    Raises:
        DigestError: the day lies outside the calendar that computers know.
    """
    try:
        local = datetime.combine(day, digest.at.replace(tzinfo=None, fold=0), ZoneInfo(digest.zone))
        return Slot(day, local.astimezone(UTC))
    except OverflowError:
        raise DigestError(
            f"{day} is no day for an issue of {digest.slug}: give one of this century."
        ) from None


def slot_at(digest: DigestSettings, issue: IssueId) -> datetime:
    """When an issue goes out, in UTC."""
    return slot_on(digest, issue.slot).at


def slots(digest: DigestSettings, after: datetime) -> Iterator[Slot]:
    """The regular slots later than ``after``, in order, without end."""
    day = _local_day(digest, after) - timedelta(days=1)  # a slot in a gap may fall on the next day
    while True:
        if WEEKDAYS[day.weekday()] in digest.days:
            slot = slot_on(digest, day)
            if slot.at > after:
                yield slot
        day += timedelta(days=1)


def newest_slot(digest: DigestSettings, now: datetime) -> Slot:
    """The newest regular slot that is not later than ``now``."""
    day = _local_day(digest, now) + timedelta(days=1)
    while True:
        if WEEKDAYS[day.weekday()] in digest.days:
            slot = slot_on(digest, day)
            if slot.at <= now:
                return slot
        day -= timedelta(days=1)


def _local_day(digest: DigestSettings, instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(digest.zone)).date()


def open_slot(
    digest: DigestSettings, issues: Sequence[tuple[date, IssueState]], started: datetime, now: datetime
) -> date:
    """The slot that ``digest draft`` works on.

    An existing draft comes first, the earliest, even where its slot is past. Else the newest slot that has
    passed since ``started`` and since the last issue: after a sleep over several slots there is one issue to
    catch up. Else the next slot that has no issue.

    Args:
        issues: day and state of the digest's regular issues, in any order; extra issues left out.
        started: when the digest was first drafted.
    """
    drafts = [day for day, state in issues if state is IssueState.DRAFT]
    if drafts:
        return min(drafts)
    taken = {day for day, _ in issues}
    missed = newest_slot(digest, now)
    if missed.at > started and all(day < missed.day for day in taken):
        return missed.day
    return next(slot.day for slot in slots(digest, now) if slot.day not in taken)


def draft_opens(digest: DigestSettings, day: date) -> datetime:
    """When the draft of a slot is made: ``draft_hours`` before it."""
    return slot_on(digest, day).at - timedelta(hours=digest.draft_hours)


def period(digest: DigestSettings) -> timedelta:
    """The longest time between two slots: seven days for a weekly digest, four for Mondays and Thursdays."""
    days = sorted(WEEKDAYS.index(day) for day in set(digest.days))
    following = [*days[1:], days[0] + 7]
    return timedelta(days=max(later - day for day, later in zip(days, following, strict=True)))


def period_start(digest: DigestSettings, now: datetime) -> datetime:
    """Where the digest's last period began: what was published since then counts as new at a first collection."""
    return now - period(digest)


def window_start(digest: DigestSettings, started: datetime) -> datetime:
    """Posts first seen before this belong to no issue of the digest: it started a period later, or more."""
    return started - period(digest)


def local_time(digest: DigestSettings, instant: datetime) -> str:
    """An instant as the digest's editors would say it: ``2026-11-22 09:00 Europe/Berlin``."""
    return f"{instant.astimezone(ZoneInfo(digest.zone)):%Y-%m-%d %H:%M} {digest.zone}"
