"""Deliveries of an issue: what became of each mail, and a person's word on one in doubt."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from digest import store
from digest.api.paging import Page, number_of, page
from digest.api.shapes.changes import SettlementWanted
from digest.api.shapes.sends import DeliveryNow, SendNow, delivery_now, send_now
from digest.desk.rights import Act
from digest.model import DeliveryState
from digest.pipeline.mail import steering
from digest.store.database import reading
from digest.store.deliveries import Account
from digest.web.api.answering import answer, page_answer, told
from digest.web.api.entrance import Bearer, Entrance
from digest.web.api.issues import PAGE, Cursor, Digest, Edition, Limit, named

Address = Annotated[str, Query(max_length=320, pattern=r"^[^\x00]*$", description="One reader's, whole.")]


def router(entrance: Entrance) -> APIRouter:
    """``/issues/{digest}/{edition}/deliveries`` and what is below it."""
    routes = APIRouter(prefix="/issues/{digest}/{edition}/deliveries", tags=["deliveries"])
    _add_list(routes, entrance)
    _add_settling(routes, entrance)
    return routes


def _add_list(routes: APIRouter, entrance: Entrance) -> None:
    see: Bearer = Depends(entrance.allowed(Act.SEE))

    @routes.get("", **told(Act.SEE, "List the mails of an issue", Page[DeliveryNow], 404))
    def listed(
        request: Request,
        digest: Digest,
        edition: Edition,
        state: DeliveryState | None = None,
        address: Address = "",
        limit: Limit = PAGE,
        cursor: Cursor = "",
        bearer: Bearer = see,
    ) -> Response:
        issue = entrance.installation.issue(named(digest, edition))
        with reading(entrance.installation.engine) as connection:
            found = store.deliveries.page(
                connection, issue.id, limit + 1, state=state, address=address, after=number_of(cursor)
            )

        def shown(account: Account) -> DeliveryNow:
            return delivery_now(account.delivery, account.bounced_at, whole=bearer.sees_addresses)

        rows = page(found, limit, shown, lambda account: account.delivery.id)
        return page_answer(request, Page[DeliveryNow], rows)


def _add_settling(routes: APIRouter, entrance: Entrance) -> None:
    may_send: Bearer = Depends(entrance.allowed(Act.SEND))

    @routes.post(
        "/settle", **told(Act.SEND, "Settle a mail in doubt by a person's word", SendNow, 404, 409, body=True)
    )
    def settle(
        digest: Digest, edition: Edition, wanted: SettlementWanted, bearer: Bearer = may_send
    ) -> Response:
        settled = steering.settle(
            entrance.installation,
            named(digest, edition),
            wanted.address,
            entrance.clock(),
            was_sent=wanted.arrived,
            by=bearer.editor,
        )
        return answer(SendNow, send_now(settled.send, settled.counts))
