"""Commands on what is followed: the sources, one by one and as lists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption
from digest.model import FullText, SourceOwner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.pipeline.posts.sources import Added

app = typer.Typer(help="What is followed, and how it is.", invoke_without_command=True)

_MOST_OTHERS = 5


@app.callback()
def sources(context: typer.Context, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the sources: what each is, how it is and since when, and when it is polled next."""
    if context.invoked_subcommand:
        shell.before_command.set(config or shell.before_command.get())
        return
    from digest import codec, store
    from digest.collect.health import health
    from digest.model import Source
    from digest.store.database import reading

    now = shell.now()
    with shell.installation(config) as installation, reading(installation.engine) as connection:
        found = [(source, health(source, now)) for source in store.sources.all_sources(connection)]
    if as_json:
        for source, how in found:
            shell.emit(codec.to_data(Source, source) | {"state": how.state, "health": how.sentence})
        return
    shell.table(
        ("source", "title", "state", "how it is"),
        ((source.slug, source.title or source.url, how.state, how.sentence) for source, how in found),
    )


@app.command()
def add(
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL", help="The address of its feed, its site, its channel or a video of it."
        ),
    ],
    slug: Annotated[str, typer.Option(help="Its short name; made from the address when not given.")] = "",
    title: Annotated[str, typer.Option(help="What to call it; else what its feed says.")] = "",
    own: Annotated[bool, typer.Option("--own", help="Its posts are ours.")] = False,
    weight: Annotated[float, typer.Option(min=0.01, max=10, help="How much its posts count.")] = 1.0,
    shorts: Annotated[bool, typer.Option(help="Whether a YouTube channel's shorts are taken.")] = True,
    live: Annotated[bool, typer.Option(help="Whether a YouTube channel's streams are taken.")] = True,
    premieres: Annotated[
        bool, typer.Option(help="Whether a video is taken as soon as it is announced, or once it is out.")
    ] = True,
    quotes: Annotated[
        int | None,
        typer.Option(min=0, max=10, help="Quotes under each of its posts; else as the digest says."),
    ] = None,
    excerpt_words: Annotated[
        int | None,
        typer.Option(min=5, max=200, help="Words of excerpt under each title; else two or three lines."),
    ] = None,
    fulltext: Annotated[
        FullText, typer.Option(help="Whether the pages of its posts are fetched for their text.")
    ] = FullText.AUTO,
    label: Annotated[
        list[str] | None, typer.Option("--label", help="A label of your own; repeat it for more.")
    ] = None,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="URL is the feed's; do not ask there before it is polled.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Follow a source, beside those in config.toml; its feed is found and read first."""
    from digest.pipeline.posts.sources import Added, add_unasked
    from digest.pipeline.posts.sources import add as act

    chosen = {
        "slug": slug, "title": title, "own": own, "weight": weight, "shorts": shorts, "live": live,
        "premieres": premieres, "quotes": quotes, "excerpt_words": excerpt_words, "fulltext": fulltext,
        "labels": tuple(label or ()),
    }  # fmt: skip
    given = {name: value for name, value in chosen.items() if value not in ("", None)}
    with shell.installation(config) as installation:
        if unchecked:
            added = Added(add_unasked(installation, url, given, shell.now()))
        else:
            added = act(installation, url, given, shell.now())
    if as_json:
        shell.emit(_added_data(added))
    else:
        _tell_added(added, asked=not unchecked)


def _added_data(added: Added) -> dict[str, Any]:
    from digest.text.times import rfc3339

    newest = added.newest
    return {
        "slug": added.source.slug,
        "url": added.source.url,
        "title": added.source.title,
        "entries": added.entries,
        "newest": newest
        and {"title": newest.title, "url": newest.url, "published": rfc3339(newest.published)},
        "others": [{"title": other.title, "url": other.url} for other in added.others],
    }


def _tell_added(added: Added, *, asked: bool) -> None:
    source, newest = added.source, added.newest
    name = f"{source.slug} is followed" + (f" (“{source.title}”)" if source.title else "")
    shell.say(f"{name}: {source.url}")
    if newest:
        when = f" of {newest.published:%Y-%m-%d}" if newest.published else ""
        count = "one entry" if added.entries == 1 else f"{added.entries} entries, the newest"
        shell.say(f"Its feed has {count}: “{newest.title or newest.url}”{when}.")
    elif asked:
        shell.say("Its feed has no entries yet.")
    for line in _other_lines(added):
        shell.say(line)
    shell.say("It is polled by the next: digest collect")


def _other_lines(added: Added) -> Iterable[str]:
    if added.others:
        yield "The page offers other feeds too; follow one with: digest sources add URL"
    for other in added.others[:_MOST_OTHERS]:
        yield f"  {other.url}" + (f"  {other.title}" if other.title else "")
    if left := len(added.others[_MOST_OTHERS:]):
        yield f"  and {left} more; digest sources add … --json names all"


@app.command()
def show(
    slug: Annotated[str, typer.Argument(metavar="SLUG")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a source is, and its settings as: digest sources set takes them."""
    from digest import codec
    from digest.collect.health import health
    from digest.model import Source
    from digest.pipeline.posts.sources import one, stated

    with shell.installation(config) as installation:
        source = one(installation, slug)
    how = health(source, shell.now())
    if as_json:
        shell.emit(codec.to_data(Source, source) | {"state": how.state, "health": how.sentence})
        return
    shell.say(f"{source.slug}: {source.url}\n{how.state}: {how.sentence}")
    for name, text in stated(source).items():
        shell.say(f"  {name}={text}")
    shell.say(f"It is followed {'by config.toml' if source.owner is SourceOwner.FILE else 'by command'}.")


@app.command("set")
def set_(
    slug: Annotated[str, typer.Argument(metavar="SLUG")],
    changes: Annotated[
        list[str],
        typer.Argument(metavar="KEY=VALUE…", help="Settings as in config.toml; KEY= stands for the default."),
    ],
    config: ConfigOption = None,
) -> None:
    """Change settings of a source that was added by command; one of config.toml is changed there."""
    from digest.pipeline.posts.sources import change

    given = dict(map(_pair, changes))
    with shell.installation(config) as installation:
        change(installation, slug, given)
    shell.say(f"{slug} is changed: {', '.join(given)}.")


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"expected KEY=VALUE, for example own=true, and not {text!r}")
    return key.strip(), value.strip()


@app.command()
def remove(
    slug: Annotated[str, typer.Argument(metavar="SLUG")],
    config: ConfigOption = None,
) -> None:
    """Follow a source no longer; its posts are kept."""
    from digest import store
    from digest.store.database import transaction

    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        store.sources.retire_source(connection, slug)
    shell.say(f"{slug} is followed no longer; its posts are kept.")


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.opml", help="A list of subscriptions, as readers export it.")
    ],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Follow the sources that an OPML file names; can be repeated, and asks none of them yet."""
    from dataclasses import asdict

    from digest.pipeline.posts.sources import import_opml

    with shell.installation(config) as installation:
        report = import_opml(installation, file, shell.now())
    if as_json:
        shell.emit(asdict(report))
        return
    shell.say(
        f"{len(report.added)} added, {report.known} there already, {len(report.refused)} refused. "
        "They are polled by the next: digest collect"
    )
    for why in report.refused:
        shell.say(f"  {why}")


@app.command()
def export(config: ConfigOption = None) -> None:
    """Print what is followed as OPML, for other readers or for: digest sources import."""
    from digest.pipeline.posts.sources import export_opml

    with shell.installation(config) as installation:
        shell.say(export_opml(installation, shell.now()).rstrip("\n"))
