"""A sender in a process of its own, which the chaos suite kills, freezes, starves and confuses.

What it does is ``digest.sender`` and nothing else; what is added here are the moments at which it dies by its own
hand, a clock that jumps, a disk that is full, and the two mistakes by which the suite shows that it can fail.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import Engine, update

from deliver_samples import ISSUE, NOW, mail_settings, rendering, sample_letterhead
from digest.deliver.ledger import Outcome
from digest.deliver.message import letter
from digest.deliver.pacing import Limits
from digest.deliver.smtp import Smtp, relay
from digest.deliver.wire import Wire
from digest.errors import StoreError
from digest.model import Delivery, DeliveryState, Message
from digest.sender import send_issue
from digest.store.database import open_database, transaction
from digest.store.schema import deliveries

Write = Callable[[Wire, bytes, float], Awaitable[None]]

NO_LEDGER = 3  # the exit code of a sender that lost its ledger and so stopped


@dataclass(frozen=True, slots=True)
class Victim:
    """How a sender is to be, apart from sending."""

    database: str
    relay: str
    connections: int = 4
    dies: str = ""  # "after the claim", "after sending" or "in the body"
    after: int = 0  # how often it passes there before
    clock: tuple[float, ...] = (0.0,)  # seconds by which its clock is wrong, in turn
    file_bytes: int = 0  # no file may grow beyond that
    timeout: float = 2.0
    hasty: bool = False  # the mistake of noting "accepted" before the dot
    pushy: bool = False  # the mistake of sending again what is in doubt


def start(victim: Victim) -> ForkServerProcess:
    """Run it in a process that may be killed at any moment; the modules are loaded once for all of them."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    before = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = os.pathsep.join((str(Path(__file__).parent), before)).strip(os.pathsep)
    try:
        process = context.Process(target=run, args=(victim,), daemon=True)
        process.start()
    finally:
        os.environ["PYTHONPATH"] = before
    return process


def run(victim: Victim) -> None:
    """Send what is due until nothing is, or until the end that was chosen."""
    if victim.file_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (victim.file_bytes, victim.file_bytes))
    Wire.write = _cut(Wire.write, _countdown(victim, "in the body"))  # type: ignore[method-assign, assignment]
    engine = open_database(victim.database)
    if victim.pushy:
        _forget_doubts(engine)
    try:
        _send(victim, engine)
    except StoreError as error:
        print(error, file=sys.stderr, flush=True)  # noqa: T201
        os._exit(NO_LEDGER)


def _send(victim: Victim, engine: Engine) -> None:
    claimed, begun = _countdown(victim, "after the claim"), _countdown(victim, "after sending")
    offsets = itertools.cycle(victim.clock)

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=next(offsets))

    def make_message(delivery: Delivery) -> Message:
        claimed()
        return letter(rendering(), sample_letterhead(), delivery.subscriber, delivery.address, NOW)

    class Doomed(Smtp):
        async def send(
            self, message: Message, before_body: Callable[[], Awaitable[bool]], *more: Any
        ) -> Outcome:
            async def hook() -> bool:
                goes_on = await before_body()
                if goes_on and victim.hasty:
                    _note_accepted(engine, message)
                begun()
                return goes_on

            return await super().send(message, hook, *more)

    where = relay(mail_settings(relay=victim.relay, timeout_seconds=victim.timeout))
    limits = Limits(connections=victim.connections, first_connections=victim.connections)
    send_issue(engine, ISSUE, (lambda: Doomed(where),), make_message, clock, Event(), limits=limits)


def _countdown(victim: Victim, point: str) -> Callable[[], None]:
    """To be called at ``point``: SIGKILL when its time has come."""
    passed = itertools.count()

    def passes() -> None:
        if victim.dies == point and next(passed) == victim.after:
            os.kill(os.getpid(), signal.SIGKILL)

    return passes


def _cut(write: Write, passes: Callable[[], None]) -> Write:
    """Write the half of a body before the moment at which the sender may die."""

    async def written(self: Wire, data: bytes, seconds: float) -> None:
        if b"\r\n\r\n" not in data:  # no body
            await write(self, data, seconds)
            return
        half = len(data) // 2
        await write(self, data[:half], seconds)
        passes()
        await write(self, data[half:], seconds)

    return written


def _note_accepted(engine: Engine, message: Message) -> None:
    theirs = update(deliveries).where(deliveries.c.address == message.recipient)
    with transaction(engine) as connection:
        connection.execute(theirs.values(state=DeliveryState.ACCEPTED, lease_until=None))


def _forget_doubts(engine: Engine) -> None:
    doubtful = deliveries.c.state.in_((DeliveryState.IN_DOUBT, DeliveryState.SENDING))
    with transaction(engine) as connection:
        connection.execute(
            update(deliveries).where(doubtful).values(state=DeliveryState.QUEUED, owner="", lease_until=None)
        )
