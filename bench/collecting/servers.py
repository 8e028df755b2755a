"""The servers on loopback: one that serves feeds well (nginx, else this script), and one that misbehaves."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import feeds

PORT, BAD_PORT = 18_180, 18_190
BOMB = 300_000_000  # bytes, once it is unpacked

NGINX = """\
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  default_type application/atom+xml;
  client_body_temp_path {folder}/t; proxy_temp_path {folder}/t; fastcgi_temp_path {folder}/t;
  uwsgi_temp_path {folder}/t; scgi_temp_path {folder}/t;
  server {{ listen {port}; allow 127.0.0.0/8; deny all; root {folder}/www; }}
}}
"""


@contextmanager
def serving(count: int) -> Iterator[tuple[str, Path]]:
    """Both servers; gives the name of the good one, and the folder that it serves."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "www").mkdir()
        feeds.write(folder / "www", count)
        kind, command = _good(folder)
        bad = [sys.executable, __file__, "bad", str(BAD_PORT)]
        servers = [subprocess.Popen(one) for one in (command, bad)]
        try:
            time.sleep(3)  # until they listen
            yield kind, folder / "www"
        finally:
            for server in servers:
                server.terminate()
                server.wait()


def _good(folder: Path) -> tuple[str, list[str]]:
    if nginx := shutil.which("nginx"):
        (folder / "conf").write_text(NGINX.format(folder=folder, port=PORT), encoding="utf-8")
        return "nginx", [nginx, "-c", str(folder / "conf")]
    return "a Python server", [sys.executable, __file__, str(folder / "www"), str(PORT)]


class Good(BaseHTTPRequestHandler):
    """Files with ETags."""

    protocol_version = "HTTP/1.1"
    folder = Path()

    def do_GET(self) -> None:
        body = (self.folder / self.path.partition("?")[0].strip("/")).read_bytes()
        tag = f'"{sha256(body).hexdigest()[:16]}"'
        unchanged = self.headers.get("If-None-Match") == tag
        self.send_response(304 if unchanged else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", "0" if unchanged else str(len(body)))
        self.end_headers()
        if not unchanged:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@cache
def bomb() -> bytes:
    """300 MB of nothing in 300 KB."""
    packed = zlib.compressobj(9, wbits=31)
    return b"".join(packed.compress(bytes(1_000_000)) for _ in range(BOMB // 1_000_000)) + packed.flush()


class Bad(Good):
    """Hangs, trickles, bombs, cuts, nests and lies, by the number in the path."""

    def do_GET(self) -> None:
        ways = (self._hang, self._trickle, self._bomb, self._cut, self._nest, self._lie)
        self.close_connection = True
        ways[int(self.path.strip("/")) % len(ways)]()

    def _begin(self, **headers: str) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _hang(self) -> None:
        time.sleep(60)

    def _trickle(self) -> None:
        self._begin()
        for _ in range(600):
            self.wfile.write(b"<")
            time.sleep(0.1)

    def _bomb(self) -> None:
        self._begin(Content_Encoding="gzip")
        self.wfile.write(bomb())

    def _cut(self) -> None:
        self._begin(Content_Length="90000")
        self.wfile.write(feeds.feed(1).encode()[:20_000])

    def _nest(self) -> None:
        depth = 30_000
        self._begin()
        self.wfile.write(
            b"<rss><channel><item><title>x</title><description>"
            + b"&lt;div&gt;" * depth
            + b"</description></item></channel></rss>"
        )

    def _lie(self) -> None:
        self._begin(Content_Type="application/atom+xml")
        self.wfile.write(b"<!doctype html><title>Sign in</title>")


class Server(ThreadingHTTPServer):
    """With room for many who wait."""

    request_queue_size = 512
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that has gone is what these servers are for."""


if __name__ == "__main__":
    bomb()
    Good.folder = Path(sys.argv[1])
    Server(("0.0.0.0", int(sys.argv[2])), Bad if sys.argv[1] == "bad" else Good).serve_forever()
