"""Every address of the desk that can be opened, from its own routes: a page that is added is visited with all others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product

from fastapi import FastAPI

_NAME = re.compile(r"\{(\w+)(?::\w+)?\}")
_STREAMS = ("/progress",)  # they go on for as long as one listens


def addresses(desk: FastAPI, values: Mapping[str, Sequence[str]]) -> list[str]:
    """The path of each page below ``/desk/``, once for each value of the names in it.

    ``values`` has them by name, or by the whole route where a name means something else there. Another path, of a
    search or a page of a list, is given by the route with a ``?`` at its end.

    Raises:
        AssertionError: a route has a name that is not among ``values``.
    """
    found = []
    for route, methods in desk.openapi()["paths"].items():
        if "get" in methods and not route.endswith(_STREAMS):
            found += [path.lstrip("/") for path in (*_filled(route, values), *values.get(f"{route}?", ()))]
    return found


def _filled(route: str, values: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if route in values:
        return values[route]
    names = list(dict.fromkeys(_NAME.findall(route)))
    missing = [name for name in names if name not in values]
    assert not missing, f"{route} is new: say what {missing} may stand for"
    choices = product(*(values[name] for name in names))
    return [_with(route, dict(zip(names, choice, strict=True))) for choice in choices]


def _with(route: str, chosen: Mapping[str, str]) -> str:
    return _NAME.sub(lambda name: chosen[name[1]], route)
