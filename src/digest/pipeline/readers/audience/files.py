"""Files of lists: a list as it is, or a zip of several, as Mailchimp gives it."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from digest.errors import DigestError, ParseError
from digest.roster.reading import one_line

_ENDINGS = (".csv", ".tsv", ".txt")
_MOST_FILES = 200  # in one zip
_LARGEST = 2 * 1024**3  # bytes of all of them, unpacked
_ENCRYPTED = 0x1  # bit of ZipInfo.flag_bits


def lists(paths: Iterable[Path]) -> Iterator[tuple[str, BinaryIO]]:
    """Each list with its name, open for as long as it is the present one.

    Raises:
        DigestError: a file cannot be read, or is a zip that is broken, encrypted, too large or without a list.
    """
    for path in paths:
        with told(str(path)):
            if path.is_file() and zipfile.is_zipfile(path):
                yield from _unpacked(path)
            else:
                with path.open("rb") as file:
                    yield path.name, file


def _unpacked(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    with zipfile.ZipFile(path) as archive:
        members = [
            member
            for member in archive.infolist()
            if member.filename.lower().endswith(_ENDINGS) and not member.filename.startswith("__MACOSX/")
        ]
        _check(path, members)
        for member in members:
            with archive.open(member) as file:
                yield one_line(f"{path.name}/{member.filename}"), cast(BinaryIO, file)


def _check(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if not members:
        raise DigestError(f"{path} has no list in it: expected files that end with {', '.join(_ENDINGS)}.")
    if len(members) > _MOST_FILES or sum(member.file_size for member in members) > _LARGEST:
        raise DigestError(f"{path} is too large: at most {_MOST_FILES} lists, of 2 GB unpacked.")
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise DigestError(f"{path} is locked by a password: unpack it first.")


@contextmanager
def told(name: str) -> Iterator[None]:
    """What goes wrong while a file is read, as one sentence.

    Raises:
        DigestError: the system refused it, it is a broken zip, or no list of subscribers.
    """
    try:
        yield
    except OSError as error:
        raise DigestError(f"{name} cannot be read: {error.strerror or error}.") from error
    except ParseError as error:
        raise DigestError(f"{name} is no list of subscribers: {error}.") from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise DigestError(f"{name} is broken: {error}.") from error
