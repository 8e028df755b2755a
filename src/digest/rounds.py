"""The rounds of the Outbox: a thread beside the application that sends what waits, in `digest run` and `digest serve`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

from digest.errors import DigestError
from digest.pipeline.installation import Clock, Installation
from digest.pipeline.mail import outbox

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0  # a person waits for a confirmation
REST_SECONDS = 60.0  # after a failure
SWEEP_EVERY = timedelta(hours=1)


@contextmanager
def rounds(installation: Installation, clock: Clock) -> Iterator[None]:
    """Send what waits in the Outbox until the block ends; the messages in hand are finished first."""
    stop = Event()
    thread = Thread(target=_go_round, args=(installation, clock, stop), name="digest-outbox")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _go_round(installation: Installation, clock: Clock, stop: Event) -> None:
    swept: datetime | None = None
    told = ""
    while True:
        now = clock()
        try:
            if swept is None or not timedelta() <= now - swept < SWEEP_EVERY:
                outbox.sweep(installation, now)
                swept = now
            problem = outbox.send(installation, clock, stop).problem
        except DigestError as error:  # the next round tries again
            problem = str(error)
        if problem and problem != told:
            log.error("the outbox: %s", problem)
        told = problem
        if stop.wait(REST_SECONDS if problem else LOOK_SECONDS):
            return
