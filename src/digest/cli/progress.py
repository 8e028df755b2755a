"""Progress of a long command, on a terminal only and never among its output; and how Ctrl-C ends it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

    from digest.deliver.ledger import Settled


class Bar:
    """How many of how many things are done; without a terminal it shows nothing."""

    def __init__(self, what: str, shown: Progress | None) -> None:
        self._shown = shown
        self._task = shown.add_task(what, total=None, name="") if shown else None

    def begun(self, total: int) -> None:
        """So many there are."""
        if self._shown and self._task is not None:
            self._shown.update(self._task, total=total)

    def done(self, name: str) -> None:
        """One more, of this name."""
        if self._shown and self._task is not None:
            self._shown.update(self._task, advance=1, name=name)

    def reached(self, count: int) -> None:
        """So many are done; how many there are is not known."""
        if self._shown and self._task is not None:
            self._shown.update(self._task, completed=count)


@contextmanager
def progress(what: str, *, quiet: bool = False) -> Iterator[Bar]:
    """A bar while the block runs."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield Bar(what, None)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[name]}"),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        yield Bar(what, shown)


@contextmanager
def stopped_by_ctrl_c() -> Iterator[Event]:
    """An event that the first Ctrl-C sets, so that the work ends by itself; the second one interrupts it."""
    stop = Event()
    if threading.current_thread() is not threading.main_thread():  # only that one may catch signals
        yield stop
        return

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, ask_to_stop)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def stopped_by_signal() -> Iterator[Event]:
    """An event that SIGINT and SIGTERM set, so that what is in hand is finished first; a second one interrupts it."""
    stop = Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[number])

    numbers: tuple[int, int] = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, ask_to_stop) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def sending(waiting: int, *, quiet: bool = False) -> Iterator[Callable[[Settled], None]]:
    """A bar of a send to so many people, with its rate and the time left; what it yields is told of each row settled."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from digest.deliver.ledger import OPEN

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("sending", total=waiting, rate="")

        def told(settled: Settled) -> None:
            if settled.state not in OPEN:
                speed = shown.tasks[0].speed
                shown.update(task, advance=1, rate=f"{speed:.0f}/s" if speed else "")

        yield told
