"""Tools of npm that some tests use where `make node` put them."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(os.environ.get("DIGEST_NODE") or Path(__file__).parents[1] / "var" / "node")


def package(name: str) -> Path | None:
    """The folder of an installed package, or None."""
    folder = FOLDER / "node_modules" / name
    return folder if folder.is_dir() else None
