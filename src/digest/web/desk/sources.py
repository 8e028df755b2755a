"""What is followed: how each source is, what it published last, its settings; and trying an address before adding it."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from digest import store
from digest.collect.health import health
from digest.desk import forms
from digest.desk.rights import Act
from digest.errors import DigestError
from digest.extract.reading import read_post
from digest.model import SourceOwner
from digest.pipeline.posts import sources
from digest.store.database import reading, transaction
from digest.web.desk.gate import Gate, Visit, form_of, go
from digest.web.desk.pages import DeskPages

_NEWEST = 20  # posts of a source
_TRIED = 5  # entries of a feed that is tried


def router(gate: Gate, pages: DeskPages) -> APIRouter:
    """``/desk/sources`` and what is below it."""
    routes = APIRouter(prefix="/sources")
    _add_pages(routes, gate, pages)
    _add_adding(routes, gate, pages)
    return routes


def _add_pages(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    see: Visit = Depends(gate.allowed(Act.SEE))

    @routes.get("")
    def all_of_them(request: Request, visit: Visit = see) -> Response:
        now = gate.clock()
        with reading(gate.installation.engine) as connection:
            found = [(source, health(source, now)) for source in store.sources.all_sources(connection)]
        return pages.page(request, "sources", visit, found=found, typed="")

    @routes.get("/{slug}")
    def one(slug: str, request: Request, visit: Visit = see) -> Response:
        source = sources.one(gate.installation, slug)
        with reading(gate.installation.engine) as connection:
            newest = store.posts.recent(connection, [slug], None, _NEWEST)
        how = health(source, gate.clock())
        return pages.page(
            request,
            "source",
            visit,
            source=source,
            by_file=source.owner is SourceOwner.FILE,
            how=how,
            newest=newest,
            stated=sources.stated(source),
        )


def _add_adding(routes: APIRouter, gate: Gate, pages: DeskPages) -> None:
    may_edit: Visit = Depends(gate.allowed(Act.EDIT))
    sent: forms.Fields = Depends(form_of)

    @routes.post("/try")
    def look(request: Request, visit: Visit = may_edit, fields: forms.Fields = sent) -> Response:
        typed = forms.one(fields, "url")
        found = sources.look_at(gate.installation, typed)
        read = [(entry, read_post(entry, gate.installation.words)) for entry in found.feed.entries[:_TRIED]]
        return pages.page(request, "source-tried", visit, typed=typed, found=found, read=read)

    @routes.post("/add")
    def add(request: Request, visit: Visit = may_edit, fields: forms.Fields = sent) -> Response:
        now = gate.clock()
        added = sources.add(gate.installation, forms.one(fields, "url"), {}, now)
        with transaction(gate.installation.engine) as connection:
            store.audit.add(connection, visit.editor, "add source", added.source.slug, now, added.source.url)
        return go(request, f"sources/{added.source.slug}")

    @routes.post("/{slug}/remove")
    def remove(slug: str, request: Request, visit: Visit = may_edit) -> Response:
        now = gate.clock()
        if sources.one(gate.installation, slug).owner is SourceOwner.FILE:
            raise DigestError(f"{slug} stands in config.toml: take it out there.")
        with transaction(gate.installation.engine) as connection:
            store.sources.retire_source(connection, slug)
            store.audit.add(connection, visit.editor, "remove source", slug, now)
        return go(request, "sources")
