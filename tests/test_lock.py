"""The locks: every dependency is pinned with hashes, satisfies pyproject.toml, and no index is named."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
INDEX = re.compile(
    r"--(?:extra-)?index-url|--find-links|--trusted-host|index-url\s*=|https?://\S*(?:/simple|pypi)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Pin:
    """One locked package."""

    name: str
    version: Version
    hashes: int


def pins(text: str) -> list[Pin]:
    """The packages of a lock; a line that is no pin, comment, hash or continuation is a mistake."""
    found = []
    for entry in re.sub(r"\\\n", " ", text).splitlines():
        line = entry.split(" #")[0].strip()
        if not line or line.startswith("#"):
            continue
        match = PIN.match(line)
        assert match, f"{line!r} is not pinned"
        found.append(Pin(canonicalize_name(match[1]), Version(match[2]), len(HASH.findall(line))))
    return found


def locked(name: str) -> dict[str, list[Pin]]:
    found: dict[str, list[Pin]] = {}
    for pin in pins((ROOT / name).read_text(encoding="utf-8")):
        found.setdefault(pin.name, []).append(pin)
    return found


def unmet(requirements: list[str], lock: dict[str, list[Pin]]) -> list[str]:
    """The requirements that a lock does not have, or has in a version that will not do."""
    found = []
    for requirement in map(Requirement, requirements):
        versions = [pin.version for pin in lock.get(canonicalize_name(requirement.name), [])]
        if not any(requirement.specifier.contains(version, prereleases=True) for version in versions):
            found.append(str(requirement))
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(name: str) -> None:
    """What is installed is what was looked at."""
    lock = locked(name)
    assert len(lock) > 10
    assert [pin.name for found in lock.values() for pin in found if not pin.hashes] == []


def test_what_digest_needs_is_locked() -> None:
    """With what its build needs, for nothing is asked of an index while it is installed."""
    build = PROJECT["build-system"]["requires"]
    assert unmet([*PROJECT["project"]["dependencies"], *build], locked("requirements.lock")) == []


def test_what_its_tests_need_is_locked() -> None:
    """In the lock for development."""
    assert unmet(PROJECT["dependency-groups"]["dev"], locked("requirements-dev.lock")) == []


def test_the_two_locks_agree() -> None:
    """A package in both has the same version in both."""
    run, dev = locked("requirements.lock"), locked("requirements-dev.lock")
    differing = {
        name
        for name in run.keys() & dev.keys()
        if {p.version for p in run[name]} != {p.version for p in dev[name]}
    }
    assert differing == set()


@pytest.mark.parametrize("name", [*LOCKS, "pyproject.toml", "Makefile", ".ci/run", ".ci/package.json"])
def test_no_index_is_named(name: str) -> None:
    """Where packages come from is for each machine to say."""
    assert INDEX.findall((ROOT / name).read_text(encoding="utf-8")) == []


def test_the_tools_of_npm_are_of_one_version_each() -> None:
    """A new release of one of them changes no result of ours overnight."""
    tools = json.loads((ROOT / ".ci" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert tools
    assert [name for name, version in tools.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_an_unlocked_or_unfit_requirement_is_found() -> None:
    """Control: the comparison can fail."""
    lock = {"present": [Pin("present", Version("1.5"), 1)]}
    assert unmet(["present>=1,<2", "Present"], lock) == []
    assert unmet(["present>=2", "absent"], lock) == ["present>=2", "absent"]


def test_a_pin_without_a_hash_and_a_line_without_a_pin_are_found() -> None:
    """Control: the reading of a lock can fail."""
    text = (
        "one==1.0 \\\n    --hash=sha256:"
        + "0" * 64
        + "\n    # via two\ntwo[extra]==2.0 ; python_version < '4'\n"
    )
    assert [(pin.name, pin.hashes) for pin in pins(text)] == [("one", 1), ("two", 0)]
    with pytest.raises(AssertionError, match="is not pinned"):
        pins("three>=3\n")


@pytest.mark.parametrize(
    "line", ["--index-url https://mirror.invalid/", "--extra-index-url x", "https://mirror.invalid/simple/"]
)
def test_an_index_is_found(line: str) -> None:
    """Control: the pattern can match."""
    assert INDEX.search(line)
