"""Commands on what is followed and covered: collect, sources, theme, rules, posts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption

if TYPE_CHECKING:
    from digest.model import Rule, Source
    from digest.pipeline.collect import Polled

app = typer.Typer()
sources_app = typer.Typer(help="What is followed, and how it is.", invoke_without_command=True)
theme_app = typer.Typer(
    help="Subjects that editors cover, beside those in config.toml.", no_args_is_help=True
)
rules_app = typer.Typer(help="Standing corrections.", no_args_is_help=True)
posts_app = typer.Typer(help="Posts that were collected.", no_args_is_help=True)
app.add_typer(sources_app, name="sources")
app.add_typer(theme_app, name="theme")
app.add_typer(rules_app, name="rules")
app.add_typer(posts_app, name="posts")

SlugArgument = Annotated[str, typer.Argument(metavar="SLUG")]


@app.command()
def collect(
    everything: Annotated[
        bool, typer.Option("--all", help="Poll every source, due or not; still conditionally.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Poll the sources that are due, and store what is new."""
    from digest.cli.progress import progress
    from digest.pipeline.collect import collect as act

    with shell.installation(config) as installation, progress("collecting", quiet=as_json) as step:
        results = act(
            installation, shell.now, everything=everything, progress=lambda polled: step(polled.source)
        )
    _print_polled(results, as_json)
    _tell_failures([polled for polled in results if not polled.ok], len(results))


def _tell_failures(failed: list[Polled], polled: int) -> None:
    """What was collected is kept and printed; what was not is an error all the same, so that a script sees it."""
    from digest.errors import FetchError

    if failed:
        reasons = " ".join(f"{each.source}: {each.status}" for each in failed)
        raise FetchError(
            f"{len(failed)} of {polled} sources could not be collected and will be tried again. {reasons}"
        )


def _print_polled(results: tuple[Polled, ...], as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        for polled in results:
            shell.emit(asdict(polled))
    elif not results:
        shell.say("No source is due; poll them all the same with: digest collect --all")
    else:
        shell.table(
            ("source", "entries", "new", "changed", "held", "how it went"),
            (
                (
                    each.source,
                    each.stored.entries,
                    each.stored.new,
                    each.stored.revised,
                    each.stored.held,
                    each.status,
                )
                for each in results
            ),
        )


@sources_app.callback()
def sources(context: typer.Context, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the sources: what each is, how it is, and when it is polled next."""
    if context.invoked_subcommand:
        shell.before_command.set(config or shell.before_command.get())
        return
    from digest import codec, store
    from digest.model import Source
    from digest.store.database import reading

    with shell.installation(config) as installation, reading(installation.engine) as connection:
        found = store.sources.all_sources(connection)
    if as_json:
        for source in found:
            shell.emit(codec.to_data(Source, source))
        return
    shell.table(("source", "title", "next poll", "how it is"), map(_source_row, found))


def _source_row(source: Source) -> tuple[str, str, str, str]:
    when = f"{source.next_poll_at:%Y-%m-%d %H:%M} UTC" if source.next_poll_at else "now"
    return (source.slug, source.title or source.url, when, source.status or "It has not been polled yet.")


@sources_app.command("add")
def add_source(
    url: Annotated[str, typer.Argument(metavar="URL", help="The address of its feed.")],
    slug: Annotated[str, typer.Option(help="Its short name; made from the address when not given.")] = "",
    title: Annotated[str, typer.Option(help="What to call it; else what its feed says.")] = "",
    own: Annotated[bool, typer.Option("--own", help="Its posts are ours.")] = False,
    weight: Annotated[float, typer.Option(min=0.01, max=10, help="How much its posts count.")] = 1.0,
    config: ConfigOption = None,
) -> None:
    """Follow a source, beside those in config.toml."""
    from digest import store
    from digest.config import new_source
    from digest.store.database import transaction

    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        known = store.sources.all_sources(connection, retired=True)
        source = new_source(url, slug, title, own, weight, known)
        kept = store.sources.add_source(connection, source, shell.now())
    shell.say(f"{kept} is followed; it is polled by the next: digest collect")


@sources_app.command("remove")
def remove_source(slug: SlugArgument, config: ConfigOption = None) -> None:
    """Follow a source no longer; its posts are kept."""
    from digest import store
    from digest.store.database import transaction

    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        store.sources.retire_source(connection, slug)
    shell.say(f"{slug} is followed no longer; its posts are kept.")


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


@theme_app.command("remove")
def remove_theme(slug: SlugArgument, config: ConfigOption = None) -> None:
    """Cover a theme no longer."""
    from digest import store
    from digest.store.database import transaction

    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        store.sources.retire_theme(connection, slug)
    shell.say(f"{slug} is covered no longer.")


@rules_app.command("list")
def list_rules(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the standing corrections."""
    from digest import codec, store
    from digest.model import Rule
    from digest.store.database import reading

    with shell.installation(config) as installation, reading(installation.engine) as connection:
        found = store.sources.rules(connection)
    if as_json:
        for rule in found:
            shell.emit(codec.to_data(Rule, rule))
        return
    shell.table(("rule", "about", "theme", "from"), ((r.kind, r.subject, r.theme, r.owner) for r in found))


@rules_app.command("source-theme")
def source_theme(
    source: Annotated[str, typer.Argument(metavar="SOURCE")],
    theme: Annotated[str, typer.Argument(metavar="THEME")],
    remove: Annotated[bool, typer.Option("--remove", help="Apply it no longer.")] = False,
    config: ConfigOption = None,
) -> None:
    """Posts of this source always stand under this theme."""
    from digest.model import Rule, RuleKind, SourceOwner

    _change_rule(Rule(RuleKind.SOURCE_THEME, source, theme, SourceOwner.COMMAND), remove, config)


@rules_app.command("never-video")
def never_video(
    url: Annotated[str, typer.Argument(metavar="URL")],
    remove: Annotated[bool, typer.Option("--remove", help="Apply it no longer.")] = False,
    config: ConfigOption = None,
) -> None:
    """This video is never shown."""
    from digest.errors import DigestError
    from digest.model import Rule, RuleKind, SourceOwner
    from digest.text.links import video

    found = video(url)
    if found is None:
        raise DigestError(f"{url} is no address of a video that digest knows; give the page to watch it on.")
    _change_rule(Rule(RuleKind.NEVER_VIDEO, found.url, owner=SourceOwner.COMMAND), remove, config)


def _change_rule(rule: Rule, remove: bool, config: Path | None) -> None:
    from digest import store
    from digest.errors import NotFoundError
    from digest.store.database import transaction

    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        if remove:
            store.sources.retire_rule(connection, rule.kind, rule.subject)
        elif rule.theme and rule.theme not in {theme.slug for theme in store.sources.themes(connection)}:
            raise NotFoundError(f"There is no theme {rule.theme}; digest theme list names those there are.")
        else:
            store.sources.add_rule(connection, rule)
    shell.say("The rule applies no longer." if remove else "The rule applies from the next draft on.")


# ── posts ──────────────────────────────────────────────────────────────────────────────────────


@posts_app.command("held")
def held(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the posts that are kept out of issues as back-fill, each with why."""
    from digest import store
    from digest.store.database import reading

    with shell.installation(config) as installation, reading(installation.engine) as connection:
        found = store.posts.held(connection)
    if as_json:
        for post in found:
            shell.emit(
                {
                    "key": post.key,
                    "source": post.source,
                    "url": post.url,
                    "title": post.title,
                    "held": post.held,
                }
            )
        return
    shell.table(
        ("key", "source", "published", "title", "why it is held"),
        ((post.key, post.source, f"{post.published:%Y-%m-%d}", post.title, post.held) for post in found),
    )


@posts_app.command("release")
def release(
    keys: Annotated[list[str], typer.Argument(metavar="KEY…", help="Keys or addresses of held posts.")],
    config: ConfigOption = None,
) -> None:
    """Let held posts into the next issue."""
    from digest import store
    from digest.errors import NotFoundError
    from digest.store.database import transaction

    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        wanted = [found.key if (found := store.posts.by_url(connection, key)) else key for key in keys]
        released = store.posts.release(connection, wanted)
    if not released:
        raise NotFoundError(
            f"None of these posts is held: {', '.join(keys)}; digest posts held lists those that are."
        )
    shell.say(f"{released} of {len(keys)} were held and are open for the next issue now.")
