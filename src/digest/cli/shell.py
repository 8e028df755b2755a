"""What every command shares: finding config.toml, opening the installation, printing for people or programs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from digest.model import IssueId
    from digest.pipeline.installation import Installation

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="The config.toml to use (else $DIGEST_CONFIG, else ./config.toml).",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
IssueArgument = Annotated[str, typer.Argument(metavar="ISSUE", help="For example weekly/2026-11-22.")]
DigestArgument = Annotated[str, typer.Argument(metavar="DIGEST", help="A digest's slug, for example weekly.")]


before_command: ContextVar[Path | None] = ContextVar("before_command", default=None)
_LARGEST_TEXT = 100_000  # bytes
_WIDEST = 100_000  # characters; rich wants a number


def now() -> datetime:
    """The one clock reading of a command."""
    return datetime.now(UTC)


def config_path(config: Path | None) -> Path:
    """The config.toml that a command uses; ``--config`` may stand before or after the command's name."""
    from digest.config import find

    return find(config or before_command.get(), os.environ)


@contextmanager
def installation(config: Path | None) -> Iterator[Installation]:
    """The installation that config.toml describes, open for the length of a command."""
    from digest import logs
    from digest.wiring import open_installation

    logs.veil_warnings()
    with open_installation(config_path(config), now()) as opened:
        yield opened


def issue_id(text: str) -> IssueId:
    """An ISSUE argument, read."""
    from digest.model import IssueId

    return IssueId.parse(text)


def text_or_file(given: str) -> str:
    """An argument that is text, or names a file with it.

    Raises:
        DigestError: the file cannot be read, is no text, or has more than 100 KB.
    """
    from digest.errors import DigestError

    try:
        path = Path(given)
        if not path.is_file():
            return given
        if path.stat().st_size > _LARGEST_TEXT:
            raise DigestError(f"{path} is too large for a text: at most {_LARGEST_TEXT} bytes.")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DigestError(f"{path} is no text in UTF-8: {error.reason}.") from None
    except (OSError, ValueError):  # too long for a name of a file, or with a NUL in it: words
        return given


def say(text: str) -> None:
    """A line for a person."""
    typer.echo(text)


def emit(data: Any) -> None:
    """A line of JSON for a program."""
    typer.echo(json.dumps(data, ensure_ascii=False))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for a person: cells fold to fit a terminal; in a pipe each row is one line, however long."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(" ".join(str(cell).split()) for cell in row))
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = _WIDEST
    with console.capture() as capture:
        console.print(drawn)
    say("\n".join(line.rstrip() for line in capture.get().splitlines()))
