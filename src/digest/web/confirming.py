"""Confirming a sign-up, and the latest issue for who does not want to wait for the next one."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from digest.masks import masked
from digest.model import SignUp
from digest.pipeline.readers import latest, signing_up
from digest.pipeline.readers.mailed_links import Held
from digest.store import audience
from digest.store.database import reading, transaction
from digest.web.reception import Reception


def ask(here: Reception, request: Request, token: str, found: Held) -> Response | None:
    """The page that a confirmation's link opens: what was asked for, and one button; None where nothing is any more."""
    with reading(here.engine) as connection:
        wishes = signing_up.wishes(connection, found.link, here.clock())
        if all(wish.digest != found.link.digest for wish in wishes):
            return None
        themes = {
            theme.slug: theme.title
            for theme in here.themes(connection, here.settings.digest(found.link.digest))
        }
    chosen = [
        themes[slug]
        for wish in wishes
        if wish.digest == found.link.digest
        for slug in wish.choice.split(",")
        if slug in themes
    ]
    return here.pages.page(
        request,
        "confirm",
        200,
        address=masked(found.subscription.address),
        path=f"l/{token}",
        chosen=chosen,
        others=_others(here, wishes, found.link.digest),
        **here.named(found.link.digest),
    )


def confirm(here: Reception, request: Request, token: str, digests: Sequence[str]) -> Response | None:
    """Confirm what the mail was about, and which other wishes were ticked; None where the link is none any more."""
    done = signing_up.confirm(
        here.engine, here.keys, token, digests, here.clock(), lambda slug: _button(here, slug)
    )
    if done is None:
        return None
    with reading(here.engine) as connection:
        theirs = audience.subscription(connection, done.subscriber, done.digest)
        offered = theirs is not None and latest.to_send(connection, theirs) is not None
    others = [wish for wish in done.wishes if wish.digest != done.digest]
    return here.pages.page(
        request,
        "confirmed",
        200,
        path=here.path(done.digest, done.subscriber),
        offered=offered,
        others=_others(here, others, done.digest),
        **here.named(done.digest),
    )


def router(here: Reception) -> APIRouter:
    """``/u/{digest}/{token}/latest``: the button "send me the latest issue now"."""
    routes = APIRouter()

    @routes.post("/u/{digest}/{token}/latest")
    def send_latest(digest: str, token: str, request: Request) -> Response:
        known = here.digest(digest)
        with transaction(here.engine) as connection:
            subscription = here.subscription(connection, digest, token)
            sent = latest.send(connection, here.stationery, known, subscription, here.clock())
        return here.shown(request, "latest", subscription, sent=sent)

    return routes


def _button(here: Reception, slug: str) -> str:
    """What the button says by which somebody agrees to a digest."""
    known = here.settings.digest(slug)
    return here.stationery.wording(known).say("confirm_button", title=known.title) if known else ""


def _others(here: Reception, wishes: Sequence[SignUp], digest: str) -> list[tuple[str, str]]:
    """Slug and title of the other digests among some wishes."""
    return [(wish.digest, here.named(wish.digest)["title"]) for wish in wishes if wish.digest != digest]
