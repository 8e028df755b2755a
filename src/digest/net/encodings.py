"""Compressed bodies: one layer of what was offered is undone, up to a limit (RFC 9110 §8.4)."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import brotli

from digest.errors import FetchError

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_MEMBERS = 16  # RFC 1952 allows any number; an honest server sends one


def decoded(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """A body without its compression; ``encoding`` is the Content-Encoding in small letters.

    Raises:
        FetchError: it is compressed in another way than was offered, cut, no such data, or larger than
            ``max_bytes`` without its compression; the sentence starts with "it".
    """
    decode = _DECODERS.get(encoding)
    if decode is None:
        raise FetchError(f"it is compressed as {encoding[:40]!r}, although only {OFFERED} were offered")
    try:
        return decode(body, max_bytes)
    except (zlib.error, brotli.error) as error:
        raise FetchError(f"it is said to be {encoding}, but cannot be decompressed") from error


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
        _weigh(whole, max_bytes)
        if not stream.eof:
            raise _cut()
        data = stream.unused_data
        if not data.startswith(_GZIP_MAGIC):  # some servers pad a stream
            return bytes(whole)
    raise FetchError(f"it is compressed in more than {_GZIP_MEMBERS} pieces")


def _window_bits(data: bytes) -> int:
    """gzip and zlib say what they are (RFC 1950 §2.2, 1952 §2.3); servers also send deflate without a header."""
    zlib_header = len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
    return zlib.MAX_WBITS | 32 if zlib_header or data.startswith(_GZIP_MAGIC) else -zlib.MAX_WBITS


def unbrotli(data: bytes, max_bytes: int) -> bytes:
    """Decompress brotli data (RFC 7932).

    Raises:
        FetchError: the result is larger than ``max_bytes``, or the data is cut.
        brotli.error: the data is no brotli, or something follows it.
    """
    stream = brotli.Decompressor()
    whole = bytearray()
    piece = stream.process(data, output_buffer_limit=max_bytes + 1)  # a little more may come
    while piece:
        whole += piece
        _weigh(whole, max_bytes)
        piece = b"" if stream.is_finished() else stream.process(b"", output_buffer_limit=max_bytes + 1)
    if not stream.is_finished():
        raise _cut()
    return bytes(whole)


def _weigh(whole: bytearray, max_bytes: int) -> None:
    if len(whole) > max_bytes:
        raise FetchError(f"it is larger than {megabytes(max_bytes)} after decompression")


def _cut() -> FetchError:
    return FetchError("it ends in the middle of its compressed data")


def megabytes(count: int) -> str:
    """A number of bytes as a person reads it."""
    return f"{count / 1_000_000:.3g} MB"


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": inflate,
    "x-gzip": inflate,
    "deflate": inflate,
    "br": unbrotli,
}
OFFERED = "gzip, deflate and br"
ACCEPT_ENCODING = "gzip, deflate, br"
