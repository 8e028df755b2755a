"""Commands for several machines: the parts of `digest run` beside `digest serve`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import operate, shell
from digest.cli.shell import ConfigOption

if TYPE_CHECKING:
    from digest.model import Queue
    from digest.pipeline.installation import Installation

_MOST_AT_ONCE = 12  # units: each may hold a connection of the pool, which has 15

app = typer.Typer()


@app.command()
def work(
    queues: Annotated[
        str,
        typer.Option(
            metavar="QUEUES", help="Which units it does: poll,draft,publish,send,inbound; empty: all."
        ),
    ] = "",
    concurrency: Annotated[
        int, typer.Option(min=1, max=_MOST_AT_ONCE, help="How many of them at the same time.")
    ] = 4,
    config: ConfigOption = None,
) -> None:
    """Do what is due, on as many machines as you like (PostgreSQL), until stopped."""
    from digest.work.worker import Habits
    from digest.work.worker import work as do_work

    chosen = _queues(queues)
    with _part(config, "work") as (installation, stop):
        shell.say(f"This worker does: {', '.join(chosen)}. Stop it with Ctrl-C.")
        do_work(installation, shell.now, stop, Habits(chosen, concurrency))


@app.command()
def schedule(config: ConfigOption = None) -> None:
    """Say what is due, until stopped: of any number of schedulers one is elected (PostgreSQL)."""
    from functools import partial

    from digest.schedule import direct
    from digest.store.leader import stand

    with _part(config, "schedule") as (installation, stop):
        shell.say("This scheduler stands for election. Stop it with Ctrl-C.")
        stand(installation.engine, stop, partial(direct, installation, shell.now))


@contextmanager
def _part(config: Path | None, command: str) -> Iterator[tuple[Installation, Event]]:
    """An installation that several machines share, its health told to others, and an event that signals set."""
    from digest import logs
    from digest.config import metrics_token
    from digest.web.health import listening

    with shell.installation(config) as installation, operate.stopped_by_signal() as stop:
        _require_server(installation, command)
        settings = installation.settings
        logs.set_up(settings.log)
        token = metrics_token(settings, os.environ)
        with listening(installation.engine, settings, installation.templates, shell.now, token):
            yield installation, stop


def _require_server(installation: Installation, command: str) -> None:
    """SQLite serves one machine, and there is nothing to share out on it."""
    from digest.errors import DigestError

    if installation.engine.dialect.name == "sqlite":
        raise DigestError(
            f"`digest {command}` is for several machines, which need a PostgreSQL as [database] url; "
            "on SQLite `digest run` does it all."
        )


def _queues(text: str) -> tuple[Queue, ...]:
    from digest.errors import DigestError
    from digest.model import Queue

    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Queue)]
    if unknown:
        raise DigestError(f"There is no queue {unknown[0]!r}; there are {', '.join(Queue)}.")
    return tuple(queue for queue in Queue if queue in names or not names)
