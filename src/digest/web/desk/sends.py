"""A send: what is to be known before it, its start, its progress as it happens, and what steers it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from functools import lru_cache
from json import dumps

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from digest import store
from digest.desk import forms, signing
from digest.desk.charts import Chart, chart
from digest.desk.rights import Act
from digest.desk.today import Standing
from digest.errors import DigestError
from digest.model import DeliveryState, IssueId, SendState
from digest.pipeline.editors import sending
from digest.pipeline.editors.four_eyes import require_four_eyes
from digest.pipeline.editors.looking import since
from digest.pipeline.editors.overview import standing
from digest.pipeline.mail import steering
from digest.store.database import reading
from digest.web.desk.doctor import Surgery
from digest.web.desk.gate import Gate, Visit, form_of, go
from digest.web.desk.issues import named
from digest.web.desk.pages import DeskPages
from digest.web.launching import launch

_MOST_CHARTS = 64  # are kept: to count a million mails by their minutes takes half a second
_LARGE = 10_000  # mails: from here on a chart is drawn once a minute
_LOOK_SECONDS = 1.0
_LONGEST_LOOK = 600  # looks: then the browser asks again


def router(gate: Gate, pages: DeskPages, surgery: Surgery) -> APIRouter:
    """``/desk/send/{digest}/{edition}`` and what is below it."""
    routes = APIRouter(prefix="/send/{digest}/{edition}")
    _add_page(routes, gate, pages, surgery)
    _add_start(routes, gate)
    _add_steering(routes, gate)
    _add_progress(routes, gate)
    return routes


def _add_page(routes: APIRouter, gate: Gate, pages: DeskPages, surgery: Surgery) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))
    charts = lru_cache(_MOST_CHARTS)(lambda issue, *_: _chart(gate, issue))

    @routes.get("")
    def page(digest: str, edition: str, request: Request, visit: Visit = see) -> Response:
        issue = gate.installation.issue(named(digest, edition))
        now = gate.clock()
        present = standing(gate.installation, issue, now)
        if present.send is None:
            before = sending.before(gate.installation, issue.id, now)
            unseen = since(gate.installation, issue, visit.editor)
            return pages.page(
                request,
                "preflight",
                visit,
                issue=issue,
                before=before,
                late=before.forecast.is_too_late,
                since=unseen,
                bulletin=surgery.bulletin(),
            )
        drawn = charts(issue.id, *_drawn_for(present, now))
        undo = max(0, int((present.send.requested_at - now).total_seconds()))
        return pages.page(request, "send", visit, issue=issue, standing=present, chart=drawn, undo=undo)


def _drawn_for(present: Standing, now: datetime) -> tuple[object, ...]:
    """What a chart is kept for: so many accepted; of a large send that still runs, the minute."""
    accepted = present.counts[DeliveryState.ACCEPTED]
    running = present.send is not None and present.send.state is SendState.RUNNING
    return (now.replace(second=0, microsecond=0),) if running and accepted > _LARGE else (accepted,)


def _chart(gate: Gate, issue: IssueId) -> Chart:
    with reading(gate.installation.engine) as connection:
        minutes = store.deliveries.per_minute(connection, issue)
    return chart("Accepted per minute", [(f"{at:%H:%M}", count) for at, count in minutes])


def _add_start(routes: APIRouter, gate: Gate) -> None:
    may_send: Visit = Depends(gate.allowed(Act.SEND))
    sent: forms.Fields = Depends(form_of)

    @routes.post("/start")
    def start(
        digest: str, edition: str, request: Request, visit: Visit = may_send, fields: forms.Fields = sent
    ) -> Response:
        issue_id, now = named(digest, edition), gate.clock()
        with reading(gate.installation.engine) as connection:
            if store.deliveries.send(connection, issue_id):  # a second click
                return go(request, f"send/{issue_id}")
        require_four_eyes(gate.installation, visit.editor, Act.SEND, issue_id)
        before = sending.before(gate.installation, issue_id, now)
        if before.is_large and not signing.is_proved(visit.session, now):
            return go(request, f"prove?to=send/{issue_id}")
        sending.require_number(issue_id, before, fields.get("people", [""])[0])
        percent = sending.FIRST_PERCENT if fields.get("first") else None
        launch(gate.installation, issue_id, visit.editor, now, first_percent=percent)
        return go(request, f"send/{issue_id}")

    @routes.post("/take-back")
    def take_back(digest: str, edition: str, request: Request, visit: Visit = may_send) -> Response:
        issue_id = named(digest, edition)
        sending.take_back(gate.installation, issue_id, visit.editor, gate.clock())
        return go(request, f"send/{issue_id}")


def _add_steering(routes: APIRouter, gate: Gate) -> None:
    may_send: Visit = Depends(gate.allowed(Act.SEND))
    sent: forms.Fields = Depends(form_of)

    @routes.post("/steer")
    def steer(
        digest: str, edition: str, request: Request, visit: Visit = may_send, fields: forms.Fields = sent
    ) -> Response:
        issue_id, now, who = named(digest, edition), gate.clock(), visit.editor
        match forms.one(fields, "do"):
            case "pause":
                steering.pause(gate.installation, issue_id, now, f"{who.name} paused it", who)
            case "resume":
                steering.resume(gate.installation, issue_id, now, who)
            case "cancel":
                steering.cancel(gate.installation, issue_id, now, who)
            case _:
                raise DigestError("A send can be paused, resumed or cancelled. Load the page again.")
        return go(request, f"send/{issue_id}")

    @routes.post("/retry")
    def retry(digest: str, edition: str, request: Request, visit: Visit = may_send) -> Response:
        issue_id = named(digest, edition)
        steering.retry(gate.installation, issue_id, gate.clock(), visit.editor)
        return go(request, f"send/{issue_id}")


def _add_progress(routes: APIRouter, gate: Gate) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))

    def counted(issue_id: IssueId) -> dict[str, object]:
        with reading(gate.installation.engine) as connection:
            found = store.deliveries.send(connection, issue_id)
            counts = store.deliveries.counts(connection, issue_id)
        state = found.state.value if found else ""
        open_rows = sum(
            counts[each] for each in (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.SENDING)
        )
        return {
            "state": state,
            "open": open_rows,
            "counts": {str(each): count for each, count in counts.items()},
        }

    @routes.get("/progress")
    def progress(digest: str, edition: str, request: Request, visit: Visit = see) -> Response:  # noqa: ARG001
        issue_id = named(digest, edition)

        async def looks() -> AsyncIterator[str]:
            """Server-sent events: the counts, whenever they have changed."""
            last = ""
            for _ in range(_LONGEST_LOOK):
                if await request.is_disconnected():
                    return
                told = dumps(await run_in_threadpool(counted, issue_id))
                yield f"data: {told}\n\n" if told != last else ": nothing new\n\n"
                last = told
                await asyncio.sleep(_LOOK_SECONDS)

        return StreamingResponse(
            looks(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )
