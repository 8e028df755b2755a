"""What is covered: each theme with what it caught; other terms are tried before they are saved."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from digest import config, store
from digest.desk import forms
from digest.desk.rights import Act
from digest.errors import DigestError
from digest.model import SourceOwner, Theme
from digest.pipeline.editors import covering
from digest.store.database import reading
from digest.web.desk.gate import Gate, Visit, form_of, go
from digest.web.desk.pages import DeskPages

_FIELDS = ("slug", "title", "description", "weight", "terms", "not_terms", "terms_by_language")
_EMPTY: Mapping[str, str] = dict.fromkeys(_FIELDS, "") | {"weight": "1"}


def router(gate: Gate, pages: DeskPages) -> APIRouter:
    """``/desk/themes`` and what is below it."""
    routes = APIRouter(prefix="/themes")
    _add_pages(routes, gate, pages)
    _add_trying(routes, gate, pages)
    _add_changes(routes, gate)
    return routes


def _add_pages(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))

    @routes.get("")
    def all_of_them(request: Request, visit: Visit = see) -> Response:
        found = covering.all_of_them(gate.installation, gate.clock())
        return pages.page(request, "themes", visit, found=found, days=covering.DAYS, typed=_EMPTY)

    @routes.get("/{slug}")
    def one(slug: str, request: Request, visit: Visit = see) -> Response:
        found = covering.one(gate.installation, slug, gate.clock())
        readers = covering.readers(gate.installation, slug)
        with reading(gate.installation.engine) as connection:
            others = [theme for theme in store.sources.themes(connection) if theme.slug != slug]
        return pages.page(
            request,
            "theme",
            visit,
            found=found,
            by_file=found.theme.owner is SourceOwner.FILE,
            others=others,
            readers=f"{readers:,}" if readers < covering.MOST_COUNTED else f"{readers:,} or more",
            days=covering.DAYS,
            typed=_typed(found.theme),
        )


def _typed(theme: Theme) -> Mapping[str, str]:
    """A theme as the fields of its form say it."""
    return {
        "slug": theme.slug,
        "title": theme.title,
        "description": theme.description,
        "weight": f"{theme.weight:g}",
        "terms": "\n".join(theme.terms),
        "not_terms": "\n".join(theme.not_terms),
        "terms_by_language": "\n".join(
            f"{language}: {', '.join(terms)}" for language, terms in theme.terms_by_language
        ),
    }


def _given(fields: forms.Fields) -> Mapping[str, str]:
    return {name: forms.one(fields, name) for name in _FIELDS}


def _add_trying(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    may_edit: Visit = Depends(gate.allowed(Act.EDIT))
    sent: forms.Fields = Depends(form_of)

    @routes.post("/try")
    def look(request: Request, visit: Visit = may_edit, fields: forms.Fields = sent) -> Response:
        typed, seen, now = _given(fields), forms.one(fields, "seen"), gate.clock()
        values: dict[str, object] = {"typed": typed, "seen": seen, "days": covering.DAYS}
        try:
            owner = (
                covering.one(gate.installation, typed["slug"], now).theme.owner
                if seen
                else SourceOwner.COMMAND
            )
            theme = covering.stated(typed, owner)
        except DigestError as error:
            return pages.page(
                request, "theme-tried", visit, 422, trial=None, paste="", problem=str(error), **values
            )
        found = covering.tried(gate.installation, theme, now)
        paste = config.theme_text(theme) if owner is SourceOwner.FILE else ""
        return pages.page(
            request, "theme-tried", visit, 200, trial=found, most=covering.MOST_TRIED, paste=paste, **values
        )


def _add_changes(routes: APIRouter, gate: Gate) -> None:
    may_edit: Visit = Depends(gate.allowed(Act.EDIT))
    sent: forms.Fields = Depends(form_of)

    @routes.post("/save")
    def save(request: Request, visit: Visit = may_edit, fields: forms.Fields = sent) -> Response:
        theme, seen = covering.stated(_given(fields)), forms.one(fields, "seen")
        if seen:
            covering.change(gate.installation, theme, seen, visit.editor, gate.clock())
        else:
            covering.add(gate.installation, theme, visit.editor, gate.clock())
        return go(request, f"themes/{theme.slug}")

    @routes.post("/{slug}/merge")
    def merge(slug: str, request: Request, visit: Visit = may_edit, fields: forms.Fields = sent) -> Response:
        into = forms.one(fields, "into")
        covering.merge(gate.installation, slug, into, visit.editor, gate.clock())
        return go(request, f"themes/{into}")

    @routes.post("/{slug}/remove")
    def remove(slug: str, request: Request, visit: Visit = may_edit) -> Response:
        covering.retire(gate.installation, slug, visit.editor, gate.clock())
        return go(request, "themes")
