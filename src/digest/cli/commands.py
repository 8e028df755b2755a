"""All commands, put together."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import Annotated

import typer

from digest.cli import (
    afterwards,
    audience,
    documents,
    editing,
    explaining,
    following,
    issues,
    operate,
    posts,
    proofing,
    rules,
    shell,
    sources,
    theming,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Themed digests with verbatim quotes: many feeds in, one Atom feed and newsletter out.",
)
for part in (
    sources.app,
    issues.app,
    editing.app,
    proofing.app,
    afterwards.app,
    documents.app,
    explaining.app,
    theming.app,
    operate.app,
):
    app.add_typer(part)
app.add_typer(rules.app, name="rules")
app.add_typer(following.app, name="sources")
app.add_typer(posts.app, name="posts")
app.add_typer(audience.app, name="subscribers")


def _print_version(wanted: bool) -> None:
    if wanted:
        shell.say(f"digest {version_of('digest-pipeline')}")
        raise typer.Exit


@app.callback()
def root(
    config: shell.ConfigOption = None,
    version: Annotated[  # noqa: ARG001  # its callback prints and exits
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options that stand before a command; ``--config`` may stand after it as well."""
    shell.before_command.set(config)
