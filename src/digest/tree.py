"""The feeds/ tree: what is planned and not there is made and written, what is no longer planned and ours is removed.

A record in the tree says which files are ours and what each was made of. A document is made again only when that is
another, or when its file is not the one that we wrote. Without the record everything is made once more, and files
that have the same bytes are left alone.
"""

from __future__ import annotations

import fcntl
import gzip
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import brotli

from digest import codec, files
from digest.errors import DigestError
from digest.publish.plan import Planned

RECORD = ".digest.json"
_LOCK = ".digest.lock"
_COMPRESSIBLE = frozenset({".html", ".xml", ".json", ".opml", ".css", ".js", ".mjs", ".svg", ".txt"})
_GZIP_LEVEL = 6  # 9 takes twice as long for a hundredth less
_BROTLI_QUALITY = 5  # 11 takes forty times as long for a seventh less

Stamp = tuple[int, int]  # size in bytes, time of change in nanoseconds


@dataclass(frozen=True, slots=True)
class Ours:
    """A document that we wrote: what it was made of, and its files by suffix ("", ".gz", ".br") as we left them."""

    inputs: str
    stamps: Mapping[str, Stamp]


@dataclass(frozen=True, slots=True)
class Record:
    """What of the tree is ours, by path."""

    documents: Mapping[str, Ours] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be written: the documents that were made anew, and those that stay as they are."""

    plan: Mapping[str, Planned]
    made: Mapping[str, bytes]
    before: Record


@dataclass(frozen=True, slots=True)
class Updated:
    """What ``write`` did: documents by path, their compressed files not named."""

    changed: tuple[str, ...]
    removed: tuple[str, ...]


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Keep the tree to ourselves until the block ends; who else writes it waits.

    Raises:
        DigestError: the folder cannot be made, or cannot be locked.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        handle = os.open(root / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise _refused(root, error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)  # which unlocks it


def ours(root: Path) -> tuple[str, ...]:
    """The paths of the documents that stand in the tree and are ours, sorted."""
    return tuple(path for path in sorted(_read(root).documents) if (root / path).is_file())


def prepare(root: Path, plan: Mapping[str, Planned]) -> Prepared:
    """Make what is new or has changed; nothing is written yet. Call it with the tree locked.

    Raises:
        TemplateError: a document cannot be made.
    """
    before = _read(root)
    made: dict[str, bytes] = {}
    for path, planned in plan.items():
        known = before.documents.get(path)
        if known and known.inputs == planned.inputs and _untouched(root, path, known):
            continue
        data = planned.make()
        if data is not None:
            made[path] = data
    return Prepared(plan, made, before)


def differing(root: Path, prepared: Prepared) -> tuple[str, ...]:
    """The documents that ``write`` would change or remove."""
    gone = prepared.before.documents.keys() - prepared.plan.keys()
    changed = {path for path, data in prepared.made.items() if not _holds(root / path, data)}
    return tuple(sorted(changed | {path for path in gone if (root / path).is_file()}))


def _holds(place: Path, data: bytes) -> bool:
    try:
        return place.read_bytes() == data
    except OSError:
        return False


def write(root: Path, prepared: Prepared) -> Updated:
    """Write what was made, with its compressed forms; then remove what is ours and planned no longer.

    Raises:
        DigestError: the system refused a file. What is not written is tried again the next time.
    """
    written = files.write_tree(root, _with_compressed(prepared.made))
    changed = tuple(path for path in written.changed if path in prepared.made)
    known = prepared.before.documents
    kept = {path: document for path, document in known.items() if path in prepared.plan}
    try:
        new = {path: _stamped(root, path, prepared.plan[path].inputs) for path in prepared.made}
        gone = known.keys() - prepared.plan.keys()
        removed = tuple(path for path in sorted(gone) if _removed(root, path, known[path]))
    except OSError as error:
        raise _refused(root, error) from error
    files.write_tree(root, {RECORD: _dumped(Record({**kept, **new}))})
    return Updated(changed, removed)


def bring_up_to_date(root: Path, plan: Mapping[str, Planned]) -> Updated:
    """``prepare`` and ``write``. Call it with the tree locked.

    Raises:
        TemplateError: a document cannot be made; nothing is written.
        DigestError: the system refused a file.
    """
    return write(root, prepare(root, plan))


def add(root: Path, plan: Mapping[str, Planned]) -> Updated:
    """``bring_up_to_date`` with these documents beside those that are there, which stay as they are.

    Raises:
        DigestError: as ``bring_up_to_date``.
    """
    there = {path: Planned(known.inputs, _nothing) for path, known in _read(root).documents.items()}
    return bring_up_to_date(root, {**there, **plan})


def _nothing() -> None:
    """What is made anew of a document that is only to stay."""


def _read(root: Path) -> Record:
    """The record, or an empty one where there is none that can be read."""
    try:
        return codec.load(Record, (root / RECORD).read_bytes())
    except (OSError, ValueError):
        return Record()


def _dumped(record: Record) -> bytes:
    """As ``codec.load`` reads it; written by hand, because ``codec.dump`` takes ten times as long for thousands."""
    documents = {
        path: {"inputs": known.inputs, "stamps": dict(known.stamps)}
        for path, known in record.documents.items()
    }
    return json.dumps({"documents": documents}, sort_keys=True, separators=(",", ":")).encode()


def _with_compressed(made: Mapping[str, bytes]) -> dict[str, bytes]:
    found = dict(made)
    for path, data in made.items():
        if _is_compressible(path):
            found[f"{path}.gz"] = gzip.compress(data, _GZIP_LEVEL, mtime=0)  # the same bytes at any hour
            found[f"{path}.br"] = brotli.compress(data, quality=_BROTLI_QUALITY)
    return found


def _is_compressible(path: str) -> bool:
    return PurePosixPath(path).suffix in _COMPRESSIBLE


def _suffixes(path: str) -> tuple[str, ...]:
    return ("", ".gz", ".br") if _is_compressible(path) else ("",)


def _stamped(root: Path, path: str, inputs: str) -> Ours:
    """The record of a document just written. A compressed form has the time of its document: so servers know it."""
    modified = (root / path).stat().st_mtime_ns
    stamps: dict[str, Stamp] = {}
    for suffix in _suffixes(path):
        place = root / f"{path}{suffix}"
        if place.stat().st_mtime_ns != modified:
            os.utime(place, ns=(modified, modified))
        stamps[suffix] = (place.stat().st_size, modified)
    return Ours(inputs, stamps)


def _untouched(root: Path, path: str, known: Ours) -> bool:
    return known.stamps.keys() == set(_suffixes(path)) and all(
        _stamp(f"{root}/{path}{suffix}") == stamp for suffix, stamp in known.stamps.items()
    )


def _stamp(place: str | Path) -> Stamp | None:
    try:
        found = os.stat(place)  # noqa: PTH116  # thousands of them: a Path costs more than the look itself
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _removed(root: Path, path: str, known: Ours) -> bool:
    """Remove a document's files and the folders that it leaves empty; a file that another put there stays."""
    removed = False
    for suffix, stamp in known.stamps.items():
        place = files.inside(root, f"{path}{suffix}")
        if _stamp(place) == stamp:
            place.unlink()
            removed = removed or not suffix
    for folder in list(PurePosixPath(path).parents)[:-1]:
        with suppress(OSError):  # it is not empty
            (root / folder).rmdir()
    return removed


def _refused(root: Path, error: OSError) -> DigestError:
    return DigestError(f"{root} cannot be written: {error.strerror or type(error).__name__}.")
