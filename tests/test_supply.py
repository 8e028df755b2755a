"""What digest is made of: licences that allow it, a bill of materials, advisories, and a threat model with its tests."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from email.message import Message
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ALLOWED = frozenset(PROJECT["tool"]["digest"]["licences"]["allow"])
SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED_TEST = re.compile(r"`(test_[a-z0-9_]+\.py)(?:::(test_[a-z0-9_]+))?`")


@cache
def script(name: str) -> ModuleType:
    """A script of packaging/, loaded."""
    spec = importlib.util.spec_from_file_location(
        f"digest_packaging_{name}", ROOT / "packaging" / f"{name}.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


# ── licences ─────────────────────────────────────────────────────────────────────────────────────


def allows(expression: str) -> bool:
    """Whether an SPDX expression without brackets can be met: all of AND, one of OR, which binds less."""
    return any(
        all(part.strip() in ALLOWED for part in choice.split(" AND ")) for choice in expression.split(" OR ")
    )


def test_every_package_that_runs_with_digest_has_a_licence_that_allows_it() -> None:
    """By its own metadata; what has none that can be read is not allowed either."""
    found = script("bill").packages()
    assert len(found) > 40
    assert [
        f"{package.name}: {package.licence or 'unknown'}" for package in found if not allows(package.licence)
    ] == []


@pytest.mark.parametrize(
    "expression", ["", "AGPL-3.0-only", "MIT AND SSPL-1.0", "Commercial OR AGPL-3.0-only"]
)
def test_a_licence_that_does_not_allow_it_is_found(expression: str) -> None:
    """Control: the list can say no."""
    assert not allows(expression)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([("License-Expression", "MIT OR Apache-2.0")], "MIT OR Apache-2.0"),
        ([("License", "BSD-3-Clause")], "BSD-3-Clause"),
        ([("License", "Apache 2.0")], "Apache-2.0"),
        ([("Classifier", "License :: OSI Approved :: MIT License")], "MIT"),
        ([("License", "All of it is mine. " * 9), ("Classifier", "License :: Other")], ""),
        ([], ""),
    ],
)
def test_a_licence_is_read_wherever_metadata_have_it(fields: list[tuple[str, str]], expected: str) -> None:
    """An expression, a field, or a classifier; words that nobody knows are no licence."""
    said = Message()
    for name, value in fields:
        said[name] = value
    assert script("bill").licence(said) == expected


# ── the bill of materials ────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def sbom() -> dict[str, list[dict[str, object]]]:
    """As `make sbom` writes it."""
    ran = subprocess.run(
        [sys.executable, str(ROOT / "packaging" / "bill.py")], capture_output=True, text=True, check=True
    )
    return cast(dict[str, list[dict[str, object]]], json.loads(ran.stdout))


def test_the_bill_has_every_locked_package_once(sbom: dict[str, list[dict[str, object]]]) -> None:
    """Of those that this kind of machine runs, in the locked version."""
    wanted = {
        canonicalize_name(each.name): str(each.specifier).removeprefix("==")
        for each in script("bill").locked()
    }
    assert {str(each["name"]): each["version"] for each in sbom["components"]} == wanted
    assert len(sbom["components"]) == len(wanted)


def test_the_bill_says_what_needs_what(sbom: dict[str, list[dict[str, object]]]) -> None:
    """Each reference leads to a component, and what pyproject.toml asks for is what digest needs."""
    refs = {str(each["bom-ref"]) for each in sbom["components"]}
    (ours, *others) = sbom["dependencies"]
    assert {ref for each in sbom["dependencies"] for ref in cast(list[str], each["dependsOn"])} <= refs
    assert {str(each["ref"]) for each in others} == refs
    asked = {canonicalize_name(Requirement(each).name) for each in PROJECT["project"]["dependencies"]}
    assert {
        ref.removeprefix("pkg:pypi/").partition("@")[0] for ref in cast(list[str], ours["dependsOn"])
    } == asked


def test_the_same_lock_makes_the_same_bill(sbom: dict[str, object]) -> None:
    """Also its serial number, so two of them can be compared."""
    bill = script("bill")
    assert bill.bill(bill.packages(), PROJECT["project"]["version"]) == sbom


# ── advisories ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "code", "expected", "told"),
    [
        ("No known vulnerabilities found", 0, 0, "No known vulnerabilities"),
        ("Found 1 known vulnerability in 1 package", 1, 1, "Found 1 known"),
        ("requests.exceptions.ConnectionError: Max retries exceeded", 1, 3, "nothing is known"),
    ],
)
def test_an_audit_says_whether_it_could_ask(
    tmp_path: Path, said: str, code: int, expected: int, told: str
) -> None:
    """Nothing found, something found, and nobody asked are three things."""
    program = tmp_path / "pip-audit"
    program.write_text(f"#!/bin/sh\necho '{said}'\nexit {code}\n")
    program.chmod(0o755)
    words = [sys.executable, str(ROOT / "packaging" / "audit.py"), str(program)]
    ran = subprocess.run(words, capture_output=True, text=True)
    assert ran.returncode == expected
    assert told in ran.stdout


# ── SECURITY.md ──────────────────────────────────────────────────────────────────────────────────


def rows() -> list[str]:
    """The rows of the threat model."""
    return [
        line for line in SECURITY.splitlines() if line.startswith("| ") and not line.startswith("| threat")
    ]


def test_every_threat_names_a_test() -> None:
    """What no test covers is only a promise."""
    assert len(rows()) > 40
    assert [row for row in rows() if not NAMED_TEST.search(row)] == []


def test_every_test_that_security_names_exists() -> None:
    """And is a test of that file."""
    missing = []
    for file, name in NAMED_TEST.findall(SECURITY):
        path = ROOT / "tests" / file
        if not path.is_file() or (name and name not in functions(path)):
            missing.append(f"{file}::{name}")
    assert missing == []


@cache
def functions(path: Path) -> frozenset[str]:
    """The tests in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
