"""The desk as an application of its own below ``/desk/``: its pages, their looks, and what is said when something fails."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest.desk.rights import ForbiddenError
from digest.errors import DigestError, NotFoundError
from digest.pipeline.installation import Clock, Installation
from digest.web.desk import (
    account,
    deliveries,
    doctor,
    editors,
    issues,
    records,
    sends,
    settings,
    signin,
    sources,
    steps,
    subscribers,
    themes,
    today,
)
from digest.web.desk.doctor import Surgery
from digest.web.desk.gate import Gate, StrangerError, go
from digest.web.desk.pages import DeskPages


def create_desk(installation: Installation, clock: Clock, nameserver: str = "") -> FastAPI:
    """The application to be mounted at ``/desk``; ``nameserver`` is asked by doctor instead of this machine's."""
    pages = DeskPages(installation.templates, installation.settings.publish.accent)
    gate = Gate(installation, clock)
    surgery = Surgery(gate, nameserver)
    app = FastAPI(title="digest desk", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(signin.router(gate, pages))
    app.include_router(today.router(gate, pages))
    app.include_router(issues.router(gate, pages))
    app.include_router(steps.router(gate, pages))
    app.include_router(sends.router(gate, pages, surgery))
    app.include_router(doctor.router(gate, pages, surgery))
    app.include_router(deliveries.router(gate, pages))
    app.include_router(sources.router(gate, pages))
    app.include_router(subscribers.router(gate, pages))
    app.include_router(themes.router(gate, pages))
    app.include_router(editors.router(gate, pages))
    app.include_router(account.router(gate, pages))
    app.include_router(settings.router(gate, pages))
    app.include_router(records.router(gate, pages))
    _add_looks(app, pages)
    _add_errors(app, gate, pages)
    return app


def _add_looks(app: FastAPI, pages: DeskPages) -> None:
    @app.get("/style.css")
    def style() -> Response:
        return Response(pages.style(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    @app.get("/desk.mjs")
    def script() -> Response:
        return Response(
            pages.script(), media_type="text/javascript", headers={"Cache-Control": "max-age=3600"}
        )


def _add_errors(app: FastAPI, gate: Gate, pages: DeskPages) -> None:
    def told(request: Request, status: int, sentence: str) -> Response:
        try:
            visit = gate.visit(request)
        except StrangerError:
            visit = None
        return pages.page(request, "problem", visit, status, sentence=sentence)

    @app.exception_handler(StrangerError)
    def stranger(request: Request, error: StrangerError) -> Response:
        return go(request, f"sign-in?to={quote(error.wanted, safe='')}")

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        nowhere = "There is no such page."
        answer = told(request, error.status_code, nowhere if error.status_code == 404 else error.detail)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(RequestValidationError)
    def misspelt(request: Request, error: RequestValidationError) -> Response:  # noqa: ARG001
        return told(request, 404, "There is no such page.")

    @app.exception_handler(DigestError)
    def failed(request: Request, error: DigestError) -> Response:
        status = {ForbiddenError: 403, NotFoundError: 404}.get(type(error), 409)
        return told(request, status, str(error))
