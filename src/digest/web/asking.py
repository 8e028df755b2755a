"""Your address and your data: what needs a link that is mailed anew, because newsletters get forwarded."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest.pipeline.readers import mailed_links
from digest.store.database import reading
from digest.web.reception import Reception


def router(here: Reception) -> APIRouter:
    """``/u/{digest}/{token}/you``: three buttons, each of which mails a link to the address of the subscription."""
    routes = APIRouter()

    @routes.api_route("/u/{digest}/{token}/you", methods=["GET", "HEAD"])
    def ask(digest: str, token: str, request: Request) -> Response:
        here.digest(digest)
        with reading(here.engine) as connection:
            subscription = here.subscription(connection, digest, token)
        return here.shown(request, "you", subscription)

    @routes.post("/u/{digest}/{token}/you")
    def send(
        digest: str, token: str, request: Request, purpose: Annotated[str, Form(max_length=20)] = ""
    ) -> Response:
        known = here.digest(digest)
        with reading(here.engine) as connection:
            subscription = here.subscription(connection, digest, token)
        wanted = next((each for each in mailed_links.ON_REQUEST if each == purpose), None)
        if wanted is None:
            raise HTTPException(404)
        mailed_links.send(here.engine, here.stationery, known, subscription, wanted, here.clock())
        return here.shown(request, "mailed", subscription)

    return routes
