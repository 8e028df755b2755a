"""`digest run` on PostgreSQL: a scheduler that stands for election, and a worker for every queue, in one process."""

from __future__ import annotations

from functools import partial
from threading import Event, Thread

from digest import schedule
from digest.pipeline.installation import Clock, Installation
from digest.pipeline.issues import publish
from digest.store.leader import stand
from digest.work.worker import work


def run(installation: Installation, clock: Clock, stop: Event) -> None:
    """Find what is due and do it, beside whoever else does, until ``stop`` is set; then finish what is in hand."""
    publish.rebuild(installation)
    term = partial(schedule.direct, installation, clock)
    candidate = Thread(target=stand, args=(installation.engine, stop, term), name="digest-candidate")
    candidate.start()
    try:
        work(installation, clock, stop)
    finally:
        stop.set()
        candidate.join()
