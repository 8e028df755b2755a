"""Drawn pictures for the samples: hills by the water, a different view for every name. No library needed."""

from __future__ import annotations

import math
import struct
import zlib
from functools import lru_cache
from hashlib import sha256

# Sky, three ranges of hills from far to near, water; RGB. A name picks one of them.
_PALETTES = (
    ("f4e3c8", "c9b79c", "7d9a95", "2f5d62", "0b3b43"),
    ("dfe7ea", "a9bcc4", "6f8c98", "3d5a68", "1c3340"),
    ("f6d9c4", "d6a58c", "96727a", "54475f", "2a2a45"),
)


@lru_cache(maxsize=32)
def png(name: str, width: int = 480, height: int = 270) -> bytes:
    """A picture as PNG (RFC 2083), 8-bit with a palette: the same name and size always give the same bytes."""
    seed = sha256(name.encode()).digest()
    palette = bytes.fromhex("".join(_PALETTES[seed[0] % len(_PALETTES)]))
    columns = [_skyline(seed, x / width) for x in range(width)]
    rows = b"".join(b"\0" + _row(columns, y / height) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _skyline(seed: bytes, x: float) -> tuple[float, ...]:
    """Where each layer begins at ``x``, counted from the top, both 0 to 1: far, middle, near, water."""
    hills = []
    for layer in range(3):
        phase, pace = seed[layer + 1] / 20, 3 + seed[layer + 4] / 64 + layer
        wave = math.sin(phase + pace * x) + 0.4 * math.sin(2.3 * (phase + pace * x))
        hills.append(0.38 + 0.14 * layer + 0.06 * wave)
    return (*hills, 0.86)


def _row(columns: list[tuple[float, ...]], y: float) -> bytes:
    return bytes(
        max((layer + 1 for layer, top in enumerate(tops) if y >= top), default=0) for tops in columns
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
