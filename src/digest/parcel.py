"""A folder of documents that appears whole: written aside, synced, and only then put where it belongs.

Its list of checksums says which files are of it (``sha256sum -c SHA256SUMS`` checks them), so one that is written again
to the same place replaces what it wrote before, and nothing else is ever removed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from digest import files
from digest.errors import DigestError

CHECKSUMS = "SHA256SUMS"
_FOLDER_MODE = 0o700  # nobody else sees what is below: it holds addresses


class Parcel:
    """The documents on their way into one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sums: dict[str, str] = {}

    def write(self, path: str, pieces: Iterable[bytes]) -> None:
        """One document, piece by piece, readable by its owner; ``path`` is relative, with "/".

        Raises:
            DigestError: the path leads out of the folder, or the system refused the file.
        """
        place = files.inside(self._folder, path)
        hashed = sha256()
        with _told(place):
            place.parent.mkdir(parents=True, exist_ok=True)
        with files.whole_file(place) as file:
            for piece in pieces:
                hashed.update(piece)
                file.write(piece)
        self._sums[path] = hashed.hexdigest()

    def close(self) -> None:
        """Write the list of checksums."""
        lines = (f"{digest}  {path}\n" for path, digest in sorted(self._sums.items()))
        with files.whole_file(self._folder / CHECKSUMS) as file:
            file.write("".join(lines).encode())


@contextmanager
def parcel(place: Path) -> Iterator[Parcel]:
    """A folder that stands at ``place`` when the block ends; if it raises, what stood there stays.

    Between the end of the old one and the begin of the new one there is an instant without any; a stop just then leaves
    both beside it, whole, under names that begin with a dot.

    Raises:
        DigestError: something else stands there, or the system refused a file.
    """
    _refuse_others(place)
    aside = place.with_name(f".{place.name}.{token_hex(6)}.new")
    with _told(aside):
        aside.parent.mkdir(parents=True, exist_ok=True)
        aside.mkdir(mode=_FOLDER_MODE)
    try:
        opened = Parcel(aside)
        yield opened
        opened.close()
        _refuse_others(place)
        with _told(place):
            _swap(aside, place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _swap(aside: Path, place: Path) -> None:
    if not place.exists():
        aside.rename(place)
        return
    before = place.with_name(f".{place.name}.{token_hex(6)}.old")
    place.rename(before)
    aside.rename(place)
    shutil.rmtree(before)


def _refuse_others(place: Path) -> None:
    """Only a folder that is empty, or has nothing but what an earlier export wrote, may be replaced."""
    with _told(place):
        if not place.exists() and not place.is_symlink():
            return
        if place.is_symlink() or not place.is_dir():
            raise DigestError(f"{place} is no folder of its own: name one that can be replaced.")
        others = _others(place)
    if others:
        raise DigestError(
            f"{place} has files that are of no export, such as {others[0]}: name another folder."
        )


def _others(place: Path) -> list[str]:
    sums = place / CHECKSUMS
    known = {CHECKSUMS}
    if sums.is_file():
        lines = sums.read_text(encoding="utf-8", errors="replace").splitlines()
        known |= {line.partition("  ")[2] for line in lines}
    found = (Path(folder, name) for folder, _, names in os.walk(place) for name in names)
    return sorted(name for path in found if (name := path.relative_to(place).as_posix()) not in known)


@contextmanager
def _told(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DigestError(
            f"{place} could not be written: {reason}. What stood there before is kept."
        ) from error
