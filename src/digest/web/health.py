"""For other machines: whether this process lives (``/healthz``), whether it can work (``/readyz``), and its numbers."""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Lock

from fastapi import APIRouter, FastAPI, HTTPException
from jinja2 import Environment, TemplateNotFound
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from digest.doctor.machine import folders
from digest.errors import DigestError
from digest.metrics.exposition import CONTENT_TYPE, exposition
from digest.pipeline.installation import Clock
from digest.settings import Settings
from digest.store.database import require_current
from digest.web.server import serve

log = logging.getLogger(__name__)

HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_PROXIED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_NO_STORE = {"Cache-Control": "no-store"}
_LOOK_EVERY = timedelta(seconds=2)  # however often strangers ask
_FOLDERS = {
    "[publish] feeds_dir": "feeds",
    "[publish] pictures_dir": "pictures",
    "[mail] folder": "outbox",
    "[database] url": "database",
}
_TEMPLATE = "web/notice.html.j2"  # one of them: they are read together


def router(
    engine: Engine, settings: Settings, environment: Environment, clock: Clock, metrics_token: str = ""
) -> APIRouter:
    """The three routes. ``metrics_token`` is asked for where ``[operate] metrics`` says so."""
    routes = APIRouter()
    readiness = _Readiness(engine, settings, environment, clock)

    @routes.api_route("/healthz", methods=["GET", "HEAD"])
    async def alive() -> Response:
        return PlainTextResponse("alive\n", headers=_NO_STORE)

    @routes.api_route("/readyz", methods=["GET", "HEAD"])
    def ready() -> Response:
        parts = readiness.parts()
        is_ready = not any(parts.values())
        said = {part: "failed" if why else "ok" for part, why in parts.items()}
        return JSONResponse({"ready": is_ready, "parts": said}, 200 if is_ready else 503, _NO_STORE)

    @routes.get("/metrics")
    def metrics(request: Request) -> Response:
        _admit(request, settings.operate.metrics, metrics_token)
        text = exposition(engine, _folders(settings), clock())
        return Response(text, media_type=CONTENT_TYPE, headers=_NO_STORE)

    return routes


@contextmanager
def listening(
    engine: Engine, settings: Settings, environment: Environment, clock: Clock, metrics_token: str = ""
) -> Iterator[str]:
    """Serve only these routes, in a thread, at ``[operate] listen``; gives the base address, "" where none is set.

    For a process that serves no pages.

    Raises:
        DigestError: the port cannot be had.
    """
    if not settings.operate.listen:
        yield ""
        return
    host, _, port = settings.operate.listen.rpartition(":")
    app = FastAPI(title="digest", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(router(engine, settings, environment, clock, metrics_token))
    with serve(app, host.strip("[]"), int(port)) as address:
        yield address


# ── whether it can work ──────────────────────────────────────────────────────────────────────────


class _Readiness:
    """What a process needs, looked at every two seconds at most; what changes is logged with its reason."""

    def __init__(self, engine: Engine, settings: Settings, environment: Environment, clock: Clock) -> None:
        self._looks: Mapping[str, Callable[[], str]] = {
            "database": lambda: _database(engine),
            "feeds": lambda: _folder(settings.publish.feeds_dir),
            "templates": lambda: _templates(environment, settings.publish.templates_dir),
        }
        self._clock, self._lock = clock, Lock()
        self._seen: dict[str, str] = {}
        self._at: datetime | None = None

    def parts(self) -> Mapping[str, str]:
        """Why each part does not work, or "". The reasons name files and hosts, and so are for the log only."""
        with self._lock:
            now = self._clock()
            if self._at is None or not timedelta() <= now - self._at < _LOOK_EVERY:
                self._look()
                self._at = now
            return dict(self._seen)

    def _look(self) -> None:
        for part, look in self._looks.items():
            why = look()
            if why and why != self._seen.get(part):
                log.error("not ready: %s: %s", part, why)
            elif not why and self._seen.get(part):
                log.info("ready again: %s", part)
            self._seen[part] = why


def _database(engine: Engine) -> str:
    """It answers, and has the schema that this digest was written for."""
    try:
        require_current(engine)
    except DigestError as error:
        return str(error)
    return ""


def _folder(folder: Path) -> str:
    """It, or where it is not made yet the nearest one around it, can be written to."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return "" if os.access(there, os.W_OK | os.X_OK) else f"{there} cannot be written"


def _templates(environment: Environment, users: Path | None) -> str:
    try:
        environment.get_template(_TEMPLATE)
    except TemplateNotFound as error:
        return f"the template {error.name} is missing"
    return "" if users is None or users.is_dir() else f"{users} is no folder"


# ── who may read the numbers ─────────────────────────────────────────────────────────────────────


def _admit(request: Request, metrics: str, token: str) -> None:
    """Let in whom ``[operate] metrics`` means; for all others there is no such page.

    Raises:
        HTTPException: 404, or 401 where a token would help.
    """
    if metrics == "token":
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if not token or not hmac.compare_digest(given, token.encode()):
            raise HTTPException(401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    elif metrics == "off" or not _is_here(request):
        raise HTTPException(404)


def _is_here(request: Request) -> bool:
    """Whether a program on this machine asks by itself, and no proxy for somebody else."""
    peer = request.client.host if request.client else ""
    try:
        is_loopback = ip_address(peer).is_loopback
    except ValueError:
        return False
    return is_loopback and request.url.hostname in HERE and not any(map(request.headers.get, _PROXIED))


def _folders(settings: Settings) -> Mapping[str, Path]:
    return {_FOLDERS[setting]: folder for setting, folder in folders(settings).items()}
