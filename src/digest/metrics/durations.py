"""What this process counts itself: polls, and how long work and pages take. Its registry is its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from time import perf_counter
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

from digest.metrics.catalogue import PAGES, POLLS, WORK

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

_polls = Counter(POLLS.name, POLLS.help, POLLS.labels, registry=REGISTRY)
_work = Histogram(
    WORK.name, WORK.help, WORK.labels, registry=REGISTRY, buckets=(0.05, 0.2, 1, 5, 15, 60, 300, 1800, 7200)
)
_pages = Histogram(
    PAGES.name, PAGES.help, PAGES.labels, registry=REGISTRY, buckets=(0.005, 0.02, 0.1, 0.3, 1, 3, 10)
)


Measured = Literal["poll", "draft", "publish", "send"]


class Outcome(StrEnum):
    """What came of a poll."""

    NEW = "new"
    NOTHING_NEW = "nothing_new"
    FAILED = "failed"


@contextmanager
def timed(work: Measured) -> Iterator[None]:
    """Measure a block, or as a decorator a function; what it raises makes it a failed one."""
    began, ended = perf_counter(), "failed"
    try:
        yield
        ended = "done"
    finally:
        _work.labels(work, ended).observe(perf_counter() - began)


def outcome(ok: bool, new: int) -> Outcome:
    """What came of a poll with so many new posts."""
    if not ok:
        return Outcome.FAILED
    return Outcome.NEW if new else Outcome.NOTHING_NEW


def count_poll(came_of_it: Outcome) -> None:
    """Count a poll."""
    _polls.labels(came_of_it).inc()


def answered(room: str, status: int, seconds: float) -> None:
    """Measure an answer: ``room`` is a part of the application, ``status`` that of HTTP."""
    _pages.labels(room, f"{status // 100}xx").observe(seconds)
