"""Group commit: one thread writes for all connections of a run, so that they share each fsync.

What comes while a transaction is being committed goes into the next one. Nobody waits to settle a row; who asks to
begin a body waits for the commit that says so, in which every row settled before stands too. So one row of
a connection at most is ``sending`` at any moment, whatever dies.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Generic

from sqlalchemy import Connection, Engine

from digest.deliver.ledger import Claim, Settled, claim_of
from digest.sender.ledgers import Ledger, R
from digest.store.database import once_more, session

_GATHER_SECONDS = 0.001  # so long who asks waits for the next one
_TRY_AGAIN = 16  # turns, where that did not pay
COMPANY_SECONDS = 0.02  # so long a settled row waits for a body that begins, to share its transaction

Answers = SimpleQueue[bool | BaseException]


@dataclass(frozen=True, slots=True)
class _Settling(Generic[R]):
    row: R
    settled: Settled


@dataclass(frozen=True, slots=True)
class _Question(Generic[R]):
    """May this body begin? Without a row: tell me when all before is written."""

    row: R | None
    answers: Answers


@dataclass(frozen=True, slots=True)
class _Want:
    rows: int


@dataclass(frozen=True, slots=True)
class _Rest:
    domain: str
    until: datetime
    why: str


_Entry = _Settling[R] | _Question[R] | _Want | _Rest


@dataclass(slots=True)
class _Batch(Generic[R]):
    """What goes into one transaction."""

    settled: list[tuple[R, Settled]] = field(default_factory=list)
    asked: list[_Question[R]] = field(default_factory=list)
    wanted: int = 0
    resting: list[_Rest] = field(default_factory=list)

    def add(self, entry: _Entry[R]) -> None:
        match entry:
            case _Settling(row, settled):
                self.settled.append((row, settled))
            case _Question():
                self.asked.append(entry)
            case _Want(rows):
                self.wanted = max(self.wanted, rows)
            case _Rest():
                self.resting.append(entry)

    @property
    def rows(self) -> list[R]:
        return [question.row for question in self.asked if question.row is not None]


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
        askers: how many connections may ask.
    """

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger[R],
        owner: str,
        clock: Callable[[], datetime],
        tell: Callable[[Written[R]], None],
        askers: Callable[[], int],
    ) -> None:
        self._engine, self._ledger, self._owner, self._clock = engine, ledger, owner, clock
        self._tell, self._askers, self._company = tell, askers, Company()
        self._session: Connection | None = None
        self._inbox: SimpleQueue[_Entry[R] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=f"scribe of {ledger.name}", daemon=True)
        self._failure: BaseException | None = None
        self._thread.start()

    def settle(self, row: R, settled: Settled) -> None:
        """Have it written what became of a row, soon."""
        self._inbox.put(_Settling(row, settled))

    def begin(self, row: R) -> bool:
        """Whether its body may leave; returns once ``sending`` is committed.

        Raises:
            StoreError: it could not be written; then nothing may leave.
        """
        return self._ask(row)

    def want(self, rows: int) -> None:
        """Have up to so many rows claimed with the next transaction."""
        self._inbox.put(_Want(rows))

    def rest(self, domain: str, until: datetime, why: str) -> None:
        """Have a domain left alone for a while, by every sender."""
        self._inbox.put(_Rest(domain, until, why))

    def flush(self) -> None:
        """Wait until all that was said before is written.

        Raises:
            StoreError: it could not be written.
        """
        self._ask(None)

    def close(self) -> None:
        """Write what is left, and end.

        Raises:
            StoreError: it cannot be written; the rows it is about are in doubt.
        """
        self._inbox.put(None)
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _ask(self, row: R | None) -> bool:
        answers: Answers = SimpleQueue()
        self._inbox.put(_Question(row, answers))
        answer = answers.get()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    # ── the thread ───────────────────────────────────────────────────────────────────────────

    def _work(self) -> None:
        unwritten: list[tuple[R, Settled]] = []
        going_on = True
        with ExitStack() as self._open:
            while going_on:
                batch, going_on = self._gathered()
                batch.settled = unwritten + batch.settled
                unwritten = self._written(batch)

    def _gathered(self) -> tuple[_Batch[R], bool]:
        """What has come; False with it where it is the last."""
        batch: _Batch[R] = _Batch()
        entry = self._inbox.get()
        while entry is not None:
            batch.add(entry)
            try:
                entry = self._inbox.get(timeout=self._wait(batch))
            except Empty:
                self._company.came(len(batch.asked))
                return batch, True
        return batch, False

    def _wait(self, batch: _Batch[R]) -> float:
        """How long something else is waited for, in seconds."""
        if not batch.asked:
            return 0 if batch.wanted else COMPANY_SECONDS
        return self._company.wait(len(batch.asked), self._askers())

    def _written(self, batch: _Batch[R]) -> list[tuple[R, Settled]]:
        """Write a batch; what could not be settled is returned, to be tried again with the next one.

        After a failure only that is written, and everybody who asks is told of it: no ledger, no send.
        """
        begun: Collection[Claim] = ()
        unwritten: list[tuple[R, Settled]] = []
        try:
            begun = self._commit(batch)
        except BaseException as error:  # noqa: BLE001 - it is raised again where somebody waits for it
            self._failure = self._failure or error
            unwritten = batch.settled
        for question in batch.asked:
            question.answers.put(self._failure or question.row is None or claim_of(question.row) in begun)
        return unwritten

    def _commit(self, batch: _Batch[R]) -> Collection[Claim]:
        now, claimed, rows = self._clock(), None, [] if self._failure else batch.rows
        written: Collection[Claim] = ()
        begun: Collection[Claim] = ()
        connection = self._connection()
        with once_more(connection):
            if batch.settled or rows:
                written, begun = self._ledger.turn(connection, batch.settled, rows, now)
            for rest in batch.resting:
                self._ledger.rest(connection, rest.domain, rest.until, rest.why, now)
            if batch.wanted and not self._failure:
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
