"""The files of an installation that no database holds and nothing can make anew."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import make_url

from digest.backup.manifest import ELSEWHERE, HERE
from digest.config import SECRET_VARIABLE
from digest.settings import Section, Settings

_SECRET = re.compile(r"DIGEST_[A-Z_]*(PASSWORD|SECRET|TOKEN|WEBHOOKS)")


def belongings(config: Path, settings: Settings) -> Iterator[tuple[str, Path]]:
    """Each file that is there, with its name in a backup; feeds/ is not among them, for it is written anew from the rows.

    Whatever a setting names that ends with ``_file``, the keys that sign mail, own templates, and the pictures.
    """
    for path in (config, *_named(settings)):
        if path.is_file():
            yield name_of(config.parent, path), path
    for folder in (settings.publish.templates_dir, settings.publish.pictures_dir):
        for path in sorted(folder.rglob("*")) if folder else ():
            if path.is_file() and not path.is_symlink():
                yield name_of(config.parent, path), path


def _named(settings: Settings) -> Iterator[Path]:
    for name in type(settings).model_fields:
        section = getattr(settings, name)
        for key in type(section).model_fields if isinstance(section, Section) else ():
            value = getattr(section, key)
            if key.endswith("_file") and isinstance(value, Path):
                yield value
    yield from settings.mail.dkim_keys


def name_of(folder: Path, path: Path) -> str:
    """``here/var/secret.key`` for what lies below the folder of config.toml, ``elsewhere/etc/…`` for the rest."""
    lexical = Path(os.path.normpath(path))
    if lexical.is_relative_to(folder):
        return f"{HERE}/{lexical.relative_to(folder).as_posix()}"
    return f"{ELSEWHERE}/{lexical.as_posix().lstrip('/')}"


def database_file(folder: Path, settings: Settings) -> str:
    """Where the database's file stands below the folder; "" where it does not, or there is a server."""
    url = make_url(settings.database.url)
    path = Path(os.path.normpath(url.database or "")) if url.get_backend_name() == "sqlite" else None
    return path.relative_to(folder).as_posix() if path and path.is_relative_to(folder) else ""


def absent(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The variables that hold secrets of this installation, which no backup holds; the keys of links are in each."""
    named = (name for name, value in environ.items() if value and _SECRET.fullmatch(name))
    return tuple(sorted(name for name in named if name != SECRET_VARIABLE))
