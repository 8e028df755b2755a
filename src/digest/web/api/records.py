"""Who asks, who works here, who did what, and what came back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from digest import store
from digest.api.paging import Page, number_of, page
from digest.api.shapes.records import (
    BounceSeen,
    Done,
    EditorNow,
    Me,
    bounce_seen,
    done,
    editor_now,
    me,
)
from digest.api.shapes.words import Moment
from digest.desk.rights import Act
from digest.store.audit import Which
from digest.store.database import reading
from digest.web.api.answering import answer, page_answer, told
from digest.web.api.entrance import Bearer, Entrance
from digest.web.api.issues import PAGE, Cursor, Limit

_WORDS = Query(max_length=400, pattern=r"^[^\x00]*$")
Subject = Annotated[str, _WORDS]
Since = Annotated[Moment | None, Query(description="Then or later.")]
Until = Annotated[Moment | None, Query(description="Before then.")]


def router(entrance: Entrance) -> APIRouter:
    """``/me``, ``/editors``, ``/log`` and ``/bounces``."""
    routes = APIRouter()
    _add_people(routes, entrance)
    _add_log(routes, entrance)
    _add_bounces(routes, entrance)
    return routes


def _add_people(routes: APIRouter, entrance: Entrance) -> None:
    see: Bearer = Depends(entrance.allowed(Act.SEE))
    manage: Bearer = Depends(entrance.allowed(Act.MANAGE))

    @routes.get("/me", tags=["editors"], **told(Act.SEE, "Show whose token this is, and what it may do", Me))
    def who(bearer: Bearer = see) -> Response:
        return answer(Me, me(bearer.editor, bearer.token))

    @routes.get(
        "/editors", tags=["editors"], **told(Act.MANAGE, "List who works here", tuple[EditorNow, ...])
    )
    def editors(bearer: Bearer = manage) -> Response:  # noqa: ARG001
        with reading(entrance.installation.engine) as connection:
            found = store.editors.editors(connection)
        return answer(tuple[EditorNow, ...], tuple(map(editor_now, found)))


def _add_log(routes: APIRouter, entrance: Entrance) -> None:
    see: Bearer = Depends(entrance.allowed(Act.SEE))

    @routes.get("/log", tags=["editors"], **told(Act.SEE, "List who did what, the newest first", Page[Done]))
    def log(
        request: Request,
        who: Subject = "",
        action: Subject = "",
        subject: Subject = "",
        since: Since = None,
        until: Until = None,
        limit: Limit = PAGE,
        cursor: Cursor = "",
        bearer: Bearer = see,  # noqa: ARG001
    ) -> Response:
        which, before = Which(who, action, subject, since, until), number_of(cursor) or None
        with reading(entrance.installation.engine) as connection:
            found = store.audit.newest(connection, limit + 1, before=before, which=which)
        rows = page(found, limit, lambda entry: done(entry[1]), lambda entry: entry[0])
        return page_answer(request, Page[Done], rows)


def _add_bounces(routes: APIRouter, entrance: Entrance) -> None:
    see: Bearer = Depends(entrance.allowed(Act.SEE))

    @routes.get(
        "/bounces",
        tags=["deliveries"],
        **told(Act.SEE, "List what came back, the newest first", tuple[BounceSeen, ...]),
    )
    def bounces(since: Since = None, limit: Limit = PAGE, bearer: Bearer = see) -> Response:
        with reading(entrance.installation.engine) as connection:
            found = tuple(store.bounces.listed(connection, since, limit))
        whole = bearer.sees_addresses
        return answer(tuple[BounceSeen, ...], tuple(bounce_seen(each, whole=whole) for each in found))
