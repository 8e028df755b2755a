"""A new installation: a folder with its own config.toml, var/ with a fresh secret, and feeds/."""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from pathlib import Path

from digest.config.reading import NAME
from digest.config.secrets import write_secret
from digest.errors import ConfigError

SECRET = Path("var/secret.key")


def init(directory: Path, example: str) -> list[Path]:
    """Make an installation in ``directory`` from the commented ``example``; what was made, in order.

    All of it or nothing: config.toml comes last and whole, and what was made before a failure is removed.

    Raises:
        ConfigError: there is an installation already, or the folder cannot be written; nothing is changed.
    """
    config, secret = directory / NAME, directory / SECRET
    for path in (config, secret):
        if path.exists():
            raise ConfigError(f"{path} exists already: choose another folder, or move it away first.")
    made: list[Path] = []
    with ExitStack() as undo:
        undo.callback(_remove, made)
        try:
            for folder in (directory, secret.parent, directory / "feeds"):
                made += _make_folder(folder)
            write_secret(secret)
            made.append(secret)
            _write_whole(config, example)
        except OSError as error:
            what = f"{error.filename or directory} cannot be written: {error.strerror}"
            raise ConfigError(f"{what}; nothing was changed.") from error
        undo.pop_all()
    return [*made, config]


def _make_folder(folder: Path) -> list[Path]:
    """The folders that had to be made, the outermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


def _write_whole(path: Path, text: str) -> None:
    """Never half a file: written aside, then renamed."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)


def _remove(made: list[Path]) -> None:
    for path in reversed(made):
        with suppress(OSError):  # a folder into which somebody else has written stays
            path.rmdir() if path.is_dir() else path.unlink()
