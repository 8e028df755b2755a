"""``like = "weekly"``: a digest that takes its settings from another, such as the same digest in a second language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from digest.config.mistakes import Mistake

# What makes a digest another one; its words are in its own language.
_ITS_OWN = frozenset({"slug", "title", "description", "first_issue", "like"})


def with_likenesses(data: Mapping[str, object]) -> tuple[dict[str, object], list[Mistake]]:
    """The tables of a file with every ``like`` of a digest replaced by what it stands for, and the wrong ones.

    What a digest says itself goes before what it takes over. It may be like one that stands above it, and so like
    that which the other is like; never in a circle.
    """
    tables = data.get("digests")
    if not isinstance(tables, list):
        return dict(data), []
    made: list[object] = []
    mistakes: list[Mistake] = []
    for number, table in enumerate(tables):
        if isinstance(table, dict) and "like" in table:
            model = _called(table["like"], made)
            if model is None and table["like"] != "":
                expected = "expected the slug of a digest that stands above"
                mistakes.append(Mistake(("digests", number, "like"), f"{expected}, got {table['like']!r}"))
            taken = {name: value for name, value in (model or {}).items() if name not in _ITS_OWN}
            table = taken | {name: value for name, value in table.items() if name != "like"}
        made.append(table)
    return {**data, "digests": made}, mistakes


def _called(slug: object, tables: Sequence[object]) -> Mapping[str, object] | None:
    return next((table for table in tables if isinstance(table, dict) and table.get("slug") == slug), None)
