"""Commands on the API: what it can do."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption

app = typer.Typer(help="The API below /api/v1.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """A group, though it has one command."""


@app.command()
def describe(
    table: Annotated[
        bool, typer.Option("--table", help="A table of the operations in Markdown, in place of JSON.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Print the OpenAPI description of all operations."""
    from json import dumps

    from digest.web.api.app import create_api, described
    from digest.web.api.describing import operations_table

    with shell.installation(config) as installation:
        found = described(create_api(installation, shell.now))
    shell.say(operations_table(found) if table else dumps(found, ensure_ascii=False, indent=2))
