"""The tree of published documents: each file is replaced as a whole, and only when its bytes change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile

from digest.errors import DigestError

_STALE_SECONDS = 3600  # no write takes this long: such a temporary file was left by a killed writer


@dataclass(frozen=True, slots=True)
class Written:
    """What ``write_tree`` did: paths relative to its root, in the order of writing."""

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


def write_tree(root: Path, files: Mapping[str, bytes]) -> Written:
    """Bring ``files`` (path with "/" → bytes) under ``root``; what is there and equal is not touched.

    Each file appears whole or not at all (written beside its place, synced, renamed), so a reader, a crash or a
    full disk never shows half of one. Pages come before the pages and feeds that link to them.

    Raises:
        DigestError: a path leads out of the root, or the system refused a file; files before it are written.
    """
    places = {path: _place(root, path) for path in sorted(files, key=_linked_first)}
    changed, unchanged = [], []
    for path, place in places.items():
        if _holds(place, files[path]):
            unchanged.append(path)
        else:
            _replace(place, files[path])
            changed.append(path)
    return Written(tuple(changed), tuple(unchanged))


def _linked_first(path: str) -> tuple[int, bool, str]:
    """Documents link to what lies deeper; of those beside each other, a feed links to the page."""
    return (-path.count("/"), not path.endswith(".html"), path)


def _place(root: Path, path: str) -> Path:
    pure = PurePosixPath(path)
    if not pure.parts or pure.is_absolute() or ".." in pure.parts or "\\" in path or "\0" in path:
        raise DigestError(f"{path!r} is no path inside {root}; nothing was written.")
    place = root / pure
    if not place.parent.resolve().is_relative_to(root.resolve()):
        raise DigestError(
            f"{place} leads out of {root} through a link; nothing was written. Remove that link."
        )
    return place


def _holds(place: Path, data: bytes) -> bool:
    with suppress(FileNotFoundError, NotADirectoryError):
        return place.stat().st_size == len(data) and place.read_bytes() == data
    return False


def _replace(place: Path, data: bytes) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _swap_in(place, data)
        _sync_folder(place.parent)
        _sweep(place)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DigestError(
            f"{place} could not be written: {reason}. What stood there before is kept."
        ) from error


def _swap_in(place: Path, data: bytes) -> None:
    """Write a synced temporary file in the same folder, readable by whoever serves the tree; rename it into place."""
    with NamedTemporaryFile(dir=place.parent, prefix=f".{place.name}.", suffix=".tmp", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
            temporary.replace(place)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(place: Path) -> None:
    """Remove what a killed writer of this file left long ago."""
    now = place.stat().st_mtime
    for left in place.parent.glob(f".{_literal(place.name)}.*.tmp"):
        with suppress(FileNotFoundError):
            if left.stat().st_mtime < now - _STALE_SECONDS:
                left.unlink()


def _literal(name: str) -> str:
    """The name with what glob takes for patterns made harmless."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)
