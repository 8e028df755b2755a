"""Commands on the database as a whole: `digest db`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

app = typer.Typer(help="The database as a whole.", no_args_is_help=True)

UrlArgument = Annotated[
    str, typer.Argument(metavar="URL", help="sqlite:///PATH or postgresql://USER@HOST/NAME.")
]


@app.command()
def show(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say which database is used, whether its schema is that of this digest, what is in it, and what holds it."""
    from digest import store
    from digest.moving.rows import count
    from digest.moving.shapes import shapes
    from digest.store.database import known_revisions, newest_revision, reading, revision, shown

    engine = _configured(shell.config_path(config))
    with reading(engine) as connection:
        present, newest = revision(connection), newest_revision()
        is_current = present == newest
        moves = list(store.moves.known(connection).values()) if is_current else []
        rows = {shape.name: count(connection, shape) for shape in shapes()} if is_current else {}
    told = {move.kind.value: {"place": move.place, "at": move.at.isoformat()} for move in moves}
    if as_json:
        shell.emit(
            {"database": shown(engine.url), "schema": present, "newest": newest, "moves": told, "rows": rows}
        )
        return
    is_older = present is None or present in known_revisions()
    helps = "digest db upgrade" if is_older else "a newer digest is at work on it"
    how = "that of this digest" if is_current else f"this digest has {newest}: {helps}"
    shell.say(f"{shown(engine.url)}: schema {present or 'none'}, {how}.")
    for move in moves:
        shell.say(f"{move.kind}: {move.place}, {move.at:%Y-%m-%d %H:%M} UTC")
    shell.table(("table", "rows"), rows.items())


@app.command()
def upgrade(config: ConfigOption = None) -> None:
    """Bring the schema up to date, as every command that uses the database does; for a step of its own while deploying."""
    from digest.store.database import migrate, newest_revision, shown

    engine = _configured(shell.config_path(config))
    migrate(engine)
    shell.say(f"{shown(engine.url)} has schema {newest_revision()}, that of this digest.")


@app.command()
def copy(
    source: UrlArgument,
    target: UrlArgument,
    trial: Annotated[
        bool, typer.Option("--trial", help="Leave the source in use; no mail leaves from the copy.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy everything into an empty database, SQLite or PostgreSQL, check it row by row, and close the old one."""
    from dataclasses import asdict

    from digest.moving.copying import copy as act
    from digest.store.database import open_database

    done = act(open_database(source, must_exist=True), open_database(target), shell.now(), trial=trial)
    if as_json:
        shell.emit({**asdict(done), "rows": done.rows})
        return
    shell.table(
        ("table", "rows", "SHA-256 of its rows, in both"),
        ((tally.table, tally.rows, tally.sha256) for tally in done.tables if tally.rows),
    )
    shell.say(f"{done.rows} rows of {done.source} are in {done.target}, each of them the same in both.")
    if trial:
        shell.say(
            f"It is a trial: {done.source} stays in use, and from the copy no mail leaves until `digest db release`."
        )
    else:
        shell.say(
            f"{done.source} takes no rows any more. Now name the new one in [database] url, then: digest check"
        )


@app.command()
def release(config: ConfigOption = None) -> None:
    """Let mail leave again from a database that was restored or copied, once a person has looked; sends stay paused."""
    from digest import store
    from digest.model.moves import MoveKind
    from digest.store.audit import COMMAND_LINE
    from digest.store.database import transaction

    with shell.installation(config) as installation, transaction(installation.engine) as connection:
        was = store.moves.remove(connection, MoveKind.HELD)
        if was:
            store.audit.add(connection, COMMAND_LINE, "release", "database", shell.now())
    if not was:
        shell.say("Nothing holds this database; there is nothing to do.")
        return
    shell.say(
        "Mail leaves again. What was open stays held: a send goes on by `digest resume ISSUE`, a mail in doubt by "
        "`digest settle` or `digest outbox settle`, a draft by `digest approve`."
    )


def _configured(path: Path) -> Engine:
    """The database that config.toml names, as it is."""
    from digest.config import load
    from digest.store.database import open_database

    return open_database(load(path).database.url)
