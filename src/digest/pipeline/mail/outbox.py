"""Sending what waits in the Outbox, by the sender of issues; and forgetting what is of no use any more."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy import Connection

from digest import sender, store
from digest.deliver import dkim, verp
from digest.deliver.ledger import Claim, Settled, Standing
from digest.errors import NotFoundError
from digest.model import Message, OutboxRow
from digest.pipeline.installation import Clock, Installation
from digest.pipeline.mail.send import limits
from digest.sender import Report
from digest.store.database import reading, transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OutboxLedger:
    """The rows of the Outbox, of all kinds (``digest.sender.ledgers.Ledger``)."""

    name: str = "the outbox"

    def standing(self, connection: Connection, now: datetime) -> Standing:
        """It runs always, and is never over; what is too late is closed, and domains that rest are left alone."""
        store.outbox.close_late(connection, now)
        return Standing(running=True, resting=store.holds.paused_domains(connection, now))

    def claim(self, connection: Connection, owner: str, limit: int, now: datetime) -> Sequence[OutboxRow]:
        """Rows that are due."""
        return store.outbox.claim(connection, owner, limit, now)

    def turn(
        self,
        connection: Connection,
        settled: Sequence[tuple[OutboxRow, Settled]],
        asking: Sequence[OutboxRow],
        now: datetime,
    ) -> tuple[Collection[Claim], Collection[Claim]]:
        """As ``store.outbox.settle`` and ``store.outbox.begin``, the fence."""
        written = store.outbox.settle(connection, settled, now)
        return written, store.outbox.begin(connection, asking, now)

    def abandoned(self, connection: Connection, is_gone: Callable[[str], bool], now: datetime) -> None:
        """Take back the rows of owners that are gone."""
        store.outbox.abandoned(connection, is_gone, now)

    def pause(self, _connection: Connection, why: str) -> None:
        """Nothing is kept of it: the reason is told, and the next look tries again."""
        log.error("the outbox waits: %s", why)

    def rest(self, connection: Connection, domain: str, until: datetime, why: str, now: datetime) -> None:
        """Leave a domain alone for a while, in every send."""
        store.holds.pause_domain(connection, domain, until, why, now)


def send(installation: Installation, clock: Clock, stop: Event) -> Report:
    """Send what is due, over as many connections as ``[mail]`` allows; run twice, or on several machines, it sends once.

    Raises:
        StoreError: the database cannot be used; then nothing is sent.
    """
    with reading(installation.engine) as connection:
        if not store.outbox.has_work(connection, clock()):
            return Report({})
    return sender.send_all(
        installation.engine,
        OutboxLedger(),
        installation.relays,
        _messages(installation),
        clock,
        stop,
        limits=limits(installation.settings.mail),
    )


def sweep(installation: Installation, now: datetime) -> None:
    """Forget what nobody confirmed in time, links that are long past, and mail that was settled a while ago."""
    with transaction(installation.engine) as connection:
        store.sign_ups.sweep(connection, now)
        store.reader_links.sweep(connection, now)
        store.outbox.sweep(connection, now - timedelta(days=installation.settings.retention.mail_days))


def settle(installation: Installation, number: int, now: datetime, *, was_sent: bool) -> None:
    """A person's word on a mail in doubt: it was sent, or it is to be sent once more.

    Raises:
        NotFoundError: no mail of that number is in doubt.
    """
    with transaction(installation.engine) as connection:
        if not store.outbox.settle_doubt(connection, number, was_sent, now):
            raise NotFoundError(
                f"No mail {number} is in doubt; digest outbox list --state in_doubt lists them."
            )


def _messages(installation: Installation) -> Callable[[OutboxRow], Message]:
    """The message of a row, marked and signed as it leaves: no key is needed where it was written."""

    def made(row: OutboxRow) -> Message:
        with reading(installation.engine) as connection:
            message = store.outbox.message(connection, row)
        return _marked(installation, message, row)

    return made


def _marked(installation: Installation, message: Message, row: OutboxRow) -> Message:
    """With its own way back, so that a bounce of it is told from one of an issue; then signed."""
    mail, tag = installation.settings.mail, verp.tag(installation.keys, row.id, verp.OUTBOX)
    own = verp.sender(message.sender, tag) if mail.bounces and mail.verp else message.sender
    data = f"{verp.MARK}: {tag}\r\n".encode() + message.data
    return replace(message, sender=own, data=dkim.signed(data, installation.signers))
