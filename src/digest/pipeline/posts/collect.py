"""The verb ``collect``: poll sources, store what is new. One bad source never delays or breaks another."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from urllib.parse import urlsplit

from digest import store
from digest.metrics.durations import count_poll, outcome
from digest.model import Source
from digest.net.couriers import Couriers
from digest.net.http import Fetcher
from digest.pipeline.installation import Clock, Installation
from digest.pipeline.posts.collecting.gathering import Gathered, Round
from digest.pipeline.posts.collecting.lanes import Lanes
from digest.pipeline.posts.collecting.storing import Polled, Stored, store_all
from digest.pipeline.posts.collecting.understanding import Reader
from digest.store.database import reading

__all__ = ["Polled", "Stored", "collect", "due_hosts"]

MOST_POLLS = 200  # in one transaction
MOST_ENTRIES = 2_000
MANY = 300  # sources, for which processes are started that fetch them
LINES = 3  # lanes that fetch in each of those processes
LANES_HERE = 2  # lanes for whom this process, which stores, has time too


def collect(
    installation: Installation,
    clock: Clock,
    *,
    everything: bool = False,
    since: datetime | None = None,
    host: str = "",
    begun: Callable[[int], None] = lambda _: None,
    progress: Callable[[Polled], None] = lambda _: None,
    stop: Event | None = None,
) -> tuple[Polled, ...]:
    """Poll the sources that are due, or all of them; conditionally in either case.

    Sources of one host are polled one after the other, hosts side by side. What comes in while the store is busy
    is stored together, at the time that the clock then shows; an interruption keeps what came in before it.

    Args:
        everything: all sources, due or not.
        since: all sources, unconditionally, and the older pages of their feeds back to this time.
        host: of those only the ones of this host, as ``due_hosts`` names it.
        begun: is told how many sources will be polled.
        progress: is told how each poll went, once it is stored.
        stop: once it is set, no further source is begun.
    """
    stop = stop or Event()
    now = clock()
    sources = _sources(installation, now, everything or since is not None)
    if host:
        sources = tuple(source for source in sources if host_of(source) == host)
    begun(len(sources))
    width = installation.settings.collect.workers
    book = _Book(installation, clock, progress)
    with _couriers(installation.fetcher, len(sources), width) as couriers:
        reader = Reader(installation, now, stop, since)
        work = Round(couriers.visit, reader, stop, whole=since is not None).host
        _keep(book, Lanes(_by_host(sources), work, width, stop), stop)
    return tuple(sorted(book.done, key=lambda polled: polled.source))


def due_hosts(installation: Installation, now: datetime) -> tuple[str, ...]:
    """The hosts with sources that are due, whose polls are due for longest first."""
    return tuple(dict.fromkeys(host_of(source) for source in _sources(installation, now, everything=False)))


def host_of(source: Source) -> str:
    """Of whom one request is made at a time."""
    return urlsplit(source.url).netloc.lower()


def _couriers(fetcher: Fetcher, sources: int, width: int) -> Couriers:
    """None for few sources: they are fetched before another process has started."""
    most = (width - LANES_HERE) // LINES if sources >= MANY else 0
    return Couriers(fetcher, min(max(most, 0), os.cpu_count() or 1), LINES)


def _keep(book: _Book, lanes: Lanes[Source, Gathered], stop: Event) -> None:
    """Store what comes in; an interruption stores what has come."""
    with closing(lanes.results()) as arriving:
        try:
            for gathered in arriving:
                book.add(gathered)
            book.write()
        except KeyboardInterrupt:
            stop.set()
            book.write()
            raise


@dataclass(slots=True)
class _Book:
    """What came in and is not stored yet, and what is."""

    installation: Installation
    clock: Clock
    progress: Callable[[Polled], None]
    waiting: list[Gathered] = field(default_factory=list)
    entries: int = 0  # of what is waiting
    done: list[Polled] = field(default_factory=list)

    def add(self, gathered: Gathered | None) -> None:
        """Take one in; they are stored when there are many, and when no further one is there."""
        if gathered is not None:
            self.waiting.append(gathered)
            self.entries += len(gathered.document.feed.entries) if gathered.document else 0
        if gathered is None or self.entries >= MOST_ENTRIES or len(self.waiting) >= MOST_POLLS:
            self.write()

    def write(self) -> None:
        """Store what is waiting; it waits on where that is interrupted."""
        if not self.waiting:
            return
        stored = store_all(self.installation, self.waiting, self.clock())
        self.waiting.clear()
        self.entries = 0
        self.done += stored
        for polled in stored:
            count_poll(outcome(polled.ok, polled.stored.new))
            self.progress(polled)


def _sources(installation: Installation, now: datetime, everything: bool) -> tuple[Source, ...]:
    with reading(installation.engine) as connection:
        ink = store.redactions.blackout(connection)
        found = store.sources.all_sources(connection) if everything else store.sources.due(connection, now)
    return tuple(source for source in found if not ink.is_removed(source.slug, source.url))


def _by_host(sources: Iterable[Source]) -> tuple[tuple[Source, ...], ...]:
    hosts: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        hosts[host_of(source)].append(source)
    return tuple(tuple(group) for group in hosts.values())
