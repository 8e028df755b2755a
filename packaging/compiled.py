"""A build hook: the rooms that read feeds and posts, compiled, for a wheel that is asked for so.

    HATCH_BUILD_HOOK_ENABLE_CUSTOM=1 python -m pip wheel --no-deps .

mypyc makes C of the same typed Python. The plain modules stay in the wheel beside the compiled ones. Nothing is
written into the checkout, where a compiled module would stand before every later edit of its source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Where the time goes to tags, tokens and sentences. The rooms around them wait for the network and the database.
ROOMS = (
    "text/document.py",
    "text/html.py",
    "text/language.py",
    "text/lines.py",
    "text/links.py",
    "text/markup.py",
    "text/simple.py",
    "text/tags.py",
    "text/tokens.py",
    "collect/dates.py",
    "collect/elements.py",
    "collect/entries.py",
    "collect/fastfeed.py",
    "collect/members.py",
    "collect/xmlfeed.py",
    "extract/*.py",
    "extract/listed/*.py",
    "extract/prose/*.py",
)
UNCACHED = "cached_property"  # which mypyc computes anew each time


class Compiled(BuildHookInterface[Any]):
    """Adds compiled modules to a wheel, which is then for this platform and this Python only."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        self.folder = TemporaryDirectory()
        source, built = Path(self.root, "src"), Path(self.folder.name, "built")
        compile_modules(source, modules(source), built)
        build_data |= {"pure_python": False, "infer_tag": True}
        found = (path for path in built.rglob("*") if path.is_file())
        build_data["force_include"] |= {str(path): str(path.relative_to(built)) for path in found}

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        if version != "editable":
            self.folder.cleanup()


def modules(source: Path, rooms: Iterable[str] = ROOMS) -> Iterator[str]:
    """The modules that are compiled, by their path below the folder of sources."""
    for room in rooms:
        for path in sorted(source.glob(f"digest/{room}")):
            if path.name != "__init__.py" and UNCACHED not in path.read_text("utf-8"):
                yield path.relative_to(source).as_posix()


def compile_modules(source: Path, names: Iterable[str], built: Path, level: str = "3") -> None:
    """Compile modules into a folder: a small file for each, and one library for all.

    Args:
        source: the folder that holds the package, in a checkout.
        names: of the modules, by their path below it.
        built: that folder, which is made; what the compiler writes besides goes beside it.
        level: how hard the C compiler tries.

    Raises:
        SystemExit: mypy or the C compiler refused something, and said what.
    """
    from mypyc.build import mypycify  # only who compiles has these two
    from setuptools import setup  # type: ignore[import-untyped]

    work = built.with_name("work")
    mypy = ["--config-file", str(source.parent / "pyproject.toml"), "--cache-dir", str(work / "cache")]
    command = ["--quiet", "build_ext", "--build-lib", str(built), "--build-temp", str(work)]
    with chdir(source):  # where modules have their names, and setuptools finds no project
        found = mypycify(
            [*mypy, *names], opt_level=level, debug_level="0", target_dir=str(work), group_name="digest"
        )
        setup(name="digest", packages=[], ext_modules=found, script_args=command)
