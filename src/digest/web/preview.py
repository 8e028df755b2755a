"""What `digest preview` serves on this machine: one issue in all its forms, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp

from digest import templates
from digest.caniemail import support
from digest.errors import DigestError
from digest.model import IssueId
from digest.pipeline.installation import Clock, Installation
from digest.publish.colours import DARK_TINT, LIGHT_TINT, readable
from digest.publish.pictures import FOLDER as PICTURES
from digest.web import frames
from digest.web.app import Door
from digest.web.health import HERE
from digest.web.proofs import Proofs

_TABLE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class View:
    """One frame of the mail: ``width`` in pixels."""

    title: str
    path: str
    width: int


PHONE, DESKTOP = 375, 680
VIEWS = (
    View("phone, light", "mail-light.html", PHONE),
    View("desktop, light", "mail-light.html", DESKTOP),
    View("phone, dark", "mail-dark.html", PHONE),
    View("desktop, dark", "mail-dark.html", DESKTOP),
    View("phone, without pictures", "mail-bare.html", PHONE),
    View("desktop, without pictures", "mail-bare.html", DESKTOP),
)


def create_preview(installation: Installation, issue_id: IssueId, clock: Clock, node: Path) -> ASGIApp:
    """The application that shows one issue; it answers to this machine's own names only.

    Args:
        installation: whose issue it is; its templates are read anew when they change.
        issue_id: which one.
        clock: the date of the message.
        node: where `make node` put npm's packages.
    """
    app = FastAPI(title="digest preview", docs_url=None, redoc_url=None, openapi_url=None)
    proofs = Proofs(installation, issue_id, clock)
    _add_table(app, proofs)
    _add_frames(app, proofs, node)

    @app.exception_handler(DigestError)
    def failed(_: Request, error: DigestError) -> Response:
        return PlainTextResponse(f"{error}\n", 500, {**frames.KEPT, "Refresh": "2"})

    return Door(app, HERE)


def _add_table(app: FastAPI, proofs: Proofs) -> None:
    """The page itself, from the templates as they were at the start, so that it can show what is wrong with them."""
    installation = proofs.installation
    accent = installation.settings.publish.accent
    colours = {"accent": readable(accent, LIGHT_TINT), "dark_accent": readable(accent, DARK_TINT)}

    @app.get("/")
    def table() -> Response:
        values = {"proof": proofs.newest(), "views": VIEWS}
        page = templates.render(installation.templates, "preview/index.html.j2", values)
        return HTMLResponse(page, headers={**frames.KEPT, "Content-Security-Policy": _TABLE})

    @app.get("/style.css")
    def style() -> Response:
        sheet = templates.render(installation.templates, "preview/style.css.j2", colours)
        return Response(sheet, media_type="text/css", headers=frames.KEPT)

    @app.get("/preview.mjs")
    def module() -> Response:
        script = templates.render(installation.templates, "preview/preview.mjs.j2", {})
        return Response(script, media_type="text/javascript", headers=frames.KEPT)

    @app.get("/state.json")
    def state() -> Response:
        return JSONResponse({"stamp": proofs.stamp()}, headers=frames.KEPT)


def _add_frames(app: FastAPI, proofs: Proofs, node: Path) -> None:
    """What stands in frames, and what was asked about the links of the mail."""

    @app.get("/checks.html")
    def checks() -> Response:
        rendering = frames.made(proofs.newest().rendering)
        values = {"links": proofs.links(), "support": support(rendering.html, node)}
        return frames.frame(templates.render(proofs.installation.templates, "preview/checks.html.j2", values))

    @app.get(f"/{PICTURES}/{{name}}")
    def picture(name: str) -> Response:
        return frames.picture(proofs, name)

    @app.get("/{name}")
    def shown(name: str) -> Response:
        return frames.shown(proofs, name)
