"""Pages of the application, from ``templates/web/``, and the headers that keep them private."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from digest import templates
from digest.publish.colours import DARK_TINT, LIGHT_TINT, readable

# A token stands in the address: no cache keeps the page, no engine lists it. (The referrer is withheld on every page.)
PRIVATE: Mapping[str, str] = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders pages; ``accent`` is "#rrggbb"."""

    environment: Environment
    accent: str

    def page(self, request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
        """The template ``web/{name}.html.j2`` as an answer that nobody keeps.

        Raises:
            TemplateError: it is missing or has a mistake.
        """
        text = templates.render(self.environment, f"web/{name}.html.j2", {"root": root(request), **values})
        return HTMLResponse(text, status, PRIVATE)

    def style(self) -> str:
        """The style sheet of all pages."""
        colours = {
            "accent": readable(self.accent, LIGHT_TINT),
            "dark_accent": readable(self.accent, DARK_TINT),
        }
        return templates.render(self.environment, "web/style.css.j2", colours)


def root(request: Request) -> str:
    """The way from this page to the application's root, relative, so that it may live below any address."""
    return "../" * (request.scope["path"].count("/") - 1) or "./"
