"""Long lists, page by page: a cursor says behind which row the next page begins, and means nothing to anybody else."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from digest.errors import DigestError

T = TypeVar("T")
U = TypeVar("U")

LONGEST = 1_000  # characters of a cursor
_LARGEST = 2**63  # what a database counts to


class CursorError(DigestError):
    """A cursor that was not given by this list."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list; ``next`` is the cursor of the part behind it, or null."""

    items: tuple[T, ...]
    next: str | None


def page(found: Sequence[U], limit: int, shape: Callable[[U], T], key: Callable[[U], str | int]) -> Page[T]:
    """A page of at most ``limit`` of what was found, which is one more where there is a further page.

    Args:
        shape: how each is shown.
        key: by what the list is sorted, each one's own.
    """
    shown = found[:limit]
    behind = cursor(key(shown[-1])) if len(found) > limit else None
    return Page(tuple(map(shape, shown)), behind)


def cursor(key: str | int) -> str:
    """The cursor of whatever stands behind this key."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).rstrip(b"=").decode()


def number_of(cursor: str) -> int:
    """The number that a cursor was made of; 0 for "".

    Raises:
        CursorError: it was made of no number.
    """
    key = _key_of(cursor) if cursor else 0
    if not isinstance(key, int) or not 0 <= key < _LARGEST:
        raise CursorError(_SENTENCE)
    return key


def word_of(cursor: str) -> str:
    """The text that a cursor was made of; "" for "".

    Raises:
        CursorError: it was made of no text.
    """
    key = _key_of(cursor) if cursor else ""
    if not isinstance(key, str) or "\0" in key or not key.isprintable():
        raise CursorError(_SENTENCE)
    return key


_SENTENCE = "That cursor is none of this list: take the one that the page before gave as “next”."


def _key_of(cursor: str) -> object:
    try:
        return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise CursorError(_SENTENCE) from None
