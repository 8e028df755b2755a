"""How much may be sent: the form of a reader is small, and whoever sends more is no reader; an API takes more."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 64 * 1024
_READERS = ("/s/", "/u/", "/l/")


class SmallBodies:
    """Ends a request whose body grows too large, whatever its Content-Length says (413): those to pages of readers,
    or to all that is ``below`` other paths.
    """

    def __init__(self, app: ASGIApp, below: tuple[str, ...] = _READERS, most: int = MOST_BYTES) -> None:
        self.app, self.below, self.most = app, below, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.most:
                raise HTTPException(413)
            return message

        is_counted = scope["type"] == "http" and scope["path"].startswith(self.below)
        await self.app(scope, counted if is_counted else receive, send)
