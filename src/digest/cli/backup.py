"""An installation in one file: `digest backup`, `digest restore`, `digest replay`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.backup.manifest import Manifest

_USUAL = "make"
_OPEN = {  # as ``store.moves.hold_back`` counts it, in words
    "sends": ("send",),
    "in doubt": ("mail in doubt", "mails in doubt"),
    "other mails": ("other mail",),
    "drafts": ("draft",),
}


class _MakesByItself(TyperGroup):
    """A group whose usual command need not be named: `digest backup FILE` is `digest backup make FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As click does, with the usual command put in."""
        if args[:1] != ["--help"] and not set(args[:1]) & self.commands.keys():
            args = [_USUAL, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(help="An installation in one file.", cls=_MakesByItself)
restoring = typer.Typer()


@app.callback()
def backup() -> None:
    """Write an installation into one file; `digest backup FILE` is `digest backup make FILE`."""


@app.command()
def make(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A new file; by default one with the time in its name."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write database, keys, secrets, settings, own templates and pictures, of one moment, into one file, and verify it."""
    from digest.backup.making import make as act
    from digest.config import load
    from digest.model import Mark
    from digest.store import marks
    from digest.store.database import open_database, transaction

    now, path = shell.now(), shell.config_path(config)
    settings = load(path)
    place = file or Path(f"digest-backup-{now:%Y%m%dT%H%M%SZ}.tar.gz")
    engine = open_database(settings.database.url, must_exist=True)
    made = act(engine, path, settings, os.environ, place.absolute(), now)
    with transaction(engine) as connection:
        marks.remember(connection, Mark.BACKUP, now)
    if as_json:
        shell.emit({"file": str(place), **_data(made)})
        return
    shell.say(f"{place}: {_summary(made)}. It was read back, and is whole.")
    shell.say(
        "It holds addresses and keys: keep it where only you can read it. feeds/ is not in it: it is made anew."
    )
    if made.absent:
        shell.say(f"Not in it, for they stand in the environment: {', '.join(made.absent)}.")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    as_json: JsonOption = False,
) -> None:
    """Read a backup from its beginning to its end, and say whether it is whole and what is in it."""
    from digest.backup.verifying import verify as act

    found = act(file)
    if as_json:
        shell.emit({"file": str(file), **_data(found)})
        return
    shell.say(
        f"{file} is whole: {_summary(found)}, made at {found.made_at:%Y-%m-%d %H:%M} UTC by digest {found.digest}."
    )


@restoring.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where config.toml is to stand; new or empty.")
    ],
    database: Annotated[
        str | None,
        typer.Option("--database", metavar="URL", help="An empty database to fill; else the file in DIR."),
    ] = None,
    redactions: Annotated[
        Path | None,
        typer.Option(
            "--redactions", metavar="FILE", help="A newer redactions.json, in the place of the backup's."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a backup back into an empty place; no mail leaves from there until `digest db release`."""
    from digest.backup.restoring import restore as act

    done = act(file, directory.absolute(), shell.now(), database=database, redactions=redactions)
    if as_json:
        shell.emit(
            {
                "database": done.database,
                "held": dict(done.held),
                "elsewhere": list(done.elsewhere),
                **_data(done.manifest),
            }
        )
        return
    shell.say(f"{directory} has {_summary(done.manifest)}, as of {done.manifest.made_at:%Y-%m-%d %H:%M} UTC.")
    for name in done.elsewhere:
        shell.say(f"config.toml names it by its whole path, so it waits for you in {directory / name}")
    if database:
        shell.say(f"The rows are in {done.database}: name it in [database] url.")
    for variable in done.manifest.absent:
        shell.say(f"{variable} stood in the environment and is not in the backup: set it.")
    shell.say(_held(done.held))
    shell.say(
        "Who left or was suppressed after the backup is not known here, and what was sent since looks as if it waited. "
        "Tell it: digest replay --mail-log LOG --suppressions LIST. Then look at what is open, and: digest db release"
    )


@restoring.command()
def replay(
    mail_log: Annotated[
        Path | None,
        typer.Option(
            "--mail-log",
            metavar="FILE",
            help="The relay's log: what stands in it by its Message-ID was sent.",
        ),
    ] = None,
    suppressions: Annotated[
        Path | None,
        typer.Option(
            "--suppressions", metavar="FILE", help="Addresses, one a line, that are never to be written to."
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell a restored database what happened after its backup: what a relay took, and who is not to be written to."""
    from digest.pipeline.mail.replaying import replay_log, replay_suppressions

    if mail_log is None and suppressions is None:
        raise typer.BadParameter("give --mail-log, --suppressions, or both")
    told: dict[str, int] = {}
    with shell.installation(config) as installation:
        if suppressions:
            told["suppressed"], told["no address"] = replay_suppressions(
                installation, suppressions, shell.now()
            )
        if mail_log:
            found = replay_log(installation, mail_log, shell.now())
            told |= {
                "Message-IDs of ours": found.named,
                "accepted": found.accepted,
                "other mail accepted": found.others,
            }
    if as_json:
        shell.emit(told)
        return
    shell.table(("what", "number"), told.items())


def _summary(manifest: Manifest) -> str:
    return f"{manifest.rows} rows in {len(manifest.tables)} tables, and {len(manifest.files)} files"


def _held(held: Mapping[str, int]) -> str:
    from digest.text.amounts import amount

    said = (
        ", ".join(amount(held[key], *words) for key, words in _OPEN.items() if held.get(key))
        or "nothing was open"
    )
    return f"Held until you have looked: {said}. No other mail leaves either."


def _data(manifest: Manifest) -> dict[str, object]:
    return {
        "made_at": manifest.made_at.isoformat(),
        "digest": manifest.digest,
        "schema": manifest.schema,
        "rows": {table.name: table.rows for table in manifest.tables},
        "files": [part.name for part in manifest.files],
        "absent": list(manifest.absent),
    }
