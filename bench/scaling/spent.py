"""Processor time of processes that run, from Linux' /proc: a process and all that it has started."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def spent(process: int) -> float:
    """Seconds of a process, of its children, and of those of them that have ended."""
    own = _fields(process)
    if own is None:
        return 0.0
    return sum(map(int, own[11:15])) / _TICKS + sum(map(spent, _children(process)))


def _children(process: int) -> Iterator[int]:
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        yield from map(int, task.read_text(encoding="ascii").split())


def _fields(process: int) -> list[str] | None:
    """The fields of its ``stat`` after its name, which may hold anything (proc(5))."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
