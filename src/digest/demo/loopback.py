"""A small HTTP server on loopback: a path becomes an answer, with conditional GET (RFC 9110 §13)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from digest.errors import DigestError

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for: ``path`` without its query, decoded; of a repeated ``query`` name the last value."""

    path: str
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back; ``modified`` becomes Last-Modified, and the ETag is made from the body."""

    body: bytes
    content_type: str = "text/html; charset=UTF-8"
    status: int = 200
    modified: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def etag(self) -> str:
        """A strong validator: the same bytes always have the same one."""
        return f'"{sha256(self.body).hexdigest()[:32]}"'


Respond = Callable[[Request], Answer | None]  # None: there is no such page


@contextmanager
def listening(make: Callable[[str], Respond], port: int = 0) -> Iterator[str]:
    """Serve ``make(base URL)`` in threads until the block ends; gives the base URL, without a final slash.

    Raises:
        DigestError: the port is taken; 0 asks for any free one.
    """
    try:
        server = _Server((HOST, port), _Handler)
    except OSError as error:
        raise DigestError(
            f"Nothing can be served at {HOST}:{port} ({error.strerror}); choose another port, or 0 for any."
        ) from error
    with server:
        server.base_url = f"http://{HOST}:{server.server_address[1]}"
        server.respond = make(server.base_url)
        thread = Thread(target=server.serve_forever, args=(0.02,), name="loopback", daemon=True)
        thread.start()
        try:
            yield server.base_url
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingTCPServer):
    # Not http.server.HTTPServer: that one asks the name server for our own name, which can take seconds.
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64
    base_url: str
    respond: Respond

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away; report everything else."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10  # seconds, for an idle connection
    server: _Server

    def do_GET(self) -> None:
        self._send(self._answer(), with_body=True)

    def do_HEAD(self) -> None:
        self._send(self._answer(), with_body=False)

    def version_string(self) -> str:
        """The Server header."""
        return "digest-demo"

    def log_message(self, format: str, *args: object) -> None:
        """Keep the terminal for the demo's own words."""

    def _answer(self) -> Answer:
        if not self._is_for_us():
            return Answer(b"This server answers for its own address only.\n", "text/plain", 421)
        parts = urlsplit(self.path)
        request = Request(unquote(parts.path), dict(parse_qsl(parts.query)))
        return self.server.respond(request) or Answer(b"There is no such page.\n", "text/plain", 404)

    def _is_for_us(self) -> bool:
        # A page elsewhere can point its own name at 127.0.0.1 and read what we serve (DNS rebinding).
        port = self.server.server_address[1]
        return self.headers.get("Host", "") in {f"{HOST}:{port}", f"localhost:{port}"}

    def _send(self, answer: Answer, with_body: bool) -> None:
        unchanged = answer.status == 200 and self._has_already(answer)
        self.send_response(304 if unchanged else answer.status)
        self.send_header("ETag", answer.etag)
        if answer.modified:
            self.send_header("Last-Modified", format_datetime(answer.modified, usegmt=True))
        for name, value in answer.headers:
            self.send_header(name, value)
        if not unchanged:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if with_body and not unchanged:
            self.wfile.write(answer.body)

    def _has_already(self, answer: Answer) -> bool:
        """Whether the client's copy is current; If-None-Match goes before the date (RFC 9110 §13.2.2)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return bool(known & {answer.etag, "*"})
        since = _date(self.headers.get("If-Modified-Since", ""))
        return bool(since and answer.modified and answer.modified.replace(microsecond=0) <= since)


def _date(text: str) -> datetime | None:
    """An HTTP date, or None for anything else: an invalid one must be ignored (RFC 9110 §13.1.3)."""
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else None
