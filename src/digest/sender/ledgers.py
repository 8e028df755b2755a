"""What a sender needs of whatever keeps rows to be sent: the ledger of an issue, or the outbox."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from digest.deliver.ledger import Claim, Row, Settled, Standing

R = TypeVar("R", bound=Row)


class Ledger(Protocol[R]):
    """Rows to be sent. Each method works in its caller's transaction, on many rows at once."""

    @property
    def name(self) -> str:
        """What it is called in a sentence."""

    def standing(self, connection: Connection, now: datetime) -> Standing:
        """Whether its rows may be sent now; what is too late, or done, is closed first."""

    def claim(self, connection: Connection, owner: str, limit: int, now: datetime) -> Sequence[R]:
        """Take rows that are queued and due, under a new fence and for the length of a lease."""

    def turn(
        self,
        connection: Connection,
        settled: Sequence[tuple[R, Settled]],
        asking: Sequence[R],
        now: datetime,
    ) -> tuple[Collection[Claim], Collection[Claim]]:
        """Write what became of some rows, and decide whether the bodies of others may leave once this is committed.

        The claims of those that were still their owner's, and of those that may leave; the others are put away.
        """

    def abandoned(self, connection: Connection, is_gone: Callable[[str], bool], now: datetime) -> None:
        """Take back the rows of owners that are gone, without waiting for their leases."""

    def pause(self, connection: Connection, why: str) -> None:
        """Let a person look before anything else is sent."""

    def rest(self, connection: Connection, domain: str, until: datetime, why: str, now: datetime) -> None:
        """Leave a domain alone for a while; ``standing`` says so to every sender."""
