"""What is looked up rather than worked on: who did what."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from digest import store
from digest.desk.rights import Act
from digest.roster.writing import csv_lines
from digest.store.database import reading
from digest.web.desk.gate import Gate, Visit
from digest.web.desk.pages import KEPT, DeskPages

_PAGE = 100
_COLUMNS = ("at", "who", "action", "subject", "detail")


def router(gate: Gate, pages: DeskPages) -> APIRouter:
    """``/desk/log`` and ``/desk/log.csv``."""
    routes = APIRouter()
    see: Visit = Depends(gate.allowed(Act.SEE))
    manage: Visit = Depends(gate.allowed(Act.MANAGE))

    @routes.get("/log")
    def log(request: Request, before: int = 0, visit: Visit = see) -> Response:
        with reading(gate.installation.engine) as connection:
            found = store.audit.newest(connection, _PAGE + 1, before=before or None)
        more = found[_PAGE - 1][0] if len(found) > _PAGE else 0
        return pages.page(request, "log", visit, entries=found[:_PAGE], more=more)

    @routes.get("/log.csv")
    def exported(visit: Visit = manage) -> Response:  # noqa: ARG001
        return StreamingResponse(
            csv_lines(_COLUMNS, _rows(gate)), media_type="text/csv; charset=utf-8", headers=KEPT
        )

    return routes


def _rows(gate: Gate) -> Iterator[tuple[str, ...]]:
    with reading(gate.installation.engine) as connection:
        for entry in store.audit.entries(connection):
            yield entry.at.isoformat(), entry.who, entry.action, entry.subject, entry.detail
