"""Settings written as a config.toml that ``load`` reads back equal: what the file and the database say, as one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from enum import StrEnum
from pathlib import Path

from digest.config.declared import rule_settings, source_settings, theme_settings
from digest.model import Rule, RuleKind, Source, Theme
from digest.settings import Section, Settings


def export(
    settings: Settings, sources: Iterable[Source], themes: Iterable[Theme], rules: Iterable[Rule]
) -> str:
    """One config.toml: the settings of the file with the sources, themes and rules of the database.

    Retired ones are left out, and with them the rules about them. Paths are absolute, so that the text means the
    same in any folder.
    """
    present = {source.slug: source_settings(source) for source in sources if not source.retired}
    covered = {theme.slug: theme_settings(theme) for theme in themes if not theme.retired}
    standing = [
        rule
        for rule in rules
        if not rule.retired
        and (rule.kind is not RuleKind.SOURCE_THEME or (rule.subject in present and rule.theme in covered))
    ]
    whole = settings.model_copy(
        update={
            "sources": tuple(present.values()),
            "themes": tuple(covered.values()),
            "rules": tuple(map(rule_settings, standing)),
        }
    )
    return "\n".join(_tables(whole))


def _tables(settings: Settings) -> Iterator[str]:
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, tuple):
            yield from (f"[[{name}]]\n{_pairs(section)}" for section in value)
        else:
            yield f"[{name}]\n{_pairs(value)}"


def _pairs(section: Section) -> str:
    values = section.model_dump(by_alias=True)
    return "".join(f"{key} = {value_text(value)}\n" for key, value in values.items() if value is not None)


def theme_text(theme: Theme) -> str:
    """A theme as its table in config.toml, without what is as usual."""
    values = theme_settings(theme).model_dump(exclude_defaults=True)
    return "[[themes]]\n" + "".join(f"{key} = {value_text(value)}\n" for key, value in values.items())


def value_text(value: object) -> str:
    """A value as TOML writes it on one line.

    Raises:
        TypeError: TOML has no form for it.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case StrEnum() | str() | Path():
            return _text(str(value))
        case date():
            return value.isoformat()
        case time():
            return _text(value.isoformat())
        case tuple() | list():
            return f"[{', '.join(value_text(item) for item in value)}]"
        case Mapping():
            return f"{{ {', '.join(f'{_text(key)} = {value_text(item)}' for key, item in value.items())} }}"
    raise TypeError(f"config.toml has no form for {type(value).__name__}")


def _text(text: str) -> str:
    """A basic string (TOML 1.0): as in JSON, except that DEL must be escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
