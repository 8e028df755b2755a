"""Sources: listed, tried, added, changed, removed."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import Response

from digest import store
from digest.api.shapes.sources import (
    AddressWanted,
    SettingsWanted,
    SourceNow,
    SourceTried,
    SourceWanted,
    entry_tried,
    offered,
    source_now,
)
from digest.collect.health import health
from digest.desk.rights import Act
from digest.errors import DigestError
from digest.extract.reading import read_post
from digest.model import Source, SourceOwner
from digest.pipeline.posts import sources
from digest.store.database import reading, transaction
from digest.web.api.answering import answer, told
from digest.web.api.digests import Slug
from digest.web.api.entrance import Bearer, Entrance

_TRIED = 5  # entries of a feed that is tried


def router(entrance: Entrance) -> APIRouter:
    """``/sources`` and ``/lookups``."""
    routes = APIRouter(tags=["sources"])
    _add_looks(routes, entrance)
    _add_adding(routes, entrance)
    _add_changing(routes, entrance)
    return routes


def _now(entrance: Entrance, source: Source) -> SourceNow:
    return source_now(source, health(source, entrance.clock()), sources.stated(source))


def _add_looks(routes: APIRouter, entrance: Entrance) -> None:
    see: Bearer = Depends(entrance.allowed(Act.SEE))

    @routes.get("/sources", **told(Act.SEE, "List the sources", tuple[SourceNow, ...]))
    def listed(bearer: Bearer = see) -> Response:  # noqa: ARG001
        with reading(entrance.installation.engine) as connection:
            found = store.sources.all_sources(connection)
        return answer(tuple[SourceNow, ...], tuple(_now(entrance, source) for source in found))

    @routes.get("/sources/{source}", **told(Act.SEE, "Show a source", SourceNow, 404))
    def one(source: Slug, bearer: Bearer = see) -> Response:  # noqa: ARG001
        return answer(SourceNow, _now(entrance, sources.one(entrance.installation, source)))


def _add_adding(routes: APIRouter, entrance: Entrance) -> None:
    may_edit: Bearer = Depends(entrance.allowed(Act.EDIT))

    @routes.post(
        "/lookups",
        **told(Act.EDIT, "Look what is to be had at an address", SourceTried, body=True),
    )
    def look(wanted: AddressWanted, bearer: Bearer = may_edit) -> Response:  # noqa: ARG001
        found = sources.look_at(entrance.installation, wanted.url)
        feed, words = found.feed, entrance.installation.words
        newest = tuple(entry_tried(entry, read_post(entry, words)) for entry in feed.entries[:_TRIED])
        tried = SourceTried(found.url, feed.title, len(feed.entries), newest, offered(found.others))
        return answer(SourceTried, tried)

    @routes.post(
        "/sources",
        **told(Act.EDIT, "Follow a source", SourceNow, 409, status=201, body=True),
    )
    def add(wanted: SourceWanted, bearer: Bearer = may_edit) -> Response:
        given = wanted.given() | ({"slug": wanted.slug} if wanted.slug else {})
        added = sources.add(entrance.installation, wanted.url, given, entrance.clock())
        entrance.log(bearer, "add source", added.source.slug, added.source.url)
        return answer(SourceNow, _now(entrance, added.source), 201)


def _add_changing(routes: APIRouter, entrance: Entrance) -> None:
    may_edit: Bearer = Depends(entrance.allowed(Act.EDIT))

    @routes.patch(
        "/sources/{source}",
        **told(Act.EDIT, "Change settings of a source", SourceNow, 404, 409, body=True),
    )
    def change(source: Slug, wanted: SettingsWanted, bearer: Bearer = may_edit) -> Response:
        changed = sources.change(entrance.installation, source, wanted.texts())
        entrance.log(bearer, "change source", source, ", ".join(wanted.texts()))
        return answer(SourceNow, _now(entrance, changed))

    @routes.delete(
        "/sources/{source}",
        **told(Act.EDIT, "Follow a source no longer; its posts are kept", None, 404, 409, status=204),
    )
    def remove(source: Slug, bearer: Bearer = may_edit) -> Response:
        if sources.one(entrance.installation, source).owner is SourceOwner.FILE:
            raise DigestError(f"{source} stands in config.toml: take it out there.")
        with transaction(entrance.installation.engine) as connection:
            store.sources.retire_source(connection, source)
            store.audit.add(connection, bearer.editor, "remove source", source, entrance.clock())
        return Response(status_code=204)
