"""Posts that were collected: listed, found, and let in where they are held as back-fill."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from digest import store
from digest.api.paging import CursorError, Page, page, word_of
from digest.api.shapes.changes import PostsWanted
from digest.api.shapes.issues import PostRow, Released, post_row
from digest.api.shapes.words import Moment
from digest.desk.rights import Act
from digest.settings import SLUG
from digest.store import standings
from digest.store.database import reading, transaction
from digest.text.links import canonical
from digest.web.api.answering import answer, page_answer, told
from digest.web.api.entrance import Bearer, Entrance
from digest.web.api.issues import PAGE, Cursor, Limit

Called = Annotated[
    str, Query(max_length=2_000, pattern=r"^[^\x00]*$", description="The key, address or id of one post.")
]


def router(entrance: Entrance) -> APIRouter:
    """``/posts`` and what is below it."""
    routes = APIRouter(tags=["posts"])
    _add_posts(routes, entrance)
    _add_held(routes, entrance)
    return routes


def _add_posts(routes: APIRouter, entrance: Entrance) -> None:
    see: Bearer = Depends(entrance.allowed(Act.SEE))

    @routes.get("/posts", **told(Act.SEE, "List posts, the newest first, or find one", Page[PostRow]))
    def listed(
        request: Request,
        called: Called = "",
        source: Annotated[str | None, Query(pattern=SLUG)] = None,
        since: Annotated[Moment | None, Query(description="Published then or later.")] = None,
        limit: Limit = PAGE,
        cursor: Cursor = "",
        bearer: Bearer = see,  # noqa: ARG001
    ) -> Response:
        behind = _behind(cursor)
        with reading(entrance.installation.engine) as connection:
            if called:
                post = standings.find(connection, called) or standings.find(connection, canonical(called))
                return answer(Page[PostRow], Page((post_row(post),) if post else (), None))
            found = store.listings.posts(connection, limit + 1, source=source, since=since, before=behind)
        rows = page(found, limit, post_row, lambda post: f"{post.published.isoformat()} {post.key}")
        return page_answer(request, Page[PostRow], rows)


def _behind(cursor: str) -> tuple[datetime, str] | None:
    published, _, key = word_of(cursor).partition(" ")
    if not published:
        return None
    try:
        at = datetime.fromisoformat(published)
    except ValueError:
        raise CursorError("That cursor is none of this list.") from None
    if at.tzinfo is None:
        raise CursorError("That cursor is none of this list.")
    return at, key


def _add_held(routes: APIRouter, entrance: Entrance) -> None:
    see: Bearer = Depends(entrance.allowed(Act.SEE))
    may_edit: Bearer = Depends(entrance.allowed(Act.EDIT))

    @routes.get(
        "/posts/held",
        **told(Act.SEE, "List posts that are held as back-fill, each with why", tuple[PostRow, ...]),
    )
    def held(limit: Limit = PAGE, bearer: Bearer = see) -> Response:  # noqa: ARG001
        with reading(entrance.installation.engine) as connection:
            found = store.posts.held(connection, limit=limit)
        return answer(tuple[PostRow, ...], tuple(map(post_row, found)))

    @routes.post(
        "/posts/release", **told(Act.EDIT, "Let held posts into the next issue", Released, body=True)
    )
    def release(wanted: PostsWanted, bearer: Bearer = may_edit) -> Response:
        with transaction(entrance.installation.engine) as connection:
            released = store.posts.release(connection, wanted.posts)
            store.audit.add(
                connection,
                bearer.editor,
                "release posts",
                f"{released} posts",
                entrance.clock(),
                " ".join(wanted.posts),
            )
        return answer(Released, Released(released))
