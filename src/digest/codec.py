"""Values of ``digest.model`` as canonical JSON and back: the same value always gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)
_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def to_data(kind: type[T], value: T) -> Any:
    """The value as JSON data: objects, lists, strings, numbers, null; times as RFC 3339 in UTC."""
    return _adapter(kind).dump_python(value, mode="json")


def from_data(kind: type[T], data: Any) -> T:
    """The value that ``to_data`` gave ``data`` for. Unknown keys are ignored, so that a newer release may add some.

    Raises:
        pydantic.ValidationError: the data is not of that kind; a defect, not an input error.
    """
    value: T = _adapter(kind).validate_python(data)
    return value


def dump(kind: type[T], value: T) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8 (in the manner of RFC 8785)."""
    return _encoder.encode(to_data(kind, value)).encode()


def load(kind: type[T], data: bytes | str) -> T:
    """The value that ``dump`` wrote."""
    value: T = _adapter(kind).validate_json(data)
    return value
