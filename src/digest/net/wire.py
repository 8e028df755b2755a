"""One HTTP exchange: a connection that is dialled for it, and a body that is whole or nothing.

Bodies are read and decoded here, because urllib3 follows several layers of compression and takes a gzip
stream that was cut for a whole one.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import ConnectionPool

from digest.errors import FetchError
from digest.net.encodings import decoded, megabytes

Dial = Callable[[str, int], socket.socket]  # host and port → an open, checked connection

_PIECE = 64 * 1024  # bytes per read


class _PlainConnection(HTTPConnection):
    def __init__(self, *args: Any, dial: Dial, **options: Any) -> None:
        super().__init__(*args, **options)
        self._dial = dial

    def _new_conn(self) -> socket.socket:
        return self._dial(self.host, self.port)


class _TlsConnection(HTTPSConnection):
    """TLS over a dialled connection: the name for SNI and the certificate stays the host's."""

    def __init__(self, *args: Any, dial: Dial, **options: Any) -> None:
        super().__init__(*args, **options)
        self._dial = dial

    def _new_conn(self) -> socket.socket:
        return self._dial(self.host, self.port or 443)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class DialledAdapter(HTTPAdapter):
    """A requests adapter whose every connection is opened by ``dial``, and which keeps at most the last one."""

    def __init__(self, dial: Dial, tls: Callable[[], ssl.SSLContext]) -> None:
        self._dial = dial
        self._tls = tls
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> ConnectionPool:
        pool = super().get_connection_with_tls_context(*args, **options)
        if not isinstance(pool, _PlainPool | _TlsPool):
            raise TypeError(f"{type(pool).__name__} would connect past the guard")
        pool.conn_kw["dial"] = self._dial
        if isinstance(pool, _TlsPool):
            pool.conn_kw["ssl_context"] = self._tls()
        return pool

    def cert_verify(self, conn: Any, *_: object) -> None:
        """Certificates are verified by the shared context; loading them anew for each request takes 20 ms."""
        conn.cert_reqs = "CERT_REQUIRED"


def read_body(response: requests.Response, max_bytes: int) -> bytes:
    """The whole body, decompressed once (RFC 9110 §8.4).

    Raises:
        FetchError: more than ``max_bytes`` before or after decompression, compressed in another way than was
            offered, or cut; the sentence starts with "it".
        urllib3.exceptions.HTTPError, OSError: the connection ended before the body did.
    """
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    body = _read_raw(response.raw, max_bytes)
    return body if encoding in ("", "identity") else decoded(body, encoding, max_bytes)


def _read_raw(raw: HTTPResponse, max_bytes: int) -> bytes:
    """``read1``, because ``read`` trusts the size of a chunk: "-1" would read on into memory without end."""
    body = bytearray()
    while piece := raw.read1(_PIECE, decode_content=False):
        body += piece
        if len(body) > max_bytes:
            raise FetchError(f"it is larger than {megabytes(max_bytes)}")
    return bytes(body)
