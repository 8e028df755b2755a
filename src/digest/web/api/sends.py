"""A send: what is to be known before it, its start, where it stands, and what steers it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from sqlalchemy import Connection
from starlette.responses import Response

from digest import codec, store
from digest.api.shapes.changes import ReasonWanted, SendWanted
from digest.api.shapes.sends import (
    BeforeSend,
    Requeued,
    SendAsked,
    SendNow,
    counts_of,
    send_asked,
    send_now,
)
from digest.desk.rights import Act
from digest.model import Editor, IssueId, Send
from digest.pipeline.editors import sending
from digest.pipeline.editors.four_eyes import require_four_eyes
from digest.pipeline.installation import Installation
from digest.pipeline.mail import steering
from digest.pipeline.mail.send import Sent, sent
from digest.store.database import reading
from digest.web.api.answering import answer, told
from digest.web.api.entrance import Bearer, Entrance
from digest.web.api.issues import Digest, Edition, named
from digest.web.api.keyed import Keep, Once
from digest.web.launching import launch

IdempotencyKey = Annotated[
    str,
    Header(
        min_length=1,
        max_length=257,
        pattern=r'^("[ !#-\[\]-~]{1,255}"|[!#-\[\]-~]{1,255})$',
        description="A name of your own for this one request, such as a UUID; the same one on every new try.",
    ),
]
Steer = Callable[[Installation, IssueId, datetime, Editor], Sent]


def router(entrance: Entrance) -> APIRouter:
    """``/issues/{digest}/{edition}/send`` and what is below it."""
    routes = APIRouter(prefix="/issues/{digest}/{edition}/send", tags=["sends"])
    _add_looks(routes, entrance)
    _add_start(routes, entrance)
    _add_pause(routes, entrance)
    for name, summary, steer in _STEERING:
        _add_steering(routes, entrance, name, summary, steer)
    _add_retry(routes, entrance)
    return routes


def _now(found: Sent) -> Response:
    return answer(SendNow, send_now(found.send, found.counts))


def _add_looks(routes: APIRouter, entrance: Entrance) -> None:
    see: Bearer = Depends(entrance.allowed(Act.SEE))

    @routes.get("", **told(Act.SEE, "Show where the send of an issue stands", SendNow, 404))
    def progress(digest: Digest, edition: Edition, bearer: Bearer = see) -> Response:  # noqa: ARG001
        issue = entrance.installation.issue(named(digest, edition))
        return _now(sent(entrance.installation, issue.id))

    @routes.get("/before", **told(Act.SEE, "Show what is to be known before a send", BeforeSend, 404))
    def before(digest: Digest, edition: Edition, bearer: Bearer = see) -> Response:  # noqa: ARG001
        issue = entrance.installation.issue(named(digest, edition))
        found = sending.before(entrance.installation, issue.id, entrance.clock())
        last = found.last
        known = BeforeSend(
            found.people,
            found.is_large,
            found.forecast.ends_at,
            found.forecast.expires_at,
            found.forecast.is_too_late,
            str(last.issue) if last else None,
            counts_of(found.counts) if last else None,
        )
        return answer(BeforeSend, known)


def _add_start(routes: APIRouter, entrance: Entrance) -> None:
    may_send: Bearer = Depends(entrance.allowed(Act.SEND))
    once = Once(entrance, 202)

    @routes.post(
        "",
        **told(Act.SEND, "Send an issue to its audience", SendAsked, 404, 409, status=202, body=True),
    )
    def start(
        digest: Digest,
        edition: Edition,
        wanted: SendWanted,
        idempotency_key: IdempotencyKey,
        bearer: Bearer = may_send,
    ) -> Response:
        issue_id = named(digest, edition)

        def effect(keep: Keep) -> str:
            return _launched(entrance, bearer.editor, issue_id, wanted, keep)

        body = codec.dump(SendWanted, wanted)
        return once.answer(bearer.editor, idempotency_key, f"send {issue_id}", body, effect)

    @routes.post(
        "/take-back", **told(Act.SEND, "Take a send back before its first mail", None, 404, 409, status=204)
    )
    def take_back(digest: Digest, edition: Edition, bearer: Bearer = may_send) -> Response:
        issue = entrance.installation.issue(named(digest, edition))
        sending.take_back(entrance.installation, issue.id, bearer.editor, entrance.clock())
        return Response(status_code=204)


def _launched(entrance: Entrance, editor: Editor, issue_id: IssueId, wanted: SendWanted, keep: Keep) -> str:
    """Ask for a send, and keep the answer in the transaction of the request: taken back, it does not come back."""
    installation, now = entrance.installation, entrance.clock()
    with reading(installation.engine) as connection:
        if earlier := store.deliveries.send(connection, issue_id):
            return _told(earlier)
    require_four_eyes(installation, editor, Act.SEND, issue_id)
    before = sending.before(installation, issue_id, now)
    sending.require_number(issue_id, before, str(wanted.confirm_audience))
    percent = (
        sending.FIRST_PERCENT if before.is_large and wanted.first_percent is None else wanted.first_percent
    )

    def noted(connection: Connection, asked: Send) -> None:
        keep(connection, _told(asked))

    return _told(launch(installation, issue_id, editor, now, first_percent=percent, noted=noted))


def _told(asked: Send) -> str:
    return codec.dump(SendAsked, send_asked(asked)).decode()


# ── steering ─────────────────────────────────────────────────────────────────────────────────────


def _add_pause(routes: APIRouter, entrance: Entrance) -> None:
    may_send: Bearer = Depends(entrance.allowed(Act.SEND))

    @routes.post("/pause", **told(Act.SEND, "Hold a send", SendNow, 404, 409, body=True))
    def pause(digest: Digest, edition: Edition, wanted: ReasonWanted, bearer: Bearer = may_send) -> Response:
        why = wanted.why or f"{bearer.editor.name} paused it"
        issue_id = named(digest, edition)
        return _now(steering.pause(entrance.installation, issue_id, entrance.clock(), why, bearer.editor))


_STEERING: tuple[tuple[str, str, Steer], ...] = (
    ("resume", "Let a send go on", steering.resume),
    ("cancel", "End a send for good", steering.cancel),
)


def _add_steering(routes: APIRouter, entrance: Entrance, name: str, summary: str, steer: Steer) -> None:
    may_send: Bearer = Depends(entrance.allowed(Act.SEND))

    @routes.post(f"/{name}", operation_id=name, **told(Act.SEND, summary, SendNow, 404, 409))
    def steered(digest: Digest, edition: Edition, bearer: Bearer = may_send) -> Response:
        issue_id = named(digest, edition)
        return _now(steer(entrance.installation, issue_id, entrance.clock(), bearer.editor))


def _add_retry(routes: APIRouter, entrance: Entrance) -> None:
    may_send: Bearer = Depends(entrance.allowed(Act.SEND))

    @routes.post(
        "/retry", **told(Act.SEND, "Queue what was put off or refused once more", Requeued, 404, 409)
    )
    def retry(digest: Digest, edition: Edition, bearer: Bearer = may_send) -> Response:
        issue_id = named(digest, edition)
        again = steering.retry(entrance.installation, issue_id, entrance.clock(), bearer.editor)
        return answer(Requeued, Requeued(counts_of(again)))
