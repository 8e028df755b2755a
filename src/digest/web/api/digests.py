"""Digests: how they stand, and drafts of their issues."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from digest.api.shapes.changes import DraftWanted, ExtraWanted
from digest.api.shapes.issues import DigestNow, Drafted
from digest.desk.rights import Act
from digest.pipeline.drafts import draft, extra
from digest.pipeline.editors.overview import Outlook, outlooks
from digest.settings import SLUG
from digest.web.api.answering import answer, told
from digest.web.api.entrance import Bearer, Entrance
from digest.web.api.issues import present

Slug = Annotated[str, Path(pattern=SLUG)]


def router(entrance: Entrance) -> APIRouter:
    """``/digests`` and what is below it."""
    routes = APIRouter(tags=["digests"])
    _add_standing(routes, entrance)
    _add_drafts(routes, entrance)
    return routes


def _add_standing(routes: APIRouter, entrance: Entrance) -> None:
    see: Bearer = Depends(entrance.allowed(Act.SEE))

    @routes.get("/digests", **told(Act.SEE, "List the digests, and how each stands", tuple[DigestNow, ...]))
    def all_of_them(bearer: Bearer = see) -> Response:  # noqa: ARG001
        found = outlooks(entrance.installation, entrance.clock())
        return answer(tuple[DigestNow, ...], tuple(map(_now, found)))

    @routes.get("/digests/{digest}", **told(Act.SEE, "Show how a digest stands", DigestNow, 404))
    def one(digest: Slug, bearer: Bearer = see) -> Response:  # noqa: ARG001
        wanted = entrance.installation.digest(digest)
        found = outlooks(entrance.installation, entrance.clock())
        return answer(DigestNow, next(_now(each) for each in found if each.digest is wanted))


def _now(found: Outlook) -> DigestNow:
    digest, issue = found.digest, found.issue
    return DigestNow(
        digest.slug,
        digest.title,
        digest.language,
        digest.zone,
        found.opens,
        found.at,
        str(issue.id) if issue else None,
        issue.state if issue else None,
    )


def _add_drafts(routes: APIRouter, entrance: Entrance) -> None:
    may_edit: Bearer = Depends(entrance.allowed(Act.EDIT))

    @routes.post(
        "/digests/{digest}/draft",
        **told(Act.EDIT, "Make or refresh the draft of the next issue", Drafted, 404, 409, body=True),
    )
    def make(digest: Slug, wanted: DraftWanted, bearer: Bearer = may_edit) -> Response:
        made = draft.draft(entrance.installation, digest, entrance.clock(), today=wanted.today)
        return _drafted(entrance, bearer, made)

    @routes.post(
        "/digests/{digest}/extra",
        **told(Act.EDIT, "Make or change an extra issue", Drafted, 404, 409, body=True),
    )
    def make_extra(digest: Slug, wanted: ExtraWanted, bearer: Bearer = may_edit) -> Response:
        wishes = extra.Wishes(wanted.day, wanted.posts, wanted.introduction, wanted.at)
        made = extra.draft_extra(entrance.installation, digest, wanted.name, wishes, entrance.clock())
        return _drafted(entrance, bearer, made)


def _drafted(entrance: Entrance, bearer: Bearer, made: draft.Drafted) -> Response:
    if not made.kept:
        entrance.log(bearer, "draft", str(made.issue.id))
    return answer(Drafted, Drafted(present(entrance, made.issue), made.kept))
