"""How fast mail may go: pure decisions of (state, now) → (state, when the next may go).

Three things set the pace. Our own limits, of which each connection of a process takes its share: so many messages a
second, an hour, a day, and fewer a day while a new relay warms up. How many connections a relay bears, which its
answers tell. And whether it can be reached at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from digest.deliver.ledger import Accepted, Outcome, Refused

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What we hold ourselves to, whatever a relay would take; None is no limit."""

    connections: int = 10
    first_connections: int = 2
    per_second: float | None = None
    per_hour: int | None = None
    per_day: int | None = None
    warm_up: tuple[int, ...] = ()  # messages on the first, second, … day
    warm_up_from: date | None = None  # the first of these days, in UTC

    def on(self, day: date) -> int | None:
        """How many messages may go on a day, the ramp of the first days included."""
        number = (day - self.warm_up_from).days if self.warm_up_from else len(self.warm_up)
        ramp = self.warm_up[max(number, 0)] if number < len(self.warm_up) else None
        return min((limit for limit in (ramp, self.per_day) if limit is not None), default=None)


# ── our own limits ───────────────────────────────────────────────────────────────────────────────

_SLICES = 60  # of an hour or a day: as exactly is the past remembered
_CATCH_UP = timedelta(
    seconds=0.25
)  # by so much a late message may be followed sooner, so that the rate is kept


@dataclass(frozen=True, slots=True)
class Window:
    """How many messages went in each slice of the last hour or day; older ones are forgotten."""

    span: timedelta
    slices: tuple[tuple[datetime, int], ...] = ()  # when each began, and how many; the newest last

    def after(self, now: datetime, count: int = 1) -> Window:
        """The window once ``count`` more have gone."""
        kept = tuple(part for part in self.slices if now - part[0] < self.span + self._width)
        if kept and now - kept[-1][0] < self._width:
            return replace(self, slices=(*kept[:-1], (kept[-1][0], kept[-1][1] + count)))
        return replace(self, slices=(*kept, (now, count)))

    def free_at(self, limit: int, now: datetime) -> datetime:
        """When fewer than ``limit`` have gone in the span before: ``now``, or later."""
        left = [part for part in self.slices if now - part[0] < self.span + self._width]
        total = sum(count for _, count in left)
        for began, count in left:
            if total < limit:
                break
            total, now = total - count, began + self.span + self._width
        return now

    @property
    def _width(self) -> timedelta:
        return self.span / _SLICES


@dataclass(frozen=True, slots=True)
class Pace:
    """What has gone, as far as the limits ask for it."""

    next_at: datetime | None = None  # by the limit per second
    hour: Window = Window(HOUR)
    day: Window = Window(DAY)


def may_go_at(pace: Pace, limits: Limits, now: datetime) -> datetime:
    """When the next message may go: ``now``, or later. A clock that was put back keeps nobody waiting."""
    at = now
    if limits.per_second and pace.next_at:
        at = max(at, min(pace.next_at, now + _interval(limits)))
    if limits.per_hour:
        at = max(at, pace.hour.free_at(limits.per_hour, now))
    if (most := limits.on(now.astimezone(UTC).date())) is not None:
        at = max(at, pace.day.free_at(most, now))
    return at


def gone(pace: Pace, limits: Limits, now: datetime) -> Pace:
    """The pace once one more message has gone."""
    if limits.per_second:
        slot = max(pace.next_at or now, now - _CATCH_UP)
        pace = replace(pace, next_at=min(slot, now) + _interval(limits))
    if limits.per_hour:
        pace = replace(pace, hour=pace.hour.after(now))
    if limits.per_day or limits.warm_up:
        pace = replace(pace, day=pace.day.after(now))
    return pace


def _interval(limits: Limits) -> timedelta:
    return timedelta(seconds=1 / (limits.per_second or 1))


def lasts(count: int, limits: Limits, now: datetime, per_second: float) -> timedelta:
    """How long ``count`` messages take by the limits, where ``per_second`` could go without them.

    An estimate for people, to the day where only the limit of a day counts: it takes today as not begun.
    """
    rate = min(per_second, limits.per_second or per_second)
    day, total = now.astimezone(UTC).date(), timedelta()
    while True:
        most = limits.on(day)
        in_a_day = min(most if most is not None else count, int(rate * DAY.total_seconds()), count)
        if limits.per_hour:
            in_a_day = min(in_a_day, limits.per_hour * 24)
        if in_a_day >= count or total > 365 * DAY:
            return total + _within_a_day(count, limits, rate)
        count, day, total = count - in_a_day, day + DAY, total + DAY


def _within_a_day(count: int, limits: Limits, rate: float) -> timedelta:
    full_hours = (count - 1) // limits.per_hour if limits.per_hour and count else 0
    last_hour = count - full_hours * (limits.per_hour or 0)
    return max(timedelta(seconds=count / rate), full_hours * HOUR + timedelta(seconds=last_hour / rate))


# ── how many connections a relay bears ───────────────────────────────────────────────────────────

_GROW_AFTER = 5  # messages accepted on each connection, once a relay has asked us to slow down; one before
_NARROW_ONCE_IN = timedelta(seconds=10)  # connections that are refused at the same time say it once
_ENHANCED = re.compile(r"^[245]\d\d[ -](\d\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class Width:
    """How many connections are used: few at first, more while all goes well, half of them when a relay says "slower"."""

    most: int
    open: int
    accepted: int = 0  # since the last change
    narrowed_at: datetime | None = None


def width(limits: Limits) -> Width:
    """The width at the start."""
    return Width(limits.connections, min(limits.first_connections, limits.connections))


def widened(present: Width, outcome: Outcome, now: datetime) -> Width:
    """The width after one message."""
    if isinstance(outcome, Refused) and asks_to_slow_down(outcome.code, outcome.reply):
        if present.narrowed_at and timedelta() <= now - present.narrowed_at < _NARROW_ONCE_IN:
            return present
        return replace(present, open=max(1, present.open // 2), accepted=0, narrowed_at=now)
    if not isinstance(outcome, Accepted) or present.open >= present.most:
        return present
    if present.accepted + 1 < (_GROW_AFTER if present.narrowed_at else 1) * present.open:
        return replace(present, accepted=present.accepted + 1)
    return replace(present, open=present.open + 1, accepted=0)


def asks_to_slow_down(code: int, reply: str) -> bool:
    """Whether a relay has enough of us: 421, or an enhanced status 4.7.x (RFC 3463, section 3.8)."""
    return code == 421 or enhanced(reply).startswith("4.7.")


def enhanced(reply: str) -> str:
    """The enhanced status code of a reply (RFC 2034), such as ``4.7.1``, or ""."""
    found = _ENHANCED.match(reply)
    return found[1] if found else ""


# ── a domain that wants no mail now ──────────────────────────────────────────────────────────────

_DOMAIN_RESTS = {"4": timedelta(minutes=15), "5": timedelta(hours=1)}


def domain_rest(reply: str, address: str) -> timedelta | None:
    """For how long the domain of an address is left alone after this reply; None where the reply is not about it.

    Only a policy status (x.7.y) that names the domain speaks of it; one that merely repeats the whole address does not.
    """
    status, domain = enhanced(reply), address.rpartition("@")[2].casefold()
    if not status.partition(".")[2].startswith("7.") or not domain:
        return None
    said = reply.casefold().replace(address.casefold(), "")
    if not re.search(rf"(?<![a-z0-9@.-]){re.escape(domain)}(?![a-z0-9-])(?!\.[a-z0-9])", said):
        return None
    return _DOMAIN_RESTS.get(status[0])


# ── a relay that is away ─────────────────────────────────────────────────────────────────────────

_LONGEST_REST = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a relay can be reached: how many connections failed in a row, and until when it is left alone."""

    failed: int = 0
    rests_until: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """Whether it is not to be tried now; a clock that was put back does not prolong a rest."""
        return self.rests_until is not None and now < self.rests_until <= now + _LONGEST_REST


def unreached(present: Reach, now: datetime) -> Reach:
    """One more connection failed: the rest doubles, from two seconds to a minute."""
    failed = present.failed + 1
    return Reach(failed, now + min(timedelta(seconds=2.0 ** min(failed, 10)), _LONGEST_REST))
