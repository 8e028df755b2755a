"""What is in packaging/: built the same twice, and in order where a machine can tell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup

from digest.cli.commands import app
from digest.config.environment import given

ROOT = Path(__file__).parents[1]
PACKAGING = ROOT / "packaging"
UNITS = sorted((PACKAGING / "systemd").glob("*.service"))
CONTAINERFILE = (PACKAGING / "Containerfile").read_text(encoding="utf-8")
BINARY = "/opt/digest/bin/digest"
VARIABLE = re.compile(r"\b(DIGEST_[A-Z_]+)[=:]\s*([^\s\\]+)")

# Of the compose specification: what we use, and so what another version of it must know.
SERVICE_KEYS = {
    "build",
    "cap_drop",
    "command",
    "depends_on",
    "deploy",
    "environment",
    "healthcheck",
    "image",
    "networks",
    "ports",
    "profiles",
    "read_only",
    "restart",
    "secrets",
    "security_opt",
    "stop_grace_period",
    "tmpfs",
    "volumes",
}


# ── the wheel ────────────────────────────────────────────────────────────────────────────────────


def _built(folder: Path) -> str:
    """The hash of a wheel that is built from a copy of the sources in a folder of its own."""
    for name in ("src", "templates", "packaging"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "config.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, folder / name)
    for path in folder.rglob("*"):
        os.utime(path, (1_700_000_000 + len(folder.name), 1_700_000_000 + len(folder.name)))
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"]
    epoch = {"SOURCE_DATE_EPOCH": "1767225600"}
    subprocess.run(build, cwd=folder, check=True, capture_output=True, text=True, env=os.environ | epoch)
    (wheel,) = (folder / "dist").glob("*.whl")
    return sha256(wheel.read_bytes()).hexdigest()


def test_two_builds_of_the_same_sources_are_the_same_bytes(tmp_path: Path) -> None:
    """In other folders, from files of other ages: whoever builds it again can tell that ours is what it says."""
    pytest.importorskip("hatchling", reason="hatchling builds the wheel: make test installs it")
    folders = [tmp_path / "one", tmp_path / "a-longer-name"]
    for folder in folders:
        folder.mkdir()
    assert len({_built(folder) for folder in folders}) == 1


# ── settings by environment ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(PACKAGING.rglob("*")) if path.is_file() and path.suffix != ".sh"],
    ids=lambda path: path.name,
)
def test_every_setting_that_is_named_in_packaging_is_one(path: Path) -> None:
    """A variable that names none would keep digest from starting."""
    found = dict(VARIABLE.findall(path.read_text(encoding="utf-8")))
    assert given(found) is not None


def test_the_container_keeps_what_it_writes_in_one_place() -> None:
    """With a root that is read-only: every path that digest writes to is set, and below the volume."""
    found = dict(VARIABLE.findall(CONTAINERFILE))
    written = {name: value for name, value in found.items() if "/" in value and name != "DIGEST_CONFIG"}
    assert len(written) >= 6
    assert all("/var/lib/digest" in value for value in written.values())


# ── the container ────────────────────────────────────────────────────────────────────────────────


def test_the_container_is_not_root_and_tells_how_it_is() -> None:
    """It runs as a user of its own, whose number stays, and is asked by /readyz."""
    lines = CONTAINERFILE.splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]
    assert "/readyz" in CONTAINERFILE
    assert sum(line.startswith("FROM ") for line in lines) == 2
    assert "--require-hashes" in CONTAINERFILE


def test_what_the_container_copies_is_there() -> None:
    """And is let in by .dockerignore: else a build would stop at its end."""
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [
        name
        for line in CONTAINERFILE.splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for name in line.split()[1:-1]
    ]
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert set(copied) == let_in


# ── compose ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def compose() -> Mapping[str, Any]:
    """The file, read."""
    yaml = pytest.importorskip("yaml")
    loaded: Mapping[str, Any] = yaml.safe_load((PACKAGING / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def test_compose_uses_only_keys_that_compose_knows(compose: Mapping[str, Any]) -> None:
    """A slip in a key would be refused."""
    assert set(compose) <= {"name", "services", "networks", "volumes", "secrets", "x-digest"}
    assert {key for service in compose["services"].values() for key in service} <= SERVICE_KEYS


@pytest.mark.parametrize("kind", ["networks", "secrets"])
def test_what_a_service_uses_is_declared(compose: Mapping[str, Any], kind: str) -> None:
    """And nothing is declared that nobody uses."""
    used = {name for service in compose["services"].values() for name in service.get(kind, ())}
    assert used == set(compose[kind])


def test_every_volume_is_declared_and_every_file_there(compose: Mapping[str, Any]) -> None:
    """But etc/ and secrets/, which each installation makes for itself."""
    mounts = [
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
    ]
    assert {name for name in mounts if not name.startswith(".")} == set(compose["volumes"])
    files = {name for name in mounts if name.startswith("./") and name != "./etc"}
    assert [name for name in files if not (PACKAGING / name).exists()] == []


def test_every_command_of_compose_and_systemd_is_one() -> None:
    """The parts that they start exist."""
    told = re.findall(
        rf"^ExecStart={BINARY} (\w+)", "".join(unit.read_text() for unit in UNITS), re.MULTILINE
    )
    told += re.findall(r"command: \[(\w+)\]", (PACKAGING / "compose.yaml").read_text())
    assert len(told) >= 8
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    assert set(told) <= set(group.commands)


def test_the_database_of_compose_is_reached_from_inside_only(compose: Mapping[str, Any]) -> None:
    """No port of it is published, and its network leads nowhere."""
    database = compose["services"]["database"]
    assert database["networks"] == ["inside"]
    assert "ports" not in database
    assert compose["networks"]["inside"]["internal"] is True


# ── systemd and nginx, where they are installed ──────────────────────────────────────────────────


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units, with a program that is there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze")
    folder = tmp_path_factory.mktemp("units")
    for path in (*UNITS, *(PACKAGING / "systemd").glob("*.timer")):
        (folder / path.name).write_text(path.read_text(encoding="utf-8").replace(BINARY, "/bin/true"))
    return folder


def _asked(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], cwd=folder, capture_output=True, text=True, timeout=60)


def test_systemd_finds_nothing_wrong_with_the_units(units: Path) -> None:
    """Every key is known, every value of its kind."""
    ran = _asked(units, "verify", *(f"./{path.name}" for path in sorted(units.iterdir())))
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_may_do_little(units: Path, unit: Path) -> None:
    """As systemd counts it: 10 is everything, and below 2.5 few services are."""
    ran = _asked(units, "security", "--offline=true", "--threshold=25", "--no-pager", f"./{unit.name}")
    assert ran.returncode == 0, ran.stdout[-300:]


def test_a_unit_that_may_do_anything_is_found(units: Path) -> None:
    """Control: the measure can fail."""
    (units / "open.service").write_text("[Service]\nExecStart=/bin/true\n")
    ran = _asked(units, "security", "--offline=true", "--threshold=25", "--no-pager", "./open.service")
    (units / "open.service").unlink()
    assert ran.returncode != 0


def test_nginx_reads_its_file(tmp_path: Path) -> None:
    """Where it is installed: the names of other machines stand for this one."""
    if shutil.which("nginx") is None:
        pytest.skip("needs nginx")
    text = (PACKAGING / "nginx.conf").read_text(encoding="utf-8").replace("app:8000", "127.0.0.1:8000")
    (tmp_path / "site.conf").write_text(text)
    whole = f"pid {tmp_path}/pid; events {{}} http {{ include {tmp_path}/site.conf; }}"
    (tmp_path / "nginx.conf").write_text(whole)
    ran = subprocess.run(
        ["nginx", "-t", "-e", tmp_path / "error.log", "-c", tmp_path / "nginx.conf"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
