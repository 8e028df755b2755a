"""Until when a reader takes a rest: for some issues, or until a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from digest.assemble import window
from digest.settings import DigestSettings

ISSUES = (1, 2, 4, 8)  # that a page offers to leave out
LONGEST = timedelta(days=366)


def after_issues(digest: DigestSettings, issues: int, now: datetime) -> datetime:
    """The slot of the first issue that is sent again when the next ``issues`` regular ones are left out."""
    return next(islice(window.slots(digest, now), issues, None)).at


def until_day(digest: DigestSettings, day: str, now: datetime) -> datetime | None:
    """The beginning of a day (``2026-12-24``) in the digest's zone; None where it is none, past, or over a year away."""
    try:
        local = datetime.combine(date.fromisoformat(day.strip()), time(), ZoneInfo(digest.zone))
        moment = local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if now < moment <= now + LONGEST else None
