"""Slots, and which posts are open for an issue.

A slot is a local date on which a regular issue goes out, at the digest's time in its zone. An issue takes
posts by when we first saw them, from the start of the window until its cutoff or until it is frozen
(docs/architecture.md). Every moment of an issue is told from the day of its slot.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from digest.errors import DigestError
from digest.model import IssueId, IssueState, Post, Reading, Source
from digest.settings import DigestSettings

EARLIEST = 14  # days before its slot's day at which an issue may go out
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

    Raises:
        DigestError: the day lies outside the calendar that computers know.
    """
    return Slot(day, moment(digest, day, digest.send_at))


def moment(digest: DigestSettings, day: date, said: str) -> datetime:
    """A moment of the issue of that day, in UTC, as config.toml says it.

    ``18:00`` is on the day itself, ``-2 18:00`` two days before, ``friday 18:00`` on the last Friday up to it;
    without a time it is at ``digest.at``, without anything on the day at ``digest.at``. Of a local time that comes twice (autumn) the first is meant; one that
    is left out (spring) is read with the offset before the change, so it comes once, after the gap (PEP 495,
    ``fold=0``).

    Raises:
        DigestError: the day lies outside the calendar that computers know.
    """
    when, _, clock = said.rpartition(" ") if ":" in said else (said, "", "")
    before = (day.weekday() - WEEKDAYS.index(when)) % 7 if when in WEEKDAYS else -int(when or 0)
    at = time.fromisoformat(clock) if clock else digest.at.replace(tzinfo=None, fold=0)
    try:
        local = datetime.combine(day - timedelta(days=before), at, ZoneInfo(digest.zone))
        return local.astimezone(UTC)
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
        if is_regular(digest, day):
            slot = slot_on(digest, day)
            if slot.at > after:
                yield slot
        day += timedelta(days=1)


def newest_slot(digest: DigestSettings, now: datetime) -> Slot:
    """The newest regular slot that is not later than ``now``."""
    day = _local_day(digest, now) + timedelta(days=EARLIEST)
    while True:
        if is_regular(digest, day):
            slot = slot_on(digest, day)
            if slot.at <= now:
                return slot
        day -= timedelta(days=1)


def is_regular(digest: DigestSettings, day: date) -> bool:
    """Whether a regular issue goes out for that day: one of the digest's days, and in no pause."""
    return WEEKDAYS[day.weekday()] in digest.days and not is_paused(digest, day)


def is_paused(digest: DigestSettings, day: date) -> bool:
    """Whether the day lies in one of the digest's pauses."""
    return any(first <= day <= last for first, last in pauses(digest.pause))


@cache
def pauses(said: tuple[str, ...]) -> tuple[tuple[date, date], ...]:
    """The first and last day of each pause: ``2026-12-24..2027-01-03``, or one day.

    Raises:
        ValueError: there is no such day.
    """
    parted = [text.partition("..") for text in said]
    return tuple((date.fromisoformat(first), date.fromisoformat(last or first)) for first, _, last in parted)


def _local_day(digest: DigestSettings, instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(digest.zone)).date()


def open_slot(
    digest: DigestSettings,
    issues: Sequence[tuple[date, IssueState]],
    started: datetime,
    now: datetime,
    moved: Iterable[datetime] = (),
) -> date:
    """The slot that ``digest draft`` works on.

    An existing draft comes first, the earliest, even where its slot is past. Else a slot that was slept over, as
    ``digest.missed`` says. Else the next slot that has no issue.

    Args:
        issues: day and state of the digest's regular issues, in any order; extra issues left out.
        started: when the digest was first drafted.
        moved: when those of them go out that do so at another time than their slot's; each takes the place of the
            newest slot up to then.
    """
    drafts = [day for day, state in issues if state is IssueState.DRAFT]
    if drafts:
        return min(drafts)
    taken = {day for day, _ in issues} | {newest_slot(digest, at).day for at in moved}
    if missed := _missed(digest, taken, started, now):
        return missed.day
    return next(slot.day for slot in slots(digest, now) if slot.day not in taken)


def _missed(digest: DigestSettings, taken: Collection[date], started: datetime, now: datetime) -> Slot | None:
    """A slot that has passed since ``started`` and since the last issue: the newest of them is made up for all of
    them (``merge``), or the oldest (``catch-up``; the others have their turn), or none (``skip``).
    """
    newest = newest_slot(digest, now)
    if digest.missed == "skip" or newest.at <= started or any(day >= newest.day for day in taken):
        return None
    if digest.missed == "merge":
        return newest
    return next(slots(digest, max([started, *(slot_on(digest, day).at for day in taken)])))


def draft_opens(digest: DigestSettings, day: date) -> datetime:
    """When the draft of a slot is made: ``draft_hours`` before it."""
    return slot_on(digest, day).at - timedelta(hours=digest.draft_hours)


def review_by(digest: DigestSettings, day: date) -> datetime:
    """Until when the issue of a slot is to be looked at; a veto counts until then."""
    return moment(digest, day, digest.review_by) if digest.review_by else slot_on(digest, day).at


def closes(digest: DigestSettings, issue: IssueId, drafted: datetime) -> datetime | None:
    """When a post must have been seen for an issue to take it; None: before it is frozen.

    An issue that was first drafted before its slot has the digest's cutoff. One that makes up for a slot that was
    slept over takes what there is, unless a later one of those slots has an issue of its own.

    Args:
        drafted: when its first draft was made.
    """
    if issue.name or not is_regular(digest, issue.slot):
        return None
    slot = slot_on(digest, issue.slot)
    cutoff = moment(digest, slot.day, digest.cutoff) if digest.cutoff else None
    if drafted < slot.at:
        return cutoff
    others = digest.missed == "catch-up" and newest_slot(digest, drafted).day > slot.day
    return (cutoff or slot.at) if others else None


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
