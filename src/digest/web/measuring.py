"""How long each answer takes, and a line for each request where ``[log] access`` asks for one.

A request is named by its route, as ``/u/{digest}/{token}``: so no secret of its address can stand in the log.
"""

from __future__ import annotations

import logging
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.metrics.durations import answered

log = logging.getLogger(__name__)

_ROOMS = {
    "feeds": "feeds",
    "desk": "desk",
    "api": "api",
    "hooks": "hooks",
    "healthz": "operation",
    "readyz": "operation",
    "metrics": "operation",
}


class Measured:
    """Measures until an answer begins: one that tells of progress may go on for an hour."""

    def __init__(self, app: ASGIApp, access: bool = False) -> None:
        self.app, self.access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        began = perf_counter()
        path = scope.get("path", "")

        async def measured(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, path, message["status"], perf_counter() - began)
            await send(message)

        await self.app(scope, receive, measured)

    def _note(self, scope: Scope, path: str, status: int, seconds: float) -> None:
        answered(_ROOMS.get(path.strip("/").partition("/")[0], "pages"), status, seconds)
        if self.access:
            route = scope.get("root_path", "") + getattr(scope.get("route"), "path", "")
            values = (scope.get("method", ""), route or "no page", status, round(seconds * 1000))
            names = ("method", "route", "status", "milliseconds")
            log.info("%s %s: %d in %d ms", *values, extra=dict(zip(names, values, strict=True)))
