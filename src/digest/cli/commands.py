"""All commands, put together."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import Annotated

import typer

from digest.cli import (
    afterwards,
    api,
    audience,
    backup,
    bounces,
    database,
    doctoring,
    documents,
    editing,
    editors,
    explaining,
    exporting,
    following,
    issues,
    keys,
    machines,
    operate,
    outbox,
    posts,
    proofing,
    rules,
    sending,
    shell,
    sources,
    templates,
    theming,
    upkeep,
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
    sending.app,
    editing.app,
    proofing.app,
    afterwards.app,
    documents.app,
    explaining.app,
    theming.app,
    doctoring.app,
    exporting.app,
    operate.app,
    machines.app,
    upkeep.app,
):
    app.add_typer(part)
app.add_typer(rules.app, name="rules")
app.add_typer(following.app, name="sources")
app.add_typer(posts.app, name="posts")
audience.app.add_typer(outbox.form_app)
app.add_typer(audience.app, name="subscribers")
app.add_typer(outbox.app, name="outbox")
app.add_typer(bounces.bounces, name="bounces")
app.add_typer(bounces.suppressions, name="suppressions")
app.add_typer(editors.app, name="editors")
app.add_typer(api.app, name="api")
app.add_typer(keys.app, name="keys")
app.add_typer(upkeep.notices_app, name="notices")
app.add_typer(templates.app, name="templates")
app.add_typer(database.app, name="db")
app.add_typer(backup.app, name="backup")
app.add_typer(backup.restoring)


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
