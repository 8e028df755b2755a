"""What a process does beside serving, in threads: it sends what waits in the Outbox, and keeps its feeds/ tree as the
database says, also where another machine has published.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

from digest import store
from digest.errors import DigestError
from digest.pipeline.installation import Clock, Installation
from digest.pipeline.issues import publish
from digest.pipeline.mail import outbox
from digest.store.database import reading

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0  # a person waits for a confirmation, and looks for what was published
REST_SECONDS = 60.0  # after a failure
SWEEP_EVERY = timedelta(hours=1)


@contextmanager
def rounds(installation: Installation, clock: Clock) -> Iterator[None]:
    """Send what waits in the Outbox and follow what is published until the block ends; what is in hand is finished first."""
    stop = Event()
    looks = {"the outbox": _Mail(installation, clock, stop).look, "feeds": _Shelf(installation).look}
    threads = [
        Thread(target=_go_round, args=(name, look, stop), name=f"digest-{name}")
        for name, look in looks.items()
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _go_round(name: str, look: Callable[[], str], stop: Event) -> None:
    """Look again and again; a look gives what went wrong, or "", which is told when it is new."""
    told = ""
    while True:
        try:
            problem = look()
        except DigestError as error:  # the next round tries again
            problem = str(error)
        if problem and problem != told:
            log.error("%s: %s", name, problem)
        told = problem
        if stop.wait(REST_SECONDS if problem else LOOK_SECONDS):
            return


class _Mail:
    """The Outbox."""

    def __init__(self, installation: Installation, clock: Clock, stop: Event) -> None:
        self.installation, self.clock, self.stop = installation, clock, stop
        self.swept: datetime | None = None

    def look(self) -> str:
        now = self.clock()
        if self.swept is None or not timedelta() <= now - self.swept < SWEEP_EVERY:
            outbox.sweep(self.installation, now)
            self.swept = now
        return outbox.send(self.installation, self.clock, self.stop).problem


class _Shelf:
    """The feeds/ tree of this machine, or of all where they share a folder: the first who looks brings it up to date."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.written: tuple[object, ...] | None = None

    def look(self) -> str:
        with reading(self.installation.engine) as connection:
            edition = store.editions.edition(connection)
        if edition != self.written:
            publish.rebuild(self.installation)
            self.written = edition
        return ""
