"""The command line: how it is found, what it prints for people and programs, and what it costs to ask for help."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from digest.cli.commands import app
from installation import Place, command, installed

HEAVY = ("sqlalchemy", "alembic", "fastapi", "pydantic", "lxml", "requests", "apscheduler", "rich", "jinja2")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("sluice", "weir", at=datetime.now(UTC))
        yield place


def commands(group: TyperGroup, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command there is, as the words that call it."""
    for name, each in group.commands.items():
        yield (*path, name)
        if isinstance(each, TyperGroup):
            yield from commands(each, (*path, name))


def root() -> TyperGroup:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return group


# ── help and usage ───────────────────────────────────────────────────────────────────────────────


def test_help_imports_nothing_heavy() -> None:
    """``digest --help`` answers at once: what opens databases and parses feeds is imported by those who need it."""
    script = (
        "import sys\nfrom digest.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("words", [(), *commands(root())], ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...]) -> None:
    """``--help`` after any command exits 0 and says in a sentence what it does."""
    ran = command(*words, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Usage: digest")
    assert ran.out.split("\n\n")[1].endswith(".")


def test_the_version_is_told() -> None:
    """``digest --version`` is for bug reports."""
    ran = command("--version")
    assert ran.code == 0
    assert ran.out.startswith("digest 0.")


@pytest.mark.parametrize(
    "words",
    [
        ("dance",),
        ("draft",),
        ("collect", "now"),
        ("collect", "--every"),
        ("send", "weekly/2026-11-22", "--dry-run", "--to", "a@example.org"),
        ("settle", "weekly/2026-11-22", "a@example.org", "perhaps"),
        ("demo", "--port", "70000"),
        ("parse", "feed.xml", "--allow", "nowhere"),
        ("sources", "add", "https://hollin.test/feed", "--weight", "0"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2(words: tuple[str, ...]) -> None:
    """A word too many, too few or unknown is told with the usage, and nothing is done."""
    ran = command(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: digest")
    assert "Error: " in ran.err


# ── where config.toml is ─────────────────────────────────────────────────────────────────────────


def test_config_may_stand_before_or_after_the_command(
    here: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """From any folder: ``--config`` with the file or its folder, else $DIGEST_CONFIG, else ./config.toml."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for ran in (
        command("--config", here.path, "sources", "--json", folder=elsewhere),
        command("sources", "--config", here.path, "--json", folder=elsewhere),
        command("sources", "--config", here.folder, "--json", folder=elsewhere),
        command("sources", "--json", folder=elsewhere, DIGEST_CONFIG=str(here.path)),
        command("sources", "--json", folder=here.folder),
    ):
        assert (ran.code, ran.err) == (0, "")
        assert [row["slug"] for row in ran.rows] == ["hollin"]


def test_config_stands_before_a_command_of_a_group_as_well(here: Place, tmp_path: Path) -> None:
    """``digest sources --config X add URL`` adds to X, and never to what lies in this folder."""
    other = tmp_path / "other"
    other.mkdir()
    with installed(other) as nearer:
        ran = command(
            "sources",
            "--config",
            here.path,
            "add",
            "https://ferry.test/feed",
            "--unchecked",
            folder=nearer.folder,
        )
        assert ran.code == 0, ran
        assert "ferry-test" in here.done("sources").out
        assert "ferry-test" not in nearer.done("sources").out


def test_config_after_the_command_wins(here: Place) -> None:
    """The word nearest to the command is meant; an installation that is not there is an error, not a fallback."""
    assert command("--config", "nowhere.toml", "sources", "--config", here.path).code == 0
    ran = command("--config", here.path, "sources", "--config", "nowhere.toml")
    assert (ran.code, ran.out) == (1, "")
    assert "--config names nowhere.toml, which does not exist" in ran.err


def test_a_folder_without_config_says_how_to_make_one(tmp_path: Path) -> None:
    """The first sentence that a newcomer may meet."""
    ran = command("collect", folder=tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "There is no config.toml in this folder: make an installation with `digest init DIR`, "
        "or name one with --config or $DIGEST_CONFIG.\n"
    )


# ── what is printed ──────────────────────────────────────────────────────────────────────────────


def test_every_command_that_prints_data_takes_json(here: Place) -> None:
    """One JSON object a line and nothing else, whatever the command."""
    here.subscribe("ada@example.org")
    issue = here.drafted()
    asked = [
        ("collect", "--all"),
        ("sources",),
        ("theme", "list"),
        ("posts", "held"),
        ("subscribers", "list"),
        ("subscribers", "import", here.folder / "people.csv"),
        ("draft", "weekly", "--now"),
        ("show", issue),
        ("approve", issue),
        ("publish", issue),
        ("send", issue, "--dry-run"),
        ("send", issue, "--to", "bo@example.org"),
        ("send", issue),
        ("check",),
    ]
    for words in asked:
        printed = here.done(*words, "--json").out.splitlines()
        assert all(isinstance(json.loads(line), dict) for line in printed), words
        assert printed or words == ("posts", "held")


def test_an_issue_for_a_program_keeps_its_keys(here: Place) -> None:
    """What docs/formats.md says of ``digest show ISSUE --json``; times end in Z."""
    issue = here.published()
    shown = here.done("show", issue, "--json").data
    assert list(shown) == [
        "id", "state", "number", "version", "next", "approved_at", "published_at", "skipped_why", "send",
        "in_doubt", "document",
    ]  # fmt: skip
    assert (shown["id"], shown["state"], shown["number"], shown["version"]) == (issue, "published", 1, 1)
    for key in ("approved_at", "published_at"):
        assert datetime.strptime(str(shown[key]), "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007


def test_a_table_in_a_pipe_keeps_each_row_on_one_line(here: Place) -> None:
    """However long a cell is, so that grep finds what belongs together."""
    url = f"https://ferry.test/{'quay/' * 40}feed"
    here.done("sources", "add", url, "--unchecked", "--slug", "ferry", "--title", "On the\nquay")
    (row,) = [line for line in here.done("sources").out.splitlines() if line.startswith("ferry")]
    assert "On the quay" in row
    here.blog.status = "503 Service Unavailable"
    ran = here.digest("collect", "--all")
    assert [line.split()[0] for line in ran.out.splitlines()[2:]] == ["ferry", "hollin"]
    assert all(line == line.rstrip() for line in ran.out.splitlines())


def test_an_editor_reads_an_issue_on_a_terminal(here: Place) -> None:
    """Themes, titles, why each post is there, its quotes with speakers, and what comes next."""
    issue = here.drafted()
    shown = here.done("show", issue).out
    for part in (
        "WATER",
        "The sluice",
        "why: ",
        "— Ines Varga",
        "waits for approval",
        f"digest approve {issue}",
    ):
        assert part in shown
