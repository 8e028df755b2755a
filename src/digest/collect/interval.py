"""How often a source publishes, and how often it is worth asking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from digest.model import Source, SourceFeed

REMEMBERED = 20  # publication times, the newest ones
FEWEST_TIMES = 4  # different ones; from less no rhythm can be told
POLLS_PER_POST = 4
QUIET_SHARE = 10  # of its silence: after ten hours it is asked once an hour, after ten days once a day
SLOWEST_MINUTES = 24 * 60
LONGEST_MINUTES = 30 * 24 * 60  # no feed asks us to stay away for longer


def pace(times: Iterable[datetime | None], now: datetime) -> timedelta | None:
    """The usual time between two posts: the median of the gaps, or None where there are too few to tell.

    Posts of one minute count as one, for some blogs publish in bundles. Times to come and missing ones say nothing.
    """
    minutes = {time.replace(second=0, microsecond=0) for time in times if time and time <= now}
    newest = sorted(minutes)[-REMEMBERED:]
    if len(newest) < FEWEST_TIMES:
        return None
    return timedelta(seconds=median((b - a).total_seconds() for a, b in pairwise(newest)))


def learned(source: Source, feed: SourceFeed, now: datetime, others: Iterable[datetime] = ()) -> Source:
    """The source with what a feed of it that was parsed teaches about its rhythm, and with what it asks for.

    Both are stored, because a 304 says neither. ``others`` are the publication times of those of its entries that
    were not parsed again.
    """
    given = [*others, *(entry.published for entry in feed.entries if entry.published)]
    times = [time for time in given if time <= now]
    usual = pace(times, now)
    return replace(
        source,
        pace_minutes=_minutes(usual) if usual else source.pace_minutes,
        newest_at=max([*times, *filter(None, [source.newest_at])], default=None),
        ttl_minutes=None if feed.ttl_minutes is None else min(max(feed.ttl_minutes, 0), LONGEST_MINUTES),
        skip_hours=feed.skip_hours,
    )


def poll_minutes(source: Source, least: float, now: datetime) -> float:
    """How long to wait for a source that asks for nothing: between ``least`` (of the configuration) and a day.

    So that it is asked a few times per post, less and less while it is silent, and as often as allowed until its
    rhythm is known.
    """
    silent = (now - source.newest_at).total_seconds() / 60 if source.newest_at else 0.0
    wanted = max((source.pace_minutes or 0) / POLLS_PER_POST, silent / QUIET_SHARE)
    return max(least, min(wanted, SLOWEST_MINUTES))


def _minutes(usual: timedelta) -> int:
    return max(1, round(usual.total_seconds() / 60))
