"""Pages of the application, from ``templates/web/``, and the headers that keep them private."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jinja2 import Environment
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from digest import templates
from digest.publish.colours import DARK_TINT, LIGHT_TINT, readable
from digest.publish.page import Strings
from digest.publish.wording import Wording
from digest.text.language import direction

# What stands inside a phrase: a name set off, whichever way it is read.
_MARKUP: Mapping[str, Callable[..., Markup]] = {
    "strong": Markup("<strong><bdi>{}</bdi></strong>").format,
    "cite": Markup("<cite><bdi>{}</bdi></cite>").format,
    "apart": Markup("<bdi>{}</bdi>").format,
    "anchor": Markup('<a href="{1}">{0}</a>').format,
}
# A token stands in the address: no cache keeps the page, no engine lists it. (The referrer is withheld on every page.)
PRIVATE: Mapping[str, str] = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders pages; ``accent`` is "#rrggbb", ``language`` that of pages that belong to no digest."""

    environment: Environment
    accent: str
    strings: Strings
    language: str

    def page(self, request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
        """The template ``web/{name}.html.j2`` as an answer that nobody keeps, in ``language`` where that is a value.

        Raises:
            TemplateError: it is missing or has a mistake.
        """
        spoken = str(values.get("language") or self.language)
        words = Wording(self.strings(spoken), spoken, "UTC")
        known = {
            "root": root(request),
            "direction": direction(spoken),
            "say": words.say,
            "tell": words.tell,
            "count": words.count,
            **_MARKUP,
        }
        text = templates.render(
            self.environment, f"web/{name}.html.j2", {**known, **values, "language": spoken}
        )
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
