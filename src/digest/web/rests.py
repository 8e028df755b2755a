"""A reader's rest: for some issues, or until a day. GET and HEAD change nothing; the form posts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from digest.model import Subscription, SubscriptionState
from digest.pipeline.readers import resting
from digest.store import reader_changes
from digest.store.database import reading, transaction
from digest.web.reception import Reception

GO_ON, UNTIL = "0", "until"  # what the form may say beside a number of issues


def router(here: Reception) -> APIRouter:
    """``/u/{digest}/{token}/pause``."""
    routes = APIRouter()

    @routes.api_route("/u/{digest}/{token}/pause", methods=["GET", "HEAD"])
    def ask(digest: str, token: str, request: Request) -> Response:
        here.digest(digest)
        with reading(here.engine) as connection:
            subscription = here.subscription(connection, digest, token)
        return _shown(here, request, subscription)

    @routes.post("/u/{digest}/{token}/pause")
    def rest(
        digest: str,
        token: str,
        request: Request,
        rest: Annotated[str, Form(max_length=20)] = "",
        day: Annotated[str, Form(max_length=20)] = "",
    ) -> Response:
        known, now = here.digest(digest), here.clock()
        until = resting.until_day(known, day, now) if rest in ("", UNTIL) else None
        if rest.isascii() and rest.isdigit() and int(rest) in resting.ISSUES:
            until = resting.after_issues(known, int(rest), now)
        wrong = until is None and rest != GO_ON
        with transaction(here.engine) as connection:
            subscription = here.subscription(connection, digest, token)
            if not wrong:
                reader_changes.pause(connection, subscription.subscriber, digest, until, now)
                subscription = here.subscription(connection, digest, token)
        return _shown(here, request, subscription, wrong=wrong, saved=not wrong)

    return routes


def _shown(here: Reception, request: Request, subscription: Subscription, **said: bool) -> Response:
    if subscription.state is SubscriptionState.UNSUBSCRIBED:
        return here.shown(request, "unsubscribed", subscription, everything=False)
    digest, now = here.digest(subscription.digest), here.clock()
    until = subscription.paused_until
    days = {count: here.day(digest, resting.after_issues(digest, count, now)) for count in resting.ISSUES}
    return here.shown(
        request,
        "pause",
        subscription,
        422 if said.get("wrong") else 200,
        until=here.day(digest, until) if until and until > now else "",
        rests=days,
        first=str(now.date()),
        last=str((now + resting.LONGEST).date()),
        **said,
    )
