"""Reading a backup from its beginning to its end: whether it is whole, and what is in it."""

from __future__ import annotations

from pathlib import Path

from digest.backup import manifest as manifests
from digest.backup.archive import unpacking
from digest.backup.manifest import Manifest, Part
from digest.errors import DigestError


def verify(place: Path) -> Manifest:
    """What a backup says of itself, once every byte of it was held against that. It tells damage, not forgery.

    Raises:
        DigestError: it is not whole, is no backup, or of a newer digest.
    """
    seen: dict[str, Part] = {}
    told: Manifest | None = None
    with unpacking(place) as members:
        for member in members:
            if told is not None or member.name in seen:
                raise DigestError(
                    f"{place} is no backup of digest: {member.name!r:.80} is one member too many."
                )
            if member.name == manifests.NAME:
                told = manifests.load(member.start(manifests.LARGEST))
            else:
                seen[member.name] = member.part()
    if told is None:
        raise DigestError(f"{place} is not whole: it has no manifest.")
    _compare(place, told, seen)
    return told


def _compare(place: Path, told: Manifest, seen: dict[str, Part]) -> None:
    wanted = {part.name: part for part in told.parts}
    for name in wanted.keys() | seen.keys():
        if name not in seen:
            raise DigestError(f"{place} is not whole: {name} is missing.")
        if wanted.get(name) != seen[name]:
            raise DigestError(f"{place} is not whole: {name} is not as it was written.")
