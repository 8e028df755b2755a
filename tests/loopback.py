"""A web server on loopback that says exactly what a test writes, byte by byte: honest, broken or hostile."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Request:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    connection: socket.socket
    body: bytes = b""

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)


Script = Callable[[Request], None]


@dataclass(slots=True)
class Server:
    """Where the server listens, and what it was asked."""

    port: int
    scheme: str = "http"
    host: str = "127.0.0.1"
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    @property
    def endpoint(self) -> str:
        return f"{self.host}:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://{self.host}:{self.port}{path}"


def response(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer; ``content_type="…"`` becomes a Content-Type header, and so on."""
    headers = {"content_length": str(len(body)), "connection": "close"} | headers
    lines = [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
    return (
        f"HTTP/1.1 {status}\r\n{''.join(line + chr(13) + chr(10) for line in lines)}\r\n".encode("latin-1")
        + body
    )


def redirect(target: str, status: str = "302 Found", **headers: str) -> bytes:
    return response(b"moved", status, location=target, **headers)


@contextmanager
def serve(
    script: Script,
    *,
    host: str = "127.0.0.1",
    family: int = socket.AF_INET,
    tls: ssl.SSLContext | None = None,
    greeting: bytes = b"",
) -> Iterator[Server]:
    """Say ``greeting`` to each client, then run ``script`` for its request; a client that goes away in the middle of it is no failure."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            server.connections += 1
            with contextlib.suppress(OSError, ssl.SSLError):
                self.request.sendall(greeting)
                with tls.wrap_socket(self.request, server_side=True) if tls else self.request as connection:
                    request = _read(connection)
                    if request:
                        server.requests.append(request)
                        script(request)

    class Listener(socketserver.ThreadingTCPServer):
        address_family = family
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request: object, client_address: object) -> None:
            failures.append(client_address)
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    failures: list[object] = []
    with Listener((host, 0), Handler) as listener:
        server = Server(listener.server_address[1], "https" if tls else "http")
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:  # a listener closed under its thread keeps that spinning for as long as the tests run
            listener.shutdown()
            thread.join()
    assert not failures, "the script of the test failed"


def _read(connection: socket.socket) -> Request | None:
    with connection.makefile("rb") as file:
        first = file.readline(65536).decode("latin-1").split()
        headers = {}
        while line := file.readline(65536).decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = file.read(int(headers.get("content-length", 0)))
    return Request(first[1], headers, connection, body) if len(first) == 3 else None
