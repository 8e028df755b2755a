"""What a look at one thing found: how good it is, in a sentence, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

STALE = timedelta(hours=1)  # a relay and a domain may be others by then


class Level(StrEnum):
    """How a thing stands."""

    OK = "ok"
    WARNING = "warning"  # mail leaves, but a person should look
    FAILED = "failed"  # mail would not leave, not arrive, or could not be left by a reader


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``todo`` is "" where nothing is to be done."""

    about: str  # "SPF", "disk": short, the same in every run
    level: Level
    found: str
    todo: str = ""

    def __str__(self) -> str:
        return f"{self.level.value:<8} {self.about}: {self.found}{f' → {self.todo}' if self.todo else ''}"


@dataclass(frozen=True, slots=True)
class Checkup:
    """All that was found at one time, in the order in which it was looked at."""

    at: datetime
    checks: tuple[Check, ...]

    @property
    def wrong(self) -> tuple[Check, ...]:
        """What a person should do something about, what failed first."""
        found = (check for check in self.checks if check.level is not Level.OK)
        return tuple(sorted(found, key=lambda check: check.level is not Level.FAILED))

    @property
    def has_failed(self) -> bool:
        """Whether something must be mended."""
        return any_failed(self.checks)

    def is_old(self, now: datetime, age: timedelta = STALE) -> bool:
        """Whether so long ago that it says little; a time after ``now`` is a clock's mistake and says nothing."""
        return not timedelta() <= now - self.at <= age


def ok(about: str, found: str) -> Check:
    """Nothing is to be done."""
    return Check(about, Level.OK, found)


def warning(about: str, found: str, todo: str) -> Check:
    """Worth a look."""
    return Check(about, Level.WARNING, found, todo)


def failed(about: str, found: str, todo: str) -> Check:
    """Must be mended."""
    return Check(about, Level.FAILED, found, todo)


def any_failed(checks: Iterable[Check]) -> bool:
    """Whether one of them must be mended."""
    return any(check.level is Level.FAILED for check in checks)
