"""How often somebody may ask: a bucket that fills by the second (a token bucket, as in RFC 2697)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil

_MINUTE = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many requests are left at a moment."""

    left: float
    at: datetime


def spend(bucket: Bucket | None, per_minute: int, now: datetime) -> tuple[Bucket, int]:
    """What is left after one more request, and how many seconds to wait where none was left (0: go on).

    Args:
        bucket: None: whoever asks has not asked for a minute.
        per_minute: how many a minute; as many may come at once after a minute of quiet.
    """
    left = float(per_minute) if bucket is None else _filled(bucket, per_minute, now)
    if left < 1:
        return Bucket(left, now), ceil((1 - left) * _MINUTE / per_minute)
    return Bucket(left - 1, now), 0


def is_full(bucket: Bucket, per_minute: int, now: datetime) -> bool:
    """Whether nothing would be lost by forgetting it."""
    return _filled(bucket, per_minute, now) >= per_minute


def _filled(bucket: Bucket, per_minute: int, now: datetime) -> float:
    seconds = max((now - bucket.at).total_seconds(), 0.0)
    return min(bucket.left + seconds * per_minute / _MINUTE, float(per_minute))
