"""The steps of an issue: approve it, withdraw that, keep it back, leave it out, send a test copy to oneself."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import Response

from digest.api.shapes.changes import ApprovalWanted, ReasonWanted
from digest.api.shapes.issues import Copy, IssueNow
from digest.desk.rights import Act
from digest.pipeline.drafts import draft
from digest.pipeline.drafts.editing import unapprove
from digest.pipeline.editors.four_eyes import require_four_eyes
from digest.pipeline.issues import publish
from digest.pipeline.mail.send import test_copy
from digest.web.api.answering import answer, told
from digest.web.api.entrance import Bearer, Entrance
from digest.web.api.issues import TAG, Digest, Edition, IfMatch, as_seen, named, shown


def router(entrance: Entrance) -> APIRouter:
    """``/issues/{digest}/{edition}/approve`` and its like."""
    routes = APIRouter(prefix="/issues/{digest}/{edition}", tags=["issues"])
    _add_approval(routes, entrance)
    _add_withdrawing(routes, entrance)
    _add_leaving_out(routes, entrance)
    _add_test(routes, entrance)
    return routes


def _add_approval(routes: APIRouter, entrance: Entrance) -> None:
    may_approve: Bearer = Depends(entrance.allowed(Act.APPROVE))

    @routes.post(
        "/approve",
        **told(Act.APPROVE, "Approve an issue as seen", IssueNow, 404, 409, 412, 428, body=True, headers=TAG),
    )
    def approve(
        digest: Digest,
        edition: Edition,
        wanted: ApprovalWanted,
        if_match: IfMatch,
        bearer: Bearer = may_approve,
    ) -> Response:
        issue = as_seen(entrance, named(digest, edition), if_match)
        require_four_eyes(entrance.installation, bearer.editor, Act.APPROVE, issue.id)
        approved = publish.approve(
            entrance.installation,
            issue.id,
            entrance.clock(),
            goes_out_at=wanted.goes_out_at,
            seen_at=issue.updated_at,
            by=bearer.editor,
        )
        return shown(entrance, approved)


def _add_withdrawing(routes: APIRouter, entrance: Entrance) -> None:
    may_approve: Bearer = Depends(entrance.allowed(Act.APPROVE))

    @routes.post(
        "/unapprove",
        **told(Act.APPROVE, "Withdraw the approval of an issue", IssueNow, 404, 409, body=True, headers=TAG),
    )
    def withdraw(
        digest: Digest, edition: Edition, wanted: ReasonWanted, bearer: Bearer = may_approve
    ) -> Response:
        why = wanted.why or f"{bearer.editor.name} withdrew the approval"
        issue_id = named(digest, edition)
        return shown(
            entrance, unapprove(entrance.installation, issue_id, why, entrance.clock(), bearer.editor)
        )

    @routes.post(
        "/veto",
        **told(
            Act.APPROVE,
            "Keep a draft from being approved by itself",
            IssueNow,
            404,
            409,
            body=True,
            headers=TAG,
        ),
    )
    def veto(
        digest: Digest, edition: Edition, wanted: ReasonWanted, bearer: Bearer = may_approve
    ) -> Response:
        why = wanted.why or f"{bearer.editor.name} vetoed it"
        issue_id = named(digest, edition)
        return shown(
            entrance, draft.veto(entrance.installation, issue_id, why, entrance.clock(), bearer.editor)
        )


def _add_leaving_out(routes: APIRouter, entrance: Entrance) -> None:
    may_edit: Bearer = Depends(entrance.allowed(Act.EDIT))

    @routes.post(
        "/skip",
        **told(Act.EDIT, "Leave an issue out", IssueNow, 404, 409, body=True, headers=TAG),
    )
    def skip(digest: Digest, edition: Edition, wanted: ReasonWanted, bearer: Bearer = may_edit) -> Response:
        why, issue_id = wanted.why or "skipped by hand", named(digest, edition)
        return shown(
            entrance, draft.skip(entrance.installation, issue_id, why, entrance.clock(), bearer.editor)
        )


def _add_test(routes: APIRouter, entrance: Entrance) -> None:
    may_send: Bearer = Depends(entrance.allowed(Act.SEND))

    @routes.post("/test-copy", **told(Act.SEND, "Send a test copy to oneself", Copy, 404, 409))
    def copy(digest: Digest, edition: Edition, bearer: Bearer = may_send) -> Response:
        issue_id, now = named(digest, edition), entrance.clock()
        reply = test_copy(entrance.installation, issue_id, bearer.editor.address, now)
        entrance.log(bearer, "send a test", str(issue_id))
        return answer(Copy, Copy(bearer.editor.address, reply))
