"""Dates and times in lists."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# As Go prints a time: "2024-01-15 10:30:00.123456 +0000 UTC".
_GO = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d{1,9})? ([+-]\d{4})(?: [+\-\w]{1,8})?", re.ASCII)
_NEVER = re.compile(r"0000-00-00(?:[ T]00:00:00)?", re.ASCII)
_LONGEST = 40


def moment(text: str) -> datetime | None:
    """A date or time in UTC, where it names no zone taken as such; None for none.

    Raises:
        ValueError: with the text; it is not written as ISO 8601 or as Go does, or lies outside of the years we can count.
    """
    text = text.strip()
    if not text or _NEVER.fullmatch(text):
        return None
    if len(text) > _LONGEST:
        raise ValueError(text)
    go = _GO.fullmatch(text)
    try:
        found = datetime.fromisoformat(f"{go[1]}{go[2]}" if go else text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(text) from error
