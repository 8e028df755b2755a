"""A reader's preferences: which themes of a digest they get. GET and HEAD change nothing; the form posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from sqlalchemy import Connection, Engine
from starlette.requests import Request
from starlette.responses import Response

from digest import tokens
from digest.model import Subscription, SubscriptionState, Theme
from digest.settings import DigestSettings, Settings
from digest.store import audience, sources
from digest.store.database import reading, transaction
from digest.tokens import Keys
from digest.web.pages import Pages
from digest.web.readers import masked

_MOST_BOXES = 200


def router(engine: Engine, settings: Settings, keys: Keys, pages: Pages) -> APIRouter:
    """``/u/{digest}/{token}/themes``: the address of "Preferences" under every mail."""
    routes = APIRouter()

    def shown(
        request: Request, subscription: Subscription, themes: Sequence[Theme], token: str, **said: bool
    ) -> Response:
        known = settings.digest(subscription.digest)
        values = {
            "title": known.title if known else subscription.digest,
            "language": known.language if known else "",
            "address": masked(subscription.address),
            "path": f"u/{subscription.digest}/{token}",
        }
        if subscription.state is SubscriptionState.UNSUBSCRIBED:
            return pages.page(request, "unsubscribed", 200, **values)
        chosen = [
            theme for theme in themes if subscription.themes is None or theme.slug in subscription.themes
        ]
        status = 422 if said.get("empty") else 200
        return pages.page(request, "preferences", status, themes=themes, chosen=chosen, **values, **said)

    def theirs(connection: Connection, digest: str, token: str) -> tuple[Subscription, tuple[Theme, ...]]:
        number = tokens.verify(keys, tokens.UNSUBSCRIBE, digest, token)
        found = audience.subscription(connection, number, digest) if number is not None else None
        if found is None:
            raise HTTPException(404)
        return found, _on_offer(connection, settings.digest(digest))

    @routes.api_route(f"/u/{{digest}}/{tokens.COPY}/themes", methods=["GET", "HEAD", "POST"])
    def explain(digest: str, request: Request) -> Response:
        known = settings.digest(digest)
        if known is None:
            raise HTTPException(404)
        return pages.page(request, "copy", title=known.title, language=known.language)

    @routes.api_route("/u/{digest}/{token}/themes", methods=["GET", "HEAD"])
    def ask(digest: str, token: str, request: Request) -> Response:
        with reading(engine) as connection:
            subscription, themes = theirs(connection, digest, token)
        return shown(request, subscription, themes, token)

    @routes.post("/u/{digest}/{token}/themes")
    def choose(
        digest: str,
        token: str,
        request: Request,
        theme: Annotated[list[str], Form(max_length=_MOST_BOXES)] = [],  # noqa: B006  FastAPI copies it
    ) -> Response:
        with transaction(engine) as connection:
            subscription, themes = theirs(connection, digest, token)
            wanted = [known.slug for known in themes if known.slug in theme]
            if wanted:
                everything = len(wanted) == len(themes)
                audience.choose(connection, subscription.subscriber, digest, None if everything else wanted)
                subscription, themes = theirs(connection, digest, token)
        return shown(request, subscription, themes, token, saved=bool(wanted), empty=not wanted)

    return routes


def _on_offer(connection: Connection, digest: DigestSettings | None) -> tuple[Theme, ...]:
    """The themes that a digest covers, in its order."""
    if digest is None:
        return ()
    themes = {theme.slug: theme for theme in sources.themes(connection)}
    return tuple(themes[slug] for slug in digest.themes or themes if slug in themes)
