"""The steps of an issue: approve it, withdraw that, leave it out, keep it back, send a test to oneself."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from digest import store
from digest.desk import forms
from digest.desk.rights import Act
from digest.errors import DigestError
from digest.model import IssueId, Look, Preview
from digest.pipeline.drafts import draft
from digest.pipeline.drafts.editing import unapprove
from digest.pipeline.editors.four_eyes import require_four_eyes
from digest.pipeline.issues import publish
from digest.pipeline.mail.send import test_copy
from digest.store.database import reading, transaction
from digest.web.desk.gate import Gate, Visit, form_of, go
from digest.web.desk.issues import named
from digest.web.desk.pages import DeskPages


def router(gate: Gate, pages: DeskPages) -> APIRouter:
    """``/desk/issue/{digest}/{edition}/approve`` and its like."""
    routes = APIRouter(prefix="/issue/{digest}/{edition}")
    _add_approval(routes, gate)
    _add_leaving_out(routes, gate, pages)
    _add_test(routes, gate, pages)
    return routes


def _add_approval(routes: APIRouter, gate: Gate) -> None:
    may_approve: Visit = Depends(gate.allowed(Act.APPROVE))
    sent: forms.Fields = Depends(form_of)

    @routes.post("/approve")
    def approve(
        digest: str, edition: str, request: Request, visit: Visit = may_approve, fields: forms.Fields = sent
    ) -> Response:
        issue_id, now = named(digest, edition), gate.clock()
        require_four_eyes(gate.installation, visit.editor, Act.APPROVE, issue_id)
        publish.approve(
            gate.installation,
            issue_id,
            now,
            goes_out_at=_when(gate, issue_id, fields, now),
            seen_at=_moment(forms.one(fields, "seen_at")),
            by=visit.editor,
        )
        return go(request, f"issue/{issue_id}")

    @routes.post("/withdraw")
    def withdraw(digest: str, edition: str, request: Request, visit: Visit = may_approve) -> Response:
        issue_id = named(digest, edition)
        why = f"{visit.editor.name} withdrew the approval"
        unapprove(gate.installation, issue_id, why, gate.clock(), visit.editor)
        return go(request, f"issue/{issue_id}")

    @routes.post("/veto")
    def veto(digest: str, edition: str, request: Request, visit: Visit = may_approve) -> Response:
        issue_id = named(digest, edition)
        draft.veto(gate.installation, issue_id, f"{visit.editor.name} vetoed it", gate.clock(), visit.editor)
        return go(request, f"issue/{issue_id}")


def _when(gate: Gate, issue_id: IssueId, fields: forms.Fields, now: datetime) -> datetime | None:
    """When an issue goes out whose time is over, as its approver says; None: as it stands."""
    match fields.get("when", [""])[0]:
        case "now":
            return now
        case "next":
            digest = gate.installation.digest(issue_id.digest)
            with reading(gate.installation.engine) as connection:
                return draft.next_free_slot(connection, digest, now).at
    return None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise DigestError("The form came without what it was made from. Load the page again.") from None


def _add_leaving_out(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    may_edit: Visit = Depends(gate.allowed(Act.EDIT))
    sent: forms.Fields = Depends(form_of)

    @routes.get("/skip")
    def ask(digest: str, edition: str, request: Request, visit: Visit = may_edit) -> Response:
        return pages.page(request, "skip", visit, issue=gate.installation.issue(named(digest, edition)))

    @routes.post("/skip")
    def skip(
        digest: str, edition: str, request: Request, visit: Visit = may_edit, fields: forms.Fields = sent
    ) -> Response:
        issue_id, why = named(digest, edition), forms.one(fields, "why").strip()[:300]
        draft.skip(gate.installation, issue_id, why or "skipped by hand", gate.clock(), visit.editor)
        return go(request, f"issue/{issue_id}")


def _add_test(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    may_send: Visit = Depends(gate.allowed(Act.SEND))

    @routes.post("/test")
    def test(digest: str, edition: str, request: Request, visit: Visit = may_send) -> Response:
        issue_id, now = named(digest, edition), gate.clock()
        issue = gate.installation.issue(issue_id)
        reply = test_copy(gate.installation, issue_id, visit.editor.address, now)
        look = Look(issue.edit, now, Preview.TEST)
        with transaction(gate.installation.engine) as connection:
            store.audit.add(connection, visit.editor, "send a test", str(issue_id), now)
            store.looks.remember(connection, visit.editor.id, issue_id, look)
        return pages.page(request, "tested", visit, issue=issue, reply=reply)
