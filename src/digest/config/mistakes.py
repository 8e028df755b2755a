"""A mistake in config.toml as a sentence: the line, the key, what is expected and what stands there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, get_args

from pydantic_core import ErrorDetails

from digest import settings
from digest.config.lines import Place, line_of

_PATTERNS = {
    settings.SLUG: "a short name of lower-case letters, digits and hyphens, at most 48",
    settings.URL: "an address that starts with http:// or https://",
    settings.LANGUAGE: "a language tag such as en or pt-BR",
    settings.TAG: "a tag: URI (RFC 4151) such as tag:news.example.org,2026:",
    settings.MOMENT: 'a time on the slot\'s day or before it, such as "18:00", "friday 18:00" or "-2 18:00"',
    settings.PAUSE: 'a day or two days such as "2026-12-24..2027-01-03"',
    settings.FORMER: "a path below feeds_url such as weekly/atom.xml, or weekly/ for all that is below it",
    settings.PROXY: "an address or a network such as 127.0.0.1 or 10.0.0.0/8",
    settings.DOMAIN: "a domain such as example.org",
    settings.COLOUR: "a colour such as #0b5d5b",
    settings.FONTS: "names of fonts without quotation marks, such as Georgia, Times New Roman, serif",
}
_KINDS = {
    "string_type": "text in quotes",
    "path_type": "text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list in square brackets",
    "dict_type": "a table",
    "model_type": "a table",
    "time_type": 'a time of day such as "09:00"',
    "time_parsing": 'a time of day such as "09:00"',
    "string_too_short": "some text",
}
_SECRET_WORDS = ("password", "passwd", "secret", "token", "api_key")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and where; ``what`` never holds a secret."""

    place: Place
    what: str

    def sentence(self, file: str, found: Mapping[Place, int], given: Mapping[Place, str]) -> str:
        """Like ``config.toml line 12: [[digests]] days: expected …, got …``; ``given`` are names of variables."""
        if variable := given.get(self.place[:2]):
            return f"${variable}: {_label(self.place)}: {self.what}"
        line = line_of(found, self.place)
        return f"{file}{f' line {line}' if line else ''}: {_label(self.place)}: {self.what}"


def sentences(
    mistakes: Iterable[Mistake],
    file: str,
    found: Mapping[Place, int],
    given: Mapping[Place, str] = MappingProxyType({}),
) -> list[str]:
    """All of them in the order of the file, each once; ``given`` are the places that variables of the environment set."""
    ordered = sorted(mistakes, key=lambda mistake: line_of(found, mistake.place) or 0)
    return list(dict.fromkeys(mistake.sentence(file, found, given) for mistake in ordered))


def of_table(place: Place, kind: type[settings.Section], errors: Iterable[ErrorDetails]) -> list[Mistake]:
    """What pydantic found wrong in a table of this kind, in our words.

    A list with a wrong element is also "too short" to it; only the element is a mistake.
    """
    errors = list(errors)
    around = {error["loc"][:length] for error in errors for length in range(len(error["loc"]))} - {()}
    return [_of_value(place, kind, error) for error in errors if error["loc"] not in around]


def _of_value(place: Place, kind: type[settings.Section], error: ErrorDetails) -> Mistake:
    at = (*place, *error["loc"])
    match error["type"]:
        case "missing":
            return Mistake(at, "expected a value, but it is missing")
        case "extra_forbidden":
            return unknown_key(at, [field.alias or name for name, field in kind.model_fields.items()])
    return Mistake(at, f"expected {_expected(error)}, got {_shown(error['input'])}")


def unknown_key(place: Place, known: Iterable[str]) -> Mistake:
    """A key that means nothing here, with the nearest one that does; its value is not shown, it may be a secret."""
    key, known = str(place[-1]), sorted(known)
    if any(word in key.lower() for word in _SECRET_WORDS):
        return Mistake(
            place,
            "a secret does not belong into this file: write it to a file of its own and name that in "
            "[mail] password_file or [serve] secret_file, or set DIGEST_MAIL_PASSWORD or DIGEST_SECRET",
        )
    return Mistake(place, f"unknown key; {nearest(key, known)}")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, else all of them."""
    known = list(known)
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(known) or 'none'}"


def _expected(error: ErrorDetails) -> str:
    limits: Mapping[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "string_pattern_mismatch":
            return _PATTERNS.get(limits["pattern"], f"text like {limits['pattern']}")
        case "literal_error" | "enum":
            return str(limits["expected"])
        case "greater_than_equal" | "greater_than":
            return f"at least {limits['ge']}" if "ge" in limits else f"more than {limits['gt']}"
        case "less_than_equal" | "less_than":
            return f"at most {limits['le']}" if "le" in limits else f"less than {limits['lt']}"
        case "too_short":
            return f"at least {limits['min_length']} of them"
    return _KINDS.get(error["type"]) or error["msg"].removeprefix("Input should be ")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:59] + "…"


def _label(place: Place) -> str:
    table, *rest = place
    keys = [str(part) for part in rest if not isinstance(part, int)]
    many = (
        bool(get_args(settings.Settings.model_fields[str(table)].annotation)) if table in _TABLES else False
    )
    name = f"[[{table}]]" if many else f"[{table}]"
    return f"{name} {'.'.join(keys)}".rstrip() if table in _TABLES else str(table)


_TABLES = settings.Settings.model_fields
