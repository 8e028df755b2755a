"""The group ``digest templates``: which files say how things look and read, and taking a copy of one to change it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import shell
from digest.cli.shell import ConfigOption, JsonOption

if TYPE_CHECKING:
    from digest.resources import Resources

app = typer.Typer(help="Files that say how things look and read.", no_args_is_help=True)


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List every template, strings and words file, and whose it is: ours, or one in your templates_dir."""
    own, resources = _place(config)
    rows = [(name, own is not None and path.is_relative_to(own)) for name, path in resources.files.items()]
    if as_json:
        for name, yours in rows:
            shell.emit({"name": name, "yours": yours})
    else:
        shell.table(("NAME", "WHOSE"), ((name, "yours" if yours else "ours") for name, yours in rows))


@app.command()
def copy(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME...", help="For example email/pick.mjml.j2; `list` has them.")
    ],
    config: ConfigOption = None,
) -> None:
    """Copy files of ours into your templates_dir, to change them there; yours are never replaced."""
    from digest.errors import ConfigError

    own, resources = _place(config)
    if own is None:
        raise ConfigError(
            "There is no folder for templates of your own yet: make one and name it in config.toml, "
            'as in templates_dir = "mine" under [publish].'
        )
    for source, target in list(_copies(names, own, resources)):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        shell.say(f"made {target}")


def _place(config: Path | None) -> tuple[Path | None, Resources]:
    from digest.config import templates_dir
    from digest.resources import Resources

    own = templates_dir(shell.config_path(config))
    return own, Resources(own)


def _copies(names: Iterable[str], own: Path, resources: Resources) -> Iterable[tuple[Path, Path]]:
    """What is to be copied to where.

    Raises:
        NotFoundError: there is no such file.
        DigestError: there is one of that name in the folder.
    """
    from digest.errors import DigestError, NotFoundError

    for name in names:
        if name not in resources.files:
            raise NotFoundError(f"There is no template {name}; digest templates list has their names.")
        if (own / name).exists():
            raise DigestError(f"{own / name} is there and stays as it is; remove it first to begin anew.")
        yield resources.files[name], own / name
