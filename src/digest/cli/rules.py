"""Commands on standing corrections: rules list, source-theme, never-video, spelling, forget."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption

if TYPE_CHECKING:
    from digest.model import Rule

app = typer.Typer(help="Standing corrections.", no_args_is_help=True)

RemoveOption = Annotated[bool, typer.Option("--remove", help="Apply it no longer.")]


@app.command("list")
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
    rows = ((rule.kind, rule.subject, rule.theme or rule.spelling, rule.owner) for rule in found)
    shell.table(("rule", "about", "theme or spelling", "from"), rows)


@app.command("source-theme")
def source_theme(
    source: Annotated[str, typer.Argument(metavar="SOURCE")],
    theme: Annotated[str, typer.Argument(metavar="THEME")],
    remove: RemoveOption = False,
    config: ConfigOption = None,
) -> None:
    """Posts of this source always stand under this theme."""
    from digest.model import Rule, RuleKind, SourceOwner

    _change(Rule(RuleKind.SOURCE_THEME, source, theme, SourceOwner.COMMAND), remove, config)


@app.command("never-video")
def never_video(
    url: Annotated[str, typer.Argument(metavar="URL")],
    remove: RemoveOption = False,
    config: ConfigOption = None,
) -> None:
    """This video is never shown."""
    from digest.errors import DigestError
    from digest.model import Rule, RuleKind, SourceOwner
    from digest.text.links import video

    found = video(url)
    if found is None:
        raise DigestError(f"{url} is no address of a video that digest knows; give the page to watch it on.")
    _change(Rule(RuleKind.NEVER_VIDEO, found.url, owner=SourceOwner.COMMAND), remove, config)


@app.command("spelling")
def spelling(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A person's name as posts spell it.")],
    spelt: Annotated[str, typer.Argument(metavar="SPELLING", help="The name as it is to be printed.")],
    remove: RemoveOption = False,
    config: ConfigOption = None,
) -> None:
    """This name is spelt so, as a speaker's or an author's; the words of a quote are never changed."""
    from digest.assemble.editing import line
    from digest.model import Rule, RuleKind, SourceOwner

    rule = Rule(
        RuleKind.SPELLING, line("name", name), owner=SourceOwner.COMMAND, spelling=line("spelling", spelt)
    )
    _change(rule, remove, config)


@app.command()
def forget(
    kind: Annotated[str, typer.Argument(metavar="RULE", help="source-theme, never-video or spelling.")],
    about: Annotated[
        str, typer.Argument(metavar="ABOUT", help="What it is about, as `rules list` names it.")
    ],
    config: ConfigOption = None,
) -> None:
    """Forget a rule, however it came about; one of config.toml is changed there."""
    from digest.model import Rule, RuleKind

    if kind not in set(RuleKind):
        raise typer.BadParameter(f"{kind!r} is no rule: there are {', '.join(RuleKind)}")
    _change(Rule(RuleKind(kind), about), True, config)


def _change(rule: Rule, remove: bool, config: Path | None) -> None:
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
