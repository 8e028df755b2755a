"""One connection of a run: takes a row, makes its message, sends it, says what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic

from digest.deliver import ledger, pacing
from digest.deliver.ledger import Outcome, Refused, Settled, UnreachableError, Withheld
from digest.errors import DigestError, StoreError
from digest.model import DeliveryState, Message
from digest.sender.course import Course
from digest.sender.ledgers import R
from digest.sender.scribe import Scribe
from digest.sender.transport import Transport


@dataclass(slots=True)
class _Letter(Generic[R]):
    """A row in hand, how far it has come, and its message."""

    row: R
    message: Message
    scribe: Scribe[R]

    async def begin(self) -> bool:
        """Commit ``sending``, unless the row, the send or the subscription has changed since the claim."""
        begun = await self.scribe.begin(self.row)
        if begun:
            self.row = replace(self.row, state=DeliveryState.SENDING)
        return begun


@dataclass(slots=True, eq=False)
class Lane(Generic[R]):
    """One connection, or one to each relay, of which one is used at a time."""

    number: int
    course: Course[R]
    scribe: Scribe[R]
    relays: Sequence[Callable[[], Transport]]
    make_message: Callable[[R], Message]
    clock: Callable[[], datetime]
    _transports: dict[int, Transport] = field(default_factory=dict)

    async def work(self) -> None:
        """Send until there is nothing more for this connection to do."""
        try:
            await self._work()
        except BaseException as error:  # noqa: BLE001 - the run raises it
            self.course.fail(error)
        finally:
            await self._hang_up()

    async def _work(self) -> None:
        letter = await self._next_letter()
        while letter is not None:
            letter = await self._carry(letter) or await self._next_letter()

    async def _next_letter(self) -> _Letter[R] | None:
        """The next message, made; None when this connection is no longer needed."""
        while (row := await self.course.take(self.number, self.scribe.want)) is not None:
            if (letter := self._letter(row)) is not None:
                return letter
        return None

    def _following(self) -> _Letter[R] | None:
        """The message after the one in hand, where it may go without a wait."""
        row = self.course.take_at_once(self.number, self.scribe.want)
        return None if row is None else self._letter(row)

    def _letter(self, row: R) -> _Letter[R] | None:
        """A row with its message; None where it is put away: its domain rests, or no message can be made."""
        if until := self.course.resting(row):
            self._settle(row, ledger.deferred(row, until, "its domain takes no mail for now"))
            return None
        try:
            return _Letter(row, self.make_message(row), self.scribe)
        except StoreError:  # no ledger, no send
            raise
        except DigestError as error:
            self.course.hold(str(error))
            self._settle(row, ledger.unreached(row, str(error)))
            return None

    async def _carry(self, letter: _Letter[R]) -> _Letter[R] | None:
        """Send one message, and say what became of it; the one that follows it, where its turn has come."""
        following = self._following()
        relay = self.course.relay() or 0
        try:
            next_message = following.message if following else None
            outcome = await self._transport(relay).send(letter.message, letter.begin, next_message)
        except UnreachableError as error:
            self.course.unreached(relay, str(error))
            self._settle(letter.row, ledger.unreached(letter.row, str(error)))
        except StoreError:  # no ledger, no send
            raise
        except DigestError as error:
            self.course.hold(str(error))
            self._settle(letter.row, ledger.unreached(letter.row, str(error)))
        else:
            self._answered(relay, letter.row, outcome)
        if following is not None and not self.course.goes_on(self.number):
            self.course.hand_back(following.row)
            return None
        return following

    def _answered(self, relay: int, row: R, outcome: Outcome) -> None:
        if isinstance(outcome, Withheld):  # the fence has put the row where it belongs: perhaps back
            self.course.look_again()
            self.course.put_down()
            return
        settled = ledger.after(row, outcome, self.clock())
        self.course.answered(relay, outcome, settled)
        if isinstance(outcome, Refused) and (rest := pacing.domain_rest(outcome.reply, row.address)):
            domain, until = row.address.rpartition("@")[2].casefold(), self.clock() + rest
            self.course.rest(domain, until)
            self.scribe.rest(domain, until, outcome.reply)
        self._settle(row, settled)

    def _settle(self, row: R, settled: Settled) -> None:
        self.scribe.settle(row, settled)
        self.course.put_down()

    def _transport(self, relay: int) -> Transport:
        if relay not in self._transports:
            self._transports[relay] = self.relays[relay]()
        return self._transports[relay]

    async def _hang_up(self) -> None:
        for transport in self._transports.values():
            await transport.close()
        self.course.left(self.number)
