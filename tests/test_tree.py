"""The feeds/ tree: made again is what is new, written is what differs, removed is what was ours."""

from __future__ import annotations

import gzip
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import brotli
import pytest

from digest import tree
from digest.errors import DigestError, TemplateError
from digest.publish.plan import Planned

HOUR = 3_600 * 10**9


class Works:
    """Documents to be made, and a list of those that were."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def plan(self, **documents: str) -> dict[str, Planned]:
        """A plan of files by name; a text stands for what they are made of, and is what is in them."""
        return {_path(name): Planned(text, self._maker(name, text)) for name, text in documents.items()}

    def _maker(self, name: str, text: str) -> Callable[[], bytes]:
        def make() -> bytes:
            self.made.append(name)
            return text.encode()

        return make


def _path(name: str) -> str:
    """``weekly__atom_xml`` → ``weekly/atom.xml``."""
    return name.replace("__", "/").replace("_", ".")


def update(root: Path, plan: Mapping[str, Planned]) -> tree.Updated:
    with tree.locked(root):
        return tree.bring_up_to_date(root, plan)


def shown(root: Path) -> dict[str, str]:
    """What readers find, compressed forms undone: each must be what its document is."""
    found = {}
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            data = path.read_bytes()
            undo = {".gz": gzip.decompress, ".br": brotli.decompress}.get(path.suffix, bytes)
            found[path.relative_to(root).as_posix()] = undo(data).decode()
    return found


def times(root: Path) -> dict[str, tuple[int, int]]:
    return {
        path.as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file()
    }


def test_each_document_has_its_compressed_forms_beside_it(tmp_path: Path) -> None:
    """Texts do; a picture has none. They have the time of their document, by which servers know them."""
    update(tmp_path, Works().plan(weekly__atom_xml="feed", pictures__a_jpg="picture"))
    assert shown(tmp_path) == {
        "pictures/a.jpg": "picture",
        "weekly/atom.xml": "feed",
        "weekly/atom.xml.br": "feed",
        "weekly/atom.xml.gz": "feed",
    }
    assert len({path.stat().st_mtime_ns for path in (tmp_path / "weekly").iterdir()}) == 1


def test_documents_are_added_beside_those_that_are_there(tmp_path: Path) -> None:
    """Nothing else is made or removed; what is planned later without them takes them away again."""
    works = Works()
    update(tmp_path, works.plan(weekly__index_html="one", weekly__atom_xml="two"))
    before = shown(tmp_path)
    with tree.locked(tmp_path):
        done = tree.add(tmp_path, works.plan(pictures__a_jpg="a still"))
    assert done == tree.Updated(("pictures/a.jpg",), ())
    assert works.made == ["weekly__index_html", "weekly__atom_xml", "pictures__a_jpg"]
    assert shown(tmp_path) == {**before, "pictures/a.jpg": "a still"}
    update(tmp_path, works.plan(weekly__index_html="one", weekly__atom_xml="two"))
    assert shown(tmp_path) == before


def test_the_same_document_compresses_to_the_same_bytes(tmp_path: Path) -> None:
    """No time stands in them."""
    for name in ("one", "two"):
        update(tmp_path / name, Works().plan(a_html="page" * 500))
    one, two = ((tmp_path / name / "a.html.gz").read_bytes() for name in ("one", "two"))
    assert one == two


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    """Nor touched: not a file, not the record."""
    works = Works()
    update(tmp_path, works.plan(a_html="one", b_html="two"))
    before = times(tmp_path)
    works.made.clear()
    assert update(tmp_path, works.plan(a_html="one", b_html="two")) == tree.Updated((), ())
    assert works.made == []
    assert times(tmp_path) == before


def test_only_what_changed_is_made(tmp_path: Path) -> None:
    """One of many."""
    works = Works()
    update(tmp_path, works.plan(a_html="one", b_html="two"))
    works.made.clear()
    assert update(tmp_path, works.plan(a_html="one", b_html="three")).changed == ("b.html",)
    assert works.made == ["b_html"]
    assert shown(tmp_path)["b.html.gz"] == "three"


def test_what_is_made_anew_and_is_the_same_is_not_touched(tmp_path: Path) -> None:
    """As after a new release that changes nothing of it."""
    update(tmp_path, {"a.html": Planned("release 1", lambda: b"page")})
    before = times(tmp_path / ".")
    assert update(tmp_path, {"a.html": Planned("release 2", lambda: b"page")}).changed == ()
    after = times(tmp_path)
    pages = [path for path in before if not path.endswith(tree.RECORD)]
    assert {path: after[path] for path in pages} == {path: before[path] for path in pages}


@pytest.mark.parametrize("name", ["a.html", "a.html.gz", "a.html.br"])
@pytest.mark.parametrize("damage", ["changed", "removed"])
def test_a_file_that_is_not_as_we_left_it_is_mended(tmp_path: Path, name: str, damage: str) -> None:
    """Whoever changed it, whichever form it is."""
    works = Works()
    update(tmp_path, works.plan(a_html="page", b_html="other"))
    works.made.clear()
    if damage == "changed":
        (tmp_path / name).write_bytes(b"something else")
    else:
        (tmp_path / name).unlink()
    update(tmp_path, works.plan(a_html="page", b_html="other"))
    assert works.made == ["a_html"]
    assert {path: text for path, text in shown(tmp_path).items() if path.startswith("a")} == {
        "a.html": "page",
        "a.html.br": "page",
        "a.html.gz": "page",
    }


@pytest.mark.parametrize("record", [None, b"", b"{", b'{"documents": 5}', b"\xff\xfe"])
def test_without_a_record_all_is_made_and_nothing_touched(tmp_path: Path, record: bytes | None) -> None:
    """Lost or damaged: documents with the same bytes are left alone, and nobody's files are removed."""
    works = Works()
    update(tmp_path, works.plan(a_html="one", b_html="two"))
    before = times(tmp_path)
    (tmp_path / tree.RECORD).unlink()
    if record is not None:
        (tmp_path / tree.RECORD).write_bytes(record)
    assert update(tmp_path, works.plan(a_html="one")) == tree.Updated((), ())
    assert {path: before[path] for path in before if not path.endswith(tree.RECORD)} == {
        path: each for path, each in times(tmp_path).items() if not path.endswith(tree.RECORD)
    }


def test_what_is_no_longer_planned_is_removed(tmp_path: Path) -> None:
    """With its compressed forms and the folders that it leaves empty."""
    update(
        tmp_path, Works().plan(index_html="home", weekly__old__index_html="old", weekly__index_html="list")
    )
    again = update(tmp_path, Works().plan(index_html="home", weekly__index_html="list"))
    assert again.removed == ("weekly/old/index.html",)
    assert not (tmp_path / "weekly" / "old").exists()
    assert "weekly/index.html" in shown(tmp_path)


def test_what_is_not_ours_is_never_removed(tmp_path: Path) -> None:
    """Neither what an operator put beside our files, nor what they put in the place of one."""
    works = Works()
    update(tmp_path, works.plan(index_html="home", weekly__old_html="old"))
    (tmp_path / "weekly" / "theirs.html").write_text("theirs")
    (tmp_path / "weekly" / "old.html").write_text("theirs, too")
    os.utime(tmp_path / "weekly" / "old.html", ns=(HOUR, HOUR))
    assert update(tmp_path, works.plan(index_html="home")).removed == ()
    assert {name: text for name, text in shown(tmp_path).items() if name.startswith("weekly")} == {
        "weekly/old.html": "theirs, too",
        "weekly/theirs.html": "theirs",
    }


def test_a_record_cannot_make_us_remove_anything_outside(tmp_path: Path) -> None:
    """It lies in a folder that others may write; a path in it that leads out is refused."""
    root, outside = tmp_path / "feeds", tmp_path / "outside.html"
    update(root, Works().plan(a_html="page"))
    outside.write_text("theirs")
    stamp = f"[{outside.stat().st_size},{outside.stat().st_mtime_ns}]"
    text = f'{{"documents":{{"../outside.html":{{"inputs":"x","stamps":{{"":{stamp}}}}}}}}}'
    (root / tree.RECORD).write_text(text)
    with pytest.raises(DigestError, match="no path inside"):
        update(root, Works().plan(a_html="page"))
    assert outside.read_text() == "theirs"


def test_a_document_that_cannot_be_made_leaves_all_as_it_was(tmp_path: Path) -> None:
    """A mistake in a template is found before the first file is written."""

    def fail() -> bytes:
        raise TemplateError("page.html.j2, line 3: there is no such value")

    update(tmp_path, Works().plan(a_html="one"))
    before = times(tmp_path)
    with pytest.raises(TemplateError):
        update(tmp_path, {**Works().plan(a_html="two"), "b.html": Planned("x", fail)})
    assert times(tmp_path) == before


def test_what_cannot_be_had_at_present_stays(tmp_path: Path) -> None:
    """As a picture whose file is away: the published one is kept, and tried again the next time."""
    update(tmp_path, Works().plan(pictures__a_jpg="picture"))
    update(
        tmp_path,
        {"pictures/a.jpg": Planned("again", lambda: None), "pictures/b.jpg": Planned("x", lambda: None)},
    )
    assert shown(tmp_path) == {"pictures/a.jpg": "picture"}
    update(tmp_path, Works().plan(pictures__a_jpg="better"))
    assert shown(tmp_path) == {"pictures/a.jpg": "better"}


def test_one_writes_at_a_time(tmp_path: Path) -> None:
    """Who comes second waits until the first has done, and then sees what it did."""
    order: list[str] = []

    def second() -> None:
        with tree.locked(tmp_path):
            order.append("second")

    with tree.locked(tmp_path):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.05)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]


def test_a_folder_that_cannot_be_had_is_one_sentence(tmp_path: Path) -> None:
    """Which folder, and why."""
    (tmp_path / "feeds").write_text("a file")
    with pytest.raises(DigestError, match="feeds cannot be written"), tree.locked(tmp_path / "feeds"):
        pass


# ── a reader in a loop ───────────────────────────────────────────────────────────────────────────

SIZE = 3_000_000


def _naively(root: Path, letter: str) -> None:
    """As files are written without thought: emptied, then filled."""
    with (root / "a.html").open("wb") as file:
        for _ in range(30):
            file.write(letter.encode() * (SIZE // 30))
            file.flush()


def _as_we_do(root: Path, letter: str) -> None:
    update(root, {"a.html": Planned(letter, lambda: letter.encode() * SIZE)})


def _torn(root: Path, write: Callable[[Path, str], None]) -> bool:
    """Whether a reader in a loop ever sees anything but one whole version while the document changes."""
    write(root, "a")
    stop = threading.Event()

    def change() -> None:
        for letter in "ba" * 10:
            write(root, letter)
        stop.set()

    writer = threading.Thread(target=change)
    writer.start()
    torn = False
    while not stop.is_set():
        data = (root / "a.html").read_bytes()
        torn = torn or len(data) != SIZE or len(set(data)) != 1
    writer.join()
    return torn


def test_a_reader_in_a_loop_never_sees_a_torn_document(tmp_path: Path) -> None:
    """Wholly the old one or wholly the new one, at any moment."""
    assert not _torn(tmp_path, _as_we_do)


def test_the_reader_in_a_loop_would_see_one(tmp_path: Path) -> None:
    """Control: of a writer that empties a file and fills it."""
    assert _torn(tmp_path, _naively)
