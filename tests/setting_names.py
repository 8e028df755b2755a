"""Every setting there is, read from the models that check config.toml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from pydantic.fields import FieldInfo

from digest.settings import Section, Settings


def every_setting() -> Iterator[tuple[str, str, FieldInfo]]:
    """(table, key, what pydantic knows of it), in the order of settings.py."""
    for table, field in Settings.model_fields.items():
        (kind,) = get_args(field.annotation)[:1] or (field.annotation,)
        assert isinstance(kind, type)
        assert issubclass(kind, Section)
        yield from ((table, inner.alias or name, inner) for name, inner in kind.model_fields.items())
