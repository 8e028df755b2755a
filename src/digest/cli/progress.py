"""Progress of a long command, on a terminal only and never among its output."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(what: str, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Gives a function to call with the name of each thing that is done."""
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    with console.status(f"{what} …") as status:
        yield lambda done: status.update(f"{what} … {done}")
