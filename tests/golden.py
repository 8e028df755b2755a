"""Stored outputs beside their tests: compared byte for byte, rewritten by DIGEST_REFRESH_GOLDEN=1 for a review as a diff."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def matches(name: str, data: bytes) -> bool:
    """Whether ``data`` is what is stored under ``name``."""
    path = FOLDER / name
    if os.environ.get("DIGEST_REFRESH_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return path.is_file() and path.read_bytes() == data
