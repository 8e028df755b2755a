"""Subscribers: listed, looked at, invited, exported, erased; and the addresses that are never written to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from digest import store
from digest.api.paging import Page, number_of, page
from digest.api.shapes.people import (
    ErasureWanted,
    LeavingWanted,
    LiftingWanted,
    SubscriberNow,
    SubscriberRow,
    SubscriberWanted,
    SuppressionNow,
    SuppressionWanted,
    Welcomed,
    subscription_now,
)
from digest.desk.rights import Act
from digest.errors import DigestError
from digest.model import SubscriptionState
from digest.pipeline.readers import audience
from digest.pipeline.readers.audience import tending
from digest.settings import SLUG
from digest.store.audience import Barred, Listed, Person, Wanted
from digest.store.database import reading
from digest.store.personal import PersonalData
from digest.web.api.answering import answer, as_json, page_answer, told
from digest.web.api.entrance import Bearer, Entrance
from digest.web.api.issues import PAGE, Cursor, Limit

Number = Annotated[int, Path(ge=1, lt=2**53)]
Begins = Annotated[str, Query(max_length=320, pattern=r"^[^\x00]*$", description="How the addresses begin.")]


def router(entrance: Entrance) -> APIRouter:
    """``/subscribers``, ``/erasures`` and ``/suppressions``, for whoever manages."""
    routes = APIRouter()
    _add_looks(routes, entrance)
    _add_data(routes, entrance)
    _add_coming_and_going(routes, entrance)
    _add_suppressions(routes, entrance)
    return routes


def _row(found: Listed) -> SubscriberRow:
    theirs = tuple(map(subscription_now, found.subscriptions))
    return SubscriberRow(
        found.number, found.address, theirs, found.suppression.reason if found.suppression else ""
    )


def _one(found: Person) -> SubscriberNow:
    return SubscriberNow(
        found.number,
        found.address,
        found.since,
        tuple(map(subscription_now, found.subscriptions)),
        found.consents,
        found.suppression.reason if found.suppression else "",
        found.hold.until if found.hold else None,
    )


def _add_looks(routes: APIRouter, entrance: Entrance) -> None:
    manage: Bearer = Depends(entrance.allowed(Act.MANAGE))

    @routes.get(
        "/subscribers", tags=["subscribers"], **told(Act.MANAGE, "List subscribers", Page[SubscriberRow])
    )
    def listed(
        request: Request,
        digest: Annotated[str, Query(pattern=SLUG)] | None = None,
        state: SubscriptionState | None = None,
        begins: Begins = "",
        limit: Limit = PAGE,
        cursor: Cursor = "",
        bearer: Bearer = manage,  # noqa: ARG001
    ) -> Response:
        digests = [each.slug for each in entrance.installation.settings.digests]
        wanted = Wanted(digest or "", state, begins.strip())
        with reading(entrance.installation.engine) as connection:
            found = store.audience.page(connection, wanted, digests, limit + 1, number_of(cursor))
        rows = page(found, limit, _row, lambda person: person.number)
        return page_answer(request, Page[SubscriberRow], rows)

    @routes.get(
        "/subscribers/{number}",
        tags=["subscribers"],
        **told(Act.MANAGE, "Show a subscriber, and what they agreed to", SubscriberNow, 404),
    )
    def one(number: Number, bearer: Bearer = manage) -> Response:  # noqa: ARG001
        return answer(SubscriberNow, _one(tending.person(entrance.installation, number, entrance.clock())))


def _add_data(routes: APIRouter, entrance: Entrance) -> None:
    manage: Bearer = Depends(entrance.allowed(Act.MANAGE))

    @routes.get(
        "/subscribers/{number}/data",
        tags=["subscribers"],
        **told(Act.MANAGE, "Export all that is kept of a subscriber", PersonalData, 404),
    )
    def data(number: Number, bearer: Bearer = manage) -> Response:
        return as_json(tending.export(entrance.installation, number, entrance.clock(), bearer.editor))

    @routes.post(
        "/erasures",
        tags=["subscribers"],
        **told(Act.MANAGE, "Forget a person for good", None, 404, 409, status=204, body=True),
    )
    def erase(wanted: ErasureWanted, bearer: Bearer = manage) -> Response:
        if not wanted.sure:
            raise DigestError("Nothing was erased: nothing brings a person back, so say that you are sure.")
        audience.forget(entrance.installation, wanted.address, entrance.clock(), bearer.editor)
        return Response(status_code=204)


def _add_coming_and_going(routes: APIRouter, entrance: Entrance) -> None:
    manage: Bearer = Depends(entrance.allowed(Act.MANAGE))

    @routes.post(
        "/subscribers",
        tags=["subscribers"],
        **told(
            Act.MANAGE,
            "Ask a person whether they want a digest, or add one who said so",
            Welcomed,
            404,
            409,
            body=True,
        ),
    )
    def add(wanted: SubscriberWanted, bearer: Bearer = manage) -> Response:
        now, who = entrance.clock(), bearer.editor
        given = (entrance.installation, wanted.address, wanted.digest, wanted.themes)
        if wanted.consent:
            return answer(Welcomed, Welcomed(audience.add_subscriber(*given, wanted.consent, now, who)))
        mailbox = tending.invite(*given, now, who)
        return answer(
            Welcomed, Welcomed(f"{mailbox} is asked by mail, unless that was done today or must not be.")
        )

    @routes.post(
        "/subscribers/{number}/leave",
        tags=["subscribers"],
        **told(Act.MANAGE, "End a subscription for a person", SubscriberNow, 404, 409, body=True),
    )
    def leave(number: Number, wanted: LeavingWanted, bearer: Bearer = manage) -> Response:
        now = entrance.clock()
        tending.leave(entrance.installation, number, wanted.digest, wanted.why, now, bearer.editor)
        return answer(SubscriberNow, _one(tending.person(entrance.installation, number, now)))


# ── addresses that are never written to ──────────────────────────────────────────────────────────


def _barred(found: Barred) -> SuppressionNow:
    why = found.suppression
    return SuppressionNow(why.address, why.reason, why.cause, why.at, found.number)


def _add_suppressions(routes: APIRouter, entrance: Entrance) -> None:
    manage: Bearer = Depends(entrance.allowed(Act.MANAGE))

    @routes.get(
        "/suppressions",
        tags=["subscribers"],
        **told(Act.MANAGE, "List suppressed addresses", Page[SuppressionNow]),
    )
    def listed(
        request: Request,
        begins: Begins = "",
        limit: Limit = PAGE,
        cursor: Cursor = "",
        bearer: Bearer = manage,  # noqa: ARG001
    ) -> Response:
        skip = number_of(cursor)
        with reading(entrance.installation.engine) as connection:
            found = store.audience.barred(connection, begins.strip(), limit + 1, skip)
        rows = page(found, limit, _barred, lambda _: skip + limit)
        return page_answer(request, Page[SuppressionNow], rows)

    @routes.post(
        "/suppressions",
        tags=["subscribers"],
        **told(Act.MANAGE, "Never write to an address again", None, 409, status=204, body=True),
    )
    def suppress(wanted: SuppressionWanted, bearer: Bearer = manage) -> Response:
        audience.suppress(entrance.installation, wanted.address, wanted.why, entrance.clock(), bearer.editor)
        return Response(status_code=204)

    @routes.post(
        "/suppressions/lift",
        tags=["subscribers"],
        **told(Act.MANAGE, "Let an address be written to again", None, 404, 409, status=204, body=True),
    )
    def lift(wanted: LiftingWanted, bearer: Bearer = manage) -> Response:
        audience.unsuppress(
            entrance.installation, wanted.address, wanted.why, entrance.clock(), bearer.editor
        )
        return Response(status_code=204)
