"""Themes: listed, tried before they are saved, added, changed, merged, removed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.exceptions import HTTPException
from starlette.responses import Response

from digest import store
from digest.api.shapes.themes import (
    ChangedTheme,
    MergeWanted,
    ThemeNow,
    ThemeTried,
    ThemeWanted,
    theme_now,
    theme_tried,
)
from digest.desk.rights import Act
from digest.pipeline.editors import covering
from digest.settings import SLUG
from digest.store.database import reading
from digest.web.api.answering import answer, told
from digest.web.api.entrance import Bearer, Entrance
from digest.web.api.issues import IfMatch

Theme = Annotated[str, Path(pattern=SLUG)]
_TAG = {"ETag": "Changes whenever anything of the theme does."}


def router(entrance: Entrance) -> APIRouter:
    """``/themes`` and ``/trials``."""
    routes = APIRouter(tags=["themes"])
    _add_looks(routes, entrance)
    _add_adding(routes, entrance)
    _add_changes(routes, entrance)
    return routes


def _shown(entrance: Entrance, slug: str, status: int = 200) -> Response:
    found = covering.one(entrance.installation, slug, entrance.clock())
    return answer(ThemeNow, theme_now(found.theme), status, {"ETag": f'"{found.seen}"'})


def _add_looks(routes: APIRouter, entrance: Entrance) -> None:
    see: Bearer = Depends(entrance.allowed(Act.SEE))

    @routes.get("/themes", **told(Act.SEE, "List the themes", tuple[ThemeNow, ...]))
    def listed(bearer: Bearer = see) -> Response:  # noqa: ARG001
        with reading(entrance.installation.engine) as connection:
            found = store.sources.themes(connection)
        return answer(tuple[ThemeNow, ...], tuple(map(theme_now, found)))

    @routes.get("/themes/{theme}", **told(Act.SEE, "Show a theme", ThemeNow, 404, headers=_TAG))
    def one(theme: Theme, bearer: Bearer = see) -> Response:  # noqa: ARG001
        return _shown(entrance, theme)


def _add_adding(routes: APIRouter, entrance: Entrance) -> None:
    may_edit: Bearer = Depends(entrance.allowed(Act.EDIT))

    @routes.post(
        "/trials",
        **told(Act.EDIT, "Try a theme: which posts it would gain and lose", ThemeTried, 409, body=True),
    )
    def look(wanted: ThemeWanted, bearer: Bearer = may_edit) -> Response:  # noqa: ARG001
        theme = covering.stated(wanted.given(wanted.slug))
        return answer(ThemeTried, theme_tried(covering.tried(entrance.installation, theme, entrance.clock())))

    @routes.post(
        "/themes",
        **told(Act.EDIT, "Cover a further theme", ThemeNow, 409, status=201, body=True, headers=_TAG),
    )
    def add(wanted: ThemeWanted, bearer: Bearer = may_edit) -> Response:
        theme = covering.stated(wanted.given(wanted.slug))
        covering.add(entrance.installation, theme, bearer.editor, entrance.clock())
        return _shown(entrance, theme.slug, 201)


def _add_changes(routes: APIRouter, entrance: Entrance) -> None:
    may_edit: Bearer = Depends(entrance.allowed(Act.EDIT))

    @routes.put(
        "/themes/{theme}",
        **told(Act.EDIT, "Change a theme as seen", ThemeNow, 404, 409, 412, 428, body=True, headers=_TAG),
    )
    def change(theme: Theme, wanted: ChangedTheme, if_match: IfMatch, bearer: Bearer = may_edit) -> Response:
        now = entrance.clock()
        seen = covering.one(entrance.installation, theme, now).seen
        if if_match not in ("*", f'"{seen}"'):
            raise HTTPException(
                412, f"The theme {theme} is another one than you have seen.", {"ETag": f'"{seen}"'}
            )
        covering.change(entrance.installation, covering.stated(wanted.given(theme)), seen, bearer.editor, now)
        return _shown(entrance, theme)

    @routes.post(
        "/themes/{theme}/merge",
        **told(
            Act.EDIT,
            "Have the readers of a theme read another one",
            ThemeNow,
            404,
            409,
            body=True,
            headers=_TAG,
        ),
    )
    def merge(theme: Theme, wanted: MergeWanted, bearer: Bearer = may_edit) -> Response:
        covering.merge(entrance.installation, theme, wanted.into, bearer.editor, entrance.clock())
        return _shown(entrance, wanted.into)

    @routes.delete("/themes/{theme}", **told(Act.EDIT, "Cover a theme no longer", None, 404, 409, status=204))
    def remove(theme: Theme, bearer: Bearer = may_edit) -> Response:
        covering.retire(entrance.installation, theme, bearer.editor, entrance.clock())
        return Response(status_code=204)
