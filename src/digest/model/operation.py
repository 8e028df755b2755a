"""What whoever runs an installation is told, and when something last happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mark(StrEnum):
    """Something of which the last time is remembered."""

    TICK = "tick"  # of the scheduler
    HEARTBEAT = "heartbeat"  # that was answered
    PRUNE = "prune"
    BACKUP = "backup"


class NoticeKind(StrEnum):
    """Why a person is needed, most urgent first."""

    DOUBT = "doubt"  # nobody knows whether a mail was taken
    STOPPED = "stopped"  # a send that pauses, an issue whose time is over
    MACHINE = "machine"  # no room, nothing polled
    LATE = "late"  # not approved, and it should have been
    WAITING = "waiting"
    SOURCE = "source"
    TRIAL = "trial"  # nobody is


class NoticeState(StrEnum):
    """How far the webhook has come with a notice."""

    QUEUED = "queued"
    BROUGHT = "brought"
    TOLD = "told"  # by mail only, because no webhook is set
    FAILED = "failed"  # it was refused or unreachable until the notice was of no use any more


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the webhook; of all that have the same ``key`` only the first one ever is. No address is in it."""

    key: str
    kind: NoticeKind
    text: str
    url: str  # where the desk shows it, or ""
    created_at: datetime
    expires_at: datetime
    state: NoticeState = NoticeState.QUEUED
    attempts: int = 0
    next_try_at: datetime | None = None
    lease_until: datetime | None = None  # while one process is bringing it
    reply: str = ""
    settled_at: datetime | None = None
