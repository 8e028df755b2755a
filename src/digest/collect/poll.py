"""When a source is due next, and what an answer means for it. A decision is a value; nothing is fetched here.

A source is asked at most once per interval where it sends validators, half as often where it does not, less
often where it publishes seldom (``interval``), and never sooner than it asks for (RFC 9110 §10.2.3 Retry-After,
RFC 9111 max-age, RSS ttl and skipHours). Validators are opaque: what came with the last good answer is kept byte
for byte and sent back.

A permanent redirect is believed once it has led to the same feed several times over days: captive portals and
lapsed domains have taken whole lists of subscriptions away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from digest.collect.interval import poll_minutes
from digest.model import Source

LONGEST = timedelta(days=30)  # no answer can silence a source for longer
LONGEST_BACK_OFF = timedelta(days=1)  # unreachable, refused or broken: it may be back tomorrow
LONGEST_MISSING = timedelta(days=7)  # 404 and its like
NEVER = datetime(9000, 1, 1, tzinfo=UTC)  # the next poll of a source that is gone
MOVED_TIMES = 5  # identical permanent redirects in a row that led to a feed
MOVED_FOR = timedelta(hours=48)  # from the first of them to the last
JITTER = 0.1  # of the delay, at most: sources added together drift apart
_LONGEST_URL = 2_000  # characters, of an address that is stored under an index
_WEATHER = re.compile(
    r"https?://([a-z0-9-]+\.){0,3}youtube\.com(?=[:/?#]|$)"
)  # its 404 and 500 come and go for days


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """What came back from one poll. Durations are as the source gave them, however absurd."""

    status: int  # of HTTP; 0 where no answer came
    problem: str = ""  # one sentence where it cannot be used: unreachable, refused, not a feed
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""  # SHA-256 of a body that was parsed
    retry_after: float | None = None  # seconds
    max_age: float | None = None  # seconds
    ttl_minutes: float | None = None
    moved_to: str = ""  # where 301 and 308 led (RFC 9110 §15.4.2, §15.4.9), or ""

    @property
    def good(self) -> bool:
        """Whether it was a feed, or word that the feed is as we know it (304)."""
        return not self.problem and self.status in (200, 304)

    @property
    def validators(self) -> bool:
        """Whether the source can be asked conditionally next time (RFC 9110 §13)."""
        return bool(self.etag or self.last_modified)


def failed(problem: str, status: int = 0, retry_after: float | None = None) -> PollAnswer:
    """The answer that stands for a poll that failed, with the sentence that says how."""
    return PollAnswer(status, problem, retry_after=retry_after)


def due(source: Source, now: datetime) -> bool:
    """Whether a source is to be polled now."""
    return not source.retired and (source.next_poll_at is None or source.next_poll_at <= now)


def after(source: Source, answer: PollAnswer, interval_minutes: float, now: datetime) -> Source:
    """The source with its memory of polling brought up to date.

    A failure keeps the validators and the hash of the last good answer; a 304 refreshes those it carries.
    """
    due_next = next_poll(source, answer, interval_minutes, now)
    if not answer.good:
        complaint, failures = _complaint(source, answer), source.failures + 1
        return replace(source, last_polled_at=now, next_poll_at=due_next, failures=failures, status=complaint)
    unchanged = answer.status == 304
    moved_to, moved_since, moved_times = _following(source, answer.moved_to, now)
    return replace(
        source,
        last_polled_at=now,
        next_poll_at=due_next,
        moved_to=moved_to,
        moved_since=moved_since,
        moved_times=moved_times,
        etag=answer.etag or (source.etag if unchanged else ""),
        last_modified=answer.last_modified or (source.last_modified if unchanged else ""),
        body_hash=answer.body_hash or source.body_hash,
        first_collected_at=source.first_collected_at or now,
        last_good_at=now,
        failures=0,
        status="It answered that nothing has changed." if unchanged else "It answered with a feed.",
    )


def adopted(source: Source, now: datetime) -> str:
    """Where a source has moved for good, as of its last poll; ``""`` where it has not, or not for long enough.

    To be polled there from now on; ``store.sources.adopt`` keeps the old address.
    """
    lasting = source.moved_since is not None and now - source.moved_since >= MOVED_FOR
    return source.moved_to if lasting and source.moved_times >= MOVED_TIMES else ""


def next_poll(source: Source, answer: PollAnswer, interval_minutes: float, now: datetime) -> datetime:
    """When to ask next; always later than ``now``, and ``NEVER`` for a source that says it is gone (410)."""
    if _gone(source, answer):
        return NEVER
    if answer.good:
        wait = _wait_after_good(source, answer, interval_minutes, now)
    else:
        wait = _back_off(source, answer, timedelta(minutes=interval_minutes))
    wait = max(wait, _seconds(answer.retry_after))
    wait = min(wait * (1 + JITTER * _fraction(source.slug)), LONGEST)
    return min(_outside(source, now + wait), now + LONGEST)


def _following(source: Source, moved_to: str, now: datetime) -> tuple[str, datetime | None, int]:
    """Where it redirects for good, if anywhere, since when and how often, with this good answer counted."""
    if not moved_to or moved_to == source.url or len(moved_to) > _LONGEST_URL:
        return "", None, 0
    if moved_to == source.moved_to:
        return moved_to, source.moved_since, source.moved_times + 1
    return moved_to, now, 1


def _outside(source: Source, when: datetime) -> datetime:
    """The first moment from ``when`` on that is in no hour which the feed asks us to skip (RSS 2.0 skipHours)."""
    skipped = set(source.skip_hours) & set(range(24))
    if when.hour not in skipped or len(skipped) == 24:
        return when
    hour = when.replace(minute=0, second=0, microsecond=0)
    while hour.hour in skipped:
        hour += timedelta(hours=1)
    return hour + timedelta(hours=JITTER * _fraction(source.slug))


def _wait_after_good(source: Source, answer: PollAnswer, least: float, now: datetime) -> timedelta:
    conditional = answer.validators or (answer.status == 304 and bool(source.etag or source.last_modified))
    usual = poll_minutes(source, least if conditional else 2 * least, now)
    ttl = source.ttl_minutes if answer.ttl_minutes is None else answer.ttl_minutes
    return max(timedelta(minutes=usual), _seconds(answer.max_age), _seconds((ttl or 0) * 60))


def _back_off(source: Source, answer: PollAnswer, interval: timedelta) -> timedelta:
    """Twice as long with every failure in a row."""
    missing = 400 <= answer.status < 500 and answer.status != 429 and not _weather(source)
    doubled = interval * 2.0 ** min(source.failures, 20)
    return max(interval, min(doubled, LONGEST_MISSING if missing else LONGEST_BACK_OFF))


def _seconds(given: float | None) -> timedelta:
    """A duration that a source gave, between nothing and ``LONGEST``; what is no number counts as nothing."""
    longest = LONGEST.total_seconds()
    return timedelta(seconds=min(given, longest) if given and given > 0 else 0)


def _fraction(slug: str) -> float:
    """A number in [0, 1) that is always the same for a source."""
    return int.from_bytes(sha256(slug.encode()).digest()[:4], "big") / 2**32


def _gone(source: Source, answer: PollAnswer) -> bool:
    return answer.status == 410 and not _weather(source)


def _weather(source: Source) -> bool:
    return _WEATHER.match(source.url.lower()) is not None


def _complaint(source: Source, answer: PollAnswer) -> str:
    problem = answer.problem or f"It answered {answer.status}."
    if _gone(source, answer):
        return f"{problem} It says it is gone for good (410), so it is not polled any more: give its new address or remove it."
    return problem
