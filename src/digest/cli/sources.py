"""Commands on what is followed and covered: collect, theme."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption
from digest.text.amounts import amount

if TYPE_CHECKING:
    from digest.pipeline.posts.collect import Polled

app = typer.Typer()
theme_app = typer.Typer(
    help="Subjects that editors cover, beside those in config.toml.", no_args_is_help=True
)
app.add_typer(theme_app, name="theme")

SlugArgument = Annotated[str, typer.Argument(metavar="SLUG")]


MANY = 25  # sources, of which not each one is told
STOPPED = 130  # the exit code of what Ctrl-C ended


@app.command()
def collect(
    everything: Annotated[
        bool, typer.Option("--all", help="Poll every source, due or not; still conditionally.")
    ] = False,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="Poll every source in full, and go back to this day where its feed has older pages.",
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Poll the sources that are due, and store what is new."""
    from digest.cli.progress import progress, stopped_by_ctrl_c
    from digest.pipeline.posts.collect import collect as act

    with (
        shell.installation(config) as installation,
        stopped_by_ctrl_c() as stop,
        progress("collecting", quiet=as_json) as bar,
    ):
        results = act(
            installation,
            shell.now,
            everything=everything,
            since=since.replace(tzinfo=UTC) if since else None,
            begun=bar.begun,
            progress=lambda polled: bar.done(polled.source),
            stop=stop,
        )
    _print_polled(results, as_json)
    if stop.is_set():
        shell.say(
            "Stopped. What is listed here is kept; the other sources are polled by the next: digest collect"
        )
        raise typer.Exit(STOPPED)
    _tell_failures([polled for polled in results if not polled.ok], len(results))


def _tell_failures(failed: list[Polled], polled: int) -> None:
    """What was collected is kept and printed; what was not is an error all the same, so that a script sees it."""
    from digest.errors import FetchError

    if failed:
        reasons = " ".join(f"{each.source}: {each.status}" for each in failed)
        raise FetchError(
            f"{len(failed)} of {amount(polled, 'source')} could not be collected and will be tried again. {reasons}"
        )


def _print_polled(results: tuple[Polled, ...], as_json: bool) -> None:
    """One by one; of many, those that brought something or failed, and all of them counted."""
    from dataclasses import asdict

    if as_json:
        for polled in results:
            shell.emit(asdict(polled))
        return
    if not results:
        shell.say("No source is due; poll them all the same with: digest collect --all")
        return
    many = len(results) > MANY
    shown = [each for each in results if not (many and each.ok and each.stored.unchanged)]
    if shown:
        shell.table(("source", "entries", "new", "changed", "held", "how it went"), map(_polled_row, shown))
    if many:
        shell.say(_summary(results))


def _polled_row(polled: Polled) -> tuple[object, ...]:
    stored = polled.stored
    return (polled.source, stored.entries, stored.new, stored.revised, stored.held, polled.status)


def _summary(results: tuple[Polled, ...]) -> str:
    failed = sum(not polled.ok for polled in results)
    new, revised, held = (
        sum(getattr(polled.stored, name) for polled in results) for name in ("new", "revised", "held")
    )
    return (
        f"{amount(len(results), 'source')} polled: {amount(new, 'new post')}, {held:,} of them held back, {revised:,} changed; "
        f"{failed:,} failed."
    )


# ── themes and rules ───────────────────────────────────────────────────────────────────────────


@theme_app.command("list")
def list_themes(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the themes, in the order in which issues show them."""
    from digest import codec, store
    from digest.model import Theme
    from digest.store.database import reading

    with shell.installation(config) as installation, reading(installation.engine) as connection:
        found = store.sources.themes(connection)
    if as_json:
        for theme in found:
            shell.emit(codec.to_data(Theme, theme))
        return
    shell.table(
        ("theme", "title", "terms", "from"),
        ((theme.slug, theme.title, ", ".join(theme.terms), theme.owner) for theme in found),
    )


@theme_app.command("add")
def add_theme(
    slug: SlugArgument,
    title: Annotated[str, typer.Argument(metavar="TITLE")],
    term: Annotated[
        list[str] | None, typer.Option("--term", help="A word or phrase; repeat it for more.")
    ] = None,
    not_term: Annotated[
        list[str] | None, typer.Option("--not-term", help="A word that rules it out.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Cover a theme, beside those in config.toml."""
    from digest import store
    from digest.config import new_theme
    from digest.store.database import transaction

    theme = new_theme(slug, title, tuple(term or ()), tuple(not_term or ()))
    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        store.sources.add_theme(connection, theme)
    shell.say(f"{slug} is covered from the next draft on.")


@theme_app.command("merge")
def merge_theme(
    old: Annotated[str, typer.Argument(metavar="OLD")],
    into: Annotated[str, typer.Argument(metavar="INTO")],
    config: ConfigOption = None,
) -> None:
    """Have the readers of a theme read another one in its place: where two become one, or one has a new name."""
    from digest import store
    from digest.pipeline.readers.chosen_themes import merge
    from digest.store.database import transaction

    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        readers = merge(connection, old, into)
        still = any(theme.slug == old for theme in store.sources.themes(connection))
    shell.say(f"{readers} subscriptions that chose {old} have {into} now.")
    if still:
        shell.say(f"{old} stands in config.toml and is covered until it is taken out there.")


@theme_app.command("remove")
def remove_theme(slug: SlugArgument, config: ConfigOption = None) -> None:
    """Cover a theme no longer."""
    from digest import store
    from digest.store.database import transaction

    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        store.sources.retire_theme(connection, slug)
        readers = store.choices.chosen(connection).get(slug, 0)
    shell.say(f"{slug} is covered no longer.")
    if readers:
        shell.say(f"{readers} subscriptions chose it; give them another one: digest theme merge {slug} THEME")
