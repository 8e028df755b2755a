"""The settings as they are in force, each with where it is said: a line of the file, the environment, or nowhere."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from digest.config import environment
from digest.config.exporting import value_text
from digest.config.inbound import IMAP_VARIABLE, WEBHOOKS_VARIABLE
from digest.config.lines import Place, lines
from digest.config.operating import METRICS_VARIABLE, NOTICES_VARIABLE
from digest.config.reading import load, text_of
from digest.config.secrets import PASSWORD_VARIABLE, SECOND_PASSWORD_VARIABLE, SECRET_VARIABLE
from digest.errors import ConfigError
from digest.settings import Section, Settings

SECRETS = (
    SECRET_VARIABLE, PASSWORD_VARIABLE, SECOND_PASSWORD_VARIABLE, IMAP_VARIABLE, WEBHOOKS_VARIABLE,
    METRICS_VARIABLE, NOTICES_VARIABLE,
)  # fmt: skip
MOST_TABLES = 200  # of one name: further ones are only counted
_LIKE = "like"
_LONGEST = 2_000  # characters of a value
_HIDDEN = "•••"
_USERINFO = re.compile(r"(://[^/?#@:]*):[^/?#]*@")  # the password in an address
_PARAMETER = re.compile(r"([?&](?:password|passwd|secret|token|key)=)[^&#]*", re.IGNORECASE)


class Origin(StrEnum):
    """Where a setting is said."""

    FILE = "file"
    ENVIRONMENT = "environment"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Stated:
    """One setting: ``value`` as TOML writes it, "" for none; ``where`` is a line's number, a variable's name, or ""."""

    key: str
    value: str
    origin: Origin
    where: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the file; ``name`` as it stands in its brackets, ``what`` tells tables of one name apart."""

    name: str
    what: str
    line: int | None
    settings: tuple[Stated, ...]


def stated(path: Path, settings: Settings, environ: Mapping[str, str]) -> tuple[Table, ...]:
    """The settings in force with where the file says them; no password is in them.

    Of tables that may stand many times, only what the file says is there, but for digests; at most 200 of a name.

    Raises:
        ConfigError: the file cannot be read any more.
    """
    text = text_of(path)
    found, variables = lines(text), environment.given(environ)
    likenesses = _likenesses(text)
    tables = []
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, Section):
            said = _settings((name,), value, found, variables, {})
            tables.append(Table(f"[{name}]", "", found.get((name,)), tuple(said)))
            continue
        for number, section in enumerate(value[:MOST_TABLES]):
            said = _settings((name, number), section, found, {}, likenesses)
            whole = tuple(said) if name == "digests" else tuple(each for each in said if each.where)
            tables.append(Table(f"[[{name}]]", _what(section), found.get((name, number)), whole))
    return tuple(tables)


def changed_since(path: Path, settings: Settings) -> str:
    """What to know where the file says other things than are in force, as a sentence, or ""."""
    try:
        now = load(path)
    except ConfigError as error:
        return f"The file was changed, and cannot be used as it is: {error}"
    if now != settings:
        return (
            "The file was changed since this process has started: what it says holds from its next start on."
        )
    return ""


def secrets_set(environ: Mapping[str, str]) -> Mapping[str, bool]:
    """Which of the secrets the environment brings, by the names of their variables."""
    return {name: bool(environ.get(name)) for name in SECRETS}


def _settings(
    place: Place,
    section: Section,
    found: Mapping[Place, int],
    variables: Mapping[Place, tuple[str, object]],
    likenesses: Mapping[int, int],
) -> Iterator[Stated]:
    for name, field in type(section).model_fields.items():
        key = field.alias or name
        if key == _LIKE:
            continue  # what it stands for is said key by key
        value = _shown(getattr(section, name))
        if variable := variables.get((*place, key)):
            yield Stated(key, value, Origin.ENVIRONMENT, variable[0])
        elif line := _line((*place, key), found, likenesses):
            yield Stated(key, value, Origin.FILE, str(line))
        else:
            yield Stated(key, value, Origin.DEFAULT, "")


def _line(place: Place, found: Mapping[Place, int], likenesses: Mapping[int, int]) -> int | None:
    """The line of a key, or of the digest that it is taken from."""
    while place not in found and place[0] == "digests" and place[1] in likenesses:
        place = ("digests", likenesses[int(place[1])], *place[2:])
    return found.get(place)


def _likenesses(text: str) -> Mapping[int, int]:
    """Which digest of the file takes its settings from which other one above it, by their numbers."""
    digests: Sequence[Mapping[str, Any]] = tomllib.loads(text).get("digests", [])
    numbers = {digest.get("slug"): number for number, digest in enumerate(digests)}
    return {
        number: numbers[digest[_LIKE]]
        for number, digest in enumerate(digests)
        if numbers.get(digest.get(_LIKE), number) < number
    }


def _what(section: Section) -> str:
    """By what a table is known among those of its name."""
    names = ("slug", "url", "source", "never_video", "name")
    return next((str(value) for name in names if (value := getattr(section, name, None))), "")


def _shown(value: object) -> str:
    if value is None or value == "":
        return ""
    text = _PARAMETER.sub(rf"\1{_HIDDEN}", _USERINFO.sub(rf"\1:{_HIDDEN}@", value_text(value)))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} […]"
