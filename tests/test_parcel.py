"""A folder of documents appears whole or not at all, and takes the place of nothing but its own kind."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.errors import DigestError
from digest.parcel import CHECKSUMS, parcel


def packed(place: Path, **documents: str) -> None:
    with parcel(place) as parts:
        for name, text in documents.items():
            parts.write(f"{name}.txt", [text.encode()])


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder but the checksums, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != CHECKSUMS
    }


def test_a_parcel_has_what_was_written_and_its_checksums(tmp_path: Path) -> None:
    """Readable by its owner only, in folders as deep as one likes, and checked by the usual tool."""
    place = tmp_path / "far" / "away"
    with parcel(place) as parts:
        parts.write("a.txt", [b"one ", b"two"])
        parts.write("b/c/d.txt", [])
        assert not place.exists()
    assert contents(place) == {"a.txt": "one two", "b/c/d.txt": ""}
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (place, *filter(Path.is_file, place.rglob("*")))}
    assert modes == {0o700, 0o600}
    checked = subprocess.run(
        ["sha256sum", "-c", CHECKSUMS], cwd=place, capture_output=True, text=True, check=True
    )
    assert checked.stdout == "a.txt: OK\nb/c/d.txt: OK\n"


def test_a_parcel_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    """Whole: what is no longer in it is gone, and nothing is left beside it."""
    place = tmp_path / "out"
    packed(place, a="old", b="old")
    packed(place, a="new", c="new")
    assert contents(tmp_path) == {"out/a.txt": "new", "out/c.txt": "new"}


def test_what_fails_half_way_leaves_the_earlier_one(tmp_path: Path) -> None:
    """Also where the pieces of a document end in an error."""
    place = tmp_path / "out"
    packed(place, a="old")

    def pieces() -> Iterator[bytes]:
        yield b"new"
        raise KeyError("no more")

    def begin() -> None:
        with parcel(place) as parts:
            parts.write("a.txt", [b"new"])
            parts.write("b.txt", pieces())

    with pytest.raises(KeyError):
        begin()
    assert contents(tmp_path) == {"out/a.txt": "old"}


def test_nothing_of_others_is_removed(tmp_path: Path) -> None:
    """A file that is of no parcel keeps the folder as it is; so does one that somebody put there meanwhile."""
    place = tmp_path / "out"
    place.mkdir()
    packed(place, a="old")
    (place / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DigestError, match=r"out has files that are of no export, such as notes\.txt"):
        packed(place, a="new")
    (place / "notes.txt").unlink()

    def meanwhile() -> None:
        with parcel(place) as parts:
            parts.write("a.txt", [b"new"])
            (place / "notes.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(DigestError, match=r"such as notes\.txt"):
        meanwhile()
    assert contents(tmp_path) == {"out/a.txt": "old", "out/notes.txt": "mine"}


def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    """A file, a link, or a folder below a file."""
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("x", encoding="utf-8")
    link.symlink_to(tmp_path)
    for place in (file, link):
        with pytest.raises(DigestError, match="is no folder of its own"):
            packed(place, a="new")
    with pytest.raises(DigestError, match="could not be written"):
        packed(file / "below", a="new")
    assert contents(tmp_path)["file"] == "x"


@pytest.mark.parametrize("path", ["../out.txt", "/out.txt", "a/../../out.txt", ""])
def test_no_document_leaves_the_folder(tmp_path: Path, path: str) -> None:
    """Names come from what is stored."""
    with pytest.raises(DigestError), parcel(tmp_path / "out") as parts:
        parts.write(path, [b"x"])
    assert list(tmp_path.iterdir()) == []
