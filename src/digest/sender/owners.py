"""Who holds a row: a run of a process of a machine, and whether it still runs."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

_PROCESS = uuid4().hex[:12]  # tells this process from an earlier one with the same id
_LIVE: set[str] = set()  # the runs of this process


@contextmanager
def owner() -> Iterator[str]:
    """The name under which one run holds its rows, for as long as it lives."""
    name = f"{socket.gethostname()}:{os.getpid()}:{_PROCESS}:{uuid4().hex[:12]}"
    _LIVE.add(name)
    try:
        yield name
    finally:
        _LIVE.discard(name)


def is_gone(name: str) -> bool:
    """Whether that sender ran on this machine and no longer does; of others only their lease tells.

    Two machines of one name would be taken for one: that costs a doubt at most, for the fence stops the other.
    """
    host, *rest = name.rsplit(":", 3)
    if host != socket.gethostname() or len(rest) != 3 or not rest[0].isdigit():
        return False
    process, token = int(rest[0]), rest[1]
    if process == os.getpid():
        return token != _PROCESS or name not in _LIVE
    return not _is_running(process)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it runs as somebody else
        return True
    return True
