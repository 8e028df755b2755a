"""What `digest preview` serves on this machine: one issue in all its forms, side by side.

What a post, a template or a feed brought stands in frames that run nothing, submit nothing and lead nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fastapi import FastAPI
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp

from digest import templates
from digest.caniemail import support
from digest.errors import DigestError
from digest.model import IssueId, Picture
from digest.pipeline.installation import Clock, Installation
from digest.publish.colours import DARK_TINT, LIGHT_TINT, readable
from digest.publish.pictures import FOLDER as PICTURES
from digest.web.app import HERE, Door
from digest.web.proofs import Proofs

T = TypeVar("T")

_TABLE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FRAME = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {pictures}; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'; sandbox"
)
_ASKS_FOR = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_OFFERS = re.compile(r"(color-schemes?(?:\"\s+content=\"|\s*:\s*))light dark", re.IGNORECASE)
_KEPT = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


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
    _add_mail(app, proofs)
    _add_frames(app, proofs, node)

    @app.exception_handler(DigestError)
    def failed(_: Request, error: DigestError) -> Response:
        return PlainTextResponse(f"{error}\n", 500, {**_KEPT, "Refresh": "2"})

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
        return HTMLResponse(page, headers={**_KEPT, "Content-Security-Policy": _TABLE})

    @app.get("/style.css")
    def style() -> Response:
        sheet = templates.render(installation.templates, "preview/style.css.j2", colours)
        return Response(sheet, media_type="text/css", headers=_KEPT)

    @app.get("/preview.mjs")
    def module() -> Response:
        script = templates.render(installation.templates, "preview/preview.mjs.j2", {})
        return Response(script, media_type="text/javascript", headers=_KEPT)

    @app.get("/state.json")
    def state() -> Response:
        return JSONResponse({"stamp": proofs.stamp()}, headers=_KEPT)


def _add_mail(app: FastAPI, proofs: Proofs) -> None:
    """The mail as different people see it, and its text part."""

    def mail(scheme: str, *, pictures: bool = True) -> Response:
        rendering = _made(proofs.newest().rendering)
        return _frame(_local(in_scheme(rendering.html, scheme), proofs), pictures=pictures)

    @app.get("/mail-light.html")
    def light() -> Response:
        return mail("light")

    @app.get("/mail-dark.html")
    def dark() -> Response:
        return mail("dark")

    @app.get("/mail-bare.html")
    def bare() -> Response:
        return mail("light", pictures=False)

    @app.get("/mail.txt")
    def text() -> Response:
        headers = {**_KEPT, "Content-Security-Policy": _FRAME.format(pictures="'none'")}
        return PlainTextResponse(_made(proofs.newest().rendering).text, headers=headers)


def _add_frames(app: FastAPI, proofs: Proofs, node: Path) -> None:
    """The entry, the page, what they show, and what was asked about their links."""
    environment = proofs.installation.templates

    @app.get("/entry.html")
    def entry() -> Response:
        found = _made(proofs.newest().entry)
        values = {"entry": found, "content": Markup(found.html)}  # noqa: S704  # sanitised where it was made
        return _frame(_local(templates.render(environment, "preview/entry.html.j2", values), proofs))

    @app.get("/page.html")
    def page() -> Response:
        return _frame(_local(_made(proofs.newest().page or None), proofs))

    @app.get("/checks.html")
    def checks() -> Response:
        rendering = _made(proofs.newest().rendering)
        values = {"links": proofs.links(), "support": support(rendering.html, node)}
        return _frame(templates.render(environment, "preview/checks.html.j2", values))

    @app.get(f"/{PICTURES}/{{name}}")
    def picture(name: str) -> Response:
        data = proofs.installation.gallery.read(Picture(name, 0, 0))
        return Response(_made(data), media_type="image/jpeg", headers=_KEPT)


def _made(part: T | None) -> T:
    """A part of the proof.

    Raises:
        HTTPException: 404 where it could not be made; the page says why.
    """
    if part is None:
        raise HTTPException(404)
    return part


def _frame(page: str, *, pictures: bool = True) -> Response:
    sources = "'self' https:" if pictures else "'none'"
    headers = {**_KEPT, "Content-Security-Policy": _FRAME.format(pictures=sources)}
    return HTMLResponse(page, headers=headers)


def _local(page: str, proofs: Proofs) -> str:
    """The page with our own pictures from here: before an issue is published they stand nowhere else."""
    theirs = f"{proofs.installation.settings.publish.feeds_url.rstrip('/')}/{PICTURES}/"
    return page.replace(theirs, f"{PICTURES}/")


def in_scheme(page: str, scheme: str) -> str:
    """The page as it is in the light or in the dark ("light", "dark"), whatever the browser would like.

    A frame cannot be told which scheme to prefer, so what the page asks for is answered in its style sheet.
    """

    def answered(asked: re.Match[str]) -> str:
        return "(min-width: 0)" if asked[1].lower() == scheme else "(max-width: 0)"

    return _OFFERS.sub(rf"\g<1>{scheme}", _ASKS_FOR.sub(answered, page))
