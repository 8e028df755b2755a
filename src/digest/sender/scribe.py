"""Group commit: one transaction for all that the connections of a run have to say at one moment.

Nobody waits to settle a row; who asks to begin a body waits for the commit that says so, in which every row settled
before stands too. So one row of a connection at most is ``sending`` at any moment, whatever dies.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Generic

from sqlalchemy import Connection, Engine

from digest.deliver.ledger import Claim, Settled, claim_of
from digest.deliver.waits import Answer, until
from digest.sender.ledgers import Ledger, R
from digest.store.database import once_more, session

_GATHER_SECONDS = 0.001  # so long who asks waits for the next one
_TRY_AGAIN = 16  # turns, where that did not pay
COMPANY_SECONDS = 0.02  # so long a settled row waits for a body that begins, to share its transaction


@dataclass(frozen=True, slots=True)
class _Rest:
    domain: str
    until: datetime
    why: str


@dataclass(slots=True)
class _Batch(Generic[R]):
    """What goes into one transaction."""

    settled: list[tuple[R, Settled]] = field(default_factory=list)
    asking: list[tuple[R, Answer[bool]]] = field(default_factory=list)
    wanted: int = 0
    resting: list[_Rest] = field(default_factory=list)
    since: float = field(default_factory=monotonic)

    def __len__(self) -> int:
        return len(self.settled) + len(self.asking) + len(self.resting) + bool(self.wanted)


@dataclass(frozen=True, slots=True)
class Written(Generic[R]):
    """What one transaction has brought: rows that were settled, were no longer ours, and were claimed."""

    settled: Sequence[tuple[R, Settled]]
    lost: Sequence[R]
    claimed: Sequence[R] | None  # None where none were wanted


class Scribe(Generic[R]):
    """Writes for one run.

    Args:
        engine: of the database.
        ledger: whose rows are sent.
        owner: the name under which they are claimed.
        clock: what time it is.
        tell: hears what each transaction has brought, once it is committed.
    """

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger[R],
        owner: str,
        clock: Callable[[], datetime],
        tell: Callable[[Written[R]], None],
    ) -> None:
        self._engine, self._ledger, self._owner, self._clock, self._tell = engine, ledger, owner, clock, tell
        self._open = ExitStack()
        self._session: Connection | None = None
        self._batch: _Batch[R] = _Batch()
        self._company = Company()
        self.failure: BaseException | None = None

    def settle(self, row: R, settled: Settled) -> None:
        """Have it written what became of a row."""
        self._coming().settled.append((row, settled))

    async def begin(self, row: R) -> bool:
        """Whether its body may leave; returns once ``sending`` is committed.

        Raises:
            StoreError: it could not be written; then nothing may leave.
        """
        answer: Answer[bool] = Answer()
        self._coming().asking.append((row, answer))
        return bool(await until(answer))

    def want(self, rows: int) -> None:
        """Have up to so many rows claimed with the next transaction."""
        self._coming().wanted = max(self._batch.wanted, rows)

    def rest(self, domain: str, until: datetime, why: str) -> None:
        """Have a domain left alone for a while, by every sender."""
        self._coming().resting.append(_Rest(domain, until, why))

    def __len__(self) -> int:
        """How many things are not written yet."""
        return len(self._batch)

    def wait(self, askers: int) -> float:
        """How many seconds something else may be waited for before it writes, where so many connections may ask."""
        batch = self._batch
        if batch.asking:
            return self._company.wait(len(batch.asking), askers)
        if batch.wanted:
            return 0.0
        return max(0.0, batch.since + COMPANY_SECONDS - monotonic()) if batch else math.inf

    def write(self) -> None:
        """Write all of it, and tell those who asked.

        After a failure only what was settled is written, and everybody who asks is told of it: no ledger, no send.
        """
        batch, self._batch = self._batch, _Batch()
        if not batch:
            return
        begun: Collection[Claim] = ()
        try:
            begun = self._commit(batch)
        except BaseException as error:  # noqa: BLE001 - the run raises it, and so does everybody who asked
            self.failure = self.failure or error
            self._batch.settled = batch.settled
        self._company.came(len(batch.asking))
        for row, answer in batch.asking:
            answer.tell(self.failure or claim_of(row) in begun)

    def close(self) -> None:
        """Give the connection to the database back."""
        self._open.close()

    def _coming(self) -> _Batch[R]:
        if not self._batch:
            self._batch.since = monotonic()
        return self._batch

    def _commit(self, batch: _Batch[R]) -> Collection[Claim]:
        now, claimed, rows = self._clock(), None, [] if self.failure else [row for row, _ in batch.asking]
        written: Collection[Claim] = ()
        begun: Collection[Claim] = ()
        connection = self._connection()
        with once_more(connection):
            if batch.settled or rows:
                written, begun = self._ledger.turn(connection, batch.settled, rows, now)
            for rest in batch.resting:
                self._ledger.rest(connection, rest.domain, rest.until, rest.why, now)
            if batch.wanted and not self.failure:
                claimed = self._ledger.claim(connection, self._owner, batch.wanted, now)
        settled = [(row, became) for row, became in batch.settled if claim_of(row) in written]
        lost = [row for row, _ in batch.settled if claim_of(row) not in written]
        self._tell(Written(settled, lost, claimed))
        return begun

    def _connection(self) -> Connection:
        """One connection for the whole run: to take another one from the pool costs more than a statement."""
        if self._session is None:
            self._session = self._open.enter_context(session(self._engine))
        return self._session


class Company:
    """How long those who ask wait for others, to share a commit: only while that pays.

    At a relay nearby all connections come back at about the same time; at one far away they never do.
    """

    def __init__(self) -> None:
        self._pays, self._turns, self._alone = True, 0, 0

    def wait(self, asked: int, askers: int) -> float:
        """Seconds to wait where so many of all have asked."""
        if asked >= askers:
            return 0.0
        if asked == 1 or not self._alone:
            self._alone = asked
        return _GATHER_SECONDS if self._pays or self._turns % _TRY_AGAIN == 0 else 0.0

    def came(self, asked: int) -> None:
        """So many have asked in the end."""
        self._turns += 1
        if self._pays or self._turns % _TRY_AGAIN == 1:
            self._pays = asked > self._alone
        self._alone = 0
