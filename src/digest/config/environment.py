"""Settings that the environment gives: ``DIGEST_MAIL__LIVE=true`` stands for ``[mail] live = true``, and before it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from digest.config.lines import Place
from digest.config.mistakes import nearest
from digest.errors import ConfigError
from digest.settings import Section, Settings

_NAME = re.compile(r"DIGEST_([A-Z]+)__([A-Z_]+)")
_LONGEST = 10_000  # characters of a value


def given(environ: Mapping[str, str]) -> dict[Place, tuple[str, object]]:
    """What the environment sets, by its place in the file: the name of the variable, and the value.

    A value is text where the setting takes text, else it is read as TOML: ``true``, ``5``, ``["a", "b"]``. Tables that
    may stand many times, such as ``[[sources]]``, are for the file only.

    Raises:
        ConfigError: a variable of this form names no setting.
    """
    found: dict[Place, tuple[str, object]] = {}
    unknown = []
    for name, text in sorted(environ.items()):
        if parts := _NAME.fullmatch(name):
            table, key = parts[1].lower(), parts[2].lower()
            kind = _kinds().get(table)
            if kind is None or key not in _keys(kind):
                unknown.append(_unknown(name, table, kind))
                continue
            found[(table, key)] = (name, _value(kind, key, text[:_LONGEST]))
    if unknown:
        raise ConfigError(*unknown)
    return found


def over(data: Mapping[str, object], values: Mapping[Place, tuple[str, object]]) -> dict[str, object]:
    """What the file says, with what the environment says in its place."""
    merged = dict(data)
    for (table, key), (_, value) in values.items():
        present = merged.get(str(table), {})
        if isinstance(present, dict):  # else a mistake of the file, which is told
            merged[str(table)] = {**present, str(key): value}
    return merged


def _kinds() -> dict[str, type[Section]]:
    """The tables that stand once."""
    fields = {name: field.annotation for name, field in Settings.model_fields.items()}
    return {
        name: kind for name, kind in fields.items() if isinstance(kind, type) and issubclass(kind, Section)
    }


def _keys(kind: type[Section]) -> frozenset[str]:
    return frozenset(field.alias or name for name, field in kind.model_fields.items())


def _unknown(name: str, table: str, kind: type[Section] | None) -> str:
    if kind is None:
        return f"${name}: there is no table [{table}] that stands once: {nearest(table, _kinds())}"
    key = name.partition("__")[2].lower()
    return f"${name}: [{table}] has no setting {key}: {nearest(key, _keys(kind))}"


def _value(kind: type[Section], key: str, text: str) -> object:
    """The text where it will do, else what it is as TOML, else the text, which is then told as a mistake."""
    return next((each for each in _readings(text) if not _is_wrong(kind, key, each)), text)


def _readings(text: str) -> Iterator[object]:
    yield text
    try:
        yield tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError, KeyError):
        return


def _is_wrong(kind: type[Section], key: str, value: object) -> bool:
    try:
        kind.model_validate_json(json.dumps({key: value}, default=str), strict=True)
    except ValidationError as error:
        return any(each["loc"][:1] == (key,) and each["type"] != "missing" for each in error.errors())
    return False
