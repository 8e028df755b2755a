"""packaging/compiled.py: the same answers from compiled modules. Here of text/, which is soon compiled; `make compiled` does all."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
READING = Path(__file__).with_name("compiled_reading.py")

pytestmark = pytest.mark.xdist_group("compiled")  # so that it is compiled once


def _hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compiled", ROOT / "packaging" / "compiled.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HOOK = _hook()
FAST = [*HOOK.modules(ROOT / "src", (room for room in HOOK.ROOMS if room.startswith("text/")))]


@dataclass(frozen=True)
class Told:
    """What one build of digest said: how its modules were loaded, and what it read, as hashes."""

    loaded: Mapping[str, str]
    read: Mapping[str, str]


def told(sources: Path) -> Told:
    """What the digest of a folder reads in the labelled posts and in the odd feeds."""
    names = [name.removesuffix(".py").replace("/", ".") for name in FAST]
    path = os.pathsep.join(map(str, (sources, READING.parent)))
    done = subprocess.run(
        [sys.executable, READING, *names],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        check=True,
    )
    return Told(**json.loads(done.stdout))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of digest with compiled modules in it."""
    if not shutil.which("cc"):
        pytest.skip("no C compiler")
    pytest.importorskip("setuptools")
    folder = tmp_path_factory.mktemp("compiled")
    compiling = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from compiled import compile_modules;"
        "compile_modules(Path(sys.argv[2]), sys.argv[4:], Path(sys.argv[3]), level='0')"
    )
    arguments = (ROOT / "packaging", ROOT / "src", folder / "built", *FAST)
    subprocess.run([sys.executable, "-c", compiling, *arguments], capture_output=True, check=True)
    shutil.copytree(ROOT / "src" / "digest", folder / "built" / "digest", dirs_exist_ok=True)
    (folder / "built" / "digest" / "_templates").symlink_to(ROOT / "templates")
    return folder / "built"


def test_compiled_modules_read_what_plain_ones_read(compiled: Path) -> None:
    """Every labelled post and every odd feed, to the letter; and it was the compiled modules that did."""
    plain, fast = told(ROOT / "src"), told(compiled)
    assert set(plain.loaded.values()) == {".py"}
    assert set(fast.loaded.values()) == {".so"}
    assert len(plain.read) > 400
    assert fast.read == plain.read


def test_the_compiler_leaves_nothing_among_the_sources(compiled: Path) -> None:
    """A compiled module beside its source would stand before every later edit of it."""
    assert [*compiled.rglob("*.so")]
    assert not [*(ROOT / "src").rglob("*.so")]


def test_a_module_whose_properties_are_cached_stays_plain(tmp_path: Path) -> None:
    """mypyc computes them anew each time, which made a hostile list of names take a thousand times as long."""
    room = tmp_path / "digest" / "text"
    room.mkdir(parents=True)
    for name, text in (
        ("plain.py", "from functools import cached_property"),
        ("fast.py", ""),
        ("__init__.py", ""),
    ):
        (room / name).write_text(text, encoding="utf-8")
    assert [*HOOK.modules(tmp_path, ["text/*.py"])] == ["digest/text/fast.py"]


def test_the_rooms_that_may_be_compiled_are_there() -> None:
    """A module that was moved is not forgotten in silence."""
    for room in HOOK.ROOMS:
        assert [*HOOK.modules(ROOT / "src", [room])], room
