"""Claim → send → settle: what is still to be sent of one issue, over one connection.

Two commits a message: one settles the former row and claims the next, the other (``begin_sending``) comes
after the relay's 354 and before the first byte of the body. Whatever dies in between leaves a row that tells
how far it came, so nothing is lost and nothing is sent twice; only one row per connection is ever held.
"""

from __future__ import annotations

import logging
import os
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Protocol
from uuid import uuid4

from sqlalchemy import Connection, Engine

from digest.deliver import ledger, lint
from digest.deliver.folder import Folder
from digest.deliver.ledger import Accepted, Outcome, Settled, UnreachableError
from digest.errors import DigestError, NotFoundError, RelayError, StoreError
from digest.model import Delivery, DeliveryState, IssueId, Message, Send, SendState
from digest.store import deliveries
from digest.store.database import transaction

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=30)  # outlasts every wait for one message at the default timeout
LOOK_SECONDS = 1.0  # how often a waiting sender looks for pause, cancel and due rows
_LONGEST_REST = 60.0  # seconds between two attempts to reach a relay that is away


class Transport(Protocol):
    """A connection to whatever takes mail: ``deliver.smtp.Smtp`` or ``deliver.folder.Folder``."""

    def open(self) -> None:
        """Be ready to send. Raises RelayError (UnreachableError where waiting may help)."""

    def send(self, message: Message, before_body: Callable[[], bool]) -> Outcome:
        """Hand a message over; ``before_body`` is asked once, before the first byte of it.

        Raises RelayError only where the message was certainly not taken.
        """

    def close(self) -> None:
        """Hang up."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one run did: rows by the state it brought them to, and why it ended before everything was sent."""

    counts: Mapping[DeliveryState, int]
    problem: str = ""
    next_try_at: datetime | None = None  # of the earliest row that was put back to be tried again


def send_issue(
    engine: Engine,
    issue: IssueId,
    transport_factory: Callable[[], Transport],
    make_message: Callable[[Delivery], Message],
    clock: Callable[[], datetime],
    stop: Event,
    *,
    patience: timedelta = timedelta(),
    lease: timedelta = LEASE,
) -> Report:
    """Send what is due of an issue whose send was requested, until nothing is.

    May run any number of times, also at once: a row belongs to one claim at a time. ``stop`` ends it after the
    message in hand; pause, resume and cancel act between two messages. With ``patience`` it also waits that
    long for rows that come due, for a pause to end, and for a relay that is away; without, it returns.

    Raises:
        NotFoundError: no send of this issue was requested.
        StoreError: the ledger cannot be used; then nothing is sent.
    """
    with _owner() as owner, closing(transport_factory()) as transport:
        run = _Run(engine, issue, transport, make_message, clock, stop, owner, lease)
        run.recover()
        run.go(clock() + patience)
    return Report(Counter(run.counts), run.problem, run.next_try_at)


def dry_run(messages: Iterable[Message], folder: Path) -> int:
    """Write every message as an .eml file and touch nothing else; how many there were.

    Raises:
        RelayError: the folder cannot be written.
    """
    with Folder(folder) as transport:
        return sum(isinstance(transport.send(message, _always), Accepted) for message in messages)


def send_copy(transport_factory: Callable[[], Transport], message: Message) -> str:
    """Send one message past the ledger, such as a test copy; the relay's words.

    Raises:
        RelayError: it was not accepted, or nobody knows whether it was.
    """
    with closing(transport_factory()) as transport:
        outcome = transport.send(message, _always)
    if isinstance(outcome, Accepted):
        return outcome.reply
    raise RelayError(
        f"The copy to {message.recipient} was not accepted: {getattr(outcome, 'reply', 'withheld')}."
    )


def _always() -> bool:
    return True


# ── one run ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Run:
    """The state of one run over one connection."""

    engine: Engine
    issue: IssueId
    transport: Transport
    make_message: Callable[[Delivery], Message]
    clock: Callable[[], datetime]
    stop: Event
    owner: str
    lease: timedelta
    counts: Counter[DeliveryState] = field(default_factory=Counter)
    problem: str = ""
    next_try_at: datetime | None = None
    _settled: tuple[Delivery, Settled] | None = None  # of the row in hand, not yet written
    _pause: str = ""  # why the send is to be paused, not yet written
    _over: bool = False  # nothing of this issue will ever be due again
    _checked: bool = False  # whether the first message has been read as a receiver would
    _unreached: int = 0  # connections in a row
    _rest_until: datetime | None = None  # while the relay is away

    def recover(self) -> None:
        """Settle the rows of senders on this machine that are no more, without waiting for their leases."""
        with transaction(self.engine) as connection:
            for state in (DeliveryState.CLAIMED, DeliveryState.SENDING):
                for row in deliveries.rows(connection, self.issue, state):
                    if is_gone(row.owner):
                        self._write(connection, row, ledger.abandoned(row))

    def go(self, until: datetime) -> None:
        """Send until nothing is due and patience, which ends at ``until``, is over."""
        while True:
            delivery = self._turn()
            if delivery is not None:
                self._deliver(delivery)
            elif self._over or self.clock() >= until or self.stop.wait(LOOK_SECONDS):
                return

    def _turn(self) -> Delivery | None:
        """Settle the row in hand and claim the next one, in one transaction; None when nothing is to be sent now."""
        with transaction(self.engine) as connection:
            if self._settled is not None:
                self._write(connection, *self._settled)
                self._settled = None
            return self._claim(connection, self._state(connection), self.clock())

    def _state(self, connection: Connection) -> SendState:
        send = deliveries.send(connection, self.issue)
        if send is None:
            raise NotFoundError(f"Nobody asked to send {self.issue}: digest send {self.issue}")
        self._over = send.state in (SendState.CANCELLED, SendState.FINISHED)
        if self._pause and send.state is SendState.RUNNING:
            deliveries.set_send_state(connection, self.issue, SendState.PAUSED, self._pause)
            log.error("%s is paused; digest show %s says why", self.issue, self.issue)
            send = replace(send, state=SendState.PAUSED, why=self._pause)
        self._pause = ""
        self._note(send)
        return send.state

    def _note(self, send: Send) -> None:
        if send.state is SendState.PAUSED:
            self.problem = send.why or "the send is paused"

    def _claim(self, connection: Connection, state: SendState, now: datetime) -> Delivery | None:
        resting = self._rest_until is not None and now < self._rest_until
        if state is not SendState.RUNNING or self.stop.is_set() or resting:
            return None
        deliveries.expire(connection, now)
        # One at a time: a sender that dies leaves at most one row behind.
        for delivery in deliveries.claim(connection, self.issue, self.owner, 1, now, self.lease):
            return delivery
        self._over = deliveries.finish_if_done(connection, self.issue, now)
        return None

    def _write(self, connection: Connection, delivery: Delivery, settled: Settled) -> None:
        state, next_try_at, now = settled.state, settled.next_try_at, self.clock()
        if not deliveries.settle(connection, delivery, state, settled.reply, next_try_at, now):
            log.info("%s: delivery %d was no longer ours to settle", self.issue, delivery.id)
            return
        self.counts[state] += 1
        if next_try_at is not None and next_try_at > now:
            self.next_try_at = min(next_try_at, self.next_try_at or next_try_at)

    # ── one message ──────────────────────────────────────────────────────────────────────────

    def _deliver(self, delivery: Delivery) -> None:
        """Send one message; what became of it is written by the next turn."""
        held = _Held(self, delivery)
        try:
            message = self._message(delivery)
            outcome = self.transport.send(message, held.begin)
        except UnreachableError as error:
            self._settled = held.delivery, ledger.unreached(held.delivery, str(error))
            self._rest(str(error))
        except StoreError:  # no ledger, no send
            raise
        except DigestError as error:
            self._settled = held.delivery, ledger.unreached(held.delivery, str(error))
            self._pause = str(error)
        else:
            settled = ledger.after(held.delivery, outcome, self.clock())
            self._settled = held.delivery, settled
            self._unreached, self.problem = 0, ""
            self._watch(settled)

    def _message(self, delivery: Delivery) -> Message:
        message = self.make_message(delivery)
        if not self._checked:
            found = lint.findings(message.data)
            if grave := lint.grave(found):
                raise DigestError(
                    f"A message of {self.issue} is not fit to leave. {'; '.join(map(str, grave))}."
                )
            if found:  # only their numbers: a sentence may hold a personal link
                numbers = ", ".join(str(finding.rule) for finding in found)
                log.warning("%s: its messages break rule %s of a newsletter", self.issue, numbers)
            self._checked = True
        return message

    def _rest(self, why: str) -> None:
        self.problem = why
        self._unreached += 1
        self._rest_until = self.clock() + timedelta(seconds=min(2.0**self._unreached, _LONGEST_REST))
        if self._unreached >= ledger.UNREACHED_IN_A_ROW:
            self._pause = f"{self._unreached} connections in a row failed. {why}"
            self._unreached = 0

    def _watch(self, settled: Settled) -> None:
        """Pause when too many addresses are refused for good; a run that a person resumed counts afresh."""
        if settled.state is DeliveryState.REJECTED:
            closed = self.counts.total() - self.counts[DeliveryState.QUEUED] + 1
            rejected = self.counts[DeliveryState.REJECTED] + 1
            self._pause = ledger.alarm(closed, rejected, settled.reply)


class _Held:
    """The row in hand, and how far it has come."""

    def __init__(self, run: _Run, delivery: Delivery) -> None:
        self.run, self.delivery = run, delivery

    def begin(self) -> bool:
        """Commit ``sending``, unless the row, the send or the subscription has changed since the claim."""
        with transaction(self.run.engine) as connection:
            begun = deliveries.begin_sending(connection, self.delivery, self.run.clock())
        if begun:
            self.delivery = replace(self.delivery, state=DeliveryState.SENDING)
        return begun


# ── who holds a row ──────────────────────────────────────────────────────────────────────────────

_PROCESS = uuid4().hex[:12]  # tells this process from an earlier one with the same id
_LIVE: set[str] = set()  # the runs of this process


@contextmanager
def _owner() -> Iterator[str]:
    owner = f"{socket.gethostname()}:{os.getpid()}:{_PROCESS}:{uuid4().hex[:12]}"
    _LIVE.add(owner)
    try:
        yield owner
    finally:
        _LIVE.discard(owner)


def is_gone(owner: str) -> bool:
    """Whether that sender ran on this machine and no longer does; of others only their lease tells.

    Two machines of one name would be taken for one: that costs a doubt at most, for the fence stops the other.
    """
    host, *rest = owner.rsplit(":", 3)
    if host != socket.gethostname() or len(rest) != 3 or not rest[0].isdigit():
        return False
    process, token = int(rest[0]), rest[1]
    if process == os.getpid():
        return token != _PROCESS or owner not in _LIVE
    return not _is_running(process)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it runs as somebody else
        return True
    return True
