"""What the documentation shows works: each command line is one that digest takes, each setting one that it knows."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import typer.main
from typer.core import TyperGroup

from digest.cli.commands import app
from setting_names import every_setting

ROOT = Path(__file__).parents[1]
WRITTEN = [
    page for page in sorted((ROOT / "docs").rglob("*.md")) if page.parent.name != "reference"
]  # by hand
PAGES = [ROOT / "README.md", *WRITTEN]
BLOCK = re.compile(
    r"^ *```(?P<kind>\w*)\n(?P<text>.*?)^ *```$|^\n(?P<indented>(?: {4,}.*\n)+)", re.MULTILINE | re.DOTALL
)
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]  # typer has a click of its own, which is private
KNOWN = {(table, key) for table, key, _ in every_setting()}


def blocks(page: str) -> Iterator[tuple[str, str]]:
    """(kind, text) of each block of a page; one that is only indented has no kind."""
    for found in BLOCK.finditer(page):
        yield found["kind"] or "", found["text"] or found["indented"] or ""


def command_lines(page: str) -> Iterator[str]:
    """The command lines in its blocks, without prompt and comment; one with "…" in it is a pattern, no example."""
    for kind, text in blocks(page):
        for line in text.replace("\\\n", " ").splitlines() if kind in ("", "console", "sh") else ():
            typed = re.sub(r"\s+#.*|\s+(?:[|]|&&|>).*", "", line.strip().removeprefix("$ "))
            if typed.startswith("digest ") and "…" not in typed and "[" not in typed:
                yield typed


def refused(line: str) -> str:
    """What digest has against a command line; nothing if it takes it."""
    group: object = typer.main.get_command(app)
    _, *words = shlex.split(line)
    while isinstance(group, TyperGroup):
        if not words and group.invoke_without_command:
            return ""
        if not words or words[0] not in group.commands:
            return f"no such command: {line}"
        group, words = group.commands[words[0]], words[1:]
    try:
        group.make_context("digest", words)  # type: ignore[attr-defined]
    except USAGE_ERROR as error:
        return f"{line}: {error}"
    return ""


def unknown_settings(text: str) -> list[str]:
    """The settings of a piece of config.toml that there are not."""
    tables = [
        (name, each)
        for name, value in tomllib.loads(text).items()
        for each in (value if isinstance(value, list) else [value])
    ]
    return [f"[{name}] {key}" for name, each in tables for key in each if (name, key) not in KNOWN]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_work(page: Path) -> None:
    """Commands, options and settings are there under these names."""
    text = page.read_text(encoding="utf-8")
    settings = [
        re.sub(r"^ +", "", block, flags=re.MULTILINE) for kind, block in blocks(text) if kind == "toml"
    ]
    assert [found for line in command_lines(text) if (found := refused(line))] == []
    assert [found for block in settings for found in unknown_settings(block)] == []


def test_there_are_examples() -> None:
    """Else all would be well without any."""
    pages = [page.read_text(encoding="utf-8") for page in PAGES]
    assert sum(1 for page in pages for _ in command_lines(page)) > 60
    assert sum(kind == "toml" for page in pages for kind, _ in blocks(page)) > 5


def test_control_an_option_and_a_setting_that_are_not_there_are_found() -> None:
    """The measure can fail."""
    page = "Like this:\n\n    digest send weekly/2026-11-22 --twice\n\n```toml\n[mail]\nspeed = 3\n```\n"
    assert refused(next(command_lines(page))).endswith("--twice")
    assert refused("digest fetch") == "no such command: digest fetch"
    assert unknown_settings("[mail]\nspeed = 3") == ["[mail] speed"]
