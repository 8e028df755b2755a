"""How much work something is, counted so that neither a busy machine nor the tests before it change the figure."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from time import thread_time


@dataclass(slots=True)
class Effort:
    """What a block took."""

    seconds: float = inf  # processor time of this thread


@contextmanager
def effort() -> Iterator[Effort]:
    """Measure a block; other threads, other processes and the garbage of other tests do not count."""
    spent, collects = Effort(), gc.isenabled()
    gc.disable()
    begun = thread_time()
    try:
        yield spent
    finally:
        spent.seconds = thread_time() - begun
        if collects:
            gc.enable()
