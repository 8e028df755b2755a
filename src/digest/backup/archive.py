"""The one file of a backup: a compressed tar archive, written and read once from its beginning to its end."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from digest import files
from digest.backup.manifest import Part
from digest.errors import DigestError

_PIECE = 1 << 16  # bytes
_LEVEL = 6


class Packing:
    """A backup that is being written."""

    def __init__(self, tar: tarfile.TarFile, aside: Path, seconds: int) -> None:
        self._tar = tar
        self._aside = aside
        self._seconds = seconds

    def add(self, name: str, pieces: Iterable[bytes]) -> Part:
        """One member, piece by piece: first into a file without a name, for its length stands before it."""
        hashed = sha256()
        with TemporaryFile(dir=self._aside) as held:
            for piece in pieces:
                hashed.update(piece)
                held.write(piece)
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = held.tell(), self._seconds, 0o600
            held.seek(0)
            self._tar.addfile(info, held)
        return Part(name, info.size, hashed.hexdigest())


@contextmanager
def packing(place: Path, seconds: int) -> Iterator[Packing]:
    """A file that stands at ``place`` when the block ends, readable by its owner only; ``seconds`` is its time.

    Raises:
        DigestError: the system refused it.
    """
    try:
        with (
            files.whole_file(place) as file,
            gzip.GzipFile(
                filename="", mode="wb", compresslevel=_LEVEL, fileobj=file, mtime=seconds
            ) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            yield Packing(tar, place.parent, seconds)
    except OSError as error:
        what = f"{error.filename or place}: {error.strerror or error}"
        raise DigestError(f"The backup cannot be written, because of {what}.") from error


def pieces_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, some at a time."""
    with path.open("rb") as file:
        yield from iter(lambda: file.read(_PIECE), b"")


@dataclass(frozen=True, slots=True)
class Member:
    """A member that is being read, before the next one is."""

    name: str
    file: IO[bytes]

    def pieces(self) -> Iterator[bytes]:
        """All of it, some at a time."""
        yield from iter(lambda: self.file.read(_PIECE), b"")

    def part(self) -> Part:
        """What it is, read to its end."""
        hashed, size = sha256(), 0
        for piece in self.pieces():
            hashed.update(piece)
            size += len(piece)
        return Part(self.name, size, hashed.hexdigest())

    def start(self, most: int) -> bytes:
        """At most so many bytes of it."""
        return self.file.read(most)


@contextmanager
def unpacking(place: Path) -> Iterator[Iterator[Member]]:
    """The members of a backup, each to be read before the next one.

    Raises:
        DigestError: it cannot be read, or is no backup.
    """
    try:
        with (
            place.open("rb") as file,
            gzip.GzipFile(fileobj=file) as packed,
            tarfile.open(fileobj=packed, mode="r|") as tar,
        ):
            yield _members(tar)
            for _ in iter(lambda: packed.read(_PIECE), b""):
                pass  # to the checksum at its end
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, UnicodeError) as error:
        raise DigestError(f"{place} is not whole, or no backup of digest.") from error
    except OSError as error:
        raise DigestError(f"{place} cannot be read: {error.strerror or error}.") from error


def _members(tar: tarfile.TarFile) -> Iterator[Member]:
    for info in tar:
        file = tar.extractfile(info) if info.isreg() else None
        if file is None:
            raise tarfile.TarError(f"{info.name} is no file")
        yield Member(info.name, file)
