"""One HTTP exchange: a connection that is dialled for it, and a body that is whole or nothing.

Bodies are read and inflated here, because urllib3 follows several layers of compression and takes a gzip
stream that was cut for a whole one.
"""

from __future__ import annotations

import socket
import ssl
import zlib
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import ConnectionPool

from digest.errors import FetchError

Dial = Callable[[str, int], socket.socket]  # host and port → an open, checked connection

_PIECE = 64 * 1024  # bytes per read
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_MEMBERS = 16  # RFC 1952 allows any number; an honest server sends one


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
        FetchError: more than ``max_bytes`` before or after decompression, compressed in another way than
            gzip or deflate, or cut; the sentence starts with "it".
        urllib3.exceptions.HTTPError, OSError: the connection ended before the body did.
    """
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    body = _read_raw(response.raw, max_bytes)
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(
            f"it is compressed as {encoding[:40]!r}, although only gzip and deflate were offered"
        )
    try:
        return inflate(body, max_bytes)
    except zlib.error as error:
        raise FetchError(f"it is said to be {encoding}, but cannot be decompressed") from error


def _read_raw(raw: HTTPResponse, max_bytes: int) -> bytes:
    """``read1``, because ``read`` trusts the size of a chunk: "-1" would read on into memory without end."""
    body = bytearray()
    while piece := raw.read1(_PIECE, decode_content=False):
        body += piece
        if len(body) > max_bytes:
            raise FetchError(f"it is larger than {megabytes(max_bytes)}")
    return bytes(body)


def inflate(data: bytes, max_bytes: int) -> bytes:
    """Decompress gzip, zlib or raw deflate data.

    Raises:
        FetchError: the result is larger than ``max_bytes``, or the data is cut.
        zlib.error: the data is none of the three.
    """
    whole = bytearray()
    for _ in range(_GZIP_MEMBERS):
        stream = zlib.decompressobj(_window_bits(data))
        whole += stream.decompress(data, max_bytes + 1 - len(whole))
        if len(whole) > max_bytes:
            raise FetchError(f"it is larger than {megabytes(max_bytes)} after decompression")
        if not stream.eof:
            raise FetchError("it ends in the middle of its compressed data")
        data = stream.unused_data
        if not data.startswith(_GZIP_MAGIC):  # some servers pad a stream
            return bytes(whole)
    raise FetchError(f"it is compressed in more than {_GZIP_MEMBERS} pieces")


def _window_bits(data: bytes) -> int:
    """gzip and zlib say what they are (RFC 1950 §2.2, 1952 §2.3); servers also send deflate without a header."""
    zlib_header = len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
    return zlib.MAX_WBITS | 32 if zlib_header or data.startswith(_GZIP_MAGIC) else -zlib.MAX_WBITS


def megabytes(count: int) -> str:
    """A number of bytes as a person reads it."""
    return f"{count / 1_000_000:.3g} MB"
