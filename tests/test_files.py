"""The published tree: whole files or none, nothing touched without need, nothing outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digest.errors import DigestError
from digest.files import Written, write_tree

TREE = {
    "index.html": b"landing",
    "weekly/atom.xml": b"feed",
    "weekly/index.html": b"archive",
    "weekly/2026-11-22/index.html": b"issue",
}


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_a_tree_is_written_and_nothing_else(tmp_path: Path) -> None:
    """Every file with its bytes, folders made as needed, no temporary file left."""
    written = write_tree(tmp_path / "feeds", TREE)
    assert contents(tmp_path / "feeds") == TREE
    assert set(written.changed) == set(TREE)


def test_a_page_is_there_before_what_links_to_it(tmp_path: Path) -> None:
    """Issue, then archive, then feed, then landing page: a reader never follows a link to nothing."""
    assert write_tree(tmp_path, TREE).changed == (
        "weekly/2026-11-22/index.html",
        "weekly/index.html",
        "weekly/atom.xml",
        "index.html",
    )


def test_what_did_not_change_is_not_touched(tmp_path: Path) -> None:
    """Its inode and time stay, so caches and validators stay good."""
    write_tree(tmp_path, TREE)
    before = {path: (tmp_path / path).stat() for path in TREE}
    again = write_tree(tmp_path, {**TREE, "weekly/atom.xml": b"new feed"})
    assert again == Written(
        ("weekly/atom.xml",), ("weekly/2026-11-22/index.html", "weekly/index.html", "index.html")
    )
    for path in again.unchanged:
        after = (tmp_path / path).stat()
        assert (after.st_ino, after.st_mtime_ns) == (before[path].st_ino, before[path].st_mtime_ns)


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    """What an operator puts beside ours is theirs."""
    (tmp_path / "robots.txt").write_text("theirs")
    write_tree(tmp_path, TREE)
    assert (tmp_path / "robots.txt").read_text() == "theirs"


def test_published_files_can_be_read_by_a_web_server(tmp_path: Path) -> None:
    """Whatever account serves them."""
    write_tree(tmp_path, TREE)
    assert {(tmp_path / path).stat().st_mode & 0o777 for path in TREE} == {0o644}


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/x", "", ".", "a/..", "a\\..\\x", "a\0b"])
def test_a_path_that_leads_out_is_refused_before_anything_is_written(path: str, tmp_path: Path) -> None:
    """One bad path, no file."""
    root = tmp_path / "feeds"
    with pytest.raises(DigestError, match="nothing was written"):
        write_tree(root, {"good/index.html": b"x", path: b"y"})
    assert contents(tmp_path) == {}


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    """A symbolic link below the root is no way around it."""
    (tmp_path / "elsewhere").mkdir()
    root = tmp_path / "feeds"
    root.mkdir()
    (root / "weekly").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DigestError, match="through a link"):
        write_tree(root, TREE)
    assert contents(tmp_path / "elsewhere") == {}


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    """Operators mount and link the folder that they serve."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "feeds").symlink_to(tmp_path / "disk")
    write_tree(tmp_path / "feeds", TREE)
    assert contents(tmp_path / "disk") == TREE


def test_a_refused_file_is_one_sentence_and_keeps_what_stood_there(tmp_path: Path) -> None:
    """A folder in the place of a file, as an example of what a system may refuse."""
    (tmp_path / "weekly" / "atom.xml" / "full").mkdir(parents=True)
    with pytest.raises(DigestError, match=r"atom\.xml could not be written: .* kept"):
        write_tree(tmp_path, TREE)
    assert not list(tmp_path.rglob("*.tmp"))
    assert (tmp_path / "weekly" / "index.html").read_bytes() == b"archive"


def test_what_a_killed_writer_left_is_swept_up_later(tmp_path: Path) -> None:
    """Old temporary files of the same file go; a fresh one may be another writer's and stays."""
    write_tree(tmp_path, {"a[1].html": b"1"})
    old, fresh, other = (
        tmp_path / f".{name}.tmp" for name in ("a[1].html.old", "a[1].html.fresh", "b.html.old")
    )
    for path in (old, fresh, other):
        path.touch()
    for path in (old, other):
        os.utime(path, (0, 0))
    write_tree(tmp_path, {"a[1].html": b"2"})
    assert [path.exists() for path in (old, fresh, other)] == [False, True, True]


def test_many_files_are_written_as_a_few_are(tmp_path: Path) -> None:
    """Synced all at once, and each of them whole."""
    many = {f"weekly/{number}/index.html": str(number).encode() for number in range(200)}
    assert len(write_tree(tmp_path, many).changed) == 200
    assert contents(tmp_path) == many


def test_one_that_is_refused_leaves_nothing_half_done_of_many(tmp_path: Path) -> None:
    """What was prepared for the others is cleared away."""
    (tmp_path / "weekly" / "7" / "index.html" / "full").mkdir(parents=True)
    with pytest.raises(DigestError, match=r"7.index\.html could not be written"):
        write_tree(tmp_path, {f"weekly/{number}/index.html": b"x" for number in range(100)})
    assert not list(tmp_path.rglob("*.tmp"))


WRITER = """
import sys
from pathlib import Path
from digest.files import write_tree
root, number = Path(sys.argv[1]), 0
while True:
    number += 1
    letter = b"ab"[number % 2 : number % 2 + 1]
    write_tree(root, {"weekly/atom.xml": letter * 2_000_000})
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_no_torn_file(tmp_path: Path) -> None:
    """Killed at any moment, the feed is wholly the old one or wholly the new one, also for a reader meanwhile."""
    feed = tmp_path / "weekly" / "atom.xml"
    for delay in (0.0, 0.003, 0.007, 0.012, 0.02):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        with process:
            assert process.stdout is not None
            process.stdout.readline()
            until = time.monotonic() + delay
            while time.monotonic() < until:
                assert _whole(feed.read_bytes())
            process.send_signal(signal.SIGKILL)
        assert _whole(feed.read_bytes())


def _whole(data: bytes) -> bool:
    return len(data) == 2_000_000 and len(set(data)) == 1
