"""Where mailed links lead: ``/l/{token}``. Opening one shows what it would do; the button does it, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from digest.masks import masked
from digest.model import LinkPurpose
from digest.pipeline.readers import leaving, mailed_links, signing_up
from digest.pipeline.readers.mailed_links import Held
from digest.web import confirming
from digest.web.pages import PRIVATE
from digest.web.reception import Reception

_MOST_BOXES = 200
_LONGEST_FIELD = 1000
_PAGES: Mapping[LinkPurpose, str] = {
    LinkPurpose.ADDRESS: "address",
    LinkPurpose.MOVE: "move",
    LinkPurpose.EXPORT: "export",
    LinkPurpose.ERASE: "erase",
}


def router(here: Reception) -> APIRouter:
    """``/l/{token}``: GET asks, POST does it. A link that was used, is too old or never was gets one and the same page."""
    routes = APIRouter()

    def used(request: Request) -> Response:
        return here.pages.page(request, "used", 404)

    @routes.api_route("/l/{token}", methods=["GET", "HEAD"])
    def ask(token: str, request: Request) -> Response:
        found = mailed_links.held(here.engine, token, here.clock())
        if found is None:
            return used(request)
        if found.link.purpose is LinkPurpose.CONFIRM:
            return confirming.ask(here, request, token, found) or used(request)
        return _shown(here, request, _PAGES[found.link.purpose], token, found)

    @routes.post("/l/{token}")
    def act(
        token: str,
        request: Request,
        digest: Annotated[list[str], Form(max_length=_MOST_BOXES)] = [],  # noqa: B006  FastAPI copies it
        address: Annotated[str, Form(max_length=_LONGEST_FIELD)] = "",
    ) -> Response:
        found = mailed_links.held(here.engine, token, here.clock())
        if found is None:
            return used(request)
        match found.link.purpose:
            case LinkPurpose.CONFIRM:
                done = confirming.confirm(here, request, token, digest)
            case LinkPurpose.ADDRESS:
                done = _name_address(here, request, token, found, address)
            case LinkPurpose.MOVE:
                done = _move(here, request, token, found)
            case LinkPurpose.EXPORT:
                done = _export(here, token, found)
            case LinkPurpose.ERASE:
                done = _erase(here, request, token, found)
        return done or used(request)  # somebody else was faster

    return routes


def _shown(
    here: Reception, request: Request, page: str, token: str, found: Held, status: int = 200, **values: object
) -> Response:
    return here.pages.page(
        request,
        page,
        status,
        address=masked(found.subscription.address),
        new_address=found.link.address,  # its owner holds this link
        path=f"l/{token}",
        **here.named(found.link.digest),
        **values,
    )


def _name_address(here: Reception, request: Request, token: str, found: Held, typed: str) -> Response | None:
    address = signing_up.mailbox(typed)
    if address is None:
        return _shown(here, request, "address", token, found, 422, wrong=True, typed=typed)
    digest = here.digest(found.link.digest)
    done = mailed_links.name_address(here.engine, here.stationery, digest, token, address, here.clock())
    return _shown(here, request, "mailed", token, found) if done else None


def _move(here: Reception, request: Request, token: str, found: Held) -> Response | None:
    digest = here.digest(found.link.digest)
    done = mailed_links.move(here.engine, here.stationery, digest, token, here.clock())
    return _shown(here, request, "moved", token, found) if done else None


def _export(here: Reception, token: str, found: Held) -> Response | None:
    data = leaving.export(here.engine, token, here.clock())
    if data is None:
        return None
    name = f"{found.link.digest}-my-data.json"
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type="application/json", headers=headers)


def _erase(here: Reception, request: Request, token: str, found: Held) -> Response | None:
    done = leaving.erase(here.engine, here.keys, token, here.clock())
    return _shown(here, request, "erased", token, found) if done else None
