"""A reader's way out: a page with a button, one click without a page (RFC 8058), and undo.

GET and HEAD change nothing, because scanners and browsers open every link of a mail. Any POST to a signed
address unsubscribes, whatever its body says: a mail provider sends ``List-Unsubscribe=One-Click`` as a form or
as multipart, our button sends nothing at all, and all of them mean the same.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from digest import tokens
from digest.model import Subscription, SubscriptionState
from digest.store import audience, reader_changes
from digest.store.database import reading, transaction
from digest.web.reception import Reception

Change = Callable[[Connection, Subscription], object]


def router(here: Reception) -> APIRouter:
    """``/u/{digest}/{token}``: the addresses in List-Unsubscribe and under every mail."""
    routes = APIRouter()

    def changed(digest: str, token: str, request: Request, change: Change, *, everything: bool) -> Response:
        """Make a change, and show what the subscription is then."""
        with transaction(here.engine) as connection:
            change(connection, here.subscription(connection, digest, token))
            subscription = here.subscription(connection, digest, token)
        left = subscription.state is SubscriptionState.UNSUBSCRIBED
        return here.shown(
            request, "unsubscribed" if left else "subscribed", subscription, everything=everything
        )

    @routes.api_route(f"/u/{{digest}}/{tokens.COPY}", methods=["GET", "HEAD", "POST"])
    @routes.api_route(f"/u/{{digest}}/{tokens.COPY}/{{page}}", methods=["GET", "HEAD", "POST"])
    def explain(digest: str, request: Request) -> Response:
        here.digest(digest)
        return here.pages.page(request, "copy", 200, **here.named(digest))

    @routes.api_route("/u/{digest}/{token}", methods=["GET", "HEAD"])
    def ask(digest: str, token: str, request: Request) -> Response:
        with reading(here.engine) as connection:
            subscription = here.subscription(connection, digest, token)
            others = reader_changes.others(connection, subscription.subscriber, digest)
        if subscription.state is SubscriptionState.UNSUBSCRIBED:
            return here.shown(request, "unsubscribed", subscription, everything=False)
        titles = [here.named(other)["title"] for other in others]
        return here.shown(request, "unsubscribe", subscription, others=titles)

    @routes.post("/u/{digest}/{token}")
    def unsubscribe(digest: str, token: str, request: Request) -> Response:
        def leave(connection: Connection, subscription: Subscription) -> None:
            audience.unsubscribe(connection, subscription.subscriber, digest, here.clock())

        return changed(digest, token, request, leave, everything=False)

    @routes.post("/u/{digest}/{token}/undo")
    def undo(digest: str, token: str, request: Request) -> Response:
        def come_back(connection: Connection, subscription: Subscription) -> None:
            audience.resubscribe(connection, subscription.subscriber, digest, here.clock())

        return changed(digest, token, request, come_back, everything=False)

    @routes.post("/u/{digest}/{token}/all")
    def unsubscribe_from_all(digest: str, token: str, request: Request) -> Response:
        def leave(connection: Connection, subscription: Subscription) -> None:
            reader_changes.leave_everything(connection, subscription.subscriber, here.clock())

        return changed(digest, token, request, leave, everything=True)

    @routes.post("/u/{digest}/{token}/all/undo")
    def undo_all(digest: str, token: str, request: Request) -> Response:
        def come_back(connection: Connection, subscription: Subscription) -> None:
            reader_changes.return_to_everything(connection, subscription.subscriber, digest, here.clock())

        return changed(digest, token, request, come_back, everything=True)

    return routes
