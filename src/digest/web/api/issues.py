"""Issues: listed, shown whole, changed by whoever has seen them as they are, and previewed."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Path, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from digest import store
from digest.api.paging import CursorError, Page, page, word_of
from digest.api.shapes.changes import ChangeWanted
from digest.api.shapes.issues import (
    EditMade,
    Findings,
    IssueNow,
    IssueRow,
    PickChoices,
    edit_made,
    edit_seen,
    issue_now,
    issue_row,
    matches,
    pick_choices,
    tag_of,
)
from digest.assemble.steps import goes_out, next_step
from digest.desk.choices import choices_of
from digest.desk.rights import Act
from digest.errors import NotFoundError
from digest.model import Issue, IssueId, IssueState
from digest.pipeline.drafts.draft import new_since_edit
from digest.pipeline.drafts.editing import changed_meanwhile, edit, undo
from digest.pipeline.drafts.stock import offer
from digest.settings import SLUG
from digest.store.database import reading
from digest.web.api.answering import KEPT, answer, page_answer, told
from digest.web.api.entrance import Bearer, Entrance
from digest.web.proofs import Proofs

PAGE = 50  # of a list, where no other number is asked for
MOST = 200
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many are on a page.")]
Cursor = Annotated[str, Query(max_length=1_000, description="“next” of the page before.")]
Digest = Annotated[str, Path(pattern=SLUG)]
Edition = Annotated[str, Path(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(\+[a-z0-9-]{1,48})?$")]
IfMatch = Annotated[str, Header(max_length=1_000, description="The ETag of the issue as you have seen it.")]
TAG = {"ETag": "Changes whenever anything of the issue does."}

_MOST_PROOFS = 16  # issues whose newest preview is kept in memory
_POST = Annotated[str, Path(min_length=1, max_length=300, pattern=r"^[^\x00-\x20\x7f]+$")]
_PLAIN = {"text/html": {"schema": {"type": "string"}}, "text/plain": {"schema": {"type": "string"}}}
_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src https: http:; sandbox"

ProofsOf = Callable[[IssueId], Proofs]


def router(entrance: Entrance) -> APIRouter:
    """``/issues`` and what is below it, but for its steps and its send."""
    routes = APIRouter(tags=["issues"])
    proofs_of = lru_cache(_MOST_PROOFS)(lambda issue: Proofs(entrance.installation, issue, entrance.clock))
    _add_list(routes, entrance)
    _add_one(routes, entrance)
    _add_changes(routes, entrance)
    _add_preview(routes, entrance, proofs_of)
    return routes


def named(digest: str, edition: str) -> IssueId:
    """The issue that an address names.

    Raises:
        NotFoundError: it names none.
    """
    return IssueId.parse(f"{digest}/{edition}")


def present(entrance: Entrance, issue: Issue) -> IssueNow:
    """An issue as an answer has it."""
    now, digest = entrance.clock(), entrance.installation.digest(issue.id.digest)
    with reading(entrance.installation.engine) as connection:
        send = store.deliveries.send(connection, issue.id)
    step = next_step(issue, digest, send, now)
    return issue_now(
        issue, goes_out(issue, digest), step.why, new_since_edit(entrance.installation, issue, now)
    )


def shown(entrance: Entrance, issue: Issue) -> Response:
    """An issue with its entity tag."""
    return answer(IssueNow, present(entrance, issue), 200, {"ETag": tag_of(issue)})


def as_seen(entrance: Entrance, issue_id: IssueId, if_match: str) -> Issue:
    """An issue, where it still is as its editor has seen it.

    Raises:
        NotFoundError: there is none.
        HTTPException: 412 where it is another one by now, with what was done.
    """
    issue = entrance.installation.issue(issue_id)
    if not matches(if_match, issue):
        seen = edit_seen(if_match)
        told_by = issue.edit if seen is None else seen
        raise HTTPException(
            412, str(changed_meanwhile(entrance.installation, issue_id, told_by)), {"ETag": tag_of(issue)}
        )
    return issue


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


def _add_list(routes: APIRouter, entrance: Entrance) -> None:
    see: Bearer = Depends(entrance.allowed(Act.SEE))

    @routes.get("/issues", **told(Act.SEE, "List issues, the latest first", Page[IssueRow]))
    def listed(
        request: Request,
        digest: Annotated[str | None, Query(pattern=SLUG)] = None,
        state: IssueState | None = None,
        limit: Limit = PAGE,
        cursor: Cursor = "",
        bearer: Bearer = see,  # noqa: ARG001
    ) -> Response:
        with reading(entrance.installation.engine) as connection:
            found = store.listings.issues(
                connection, limit + 1, digest=digest, state=state, before=_behind(cursor)
            )
        rows = page(found, limit, issue_row, lambda issue: str(issue.id))
        return page_answer(request, Page[IssueRow], rows)


def _behind(cursor: str) -> IssueId | None:
    try:
        return IssueId.parse(word_of(cursor)) if cursor else None
    except NotFoundError as error:
        raise CursorError("That cursor is none of this list.") from error


def _add_one(routes: APIRouter, entrance: Entrance) -> None:
    see: Bearer = Depends(entrance.allowed(Act.SEE))

    @routes.get(
        "/issues/{digest}/{edition}",
        **told(Act.SEE, "Show an issue, whole", IssueNow, 404, headers=TAG),
    )
    def one(digest: Digest, edition: Edition, bearer: Bearer = see) -> Response:  # noqa: ARG001
        return shown(entrance, entrance.installation.issue(named(digest, edition)))

    @routes.get(
        "/issues/{digest}/{edition}/edits",
        **told(Act.SEE, "List what editors have changed in an issue", tuple[EditMade, ...], 404),
    )
    def edits(digest: Digest, edition: Edition, bearer: Bearer = see) -> Response:  # noqa: ARG001
        issue = entrance.installation.issue(named(digest, edition))
        with reading(entrance.installation.engine) as connection:
            found = store.issues.edits(connection, issue.id)
        return answer(tuple[EditMade, ...], tuple(map(edit_made, found)))

    @routes.get(
        "/issues/{digest}/{edition}/picks/{post}",
        **told(Act.SEE, "Show what can be chosen from a post of an issue", PickChoices, 404),
    )
    def choices(digest: Digest, edition: Edition, post: _POST, bearer: Bearer = see) -> Response:  # noqa: ARG001
        issue = entrance.installation.issue(named(digest, edition))
        pick = next((each for each in issue.document.picks if each.post == post), None)
        if pick is None:
            raise NotFoundError(f"{issue.id} shows no such post.")
        with reading(entrance.installation.engine) as connection:
            material = offer(entrance.installation, connection, pick)
        return answer(PickChoices, pick_choices(choices_of(issue.document, pick, material)))


# ── changing ─────────────────────────────────────────────────────────────────────────────────────


def _add_changes(routes: APIRouter, entrance: Entrance) -> None:
    may_edit: Bearer = Depends(entrance.allowed(Act.EDIT))

    @routes.post(
        "/issues/{digest}/{edition}/edits",
        **told(Act.EDIT, "Change an issue", IssueNow, 404, 409, 412, 428, body=True, headers=TAG),
    )
    def change(
        digest: Digest,
        edition: Edition,
        wanted: ChangeWanted,
        if_match: IfMatch,
        bearer: Bearer = may_edit,
    ) -> Response:
        issue = as_seen(entrance, named(digest, edition), if_match)
        changed = edit(
            entrance.installation,
            issue.id,
            wanted.change(),
            entrance.clock(),
            seen=issue.edit,
            remember=wanted.remember,
            by=bearer.editor,
        )
        return shown(entrance, changed.issue)

    @routes.post(
        "/issues/{digest}/{edition}/undo",
        **told(
            Act.EDIT, "Take the newest change of an issue back", IssueNow, 404, 409, 412, 428, headers=TAG
        ),
    )
    def take_back(digest: Digest, edition: Edition, if_match: IfMatch, bearer: Bearer = may_edit) -> Response:
        issue = as_seen(entrance, named(digest, edition), if_match)
        before = undo(entrance.installation, issue.id, entrance.clock(), seen=issue.edit, by=bearer.editor)
        return shown(entrance, before)


# ── the preview ──────────────────────────────────────────────────────────────────────────────────


def _add_preview(routes: APIRouter, entrance: Entrance, proofs_of: ProofsOf) -> None:
    see: Bearer = Depends(entrance.allowed(Act.SEE))

    @routes.get(
        "/issues/{digest}/{edition}/findings",
        **told(Act.SEE, "Show what is to be mended in an issue's mail", Findings, 404),
    )
    def findings(digest: Digest, edition: Edition, bearer: Bearer = see) -> Response:  # noqa: ARG001
        proof = proofs_of(entrance.installation.issue(named(digest, edition)).id).newest()
        return answer(Findings, Findings(proof.problems, proof.findings))

    declared = told(Act.SEE, "Preview an issue: its mail as HTML or text, or its page", None, 404, 409)
    declared["responses"][200] = {"content": _PLAIN}

    @routes.get("/issues/{digest}/{edition}/preview/{form}", response_class=Response, **declared)
    def preview(
        digest: Digest,
        edition: Edition,
        form: Literal["mail.html", "mail.txt", "page.html"],
        bearer: Bearer = see,  # noqa: ARG001
    ) -> Response:
        issue = entrance.installation.issue(named(digest, edition))
        proof = proofs_of(issue.id).newest()
        mail = proof.rendering
        found = {"mail.html": mail and mail.html, "mail.txt": mail and mail.text, "page.html": proof.page}[
            form
        ]
        if not found:
            raise HTTPException(409, " ".join(proof.problems) or f"{issue.id} has nothing in it to send.")
        headers = {**KEPT, "Content-Security-Policy": _SANDBOX}
        return (PlainTextResponse if form == "mail.txt" else HTMLResponse)(found, 200, headers)
