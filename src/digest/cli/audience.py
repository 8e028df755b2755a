"""Commands on subscribers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption

app = typer.Typer(help="Who gets the mail.", no_args_is_help=True)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv")],
    digest: Annotated[str, typer.Option("--digest", help="For rows that name none.")] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import subscribers with their consent from a CSV file; mails nobody, can be repeated."""
    from dataclasses import asdict

    from digest.pipeline.audience import import_subscribers

    with shell.installation(config) as installation:
        report = import_subscribers(installation, file, digest, shell.now())
    if as_json:
        shell.emit(asdict(report))
        return
    shell.say(
        f"{report.added} added, {report.unchanged} there already, {report.unsubscribed} had left and stay so, "
        f"{report.suppressed} suppressed, {len(report.refused)} refused. Nobody was mailed."
    )
    for why in report.refused:
        shell.say(f"  {why}")


@app.command("list")
def list_(
    digest: Annotated[str | None, typer.Option("--digest", help="Only of this digest.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List subscriptions, each with its state, themes and consent."""
    from digest import codec, store
    from digest.model import Subscription
    from digest.store.database import reading

    with shell.installation(config) as installation, reading(installation.engine) as connection:
        found = tuple(store.audience.subscriptions(connection, digest))
    if as_json:
        for subscription in found:
            shell.emit(codec.to_data(Subscription, subscription))
        return
    shell.table(
        ("address", "digest", "state", "themes", "consent"),
        (
            (
                each.address,
                each.digest,
                each.state,
                ", ".join(each.themes) if each.themes else "all",
                f"{each.consent_at:%Y-%m-%d} {each.consent_source}"
                if each.consent_at
                else each.consent_source,
            )
            for each in found
        ),
    )
