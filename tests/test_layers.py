"""The table of rooms in docs/architecture.md is true: imports point down, stages are apart, layers 0 and 1 are pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STAGES = frozenset({"collect", "extract", "assemble", "publish", "deliver"})
PURE_LAYERS = (0, 1)
ROW = re.compile(r"^\| (\d) \| `([a-z_0-9.]+)` \|", re.MULTILINE)

# What makes a result depend on more than its arguments. zoneinfo is no such thing: the rules of time zones are data.
IMPURE_MODULES = frozenset(
    [
        "time",
        "random",
        "secrets",
        "socket",
        "socketserver",
        "ssl",
        "select",
        "selectors",
        "os",
        "subprocess",
        "multiprocessing",
        "threading",
        "asyncio",
        "concurrent",
        "signal",
        "shutil",
        "tempfile",
        "glob",
        "fileinput",
        "sqlite3",
        "sqlalchemy",
        "alembic",
        "psycopg",
        "requests",
        "urllib3",
        "smtplib",
        "imaplib",
        "ftplib",
        "http.client",
        "http.server",
        "urllib.request",
        "apscheduler",
        "uvicorn",
        "aiosmtpd",
        "importlib.resources",
    ]
)
IMPURE_CALLS = frozenset(
    [
        "now",
        "utcnow",
        "today",
        "time",
        "monotonic",
        "perf_counter",
        "uuid1",
        "uuid4",
        "urandom",
        "getenv",
        "cwd",
        "home",
        "expanduser",
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "iterdir",
        "rglob",
        "mkdir",
        "rmdir",
        "unlink",
        "touch",
        "is_file",
        "is_dir",
        "exists",
    ]
)
IMPURE_BUILTINS = frozenset({"open", "input"})


@dataclass(frozen=True)
class Rooms:
    """The rows of the table: (layer, module), from top to bottom."""

    rows: tuple[tuple[int, str], ...]

    def place(self, module: str) -> tuple[int, int] | None:
        """(layer, position in the table) of a module: the row that names it or the nearest package around it."""
        covering = [row for row in self.rows if module == row[1] or module.startswith(f"{row[1]}.")]
        if not covering:
            return None
        row = max(covering, key=lambda row: len(row[1]))
        return row[0], self.rows.index(row)


def rooms() -> Rooms:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    return Rooms(tuple((int(layer), module) for layer, module in ROW.findall(text)))


def sources() -> dict[str, str]:
    """Every module under src/digest, named from there: ``text.html``; a package by its own name."""
    folder = ROOT / "src" / "digest"
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(encoding="utf-8")
    return found


def imports(tree: ast.AST, modules: Mapping[str, str]) -> Iterator[str]:
    """Our own modules that a module imports, anywhere in it; ``from digest.text import html`` is text.html."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name[7:] for alias in node.names if alias.name.startswith("digest."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "digest":
            package = (node.module or "")[7:]
            for alias in node.names:
                inner = f"{package}.{alias.name}".lstrip(".")
                yield inner if inner in modules else package


def misplaced(modules: Mapping[str, str], table: Rooms) -> list[str]:
    """What breaks the table: modules without a row, imports that point up or across."""
    found = []
    for module, source in modules.items():
        here, tree = table.place(module), ast.parse(source)
        if any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree)):
            found.append(f"{module}: relative import")
        inner = {name for name in imports(tree, modules) if name}
        if here is None and (inner or "def " in source):
            found.append(f"{module}: has no row")
            continue
        for name in inner:
            there = table.place(name)
            if there is None or here is None or there > here:
                found.append(f"{module} imports {name}, which is not below it")
            if {module.partition(".")[0], name.partition(".")[0]} <= STAGES and module.partition(".")[
                0
            ] != name.partition(".")[0]:
                found.append(f"{module} imports {name}: stages are apart")
    return found


def impure(modules: Mapping[str, str], table: Rooms) -> list[str]:
    """What layers 0 and 1 import or call that is neither an argument nor a value."""
    found = []
    for module, source in modules.items():
        place = table.place(module)
        if place and place[0] in PURE_LAYERS:
            found += [f"{module}: {what}" for what in _impurities(ast.parse(source))]
    return found


def _impurities(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (f"imports {alias.name}" for alias in names if _is_impure(alias.name))
            case ast.ImportFrom(module=str(module), names=names):
                inner = [f"{module}.{alias.name}" for alias in names]
                yield from (f"imports {name}" for name in inner if _is_impure(name))
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_BUILTINS:
                yield f"calls {name}"
            case ast.Call(func=ast.Attribute(attr=name)) if name in IMPURE_CALLS:
                yield f"calls .{name}"
            case ast.Attribute(value=ast.Name(id="os"), attr="environ"):
                yield "reads the environment"


def _is_impure(name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:length]) in IMPURE_MODULES for length in range(1, len(parts) + 1))


def test_the_table_names_each_module_once() -> None:
    """And from the bottom up."""
    rows = rooms().rows
    assert len(rows) > 30
    assert len({module for _, module in rows}) == len(rows)
    assert [layer for layer, _ in rows] == sorted(layer for layer, _ in rows)


def test_every_row_is_a_module() -> None:
    """A room that was torn down has no row."""
    modules = sources()
    assert [module for _, module in rooms().rows if module not in modules] == []


def test_imports_point_down_and_stages_are_apart() -> None:
    """To a smaller layer, or in the same layer to a module above it in the table."""
    assert misplaced(sources(), rooms()) == []


def test_layers_0_and_1_are_pure() -> None:
    """No clock, randomness, socket, file, process, database or environment."""
    assert impure(sources(), rooms()) == []


# ── controls: each rule is seen to bite ──────────────────────────────────────────────────────────

TABLE = Rooms(
    (
        (0, "model"),
        (1, "text"),
        (1, "text.html"),
        (1, "collect.parse"),
        (1, "publish.page"),
        (2, "files"),
        (2, "store"),
    )
)
MADE_UP = {
    "model": "",
    "text": "",
    "text.html": "",
    "text.links": "",
    "collect.parse": "",
    "publish.page": "",
    "files": "",
    "store": "",
}


@pytest.mark.parametrize(
    ("module", "source", "finding"),
    [
        ("model", "from digest.text import html", "model imports text.html, which is not below it"),
        ("model", "import digest.files", "model imports files, which is not below it"),
        (
            "text.links",
            "from digest.text.html import plain",
            "text.links imports text.html, which is not below it",
        ),
        (
            "text.html",
            "def late():\n    from digest import store",
            "text.html imports store, which is not below it",
        ),
        (
            "publish.page",
            "from digest.collect.parse import x",
            "publish.page imports collect.parse: stages are apart",
        ),
        ("files", "from digest.unknown import x", "files imports unknown, which is not below it"),
        ("orphan", "import digest.model", "orphan: has no row"),
        ("orphan", "def work(): ...", "orphan: has no row"),
        ("files", "from . import model", "files: relative import"),
    ],
)
def test_a_made_up_module_that_breaks_the_table_is_found(module: str, source: str, finding: str) -> None:
    """Control: the rules can fail."""
    assert finding in misplaced(MADE_UP | {module: source}, TABLE)


def test_a_made_up_house_in_order_passes() -> None:
    """Control: what is allowed is not found."""
    good = {
        "text.html": "from digest.model import Post\nfrom digest.text.links import absolute",
        "publish.page": "from digest.text import html\nimport re",
        "store": "import os, time\nfrom digest import files, model\nos.environ",
        "text": '"""A package that only says what is in it."""',
    }
    assert misplaced(MADE_UP | good, TABLE) == []
    assert impure(MADE_UP | good, TABLE) == []


@pytest.mark.parametrize(
    ("source", "finding"),
    [
        ("import time", "imports time"),
        ("import os.path", "imports os.path"),
        ("from os import environ", "imports os.environ"),
        ("import random as chance", "imports random"),
        ("from secrets import token_hex", "imports secrets.token_hex"),
        ("from urllib import request", "imports urllib.request"),
        ("from http.client import HTTPConnection", "imports http.client.HTTPConnection"),
        ("import requests", "imports requests"),
        ("from sqlalchemy.engine import Engine", "imports sqlalchemy.engine.Engine"),
        ("def work():\n    import subprocess", "imports subprocess"),
        ("from datetime import datetime\nx = datetime.now()", "calls .now"),
        ("import datetime\nx = datetime.datetime.utcnow()", "calls .utcnow"),
        ("from datetime import date\nx = date.today()", "calls .today"),
        ("import uuid\nx = uuid.uuid4()", "calls .uuid4"),
        ("open('x')", "calls open"),
        ("from pathlib import Path\nPath('x').read_text()", "calls .read_text"),
        ("from pathlib import Path\nPath.cwd()", "calls .cwd"),
        ("os.environ['X']", "reads the environment"),
    ],
)
def test_a_made_up_impurity_is_found(source: str, finding: str) -> None:
    """Control: each kind of impurity is seen in layer 1, and is nobody's business in layer 2."""
    assert impure({"text.html": source}, TABLE) == [f"text.html: {finding}"]
    assert impure({"store": source}, TABLE) == []


def test_what_is_pure_is_not_found() -> None:
    """Control: a path as a value, a zone, the URL parser and a clock that is an argument."""
    source = (
        "from pathlib import Path\nfrom zoneinfo import ZoneInfo\nfrom urllib.parse import urljoin\nimport http\n"
        "def next_poll(now):\n    return Path('var') / now.isoformat()\n"
    )
    assert impure({"text.html": source}, TABLE) == []
