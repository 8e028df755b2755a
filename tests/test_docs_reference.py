"""The reference that is made from the code has every command, option and error; and the whole documentation builds."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
import typer.main
from typer.core import TyperGroup, TyperOption

from digest.cli.commands import app
from installation import Place, installed

ROOT = Path(__file__).parents[1]


def made() -> ModuleType:
    """docs/reference.py, which is no module of a package."""
    spec = spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE = made()
COMMANDS: str = REFERENCE.commands()
ERRORS: str = REFERENCE.error_sentences()


def options(command: object, name: str = "digest") -> dict[str, set[str]]:
    """The options of each command, by its whole name."""
    if isinstance(command, TyperGroup):
        return {
            k: v
            for part, each in command.commands.items()
            for k, v in options(each, f"{name} {part}").items()
        }
    return {name: {opt for each in command.params if isinstance(each, TyperOption) for opt in each.opts}}  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "flags"), options(typer.main.get_command(app)).items())
def test_every_command_and_option_is_in_the_reference(name: str, flags: set[str]) -> None:
    """Under its own heading."""
    section = COMMANDS.partition(f"\n## `{name}`\n")[2].partition("\n## ")[0]
    assert section
    assert [flag for flag in flags - {"--help"} if flag not in section] == []


@pytest.mark.parametrize(("page", "text"), [("commands.md", COMMANDS), ("errors.md", ERRORS)])
def test_the_pages_are_those_of_this_code(page: str, text: str) -> None:
    """`make docs` writes them anew."""
    assert (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8") == text


def patterns() -> list[re.Pattern[str]]:
    """The sentences of the reference as patterns: anything may stand for what is filled in."""
    found = re.findall(r"^- (.*)$", ERRORS, re.MULTILINE)
    plain = (re.sub(r"\\(.)", r"\1", sentence) for sentence in found)
    return [re.compile(re.sub(r"‹[^›]*›", ".*", re.escape(sentence)), re.DOTALL) for sentence in plain]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    with installed(tmp_path_factory.mktemp("place")) as place:
        return place


@pytest.mark.parametrize(
    "words",
    [
        ("show", "weekly/2026-11-22"),
        ("show", "weekly"),
        ("draft", "monthly"),
        ("sources", "show", "nobody"),
        ("posts", "release", "https://nobody.example.org/"),
        ("theme", "remove", "dragons"),
        ("templates", "copy", "email/nothing"),
        ("editors", "remove", "nobody@example.org"),
        ("subscribers", "import", "nothing.csv"),
        ("settle", "weekly/2026-11-22", "nobody@example.org", "sent"),
    ],
    ids=" ".join,
)
def test_what_a_command_says_is_in_the_reference(place: Place, words: tuple[str, ...]) -> None:
    """The sentence that a person sees is one that they can look up."""
    ran = place.digest(*words)
    assert ran.code == 1
    assert any(pattern.fullmatch(ran.err.strip()) for pattern in patterns()), ran.err


def test_control_a_sentence_of_nobody_is_not_there() -> None:
    """No pattern is so wide that it takes anything."""
    assert not any(pattern.fullmatch("The moon is full, so nothing was sent.") for pattern in patterns())


def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    """A link between pages that leads nowhere, or a page that no other one names, is a warning."""
    build = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    ran = subprocess.run(
        [*build, "-d", tmp_path / "trees", ROOT / "docs", tmp_path / "html"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "digest sources add" in (tmp_path / "html" / "reference" / "commands.html").read_text(
        encoding="utf-8"
    )
