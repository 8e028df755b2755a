"""The application on a port: beside other work in a thread, or as all that a process does."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn
from starlette.types import ASGIApp

from digest.errors import DigestError

_GRACE_SECONDS = 5  # for answers that are under way when it is told to stop


@contextmanager
def serve(app: ASGIApp, host: str, port: int) -> Iterator[str]:
    """Serve in a thread until the block ends; gives the base address, ``http://127.0.0.1:8000``. Port 0 picks one.

    Raises:
        DigestError: the port cannot be had.
    """
    with _listen(host, port) as listener:
        server = uvicorn.Server(_config(app))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="digest-web")
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.005)
            yield _address(listener)
        finally:
            server.should_exit = True
            thread.join()


def run(app: ASGIApp, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; ``ready`` is told the base address once it listens.

    Raises:
        DigestError: the port cannot be had.
        KeyboardInterrupt: SIGINT ended it, after the answers under way.
    """
    with _listen(host, port) as listener:
        _Told(_config(app), lambda: ready(_address(listener))).run(sockets=[listener])


class _Told(uvicorn.Server):
    """Says when it serves: by then a signal ends it in order, which it would not a moment before."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve; uvicorn calls it once it hears signals."""
        await super().startup(sockets)
        self._ready()


def _config(app: ASGIApp) -> uvicorn.Config:
    # No access log: it would hold the tokens of every link that is opened.
    return uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        log_level="warning",
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=256)
        # asyncio does so only for sockets that it made: a small answer would wait 40 ms for the client's delayed ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (OSError, OverflowError, UnicodeError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else error
        raise DigestError(
            f"Nothing can be served on {host}:{port} ({why}): stop what uses it, or set another [serve] port."
        ) from error
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # what to open, not what to bind
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
