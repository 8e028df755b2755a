"""What many machines need, from what one unit of work was measured to cost: arithmetic, and a simulation that checks it."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

HOUR, DAY = 3_600.0, 86_400.0
BUSY = 0.7  # of a core, on average: what is more makes queues long


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds of one unit: of the worker that does it, and of the database."""

    worker: float
    database: float


@dataclass(frozen=True, slots=True)
class Load:
    """Units a second, and what each costs."""

    name: str
    rate: float
    cost: Cost

    @property
    def worker_cores(self) -> int:
        """Cores of workers, each busy for ``BUSY`` of its time."""
        return max(1, math.ceil(self.rate * self.cost.worker / BUSY))

    @property
    def database_cores(self) -> float:
        """Cores of the database that this load alone keeps busy."""
        return self.rate * self.cost.database / BUSY


def loads(poll: Cost, mail: Cost, answer: Cost) -> tuple[Load, ...]:
    """10^5 sources polled hourly, 10^7 letters within six hours, 10^9 requests of feeds a day of which a hundredth
    reaches us behind a CDN.
    """
    return (
        Load("100,000 sources, polled every hour", 1e5 / HOUR, poll),
        Load("10,000,000 letters in six hours", 1e7 / (6 * HOUR), mail),
        Load("1,000,000,000 feed requests a day, 1 % past the CDN", 1e9 / DAY / 100, answer),
    )


@dataclass(frozen=True, slots=True)
class Simulated:
    """How late units were in a simulated time: the median, and the latest but for one in a hundred; in seconds."""

    median: float
    late: float
    busy: float  # share of the workers' time


def simulate(load: Load, seconds: float = 120.0, seed: int = 1) -> Simulated:
    """Units that come by chance at the rate of a load, at workers of as many cores as it asks for, and at the one database
    behind them: first come, first served at both.
    """
    database_cores = max(1, math.ceil(load.database_cores))
    workers, database = [0.0] * load.worker_cores, [0.0] * database_cores
    lateness, work = [], 0.0
    for at in _arrivals(load.rate, seconds, random.Random(seed)):
        done = _serve(workers, at, load.cost.worker)
        lateness.append(_serve(database, done, load.cost.database) - at)
        work += load.cost.worker
    lateness.sort()
    return Simulated(
        lateness[len(lateness) // 2], lateness[int(len(lateness) * 0.99)], work / seconds / len(workers)
    )


def _arrivals(rate: float, seconds: float, chance: random.Random) -> Iterator[float]:
    at = chance.expovariate(rate)
    while at < seconds:
        yield at
        at += chance.expovariate(rate)


def _serve(cores: list[float], at: float, needs: float) -> float:
    """When it is done by the core that is free first; ``cores`` is a heap of the times at which each is free."""
    ends = max(at, cores[0]) + needs
    heapq.heapreplace(cores, ends)
    return ends
