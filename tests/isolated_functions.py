"""What the tests of ``digest.isolate`` run in a child process."""

from __future__ import annotations

import os

from digest.errors import NotFoundError


def missing() -> None:
    """Raise one of our errors."""
    raise NotFoundError("'x' is no issue")


class _Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


def trap() -> object:
    """What a taken-over child would answer: an object whose unpickling calls a function."""
    return _Trap()
