"""How a source is, in one sentence: since when, what is done about it, and when it is polled next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from digest.collect.poll import MOVED_FOR, MOVED_TIMES, NEVER
from digest.model import Source

SILENT_TIMES = 5  # its usual interval
SILENT_AT_LEAST = timedelta(days=1)  # every news site sleeps at night


class HealthState(StrEnum):
    """What an editor has to know first."""

    NEW = "new"  # not polled yet
    HEALTHY = "healthy"
    SILENT = "silent"  # it answers, and has published nothing for long
    FAILING = "failing"
    GONE = "gone"  # it says so; it is polled no more
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Health:
    """How a source is, as a word and as a sentence."""

    state: HealthState
    sentence: str


def health(source: Source, now: datetime) -> Health:
    """How a source is, as of its last poll.

    A source that answers, but has been silent for five times its usual interval (and at least for a day), is
    silent and not healthy: many blogs end without an error.
    """
    state = _state(source, now)
    return Health(state, _SENTENCES[state](source, now))


def _state(source: Source, now: datetime) -> HealthState:
    if source.retired:
        return HealthState.RETIRED
    if source.last_polled_at is None:
        return HealthState.NEW
    if source.next_poll_at == NEVER:
        return HealthState.GONE
    if source.failures:
        return HealthState.FAILING
    return HealthState.SILENT if _silent(source, now) else HealthState.HEALTHY


def _silent(source: Source, now: datetime) -> bool:
    if source.pace_minutes is None or source.newest_at is None:
        return False
    usual = timedelta(minutes=source.pace_minutes)
    return now - source.newest_at > max(SILENT_TIMES * usual, SILENT_AT_LEAST)


# ── the sentences ────────────────────────────────────────────────────────────────────────────────


def _retired(source: Source, _now: datetime) -> str:
    return f"It is followed no longer; its posts are kept, and it comes back with: digest sources add {source.url}"


def _new(source: Source, now: datetime) -> str:
    return f"It has not been polled yet{_since(' since it was added on {}', source.added_at)}; {_next(source, now)}."


def _gone(source: Source, _now: datetime) -> str:
    return (
        f"It says{_since(', since {},', source.last_polled_at)} that it is gone for good; it is polled no more and "
        "its posts are kept, so give its new address or remove it."
    )


def _failing(source: Source, now: datetime) -> str:
    times = "once" if source.failures == 1 else f"{source.failures} times in a row"
    last = _since("since it answered well on {}", source.last_good_at) or "and has never answered well"
    why = source.status.rstrip(".") + (
        f"; it has moved there from {source.old_url}" if source.old_url else ""
    )
    return f"It has failed {times} {last} ({why}); its posts are kept, and {_next(source, now)}."


def _silence(source: Source, now: datetime) -> str:
    since = _since("It answers, but has published nothing since {}", source.newest_at)
    return f"{since}, after a post {_every(source)} before; see whether it has moved or ended; {_next(source, now)}."


def _healthy(source: Source, now: datetime) -> str:
    rhythm = f", with a post {_every(source)}" if source.pace_minutes else ""
    answered = _since("It answered well on {}", source.last_good_at)
    return f"{answered}{rhythm}; {_moving(source)}{_next(source, now)}."


_SENTENCES = {
    HealthState.NEW: _new,
    HealthState.HEALTHY: _healthy,
    HealthState.SILENT: _silence,
    HealthState.FAILING: _failing,
    HealthState.GONE: _gone,
    HealthState.RETIRED: _retired,
}


def _moving(source: Source) -> str:
    if not source.moved_to:
        return ""
    since = _since("since {}", source.moved_since)
    return (
        f"it says {since} that it has moved to {source.moved_to}, which is believed after {MOVED_TIMES} such answers "
        f"over {MOVED_FOR // timedelta(hours=1)} hours; "
    )


def _next(source: Source, now: datetime) -> str:
    if source.next_poll_at is None or source.next_poll_at <= now:
        return "it is polled by the next digest collect"
    return f"it is polled next on {_moment(source.next_poll_at)}"


def _every(source: Source) -> str:
    minutes = source.pace_minutes or 0
    for unit, size, nearly in (("day", 24 * 60, 20 * 60), ("hour", 60, 45), ("minute", 1, 0)):
        if minutes >= 1.5 * size:
            return f"about every {minutes / size:.0f} {unit}s"
        if minutes >= nearly:
            return f"about every {unit}"
    return ""


def _since(sentence: str, when: datetime | None) -> str:
    return sentence.format(_moment(when)) if when else ""


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"
