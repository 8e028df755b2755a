"""The operations as a table for people: docs/api.md has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_HEAD = "| operation | who may | what it does |\n|---|---|---|"


def operations_table(described: Mapping[str, Any]) -> str:
    """A table in Markdown, made of an OpenAPI description."""
    rows = (f"| `{method} {path}` | {who} | {what} |" for method, path, who, what in _operations(described))
    return "\n".join((_HEAD, *rows))


def _operations(described: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for path, methods in sorted(described["paths"].items()):
        for method, operation in sorted(methods.items()):
            yield method.upper(), path, ", ".join(operation["x-roles"]), operation["summary"]
