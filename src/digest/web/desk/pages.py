"""The desk's pages, from ``templates/desk/``, under rules of their own: scripts and frames only of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import Environment
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from digest import templates
from digest.publish.colours import DARK_TINT, LIGHT_TINT, readable
from digest.web.desk.gate import Visit
from digest.web.pages import root

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
KEPT: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",  # with none at all a browser calls the origin of our own forms "null"
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class DeskPages:
    """Renders pages; ``accent`` is "#rrggbb"."""

    environment: Environment
    accent: str

    def page(
        self, request: Request, name: str, visit: Visit | None = None, status: int = 200, **values: object
    ) -> HTMLResponse:
        """The template ``desk/{name}.html.j2``, which nobody keeps.

        Raises:
            TemplateError: it is missing or has a mistake.
        """
        zone = visit.editor.zone if visit else "UTC"
        known = {
            "root": root(request),
            "visit": visit,
            "here": name,
            "problem": "",
            "moment": partial(moment, zone=zone),
        }
        text = templates.render(self.environment, f"desk/{name}.html.j2", {**known, **values})
        return HTMLResponse(text, status, KEPT)

    def frame(self, request: Request, name: str, **values: object) -> HTMLResponse:
        """A page that stands in a frame of another one of the desk.

        Raises:
            TemplateError: as ``page``.
        """
        page = self.page(request, name, None, 200, **values)
        policy = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        page.headers["Content-Security-Policy"] = policy
        return page

    def script(self) -> str:
        """The module that adds keys, dragging and saving while typing."""
        return templates.render(self.environment, "desk/desk.mjs.j2", {})

    def style(self) -> str:
        """The style sheet of all pages."""
        colours = {
            "accent": readable(self.accent, LIGHT_TINT),
            "dark_accent": readable(self.accent, DARK_TINT),
        }
        return templates.render(self.environment, "desk/style.css.j2", colours)


_SOON, _LONG_AGO = "EEEE d MMMM, HH:mm", "d MMMM y, HH:mm"  # CLDR patterns


def moment(when: datetime, zone: str, *, year: bool = False) -> Markup:
    """A time for an editor who lives in ``zone`` (an IANA name); in UTC for programs, and where it is pointed at.

    ``year``: it may be long ago, so that the year tells more than the day of the week.
    """
    pattern = _LONG_AGO if year else _SOON
    local = format_datetime(when.astimezone(ZoneInfo(zone)), pattern, locale="en")
    utc = when.astimezone(UTC)
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
        f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{utc:%Y-%m-%d %H:%M}", local
    )
