"""All numbers as one text for Prometheus: those of the database at this moment, and those of this process."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from digest import store
from digest.metrics import catalogue
from digest.metrics.catalogue import Figure
from digest.metrics.durations import REGISTRY
from digest.model import Mark
from digest.store.database import reading
from digest.store.figures import Figures

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Numbers = Mapping[tuple[str, ...], float]  # one for each combination of labels
Value = tuple[Figure, Numbers]

_MARKS = {
    Mark.TICK: catalogue.LAST_TICK,
    Mark.HEARTBEAT: catalogue.LAST_HEARTBEAT,
    Mark.PRUNE: catalogue.LAST_PRUNE,
    Mark.BACKUP: catalogue.LAST_BACKUP,
}


def exposition(engine: Engine, folders: Mapping[str, Path], now: datetime) -> bytes:
    """The text that ``/metrics`` answers. What has never happened, and what is not there, has no line.

    Args:
        folders: where there is to be room, by a word for each.

    Raises:
        StoreError: the database cannot be read.
    """
    with reading(engine) as connection:
        found = store.figures.figures(connection, now)
    values = (_build(engine), *_of_database(found, now), (catalogue.FREE, _free(folders)))
    registry = CollectorRegistry()
    registry.register(_Gathered(values))
    return generate_latest(registry) + generate_latest(REGISTRY)


class _Gathered(Collector):
    """Values that are known already, for a registry that lives as long as one answer."""

    def __init__(self, values: Iterable[Value]) -> None:
        self._values = tuple(values)

    def collect(self) -> Iterator[Metric]:
        for figure, numbers in self._values:
            family = GaugeMetricFamily(figure.name, figure.help, labels=figure.labels)
            for labels, number in numbers.items():
                family.add_metric(labels, number)
            yield family


def _build(engine: Engine) -> Value:
    labels = (version("digest-pipeline"), platform.python_version(), engine.dialect.name)
    return catalogue.BUILD, {labels: 1}


def _of_database(found: Figures, now: datetime) -> Iterator[Value]:
    yield from _of_sources(found, now)
    yield catalogue.ISSUES, found.issues
    yield from _of_mailing(found, now)
    yield catalogue.SUPPRESSIONS, _by_one(found.suppressions)
    yield catalogue.HOLDS, {(): found.holds}
    yield catalogue.PAUSED_DOMAINS, {(): found.paused_domains}
    yield catalogue.JOBS, _by_one(found.jobs.by_state)
    yield catalogue.JOBS_AGE, {(): _age(found.jobs.since, now)}
    for mark, at in found.marks.items():
        yield _MARKS[mark], {(): at.timestamp()}


def _of_sources(found: Figures, now: datetime) -> Iterator[Value]:
    sources = found.sources
    yield catalogue.SOURCES, _by_one(sources.by_state)
    yield catalogue.SOURCES_DUE, {(): sources.due}
    yield catalogue.SOURCES_DUE_AGE, {(): _age(sources.due_since, now)}
    yield catalogue.SOURCES_FAILING_AGE, {(): _age(sources.failing_since, now)}
    if sources.last_poll:
        yield catalogue.LAST_POLL, {(): sources.last_poll.timestamp()}
    yield catalogue.POSTS_OF_A_DAY, {(): found.posts_of_a_day}
    yield catalogue.POSTS_HELD, {(): found.posts_held}


def _of_mailing(found: Figures, now: datetime) -> Iterator[Value]:
    mailing = found.mailing
    yield catalogue.SENDS, _by_one(mailing.sends)
    yield catalogue.DELIVERIES, mailing.deliveries
    yield catalogue.IN_DOUBT, {(): mailing.in_doubt}
    yield catalogue.PENDING_AGE, {(): _age(mailing.pending_since, now)}
    yield catalogue.BOUNCES, _by_one(mailing.bounces)
    yield catalogue.OUTBOX, _by_one(found.outbox.by_state)
    yield catalogue.OUTBOX_AGE, {(): _age(found.outbox.since, now)}
    yield catalogue.NOTICES, _by_one(found.notices.by_state)
    yield catalogue.NOTICES_AGE, {(): _age(found.notices.since, now)}


def _by_one(counts: Mapping[str, int]) -> Mapping[tuple[str, ...], float]:
    return {(label,): count for label, count in counts.items()}


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0


def _free(folders: Mapping[str, Path]) -> Mapping[tuple[str, ...], float]:
    return {(name,): shutil.disk_usage(folder).free for name, folder in folders.items() if folder.is_dir()}
