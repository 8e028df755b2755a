"""A reader's preferences: which themes of a digest they get. GET and HEAD change nothing; the form posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from digest.model import Subscription, SubscriptionState, Theme
from digest.store import audience
from digest.store.database import reading, transaction
from digest.web.reception import Reception

_MOST_BOXES = 200


def router(here: Reception) -> APIRouter:
    """``/u/{digest}/{token}/themes``: the address of "Choose your themes" under every mail."""
    routes = APIRouter()

    def shown(
        request: Request, subscription: Subscription, themes: Sequence[Theme], **said: bool
    ) -> Response:
        if subscription.state is SubscriptionState.UNSUBSCRIBED:
            return here.shown(request, "unsubscribed", subscription, everything=False)
        chosen = [
            theme for theme in themes if subscription.themes is None or theme.slug in subscription.themes
        ]
        status = 422 if said.get("empty") else 200
        return here.shown(request, "preferences", subscription, status, themes=themes, chosen=chosen, **said)

    def theirs(connection: Connection, digest: str, token: str) -> tuple[Subscription, tuple[Theme, ...]]:
        found = here.subscription(connection, digest, token)
        return found, here.themes(connection, here.settings.digest(digest))

    @routes.api_route("/u/{digest}/{token}/themes", methods=["GET", "HEAD"])
    def ask(digest: str, token: str, request: Request) -> Response:
        with reading(here.engine) as connection:
            subscription, themes = theirs(connection, digest, token)
        return shown(request, subscription, themes)

    @routes.post("/u/{digest}/{token}/themes")
    def choose(
        digest: str,
        token: str,
        request: Request,
        theme: Annotated[list[str], Form(max_length=_MOST_BOXES)] = [],  # noqa: B006  FastAPI copies it
    ) -> Response:
        with transaction(here.engine) as connection:
            subscription, themes = theirs(connection, digest, token)
            wanted = [known.slug for known in themes if known.slug in theme]
            if wanted:
                everything = len(wanted) == len(themes)
                themes_now = None if everything else wanted
                audience.choose(connection, subscription.subscriber, digest, themes_now, here.clock())
                subscription, themes = theirs(connection, digest, token)
        return shown(request, subscription, themes, saved=bool(wanted), empty=not wanted)

    return routes
