"""How much may be sent to the pages of readers: a form is small, and whoever sends more is no reader."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 64 * 1024
_READERS = ("/s/", "/u/", "/l/")


class SmallBodies:
    """Ends a request to a reader's page whose body grows too large, whatever its Content-Length says (413)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MOST_BYTES:
                raise HTTPException(413)
            return message

        is_readers = scope["type"] == "http" and scope["path"].startswith(_READERS)
        await self.app(scope, counted if is_readers else receive, send)
