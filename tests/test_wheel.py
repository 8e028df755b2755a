"""The wheel: installed without the checkout, it has everything that the demo needs."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="hatchling builds the wheel: make test installs it")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the checkout, without the network."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, text=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``digest`` as pip installs it from the wheel, beside the dependencies of this environment."""
    home = tmp_path_factory.mktemp("fresh")
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    install = ["-m", "pip", f"--python={python}", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([sys.executable, *install], check=True, capture_output=True, text=True)
    site = next(home.glob("lib/python*/site-packages"))
    # A path file adds a folder but does not run the path files in it, so that an editable install stays out.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home / "bin" / "digest"


def run(command: Path, *words: str, folder: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DIGEST_", "PYTHON"))}
    ran = subprocess.run([command, *words], cwd=folder, env=clean, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def test_it_holds_what_is_no_python(wheel: Path) -> None:
    """Templates, strings, words, the example config.toml, migrations and the demo's samples; and no tests."""
    names = zipfile.ZipFile(wheel).namelist()
    for part in (
        "digest/_templates/config.toml",
        "digest/_templates/email/issue.mjml.j2",
        "digest/_templates/strings/en.toml",
        "digest/_templates/words/en.toml",
        "digest/store/migrations/env.py",
        "digest/store/migrations/versions/0001_first_schema.py",
        "digest/store/migrations/versions/0019_moves.py",
        "digest/demo/samples/people.csv",
        "digest/py.typed",
    ):
        assert part in names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "feeds/", "var/"))]


def test_the_code_that_runs_is_the_wheels(command: Path, tmp_path: Path) -> None:
    """And not the checkout's, whatever this environment has installed."""
    python = command.with_name("python")
    place = run(python, "-c", "import digest; print(digest.__file__)", folder=tmp_path).strip()
    assert Path(place).is_relative_to(command.parents[1])
    assert not Path(place).is_relative_to(ROOT)


def test_the_demo_runs_away_from_the_checkout(command: Path, tmp_path: Path) -> None:
    """Every template, word and migration is found: three mails, a feed, and a summary."""
    printed = run(command, "demo", "--once", folder=tmp_path)
    assert "3 mails accepted by the inbox" in printed
    assert (tmp_path / "feeds" / "demo" / "weekly" / "atom.xml").is_file()


def test_a_new_installation_is_made_from_the_wheel(command: Path, tmp_path: Path) -> None:
    """The example config.toml comes with it."""
    run(command, "init", "mine", folder=tmp_path)
    assert "in order" in run(command, "check", folder=tmp_path / "mine")
