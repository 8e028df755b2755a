"""The documentation keeps up: every command and setting is described, defaults are true, links lead somewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup, TyperOption

from digest import errors
from digest.cli.commands import app
from digest.settings import Settings
from setting_names import every_setting

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "feeds" / "README.md",
]
PUBLISHED = [
    path
    for folder in (".ci", "bench", "docs", "src", "templates", "tests")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file() and path.suffix not in (".pyc", ".png") and "__pycache__" not in path.parts
] + [path for path in ROOT.iterdir() if path.is_file()]

LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
REGISTRY_HOSTS = re.compile(
    r"(?:files\.pythonhosted|pypi|registry\.npmjs|repo\.maven|crates)\.(?:org|io)", re.IGNORECASE
)
MACHINE_PATHS = re.compile(r"(?<![\w.~/])/(?:work|root|home|Users)/\w+")


def commands(group: object, name: str = "digest") -> Iterator[tuple[str, TyperCommand]]:
    """Every command with its whole name, groups left out: ``digest sources add``."""
    if isinstance(group, TyperGroup):
        for part, command in group.commands.items():
            yield from commands(command, f"{name} {part}")
    elif isinstance(group, TyperCommand):
        yield name, group


COMMANDS = dict(commands(typer.main.get_command(app)))


def documented(text: str) -> set[str]:
    """Commands that a page names: in full, or in a list such as ```digest skip`, `pause`, `sources add URL```."""
    found: set[str] = set()
    for line in text.splitlines():
        in_list = False
        for part in [line.strip()] * line.startswith("    ") + re.findall(r"`([^`]+)`", line):
            words = re.findall(r"[a-z-]+", part.partition("#")[0].rpartition("bin/")[2])
            in_list = in_list or words[:1] == ["digest"]
            named = words if words[:1] == ["digest"] else ["digest", *words] if in_list else []
            found |= {name for name in COMMANDS if named[: len(name.split())] == name.split()}
    return found


def test_there_are_commands() -> None:
    """Else all the tests about them would pass."""
    assert len(COMMANDS) > 20
    assert {"digest collect", "digest sources add", "digest subscribers import"} <= COMMANDS.keys()


def test_every_command_is_in_the_documentation() -> None:
    """A command that nobody reads of does not exist: what is made from the code does not count."""
    written = [page.read_text(encoding="utf-8") for page in PAGES if page.parent.name != "reference"]
    named = set().union(*map(documented, written))
    assert set(COMMANDS) - named == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_explains_itself(name: str) -> None:
    """``--help`` has a sentence for each."""
    command = COMMANDS[name]
    assert command.help, name
    unexplained = [
        option.name
        for option in command.params
        if isinstance(option, TyperOption) and not option.help and option.name != "help"
    ]
    assert unexplained == []


def rows(text: str) -> Iterator[tuple[str, str, str]]:
    """(table, setting, default) of each row under a heading such as ``## `[mail]```."""
    table = ""
    for line in text.splitlines():
        heading = re.fullmatch(r"## `\[+([a-z]+)\]+`", line)
        table = heading[1] if heading else "" if line.startswith("## ") else table
        row = re.match(r"\| `([a-z_]+)` \| (.+?) \| .+ \|$", line)
        if row and table:
            yield table, row[1], row[2]


# Their default is no value, or depends on another value; the page says so in words.
IN_WORDS = {"none", "made from the address"}


def test_every_setting_is_described_with_its_true_default() -> None:
    """In the order of settings.py or not, but none missing, none too many, none with a wrong default."""
    described = {(table, key): default for table, key, default in rows(CONFIGURATION)}
    assert described.keys() == {(table, key) for table, key, _ in every_setting()}
    wrong = [
        (table, key, described[table, key])
        for table, key, field in every_setting()
        if described[table, key] != expected_default(field.is_required(), field.default)
        and not (field.default is None and described[table, key] in IN_WORDS)
    ]
    assert wrong == []


def expected_default(required: bool, default: object) -> str:
    if required:
        return "required"
    if isinstance(default, Path):
        default = default.as_posix()
    if isinstance(default, float) and default.is_integer() and default != 1:
        default = int(default)
    return f"`{json.dumps(default)}`"


def test_every_table_of_settings_has_a_heading_of_its_kind() -> None:
    """``[[x]]`` for what may stand there many times, ``[x]`` for the rest."""
    for name, field in Settings.model_fields.items():
        many = "tuple" in str(field.annotation)
        assert f"## `[[{name}]]`" in CONFIGURATION if many else f"## `[{name}]`" in CONFIGURATION


def test_every_kind_of_error_is_in_the_tree_of_errors() -> None:
    """The drawing at the top of errors.py is the tree."""
    drawn = errors.__doc__ or ""
    assert [
        kind.__name__
        for kind in errors.DigestError.__subclasses__()
        if kind.__module__ == "digest.errors" and kind.__name__ not in drawn
    ] == []


def test_the_readme_can_be_read_in_one_go() -> None:
    """At most 150 lines, with the two commands that start everything."""
    assert len(README.splitlines()) <= 150
    assert "\n    make demo\n" in README
    assert "\n    make test\n" in README


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A link to a file of this project names one that is there."""
    targets = [target.partition("#")[0] for target in LINK.findall(page.read_text(encoding="utf-8"))]
    missing = [
        target for target in targets if target and ":" not in target and not (page.parent / target).exists()
    ]
    assert missing == []


def test_no_page_or_file_names_a_registry_or_a_path_of_one_machine() -> None:
    """The project is at home anywhere."""
    found = []
    for path in PUBLISHED:
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [
            f"{path.relative_to(ROOT)}: {match}"
            for match in REGISTRY_HOSTS.findall(text) + MACHINE_PATHS.findall(text)
        ]
    assert found == []


# ── controls ─────────────────────────────────────────────────────────────────────────────────────


def test_commands_are_found_in_full_and_in_lists() -> None:
    """Control: what is named is found, and nothing else."""
    assert documented("| `digest skip`, `pause`, `resume` | hold |") == {
        "digest skip",
        "digest pause",
        "digest resume",
    }
    assert documented("    .venv/bin/digest init ~/x   # digest check") == {"digest init"}
    assert documented("| `digest sources`, `sources add URL` |") == {"digest sources add"}
    assert documented("you may pause and `resume` it") == set()


def test_a_registry_and_a_machine_path_are_found() -> None:
    """Control: the patterns can match, and leave a web address alone."""
    slash = "/"
    assert REGISTRY_HOSTS.search("https://py" + "pi.org/simple")
    assert MACHINE_PATHS.findall(f"see {slash}work{slash}main and {slash}home{slash}me") == [
        f"{slash}work{slash}main",
        f"{slash}home{slash}me",
    ]
    assert not MACHINE_PATHS.findall("https://blog.example.org/home/page ~/home/me ../home/me")
