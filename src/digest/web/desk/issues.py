"""An issue beside its live preview: what is in it, and every change of it as a form."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from digest import store
from digest.assemble.drafting import covered
from digest.assemble.steps import is_late
from digest.desk import forms
from digest.desk.choices import choices_of
from digest.desk.rights import Act
from digest.errors import DigestError, NotFoundError, StoreError
from digest.model import AuditEntry, Editor, Issue, IssueId, IssueState, Theme
from digest.pipeline.drafts.draft import new_since_edit
from digest.pipeline.drafts.editing import ChangedMeanwhileError, edit, undo
from digest.pipeline.drafts.stock import offer
from digest.pipeline.editors.looking import looked
from digest.pipeline.editors.overview import standing
from digest.publish.pictures import FOLDER as PICTURES
from digest.store.database import reading
from digest.web import frames
from digest.web.desk.gate import Gate, Visit, form_of, go, onward
from digest.web.desk.pages import DeskPages
from digest.web.proofs import Proofs

log = logging.getLogger(__name__)

_MOST_PROOFS = 16  # issues whose newest preview is kept in memory
_LOG = 10

ProofsOf = Callable[[IssueId], Proofs]


def router(gate: Gate, pages: DeskPages) -> APIRouter:
    """``/desk/issue/{digest}/{edition}`` and what is below it."""
    routes = APIRouter(prefix="/issue/{digest}/{edition}")
    proofs_of = lru_cache(_MOST_PROOFS)(lambda issue: Proofs(gate.installation, issue, gate.clock))
    _add_pages(routes, gate, pages, proofs_of)
    _add_changes(routes, gate, pages)
    _add_frames(routes, gate, pages, proofs_of)
    return routes


def named(digest: str, edition: str) -> IssueId:
    """The issue that an address names.

    Raises:
        NotFoundError: it names none.
    """
    try:
        return IssueId.parse(f"{digest}/{edition}")
    except DigestError as error:
        raise NotFoundError(str(error)) from error


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def _add_pages(routes: APIRouter, gate: Gate, pages: DeskPages, proofs_of: ProofsOf) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))

    @routes.get("")
    def page(digest: str, edition: str, request: Request, visit: Visit = see) -> Response:
        issue = gate.installation.issue(named(digest, edition))
        now = gate.clock()
        drafted = issue.state is IssueState.DRAFT
        return pages.page(
            request,
            "issue",
            visit,
            issue=issue,
            standing=standing(gate.installation, issue, now),
            late=is_late(issue, gate.installation.digest(digest), now),
            stamp=proofs_of(issue.id).stamp(),  # making a proof takes long: it is for the frames
            new=new_since_edit(gate.installation, issue, now) if drafted else (),
            themes=_themes(gate, issue),
            log=_log(gate, issue),
        )

    @routes.get("/pick/{post}")
    def pick(digest: str, edition: str, post: str, request: Request, visit: Visit = see) -> Response:
        issue = gate.installation.issue(named(digest, edition))
        shown = next((pick for pick in issue.document.picks if pick.post == post), None)
        if shown is None:
            raise NotFoundError(f"{issue.id} has no such post any more.")
        with reading(gate.installation.engine) as connection:
            material = offer(gate.installation, connection, shown)
        choices = choices_of(issue.document, shown, material)
        return pages.page(request, "pick", visit, issue=issue, pick=shown, choices=choices)


def _themes(gate: Gate, issue: Issue) -> tuple[Theme, ...]:
    with reading(gate.installation.engine) as connection:
        return covered(store.sources.themes(connection), gate.installation.digest(issue.id.digest))


def _log(gate: Gate, issue: Issue) -> Sequence[AuditEntry]:
    with reading(gate.installation.engine) as connection:
        return [entry for _, entry in store.audit.newest(connection, _LOG, subject=str(issue.id))]


# ── changes ──────────────────────────────────────────────────────────────────────────────────────


def _add_changes(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    may_edit: Visit = Depends(gate.allowed(Act.EDIT))
    sent: forms.Fields = Depends(form_of)

    @routes.post("/change")
    def change(
        digest: str, edition: str, request: Request, visit: Visit = may_edit, fields: forms.Fields = sent
    ) -> Response:
        issue_id = named(digest, edition)
        try:
            issue = _changed(gate, issue_id, fields, visit.editor)
        except ChangedMeanwhileError as error:
            return _meanwhile(request, pages, visit, gate.installation.issue(issue_id), fields, str(error))
        except DigestError as error:
            if _by_script(request):
                return JSONResponse({"sentence": str(error)}, 422)
            raise
        if _by_script(request):
            return JSONResponse({"edit": issue.edit})
        return go(request, onward(_back(fields)) or f"issue/{issue_id}")


def _changed(gate: Gate, issue_id: IssueId, fields: forms.Fields, editor: Editor) -> Issue:
    seen = int(forms.one(fields, "seen")) if forms.one(fields, "seen").isdecimal() else -1
    if forms.one(fields, "do") == "undo":
        return undo(gate.installation, issue_id, gate.clock(), seen=seen, by=editor)
    change = forms.change_of(gate.installation.issue(issue_id).document, fields)
    return edit(gate.installation, issue_id, change, gate.clock(), seen=seen, by=editor).issue


def _meanwhile(
    request: Request, pages: DeskPages, visit: Visit, issue: Issue, fields: forms.Fields, sentence: str
) -> Response:
    """What somebody else did, and the form once more, to be sent on top of that or not at all."""
    if _by_script(request):
        return JSONResponse({"sentence": sentence}, 409)
    again = [(name, value) for name, values in _said(fields).items() for value in values]
    return pages.page(request, "meanwhile", visit, 409, issue=issue, again=again, sentence=sentence)


def _said(fields: forms.Fields) -> Mapping[str, Sequence[str]]:
    return {name: values for name, values in fields.items() if name not in ("csrf", "seen")}


def _back(fields: forms.Fields) -> str:
    return fields["back"][0] if fields.get("back") else ""


def _by_script(request: Request) -> bool:
    return request.headers.get("accept", "").startswith("application/json")


# ── the preview ──────────────────────────────────────────────────────────────────────────────────


def _add_frames(routes: APIRouter, gate: Gate, pages: DeskPages, proofs_of: ProofsOf) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))

    @routes.get("/proof/stamp.json")
    def stamp(digest: str, edition: str, visit: Visit = see) -> Response:  # noqa: ARG001
        issue = gate.installation.issue(named(digest, edition))
        state = {"stamp": proofs_of(issue.id).stamp(), "edit": issue.edit}
        return JSONResponse(state, headers=frames.KEPT)

    @routes.get("/proof/findings.html")
    def findings(digest: str, edition: str, request: Request, visit: Visit = see) -> Response:  # noqa: ARG001
        proof = proofs_of(named(digest, edition)).newest()
        return pages.frame(request, "findings", proof=proof)

    @routes.get(f"/proof/{PICTURES}/{{name}}")
    def picture(digest: str, edition: str, name: str, visit: Visit = see) -> Response:  # noqa: ARG001
        return frames.picture(proofs_of(named(digest, edition)), name)

    @routes.get("/proof/{name}")
    def frame(
        digest: str,
        edition: str,
        name: str,
        stamp: Annotated[str, Query()] = "",  # noqa: ARG001  it only keeps a browser from showing an old one
        visit: Visit = see,
    ) -> Response:
        proofs, now = proofs_of(named(digest, edition)), gate.clock()
        answer = frames.shown(proofs, name)
        # Afterwards: nobody waits for a busy database to see a preview.
        answer.background = BackgroundTask(_looked, gate, visit, proofs.newest().issue, now)
        return answer


def _looked(gate: Gate, visit: Visit, issue: Issue, now: datetime) -> None:
    """Note who has seen what; where that fails, the page before a send tells of more changes than are new."""
    try:
        looked(gate.installation, visit.editor, issue.id, issue.edit, now)
    except StoreError as error:
        log.warning("%s: who looked at it is not known: %s", issue.id, error)
