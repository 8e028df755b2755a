"""The tree of published documents: each file is replaced as a whole, and only when its bytes change."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from secrets import token_hex
from typing import BinaryIO

from digest.errors import DigestError

_MANY = 64  # files are synced all at once rather than one by one
_TEMPORARY = re.compile(r"\.(.+)\.[^.]+\.tmp", re.DOTALL)
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
        DigestError: a path leads out of the root, or the system refused a file; what stands there is whole, and of
            before or new.
    """
    places = {path: _named(root, path) for path in sorted(files, key=_linked_first)}
    for folder in {place.parent: None for place in places.values()}:
        _refuse_outside(root, folder)
    unchanged = {path: place for path, place in places.items() if _holds(place, files[path])}
    changed = [path for path in places if path not in unchanged]
    _replace({places[path]: files[path] for path in changed})
    return Written(tuple(changed), tuple(unchanged))


def _linked_first(path: str) -> tuple[int, bool, str]:
    """Documents link to what lies deeper; of those beside each other, a feed links to the page."""
    return (-path.count("/"), not path.endswith(".html"), path)


@contextmanager
def whole_file(place: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """A file that appears under its name when the block ends, whole; if it raises, what stood there stays.

    Raises:
        DigestError: the system refused it.
    """
    temporary = place.with_name(f".{place.name}.{token_hex(6)}.tmp")
    with _told(place):
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with open(handle, "wb") as file:  # noqa: PTH123  # a handle, not a path
                yield file
                file.flush()
                os.fsync(handle)
            temporary.replace(place)
        finally:
            temporary.unlink(missing_ok=True)


def inside(root: Path, path: str) -> Path:
    """Where ``path`` stands below ``root``.

    Raises:
        DigestError: it leads out of the root.
    """
    found = _named(root, path)
    _refuse_outside(root, found.parent)
    return found


def _named(root: Path, path: str) -> Path:
    pure = PurePosixPath(path)
    if not pure.parts or pure.is_absolute() or ".." in pure.parts or "\\" in path or "\0" in path:
        raise DigestError(f"{path!r} is no path inside {root}; nothing was written.")
    return root / pure


def _refuse_outside(root: Path, folder: Path) -> None:
    if not folder.resolve().is_relative_to(root.resolve()):
        raise DigestError(
            f"{folder} leads out of {root} through a link; nothing was written. Remove that link."
        )


def _holds(place: Path, data: bytes) -> bool:
    with suppress(FileNotFoundError, NotADirectoryError):
        return place.stat().st_size == len(data) and place.read_bytes() == data
    return False


def _replace(contents: Mapping[Path, bytes]) -> None:
    """Write all beside their places, then rename one after the other, in their order."""
    folders = _by_folder(contents)
    for folder in folders:
        with _told(folder):
            folder.mkdir(parents=True, exist_ok=True)
    staged: dict[Path, Path] = {}
    at_once = len(contents) > _MANY
    try:
        for place, data in contents.items():
            with _told(place):
                staged[place] = _stage(place, data, sync=not at_once)
        if at_once:
            os.sync()
        for place in contents:
            with _told(place):
                staged[place].replace(place)
                del staged[place]
    finally:
        for left in staged.values():
            left.unlink(missing_ok=True)
    for folder, names in folders.items():
        with _told(folder):
            _sync_folder(folder)
            _sweep(folder, names)


@contextmanager
def _told(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DigestError(
            f"{place} could not be written: {reason}. What stood there before is kept."
        ) from error


def _stage(place: Path, data: bytes, *, sync: bool) -> Path:
    """A temporary file in the same folder, readable by whoever serves the tree."""
    temporary = place.with_name(f".{place.name}.{token_hex(6)}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  # a handle, not a path
            file.write(data)
            file.flush()
            os.fchmod(handle, 0o644)
            if sync:
                os.fsync(handle)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _by_folder(places: Iterable[Path]) -> dict[Path, set[str]]:
    found: dict[Path, set[str]] = {}
    for place in places:
        found.setdefault(place.parent, set()).add(place.name)
    return found


def _sync_folder(folder: Path) -> None:
    """Make the renames themselves survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(folder: Path, names: Container[str]) -> None:
    """Remove what a killed writer of these files left long ago."""
    now = folder.stat().st_mtime  # of the renames just made
    with os.scandir(folder) as entries:
        for left in entries:
            name = _TEMPORARY.fullmatch(left.name)
            if name and name[1] in names and left.stat().st_mtime < now - _STALE_SECONDS:
                Path(left).unlink(missing_ok=True)
