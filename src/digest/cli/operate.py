"""Commands for whoever runs it: init, check, config, run, serve, demo."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from digest.pipeline.installation import Installation
    from digest.web.webhooks import Hooks

app = typer.Typer()
config_app = typer.Typer(help="The settings.", no_args_is_help=True)
app.add_typer(config_app, name="config")


@app.command()
def init(directory: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Make a new installation: a commented config.toml, var/ with a fresh secret, feeds/."""
    from digest.config import init as make
    from digest.resources import Resources

    for path in make(directory, Resources().example_config()):
        shell.say(f"made {path}")
    shell.say(f"Now edit {directory / 'config.toml'}, then: cd {directory} && digest check")


@app.command()
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Report every mistake in config.toml and the templates at once, and when the next mail would leave."""
    from digest.cli.checking import check_files, held_mail, next_mails, unread_themes

    path = shell.config_path(config)
    settings, notes = check_files(path)
    with shell.installation(path) as installation:
        mails = next_mails(installation, shell.now())
        notes = (*notes, *held_mail(installation), *unread_themes(installation))
    if as_json:
        shell.emit({"config": str(path), "notes": list(notes), "next": [mail.data() for mail in mails]})
        return
    shell.say(f"{path} and the templates are in order.")
    for line in (*notes, *(mail.sentence(settings.mail) for mail in mails)):
        shell.say(line)


@config_app.command("export")
def export(config: ConfigOption = None) -> None:
    """Print what the file says and what commands added, as one config.toml."""
    from digest import store
    from digest.config import export as write
    from digest.store.database import reading

    with shell.installation(config) as installation, reading(installation.engine) as connection:
        sources = store.sources.all_sources(connection)
        themes, rules = store.sources.themes(connection), store.sources.rules(connection)
    shell.say(write(installation.settings, sources, themes, rules))


@app.command()
def run(
    quiet: Annotated[bool, typer.Option("--quiet", help="Log only what needs a person.")] = False,
    config: ConfigOption = None,
) -> None:
    """Collect, draft, publish and send on time, and serve the feeds and the unsubscribe page, until stopped."""
    from digest import logs
    from digest.rounds import rounds
    from digest.web.server import serve as serving

    with shell.installation(config) as installation, _leading(installation) as work:
        logs.set_up(installation.settings.log, quiet=quiet)
        where = installation.settings.serve
        with (
            stopped_by_signal() as stop,
            serving(_application(installation), where.host, where.port) as address,
            rounds(installation, shell.now),
            _listening(installation),
        ):
            shell.say(f"digest runs; feeds and pages are served at {address}/. Stop it with Ctrl-C.")
            work(stop)


@contextmanager
def _leading(installation: Installation) -> Iterator[Callable[[Event], None]]:
    """What does all the work of `digest run` until an event: threads on SQLite, on PostgreSQL what the commands
    `schedule` and `work` do, so that others may join in.

    Raises:
        DigestError: another process does it.
    """
    from digest.errors import DigestError
    from digest.schedule import run as run_schedule
    from digest.store.leader import leadership

    is_server = installation.engine.dialect.name == "postgresql"
    with leadership(installation.engine) as leads:
        if not leads:
            raise DigestError(
                "Another `digest run` is at work on this database; stop it first, or use `digest serve` beside it."
            )
        if not is_server:
            yield partial(run_schedule, installation, shell.now)
    if is_server:
        from digest.work.parts import run as run_parts

        yield partial(run_parts, installation, shell.now)


@app.command()
def serve(config: ConfigOption = None) -> None:
    """Serve the feeds and the pages of readers, and send their confirmations, until stopped."""
    from digest import logs
    from digest.rounds import rounds
    from digest.web.server import run as run_server

    with shell.installation(config) as installation, stopped_by_signal():  # the server hears the signal first
        logs.set_up(installation.settings.log)
        where = installation.settings.serve
        with rounds(installation, shell.now):
            run_server(
                _application(installation),
                where.host,
                where.port,
                lambda at: shell.say(f"Serving at {at}/"),
            )


@contextmanager
def _listening(installation: Installation) -> Iterator[None]:
    """Take what a mail server hands back, where ``[inbound] lmtp`` says so."""
    from digest.deliver.inbound.lmtp import listening
    from digest.pipeline.mail.inbound import taker

    where = installation.settings.inbound.lmtp
    if not where:
        yield
        return
    with listening(where, taker(installation, shell.now, "lmtp")) as address:
        shell.say(f"Mail that comes back is taken at {address} (LMTP).")
        yield


def _application(installation: Installation) -> ASGIApp:
    from digest.config import metrics_token
    from digest.web.api.app import PREFIX, create_api
    from digest.web.app import create_app
    from digest.web.desk.app import create_desk

    application = create_app(
        installation.engine,
        installation.settings,
        installation.keys,
        installation.templates,
        shell.now,
        installation.resources.strings,
        _hooks(installation),
        metrics_token(installation.settings, os.environ),
    )
    application.mount("/desk", create_desk(installation, shell.now))
    application.mount(PREFIX, create_api(installation, shell.now))
    return application


def _hooks(installation: Installation) -> Hooks:
    """Whose reports of bounces are taken."""
    from digest.config import webhook_secrets
    from digest.deliver.letterhead import domain_of_ids
    from digest.errors import FetchError
    from digest.web.webhooks import Hooks

    def fetch(url: str) -> bytes:
        answer = installation.fetcher.get(url, accept="*/*")
        if answer.status != 200:
            raise FetchError(f"{url} answers {answer.status}.")
        return answer.body

    secrets = webhook_secrets(installation.settings, os.environ)
    return Hooks(secrets, fetch, domain_of_ids(installation.settings.publish))


@contextmanager
def stopped_by_signal() -> Iterator[Event]:
    """An event that SIGINT and SIGTERM set, so that a message in hand is finished first."""
    stop = Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Do it all, print the summary, and end.")] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where its pages are served; 0 picks a port.")
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Run the main job on samples, on this machine only: state in var/demo/, documents in feeds/demo/."""
    import logging

    from digest.demo.job import run as run_demo
    from digest.demo.job import summary_rows
    from digest.schedule import run as run_schedule

    with stopped_by_signal() as stop, run_demo(Path.cwd(), shell.now, port) as running:
        if as_json:
            shell.emit(running.done.data())
        else:
            shell.table(("step", "what it did"), summary_rows(running.done))
        if not once:
            shell.say("It stays up; stop it with Ctrl-C.")
            logging.disable(logging.WARNING)  # that a draft waits is what it is made for
            run_schedule(running.installation, shell.now, stop)
