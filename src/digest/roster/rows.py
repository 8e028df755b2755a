"""What a line of a list says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """Whether a list says that we may write to an address; the later in this order, the more careful."""

    SUBSCRIBED = "subscribed"
    PENDING = "pending"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"

    @property
    def care(self) -> int:
        """Of two rows about one address the one with more of it counts."""
        return _CARE[self]


_CARE = {standing: care for care, standing in enumerate(Standing)}


@dataclass(frozen=True, slots=True)
class Row:
    """One person in one list; ``tags`` are words of the list, which may or may not name themes."""

    line: int  # where the row begins, from 1
    address: str
    standing: Standing = Standing.SUBSCRIBED
    digest: str = ""  # a slug, or "" where the list does not say
    tags: tuple[str, ...] = ()
    consent_at: datetime | None = None
    consent_source: str = ""
    left_at: datetime | None = None  # when they unsubscribed or were suppressed
    why: str = ""  # they were suppressed
    cause: str = ""  # who caused that: a word of model.SuppressionCause, or "" where the list does not say
    paused_until: datetime | None = None
    number: int = (
        0  # of the subscriber in the database that wrote the list: links in its mails are made of it
    )


@dataclass(frozen=True, slots=True)
class Unread:
    """A row that cannot be used, and why, in a clause that follows its line: "line 3: no address in it"."""

    line: int
    why: str
