"""The command on what the entries of a feed are about. Its format is stable: docs/formats.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from digest.cli import shell
from digest.cli.documents import AllowOption, PlaceArgument, UrlOption, entries_at
from digest.cli.shell import ConfigOption, JsonOption

if TYPE_CHECKING:
    from digest.assemble.outline import Outlined
    from digest.model import Entry

app = typer.Typer()


@app.command()
def themes(
    place: PlaceArgument,
    config: ConfigOption = None,
    url: UrlOption = "",
    allow: AllowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show under which theme each entry of a feed comes, and what belongs together.

    The themes are those of the config.toml that --config names; without it, all is grouped by what it is about.
    """
    from digest.config import asks_for_meanings, load_themes, templates_dir, theme_value
    from digest.encoder import encoder
    from digest.pipeline.drafts.theming import theme_data, themed
    from digest.resources import Resources

    named = config or shell.before_command.get()
    path = shell.config_path(named) if named else None
    known = load_themes(path) if path else ()
    entries = entries_at(place, url, allow)
    found = themed(
        entries,
        tuple(map(theme_value, known)),
        Resources(templates_dir(path) if path else None),
        encoder() if path and asks_for_meanings(path) else None,
    )
    if as_json:
        for each in found:
            shell.emit(theme_data(each))
    else:
        _describe(entries, found)


def _describe(entries: Sequence[Entry], found: Sequence[Outlined]) -> None:
    """The groups, the largest first, each with its entries."""
    titles = {entry.id: entry.title for entry in entries}
    groups: dict[str, list[Outlined]] = defaultdict(list)
    for each in found:
        groups[each.group].append(each)
    for group in sorted(groups.values(), key=len, reverse=True):
        shell.say(f"\n{group[0].label or 'alone'} ({len(group)})")
        for each in group:
            shell.say(f"  {titles[each.post]}\n    {each.why}")
