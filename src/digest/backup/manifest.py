"""What a backup says of itself: what is in it, of when, and by which digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from digest import codec
from digest.errors import DigestError
from digest.moving.shapes import Kind, Shape

NAME = "manifest.json"
FORMAT = 1
LARGEST = 64_000_000  # bytes of a manifest
HERE, ELSEWHERE = "here", "elsewhere"  # below the folder of config.toml, or named by a whole path


@dataclass(frozen=True, slots=True)
class Part:
    """A member of the archive."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table: a member of the archive with a row a line, in canonical form (``digest.moving.shapes``)."""

    name: str
    part: Part
    columns: tuple[tuple[str, Kind], ...]
    key: tuple[str, ...]
    rows: int
    last_number: int  # that it ever gave to a row

    @property
    def shape(self) -> Shape:
        """Its shape."""
        return Shape(self.name, self.columns, self.key)


@dataclass(frozen=True, slots=True)
class Manifest:
    """All of a backup."""

    format: int
    made_at: datetime
    digest: str  # the version that made it
    schema: str  # the revision of the database
    config: str  # the name of its config.toml
    database: str  # where its file stands, below the folder of config.toml; "" where it is not there
    tables: tuple[Table, ...]  # each after those that it refers to
    files: tuple[Part, ...]
    absent: tuple[str, ...]  # secrets that stood in the environment and are not in it

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(table.rows for table in self.tables)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every member but the manifest."""
        return (*(table.part for table in self.tables), *self.files)


def dump(manifest: Manifest) -> bytes:
    """As it stands in the archive."""
    return codec.dump(Manifest, manifest)


def load(data: bytes) -> Manifest:
    """What ``dump`` wrote.

    Raises:
        DigestError: it is no manifest, or one of a newer digest.
    """
    try:
        manifest = codec.load(Manifest, data)
    except (ValidationError, ValueError) as error:
        raise DigestError("The backup is not whole: its manifest cannot be read.") from error
    if manifest.format != FORMAT:
        raise DigestError(
            f"The backup is of format {manifest.format}, and this digest reads {FORMAT}: use the version that "
            f"made it, {manifest.digest}."
        )
    return manifest
