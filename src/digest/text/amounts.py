"""A number with its noun, for sentences in English: "1 person", "1,204 people"."""

from __future__ import annotations


def amount(number: int, one: str, many: str = "") -> str:
    """``number`` and its noun; ``many`` is ``one`` with an s where it is not given."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
