"""The send of one issue: its ledger, and the look at its first message."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy import Connection, Engine

from digest.deliver import ledger, lint
from digest.deliver.ledger import Claim, Settled, Standing
from digest.deliver.pacing import Limits, Pace
from digest.errors import DigestError, NotFoundError
from digest.model import Delivery, DeliveryState, IssueId, Message, Send, SendState
from digest.sender.run import Report, send_all
from digest.sender.transport import Transport
from digest.store import bounces, deliveries, holds

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=30)  # outlasts every wait for one message at the default timeout


@dataclass(slots=True)
class IssueLedger:
    """The ledger rows of one issue (``digest.sender.ledgers.Ledger``), for one run."""

    issue: IssueId
    lease: timedelta = LEASE
    first_wait: timedelta = timedelta()  # for what comes back from the first part of an audience
    _complaints: int | None = None  # those of before this run: a person let it go on all the same

    @property
    def name(self) -> str:
        """The issue, as people write it."""
        return str(self.issue)

    def standing(self, connection: Connection, now: datetime) -> Standing:
        """Whether its send goes on; what is too late is closed, and a send of which nothing is left finished.

        Too many complaints pause it; when its first part went well, the others follow.

        Raises:
            NotFoundError: nobody asked to send it.
        """
        deliveries.expire(connection, now)
        deliveries.finish_if_done(connection, self.issue, now)
        send = self._send(connection)
        if send.state is SendState.RUNNING and (why := self._alarm(connection, send, now)):
            self.pause(connection, why)
            log.error("%s is paused: %s", self.issue, why)
            send = self._send(connection)
        over = send.state in (SendState.CANCELLED, SendState.FINISHED)
        resting = holds.paused_domains(connection, now)
        return Standing(send.state is SendState.RUNNING, over, send.why, resting)

    def _send(self, connection: Connection) -> Send:
        send = deliveries.send(connection, self.issue)
        if send is None:
            raise NotFoundError(f"Nobody asked to send {self.issue}: digest send {self.issue}")
        return send

    def _alarm(self, connection: Connection, send: Send, now: datetime) -> str:
        """Why a person should look before more is sent, or ""."""
        complaints = bounces.complaints(connection, self.issue)
        if send.first_until:
            part = deliveries.first_part_of(connection, send, complaints)
            went = ledger.first_went(part, self.first_wait, now)
            if went:  # a person who resumes it lets all others have it
                deliveries.end_first_part(connection, send)
            return went if isinstance(went, str) else ""
        if self._complaints is None:
            self._complaints = complaints
        new = complaints - self._complaints
        if new < ledger.COMPLAINTS:
            return ""
        accepted = deliveries.counts(connection, self.issue)[DeliveryState.ACCEPTED]
        return ledger.complained(accepted, new)

    def claim(self, connection: Connection, owner: str, limit: int, now: datetime) -> Sequence[Delivery]:
        """Rows that are due, bound to the version that the send gives out."""
        return deliveries.claim(connection, self.issue, owner, limit, now, self.lease)

    def turn(
        self,
        connection: Connection,
        settled: Sequence[tuple[Delivery, Settled]],
        asking: Sequence[Delivery],
        now: datetime,
    ) -> tuple[frozenset[Claim], frozenset[Claim]]:
        """As ``store.deliveries.turn``."""
        return deliveries.turn(connection, settled, asking, now)

    def abandoned(self, connection: Connection, is_gone: Callable[[str], bool], _now: datetime) -> None:
        """Take back the rows of owners that are gone."""
        deliveries.give_back_of(connection, self.issue, is_gone)

    def pause(self, connection: Connection, why: str) -> None:
        """Hold the send until a person resumes it."""
        deliveries.set_send_state(connection, self.issue, SendState.PAUSED, why)

    def rest(self, connection: Connection, domain: str, until: datetime, why: str, now: datetime) -> None:
        """Leave a domain alone for a while, in every send."""
        holds.pause_domain(connection, domain, until, why, now)


def send_issue(
    engine: Engine,
    issue: IssueId,
    relays: Sequence[Callable[[], Transport]],
    make_message: Callable[[Delivery], Message],
    clock: Callable[[], datetime],
    stop: Event,
    *,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    pace: Pace = Pace(),  # noqa: B008
    patience: timedelta = timedelta(),
    lease: timedelta = LEASE,
    first_wait: timedelta = timedelta(),
    told: Callable[[Settled], None] = lambda _: None,
) -> Report:
    """Send what is due of an issue whose send was requested, until nothing is: ``send_all`` of its ledger.

    The first message is read as its receiver would; where it is not fit to leave, the send is paused.

    Raises:
        NotFoundError: no send of this issue was requested.
        StoreError: the ledger cannot be used; then nothing is sent.
    """
    return send_all(
        engine,
        IssueLedger(issue, lease, first_wait),
        relays,
        _Inspected(issue, make_message),
        clock,
        stop,
        limits=limits,
        pace=pace,
        patience=patience,
        told=told,
    )


class _Inspected:
    """Makes the messages of an issue; the first one is held against the rules of a newsletter."""

    def __init__(self, issue: IssueId, make_message: Callable[[Delivery], Message]) -> None:
        self.issue, self.make_message = issue, make_message
        self._checked = False

    def __call__(self, row: Delivery) -> Message:
        message = self.make_message(row)
        if not self._checked:
            self._check(message)
            self._checked = True
        return message

    def _check(self, message: Message) -> None:
        found = lint.findings(message.data)
        if grave := lint.grave(found):
            raise DigestError(f"A message of {self.issue} is not fit to leave. {'; '.join(map(str, grave))}.")
        if found:  # only their numbers: a sentence may hold a personal link
            numbers = ", ".join(str(finding.rule) for finding in found)
            log.warning("%s: its messages break rule %s of a newsletter", self.issue, numbers)
