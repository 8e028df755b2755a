"""How a moment is written for programs."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(moment: datetime | None) -> str | None:
    """``2026-11-22T08:00:00Z`` (RFC 3339, in UTC, whole seconds), or None."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None
