"""The command by which one leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption

app = typer.Typer()


@app.command("export")
def export(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Made, or replaced where it is an earlier export.")
    ],
    config: ConfigOption = None,
) -> None:
    """Write everything that one needs to leave: subscribers, sources, settings, issues, posts, quotes, deliveries."""
    from digest.pipeline.issues.export import export

    with shell.installation(config) as installation:
        export(installation, folder, shell.now())
    shell.say(f"{folder}: README.md in it says what each file is.")
