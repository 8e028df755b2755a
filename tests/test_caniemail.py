"""Mail programs' support, by npm's caniemail where it is installed."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.caniemail import PROGRAMS, support
from installation import command, installed
from node_tools import FOLDER, package

needs_node = pytest.mark.skipif(
    package("caniemail") is None or shutil.which("node") is None, reason="needs Node and make node"
)
PAGE = '<!doctype html><html><body><p style="mix-blend-mode: multiply; color: #111111">Word</p></body></html>'


@needs_node
def test_a_feature_names_the_programs_that_lack_it() -> None:
    """Every feature is told, and those that only some programs know with who does not."""
    known = support(PAGE, FOLDER)
    assert known.skipped == ""
    (blend,) = (each for each in known.gaps if each.title == "mix-blend-mode")
    assert "Outlook for Windows" in blend.without
    assert {*blend.without, *blend.partly} <= PROGRAMS.keys()
    assert str(blend).startswith("mix-blend-mode: not in ")
    assert len(known.features) > len(known.gaps)


@needs_node
@pytest.mark.parametrize("page", ["", "<style>a{b:", "<p style='" + "x:y;" * 20_000, "<" * 10_000, "\x00"])
def test_a_page_that_is_none_is_no_crash(page: str) -> None:
    """The answer is what was found, or one sentence why nothing was."""
    known = support(page, FOLDER)
    assert len(known.skipped.splitlines()) <= 1


def test_without_the_package_it_is_one_sentence(tmp_path: Path) -> None:
    """Nobody needs Node to send a newsletter."""
    known = support(PAGE, tmp_path)
    assert known.features == ()
    assert known.skipped == "Mail programs' support was not checked: install Node, and run make node."


def test_a_package_of_another_kind_is_one_sentence(tmp_path: Path) -> None:
    """A release whose data has another form costs the check and nothing else."""
    if shutil.which("node") is None:
        pytest.skip("needs Node")
    main = tmp_path / "node_modules" / "caniemail" / "dist" / "index.js"
    main.parent.mkdir(parents=True)
    main.write_text("exports.rawData = {};", encoding="utf-8")
    known = support(PAGE, tmp_path)
    assert known.features == ()
    assert known.skipped.startswith(
        "Mail programs' support was not checked: caniemail could not read the mail"
    )


@needs_node
def test_lint_tells_what_programs_lack(tmp_path: Path) -> None:
    """A mail whose rules are kept is no error because a program is old."""
    with installed(tmp_path) as here:
        here.blog.write("mill", at=datetime.now(UTC))
        issue = here.drafted()
        ran = command("--config", here.path, "lint", issue, "--no-links", "--json", DIGEST_NODE=str(FOLDER))
    assert (ran.code, ran.data["skipped"]) == (0, "")
    assert ran.data["support"]
