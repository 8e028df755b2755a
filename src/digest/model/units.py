"""Units of work: what is due, cut so small that any one worker can do it, and named so that two never do the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Queue(StrEnum):
    """Where a unit waits for a worker; a worker serves some of them, or all."""

    POLL = "poll"
    DRAFT = "draft"
    PUBLISH = "publish"
    SEND = "send"
    INBOUND = "inbound"


class Work(StrEnum):
    """What is done to the subject of a unit."""

    POLL = "poll"  # a host: its sources that are due, one after the other
    DRAFT = "draft"  # a digest: the draft of its next slot
    EDITORS = "editors"  # what editors are to be told
    NOTICES = "notices"  # what needs a person
    WEBHOOK = "webhook"  # that, brought to an address
    DOCTOR = "doctor"  # what doctor finds before a send
    PRUNE = "prune"  # what has been kept for long enough
    PUBLISH = "publish"  # an issue: approved, skipped or published, as far as it goes by itself
    TREE = "tree"  # what is published, written
    HUB = "hub"  # a WebSub hub is told of it
    SEND = "send"  # a shard of an issue
    OUTBOX = "outbox"  # mail that is no issue
    REFUSALS = "refusals"  # what our relay has refused, judged
    MAILBOX = "mailbox"  # bounces that have come in


QUEUE: Mapping[Work, Queue] = {
    Work.POLL: Queue.POLL,
    Work.DRAFT: Queue.DRAFT,
    Work.EDITORS: Queue.DRAFT,
    Work.NOTICES: Queue.INBOUND,
    Work.WEBHOOK: Queue.INBOUND,
    Work.DOCTOR: Queue.INBOUND,
    Work.PRUNE: Queue.INBOUND,
    Work.PUBLISH: Queue.PUBLISH,
    Work.TREE: Queue.PUBLISH,
    Work.HUB: Queue.PUBLISH,
    Work.SEND: Queue.SEND,
    Work.OUTBOX: Queue.SEND,
    Work.REFUSALS: Queue.INBOUND,
    Work.MAILBOX: Queue.INBOUND,
}


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit. It says only of what, never how much: whoever does it reads from the rows what is due by then."""

    work: Work
    subject: str = ""
    shard: int = 0  # of a send, from 0

    def __str__(self) -> str:
        """Its name, under which no two are done at the same time."""
        name = f"{self.work} {self.subject}".rstrip()
        return f"{name} #{self.shard + 1}" if self.shard else name

    @property
    def queue(self) -> Queue:
        """Where it waits."""
        return QUEUE[self.work]

    @property
    def priority(self) -> int:
        """Which goes first: polls can wait, a person who signs up should not."""
        return {Work.POLL: 0, Work.OUTBOX: 2}.get(self.work, 1)
