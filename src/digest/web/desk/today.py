"""The first page: does anything need me?"""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from digest.desk.rights import Act
from digest.pipeline.editors.overview import overview
from digest.web.desk.gate import Gate, Visit
from digest.web.desk.pages import DeskPages


def router(gate: Gate, pages: DeskPages) -> APIRouter:
    """``/desk/``."""
    routes = APIRouter()
    see: Visit = Depends(gate.allowed(Act.SEE))

    @routes.get("/")
    def today(request: Request, visit: Visit = see) -> Response:
        return pages.page(request, "today", visit, found=overview(gate.installation, gate.clock()))

    return routes
