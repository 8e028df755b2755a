"""The API as an application of its own below ``/api/v1``: its operations, its description, and what is said when something fails."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route

from digest.api.keyed import KeyBusyError, KeyMissingError, KeyReusedError
from digest.api.paging import CursorError
from digest.api.problems import Fault, Problem, problem
from digest.desk.rights import ForbiddenError
from digest.errors import (
    ConfigError,
    DigestError,
    FetchError,
    NotFoundError,
    ParseError,
    RelayError,
    StoreError,
    TemplateError,
)
from digest.pipeline.editors.sending import NumberError
from digest.pipeline.installation import Clock, Installation
from digest.web.api import deliveries, digests, issues, people, posts, records, sends, sources, steps, themes
from digest.web.api.answering import problem_answer, refusal
from digest.web.api.entrance import entrance
from digest.web.bodies import SmallBodies

log = logging.getLogger(__name__)

PREFIX = "/api/v1"
LARGEST_BODY = 1_000_000  # bytes
_MOST_FAULTS = 20
_STATUSES: Mapping[type[DigestError], int] = {
    ForbiddenError: 403,
    NotFoundError: 404,
    KeyBusyError: 409,
    KeyReusedError: 422,
    KeyMissingError: 422,
    NumberError: 422,
    CursorError: 422,
    ConfigError: 422,
    FetchError: 422,
    ParseError: 422,
    RelayError: 503,
    StoreError: 503,
    TemplateError: 503,
}
_PARTS = (deliveries, digests, issues, people, posts, records, sends, sources, steps, themes)


def create_api(installation: Installation, clock: Clock) -> FastAPI:
    """The application to be mounted at ``PREFIX``."""
    door = entrance(installation, clock)
    app = FastAPI(title="digest", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    parts = [part.router(door) for part in _PARTS]
    for part in parts:
        app.include_router(part)

    @app.get("/openapi.json", include_in_schema=False)
    def description() -> Response:
        return JSONResponse(described(app))

    _add_errors(app, [route for part in parts for route in part.routes])
    app.add_middleware(SmallBodies, below=("/",), most=LARGEST_BODY)
    return app


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description (3.1) of all operations, with every answer that each may give."""
    found = get_openapi(
        title="digest",
        version="1",
        summary="The verbs of digest as JSON.",
        routes=app.routes,
        servers=[{"url": PREFIX}],
    )
    schema = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
    found["components"]["schemas"] |= {**schema.pop("$defs"), "Problem": schema}
    return found


def _add_errors(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            allowed = _allowed(routes, request)
            return refusal(405, f"Here one can only {allowed}.", {"Allow": allowed})
        detail = "There is no such operation." if error.detail == "Not Found" else error.detail
        return refusal(error.status_code, detail, error.headers)

    @app.exception_handler(RequestValidationError)
    def odd(_: Request, error: RequestValidationError) -> Response:
        found = error.errors()
        if any(tuple(each["loc"]) == ("header", "if-match") and each["type"] == "missing" for each in found):
            return refusal(428, "Say which state of the issue you have seen: send its ETag as If-Match.")
        faults = tuple(_fault(each) for each in found[:_MOST_FAULTS])
        told = "; ".join(f"{fault.where}: {fault.what}" for fault in faults)
        return problem_answer(problem(422, f"The request is not as it must be. {told}.", faults))

    @app.exception_handler(DigestError)
    def failed(request: Request, error: DigestError) -> Response:
        status = next((_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES), 409)
        if status != 503:
            return refusal(status, str(error))
        log.error("%s %s: %s", request.method, request.url.path, error)
        return refusal(status, str(error), {"Retry-After": "60"})


def _allowed(routes: Sequence[BaseRoute], request: Request) -> str:
    """The methods that an address takes: those of all its operations, where Starlette names those of the first."""
    operations = (route for route in routes if isinstance(route, Route))
    here = (each for each in operations if each.matches(request.scope)[0] is not Match.NONE)
    return ", ".join(sorted({method for route in here for method in route.methods or ()}))


def _fault(error: Mapping[str, Any]) -> Fault:
    """What is wrong, and where; never the value itself, which may be a secret."""
    kind, *path = error["loc"] or ("body",)
    where = "/" + "/".join(map(str, path)) if kind == "body" else str(path[0] if path else kind)
    return Fault(where[:200], str(error["msg"])[:300])
