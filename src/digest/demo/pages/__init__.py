"""The demo's pages: Jinja2 templates beside this file, everything escaped unless marked safe."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(name: str, **values: object) -> bytes:
    """The template of that file name, filled in, as UTF-8."""
    return _environment().get_template(name).render(values).encode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("digest.demo", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
