"""Commands for whoever runs it: init, check, config, run, serve, demo."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
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
    from digest.cli.checking import check_files, next_mails, unread_themes

    path = shell.config_path(config)
    settings, notes = check_files(path)
    with shell.installation(path) as installation:
        mails = next_mails(installation, shell.now())
        notes = (*notes, *unread_themes(installation))
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
    from digest.errors import DigestError
    from digest.rounds import rounds
    from digest.schedule import run as run_schedule
    from digest.store.leader import leadership
    from digest.web.server import serve as serving

    _log(quiet)
    with shell.installation(config) as installation, leadership(installation.engine) as leads:
        if not leads:
            raise DigestError(
                "Another `digest run` is at work on this database; stop it first, or use `digest serve` beside it."
            )
        where = installation.settings.serve
        with (
            _stopped_by_signal() as stop,
            serving(_application(installation), where.host, where.port) as address,
            rounds(installation, shell.now),
            _listening(installation),
        ):
            shell.say(f"digest runs; feeds and pages are served at {address}/. Stop it with Ctrl-C.")
            run_schedule(installation, shell.now, stop)


@app.command()
def serve(config: ConfigOption = None) -> None:
    """Serve the feeds and the pages of readers, and send their confirmations, until stopped."""
    from digest.rounds import rounds
    from digest.web.server import run as run_server

    _log(quiet=False)
    with (
        shell.installation(config) as installation,
        _stopped_by_signal(),  # the server hears the signal first
        rounds(installation, shell.now),
    ):
        where = installation.settings.serve
        run_server(
            _application(installation), where.host, where.port, lambda at: shell.say(f"Serving at {at}/")
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
    )
    application.mount("/desk", create_desk(installation, shell.now))
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


def _log(quiet: bool) -> None:
    import logging

    logging.basicConfig(
        level=logging.WARNING if quiet else logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    # At WARNING it complains every few seconds of a long send that a further look at the digest has to wait.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


@contextmanager
def _stopped_by_signal() -> Iterator[Event]:
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

    with _stopped_by_signal() as stop, run_demo(Path.cwd(), shell.now, port) as running:
        if as_json:
            shell.emit(running.done.data())
        else:
            shell.table(("step", "what it did"), summary_rows(running.done))
        if not once:
            shell.say("It stays up; stop it with Ctrl-C.")
            logging.disable(logging.WARNING)  # that a draft waits is what it is made for
            run_schedule(running.installation, shell.now, stop)
