"""A reader's way out: a page with a button, one click without a page (RFC 8058), and undo.

GET and HEAD change nothing, because scanners and browsers open every link of a mail. Any POST to a signed
address unsubscribes, whatever its body says: a mail provider sends ``List-Unsubscribe=One-Click`` as a form or
as multipart, our button sends nothing at all, and all of them mean the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from fastapi import APIRouter, HTTPException
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import Response

from digest import tokens
from digest.model import Subscription, SubscriptionState
from digest.settings import Settings
from digest.store import audience
from digest.store.database import reading, transaction
from digest.tokens import Keys
from digest.web.pages import Pages


def router(
    engine: Engine, settings: Settings, keys: Keys, pages: Pages, clock: Callable[[], datetime]
) -> APIRouter:
    """``/u/{digest}/{token}``: the addresses in List-Unsubscribe and under every mail."""
    routes = APIRouter()

    def named(digest: str) -> Mapping[str, str]:
        known = settings.digest(digest)
        if known is None:  # a digest that is no more still has readers who leave
            return {"title": digest}
        return {"title": known.title, "language": known.language}

    def subscriber(digest: str, token: str) -> int:
        number = tokens.verify(keys, tokens.UNSUBSCRIBE, digest, token)
        if number is None:
            raise HTTPException(404)
        return number

    def shown(request: Request, page: str, subscription: Subscription, token: str) -> Response:
        return pages.page(
            request,
            page,
            200,
            address=masked(subscription.address),
            path=f"u/{subscription.digest}/{token}",
            **named(subscription.digest),
        )

    @routes.api_route(f"/u/{{digest}}/{tokens.COPY}", methods=["GET", "HEAD", "POST"])
    def explain(digest: str, request: Request) -> Response:
        if settings.digest(digest) is None:
            raise HTTPException(404)
        return pages.page(request, "copy", 200, **named(digest))

    @routes.api_route("/u/{digest}/{token}", methods=["GET", "HEAD"])
    def ask(digest: str, token: str, request: Request) -> Response:
        number = subscriber(digest, token)
        with reading(engine) as connection:
            subscription = _known(audience.subscription(connection, number, digest))
        left = subscription.state is SubscriptionState.UNSUBSCRIBED
        return shown(request, "unsubscribed" if left else "unsubscribe", subscription, token)

    @routes.post("/u/{digest}/{token}")
    def unsubscribe(digest: str, token: str, request: Request) -> Response:
        number = subscriber(digest, token)
        with transaction(engine) as connection:
            subscription = _known(audience.subscription(connection, number, digest))
            audience.unsubscribe(connection, number, digest, clock())
        return shown(request, "unsubscribed", subscription, token)

    @routes.post("/u/{digest}/{token}/undo")
    def undo(digest: str, token: str, request: Request) -> Response:
        number = subscriber(digest, token)
        with transaction(engine) as connection:
            _known(audience.subscription(connection, number, digest))
            audience.resubscribe(connection, number, digest)
            subscription = _known(audience.subscription(connection, number, digest))
        back = subscription.state is not SubscriptionState.UNSUBSCRIBED
        return shown(request, "subscribed" if back else "unsubscribed", subscription, token)

    return routes


def masked(address: str) -> str:
    """Enough for its owner to know it, too little for whoever was forwarded the mail: ``r•••@example.org``."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _known(subscription: Subscription | None) -> Subscription:
    """The subscription; an erased one gets the same answer as a wrong token."""
    if subscription is None:
        raise HTTPException(404)
    return subscription
