"""Mails in files: one mail, an mbox, a Maildir, or a folder of mails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from digest.deliver.bounces.report import MAX_BYTES
from digest.errors import DigestError

_FROM = b"From "  # begins each mail of an mbox


def mails(path: Path) -> Iterator[bytes]:
    """The mails of a file or folder, one after the other; of each at most ``MAX_BYTES``.

    In a folder: every file that does not begin with a dot, in the order of names; of a Maildir, ``cur`` and ``new``.

    Raises:
        DigestError: it is not there, or cannot be read.
    """
    if not path.exists():
        raise DigestError(f"{path} is not there: name a file with mails, or a folder of such.")
    for file in _files(path):
        yield from _mails_of(file)


def _files(path: Path) -> Iterable[Path]:
    if not path.is_dir():
        return [path]
    if (path / "cur").is_dir() and (path / "new").is_dir():
        return [*_files(path / "cur"), *_files(path / "new")]
    return (each for each in sorted(path.iterdir()) if each.is_file() and not each.name.startswith("."))


def _mails_of(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            if file.read(len(_FROM)) == _FROM:
                file.seek(0)
                yield from _of_mbox(file)
            else:
                file.seek(0)
                yield file.read(MAX_BYTES)
    except OSError as error:
        raise DigestError(f"{path} cannot be read: {error.strerror}.") from error


def _of_mbox(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Mails between lines that begin with "From " after an empty one (RFC 4155); ">From " loses its mark."""
    found: list[bytes] = []
    size, is_after_empty = 0, True
    for line in lines:
        if line.startswith(_FROM) and is_after_empty:
            if found:
                yield b"".join(found)
            found, size = [], 0
        elif size < MAX_BYTES:
            found.append(line[1:] if line.lstrip(b">").startswith(_FROM) and line[:1] == b">" else line)
            size += len(line)
        is_after_empty = not line.strip()
    if found:
        yield b"".join(found)
