"""The application: what it serves, whom it answers, and the headers under which everything leaves."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from jinja2 import Environment
from sqlalchemy import Engine
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.errors import DigestError
from digest.publish.page import Strings
from digest.resources import Resources
from digest.settings import Settings
from digest.tokens import Keys
from digest.web import (
    asking,
    confirming,
    health,
    links,
    preferences,
    published,
    readers,
    rests,
    signing_up,
    webhooks,
)
from digest.web.bodies import SmallBodies
from digest.web.health import HERE
from digest.web.measuring import Measured
from digest.web.pages import Pages
from digest.web.reception import Reception
from digest.web.webhooks import Hooks

log = logging.getLogger(__name__)

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
}


def create_app(
    engine: Engine,
    settings: Settings,
    keys: Keys,
    environment: Environment,
    clock: Callable[[], datetime],
    strings: Strings | None = None,
    hooks: Hooks | None = None,
    metrics_token: str = "",
) -> FastAPI:
    """The application over one database. ``environment`` has the templates (``resources.environment()``).

    ``strings`` are those of each language (``resources.strings``); those that ship with digest where none are given.
    ``hooks`` say whose reports of bounces are taken; none where they are not given. ``metrics_token`` opens
    ``/metrics`` where ``[operate]`` asks for one.

    It answers only to the hosts of ``app_url`` and ``feeds_url``, to ``[serve] host``, and to this machine's own names.
    """
    pages = Pages(
        environment, settings.publish.accent, strings or Resources().strings, settings.digests[0].language
    )
    app = FastAPI(title="digest", docs_url=None, redoc_url=None, openapi_url=None)
    here = Reception(engine, settings, pages, clock, keys)
    for room in (signing_up, confirming, readers, preferences, rests, asking, links):
        app.include_router(room.router(here))
    app.include_router(health.router(engine, settings, environment, clock, metrics_token))
    app.include_router(published.router(settings.publish))
    if hooks is not None:
        app.include_router(webhooks.router(engine, keys, hooks, clock))
    _add_pages(app, settings, pages)
    _add_errors(app, pages)
    app.add_middleware(SmallBodies)
    app.add_middleware(Door, hosts=_hosts(settings))
    app.add_middleware(Measured, access=settings.log.access)
    return app


def _add_pages(app: FastAPI, settings: Settings, pages: Pages) -> None:
    @app.api_route("/", methods=["GET", "HEAD"])
    def landing(request: Request) -> Response:
        if (settings.publish.feeds_dir / "index.html").is_file():
            return RedirectResponse("./feeds/", 307)
        return pages.page(request, "nothing", digests=[digest.title for digest in settings.digests])

    @app.api_route("/style.css", methods=["GET", "HEAD"])
    def style() -> Response:
        return Response(pages.style(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})


def _add_errors(app: FastAPI, pages: Pages) -> None:
    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        page = pages.page(request, "missing", error.status_code)
        page.headers.update(error.headers or {})
        return page

    @app.exception_handler(RequestValidationError)
    def odd(request: Request, _error: RequestValidationError) -> Response:
        return pages.page(request, "missing", 422)  # no form of ours sends such a thing

    @app.exception_handler(DigestError)
    def failed(request: Request, error: DigestError) -> Response:
        log.error("%s", error)  # its sentence is for the operator; a reader learns only that it will pass
        page = pages.page(request, "later", 503)
        page.headers["Retry-After"] = "60"
        return page


def _hosts(settings: Settings) -> frozenset[str]:
    named = (urlsplit(url).hostname or "" for url in (settings.publish.app_url, settings.publish.feeds_url))
    return HERE | {*named, settings.serve.host.lower()}


class Door:
    """Turns away requests for hosts that are not ours, and puts the safe headers on every answer."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        known = scope["type"] == "http" and _host(Headers(scope=scope).get("host", "")) in self.hosts
        answer = self.app if known else PlainTextResponse("This host is not served here.\n", 400)
        await answer(scope, receive, guarded)


def _host(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""
