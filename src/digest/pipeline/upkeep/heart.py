"""Signs of life: the time of the scheduler's last tick in the database, and an address that is called meanwhile.

Another machine that hears nothing at that address for some minutes knows that ours is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from digest import store
from digest.errors import DigestError, FetchError
from digest.model import Mark
from digest.pipeline.installation import Clock, Installation
from digest.store.database import transaction

REST_SECONDS = 15.0  # between two signs, however often the heart is asked to beat

log = logging.getLogger(__name__)


@contextmanager
def beating(
    installation: Installation, clock: Clock, rest_seconds: float = REST_SECONDS
) -> Iterator[Callable[[], None]]:
    """Gives ``beat()``, to be called after each piece of work: it returns at once, whatever the network does.

    A thread gives the signs; those that come together are one.
    """
    wanted, stop = Event(), Event()
    thread = Thread(target=_beat, args=(installation, clock, wanted, stop, rest_seconds), name="digest-heart")
    thread.start()
    try:
        yield wanted.set
    finally:
        stop.set()
        wanted.set()
        thread.join()


def _beat(installation: Installation, clock: Clock, wanted: Event, stop: Event, rest_seconds: float) -> None:
    told = ""
    while not stop.is_set():
        wanted.wait()
        if stop.is_set():
            return
        wanted.clear()
        why = give_sign(installation, clock)
        if why and why != told:
            log.warning("the heartbeat fails: %s", why)
        elif told and not why:
            log.info("the heartbeat is heard again")
        told = why
        stop.wait(rest_seconds)


def give_sign(installation: Installation, clock: Clock) -> str:
    """Note the tick, and call the address where one is set; why that failed, or ""."""
    try:
        with transaction(installation.engine) as connection:
            store.marks.remember(connection, Mark.TICK, clock())
        why = _called(installation)
        if installation.settings.operate.heartbeat and not why:
            with transaction(installation.engine) as connection:
                store.marks.remember(connection, Mark.HEARTBEAT, clock())
    except DigestError as error:  # the database; the work itself tells of it, too
        return str(error)
    return why


def _called(installation: Installation) -> str:
    url = installation.settings.operate.heartbeat
    if not url:
        return ""
    try:
        status = installation.messenger.look(url).status
    except FetchError as error:
        return str(error).replace(url, "its address")
    return "" if status < 400 else f"its address answers {status}"
