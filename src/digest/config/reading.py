"""Finding config.toml and reading it: settings, or every mistake at once."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from digest.config import environment
from digest.config.alike import with_likenesses
from digest.config.checks import Sections, check
from digest.config.lines import Place, lines
from digest.config.mistakes import Mistake, of_table, sentences, unknown_key
from digest.config.naming import with_slugs
from digest.errors import ConfigError
from digest.settings import Section, Settings, ThemeSettings

NAME = "config.toml"
VARIABLE = "DIGEST_CONFIG"
_MAX_BYTES = 5_000_000
_STAND_INS = {
    "slug": "stand-in",
    "title": "-",
    "days": ["monday"],
    "at": "00:00",
    "zone": "UTC",
    "from": "stand@in.org",
    "postal": "-",
    "url": "https://stand.in/",
    "tag": "tag:stand.in,2026:",
    "feeds_url": "https://stand.in/",
    "app_url": "https://stand.in/",
}
_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def find(path: Path | None, environ: Mapping[str, str]) -> Path:
    """The configuration to use: ``path`` (--config), else $DIGEST_CONFIG, else ./config.toml; absolute.

    A folder stands for the config.toml in it.

    Raises:
        ConfigError: there is none; the sentence says how to make one.
    """
    named = path or (Path(environ[VARIABLE]) if environ.get(VARIABLE) else None)
    found = (named or Path(NAME)).absolute()
    found = found / NAME if found.is_dir() else found
    if found.is_file():
        return found
    if named is None:
        raise ConfigError(
            f"There is no {NAME} in this folder: make an installation with `digest init DIR`, "
            f"or name one with --config or ${VARIABLE}."
        )
    origin = "--config" if path else f"${VARIABLE}"
    raise ConfigError(f"{origin} names {named}, which does not exist: make it with `digest init DIR`.")


def load(path: Path) -> Settings:
    """What the file says, or the environment in its place: checked, its paths absolute, each source with a slug.

    Raises:
        ConfigError: with a sentence for every mistake, in the order of the file.
    """
    text = text_of(path)
    variables = environment.given(os.environ)
    data, unlike = with_likenesses(environment.over(_parsed(text, path.name), variables))
    sections, mistakes = _read(data)
    mistakes = [*unlike, *mistakes]
    wrong = {mistake.place for mistake in mistakes}
    mistakes += [mistake for mistake in check(sections, data) if mistake.place not in wrong]
    if mistakes:
        given = {place: name for place, (name, _) in variables.items()}
        raise ConfigError(*sentences(mistakes, path.name, lines(text), given))
    return _resolved(_settings(sections), path.absolute().parent)


def load_themes(path: Path) -> tuple[ThemeSettings, ...]:
    """The themes that a file describes, whatever else stands in it or is missing.

    Raises:
        ConfigError: with a sentence for every mistake in a theme, in the order of the file.
    """
    text = text_of(path)
    sections, mistakes = _read({"themes": _parsed(text, path.name).get("themes", [])})
    wrong = [mistake for mistake in mistakes if mistake.place[0] == "themes"]
    if wrong:
        raise ConfigError(*sentences(wrong, path.name, lines(text)))
    return tuple(section for section in sections.values() if isinstance(section, ThemeSettings))


def templates_dir(path: Path) -> Path | None:
    """The user's templates that a file names, whatever else stands in it or is missing; None where it names none."""
    try:
        named = _unchecked(path)["publish"]["templates_dir"]
    except (ConfigError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return path.absolute().parent / named if isinstance(named, str) else None


def asks_for_meanings(path: Path) -> bool:
    """Whether a file sets ``[assemble] semantic``, whatever else stands in it or is missing."""
    try:
        return _unchecked(path)["assemble"]["semantic"] is True
    except (ConfigError, ValueError, LookupError, TypeError, RecursionError):
        return False


def _unchecked(path: Path) -> dict[str, Any]:
    return environment.over(tomllib.loads(text_of(path)), environment.given(os.environ))


def text_of(path: Path) -> str:
    """The file's text.

    Raises:
        ConfigError: it cannot be read, is too large, or is no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > _MAX_BYTES:
        raise ConfigError(f"{path} is larger than {_MAX_BYTES // 1_000_000} MB, which no configuration is.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path.name} line {line}: expected text in UTF-8, got other bytes.") from error


def _parsed(text: str, name: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ConfigError(f"{name}: its brackets are nested too deep.") from error
    except tomllib.TOMLDecodeError as error:
        where = _AT_LINE.search(str(error))
        line = where[1] if where and where[1] else text.count("\n") + 1
        what = _AT_LINE.sub("", str(error))
        raise ConfigError(f"{name} line {line}: this is not TOML: {what}.") from error


def _read(data: Mapping[str, object]) -> tuple[Sections, list[Mistake]]:
    """Table by table, so that a mistake in one hides no mistake in another."""
    sections: dict[Place, Section] = {}
    mistakes = list(_wrong_tables(data))
    for name, value in data.items():
        for place, kind, table in _tables(name, value):
            try:
                sections[place] = _section(kind, table)
            except ValidationError as error:
                found = error.errors()
                mistakes += of_table(place, kind, found)
                if isinstance(table, dict):
                    sections[place] = _stand_in(kind, table, {str(each["loc"][0]) for each in found})
    return sections, mistakes


def _section(kind: type[Section], table: object) -> Section:
    """Read as strict JSON: TOML has types, so "yes" is no true and "60" no number, but a list is a tuple."""
    return kind.model_validate_json(json.dumps(table, default=str), strict=True)


def _stand_in(kind: type[Section], table: Mapping[str, object], wrong: Collection[str]) -> Section:
    """The table without its wrong values, so that its right ones are still checked against the others."""
    right = {key: value for key, value in table.items() if key not in wrong}
    known = {field.alias or name for name, field in kind.model_fields.items() if field.is_required()}
    return _section(kind, {key: value for key, value in _STAND_INS.items() if key in known} | right)


def _tables(name: str, value: object) -> Iterator[tuple[Place, type[Section], object]]:
    kind, many = _kind(name)
    if kind is None:
        return
    if not many:
        yield (name,), kind, value
    elif isinstance(value, list):
        for number, table in enumerate(value):
            yield (name, number), kind, table


def _wrong_tables(data: Mapping[str, object]) -> Iterator[Mistake]:
    for name, value in data.items():
        kind, many = _kind(name)
        if kind is None:
            yield unknown_key((name,), Settings.model_fields)
        elif many and not isinstance(value, list):
            yield Mistake((name,), f"expected tables that begin with [[{name}]]")
    for name, field in Settings.model_fields.items():
        if field.is_required() and data.get(name, []) == []:
            yield Mistake(
                (name,), "expected this table, but it is missing; `digest init DIR` writes an example"
            )


def _kind(name: str) -> tuple[type[Section] | None, bool]:
    """The section of a top-level name, and whether it is an array of tables."""
    field = Settings.model_fields.get(name)
    if field is None:
        return None, False
    inner = get_args(field.annotation)
    kind = inner[0] if inner else field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None, bool(inner)


def _settings(sections: Sections) -> Settings:
    values: dict[str, object] = {}
    for name, group in groupby(sections.items(), key=lambda item: item[0][0]):
        found = tuple(section for _, section in group)
        values[str(name)] = found if _kind(str(name))[1] else found[0]
    return Settings.model_validate(values)


def _resolved(settings: Settings, folder: Path) -> Settings:
    """The settings with every path beside the file, unless it is absolute."""
    tables = {name: _beside(table, folder) for name, table in settings if isinstance(table, Section)}
    url = _database_url(settings.database.url, folder)
    tables["database"] = tables["database"].model_copy(update={"url": url})
    return settings.model_copy(update={**tables, "sources": with_slugs(settings.sources)})


def _beside(table: Section, folder: Path) -> Section:
    return table.model_copy(update={name: _placed(value, folder) for name, value in table})


def _placed(value: object, folder: Path) -> object:
    match value:
        case Path():
            return folder / value
        case tuple():
            return tuple(_placed(each, folder) for each in value)
    return value


def _database_url(url: str, folder: Path) -> str:
    """``sqlite:///var/digest.db`` is relative to the file, ``sqlite:////var/…`` is absolute."""
    prefix, slashes, path = url.partition(":///")
    if not prefix.startswith("sqlite") or not slashes or not path or path == ":memory:":
        return url
    return f"{prefix}:///{folder / path}"
