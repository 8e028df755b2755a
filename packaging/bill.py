"""What digest is made of: every locked package, its version, its licence, and what it needs.

    python packaging/bill.py              a bill of materials (CycloneDX 1.6, JSON) of what is installed of the lock
    python packaging/bill.py --licences   a line a package

The lock says which packages; their own metadata, as installed, say the rest. The same lock makes the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
PROJECT = "digest-pipeline"

_ENTRY = re.compile(r"^[A-Za-z0-9]")
# What metadata say that have no SPDX expression yet: the end of a classifier, or the field "License".
_WORDS = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "FreeBSD and LGPLv3+": "BSD-2-Clause OR LGPL-3.0-or-later",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
_SPDX = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR) [A-Za-z0-9.+-]+)*")


@dataclass(frozen=True, slots=True)
class Package:
    """A package that runs with digest; ``licence`` is an SPDX expression, or "" where nobody can tell."""

    name: str
    version: str
    licence: str
    needs: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its name in every bill of materials (package-url)."""
        return f"pkg:pypi/{self.name}@{self.version}"


def locked(lock: Path = LOCK) -> Iterator[Requirement]:
    """The pins of a lock that are meant for this machine."""
    for entry in re.sub(r"\\\n", " ", lock.read_text(encoding="utf-8")).splitlines():
        if _ENTRY.match(entry):
            requirement = Requirement(entry.partition("--hash")[0].strip())
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement


def packages(lock: Path = LOCK) -> tuple[Package, ...]:
    """What is installed of a lock, by name.

    Raises:
        importlib.metadata.PackageNotFoundError: something of it is not.
    """
    names = {canonicalize_name(requirement.name) for requirement in locked(lock)}
    return tuple(_package(name, names) for name in sorted(names))


def _package(name: str, locked_names: set[str]) -> Package:
    found = metadata.distribution(name)
    needed = {canonicalize_name(Requirement(each).name) for each in found.requires or ()}
    return Package(name, found.version, licence(found.metadata), tuple(sorted(needed & locked_names)))


def licence(said: metadata.PackageMetadata) -> str:
    """The licence that a package's metadata give, as an SPDX expression; "" where they do not, or nobody knows it."""
    if expression := said.get("License-Expression"):
        return expression
    words = (said.get("License") or "").strip()
    if words in _WORDS:
        return _WORDS[words]
    if words and len(words) < 60 and _SPDX.fullmatch(words):
        return words
    classified = (
        each.rpartition(" :: ")[2] for each in said.get_all("Classifier") or () if each.startswith("License")
    )
    known = [_WORDS[each] for each in classified if each in _WORDS]
    return " OR ".join(known)


def bill(found: tuple[Package, ...], version: str) -> dict[str, object]:
    """A CycloneDX 1.6 document; its serial number follows from what is in it."""
    us = f"pkg:pypi/{PROJECT}@{version}"
    direct = {canonicalize_name(Requirement(each).name) for each in _project()["dependencies"]}
    purls = {package.name: package.purl for package in found}
    components = [_component(package) for package in found]
    needed = [{"ref": us, "dependsOn": sorted(purls[name] for name in direct & purls.keys())}]
    needed += [
        {"ref": package.purl, "dependsOn": sorted(purls[name] for name in package.needs)} for package in found
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, json.dumps(components) + us)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": us,
                "name": PROJECT,
                "version": version,
                "purl": us,
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": components,
        "dependencies": needed,
    }


def _component(package: Package) -> dict[str, object]:
    told = {"licenses": [{"expression": package.licence}]} if package.licence else {}
    return {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        **told,
    }


def _project() -> dict[str, list[str]]:
    project: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    return project


def main() -> None:
    """Print what is asked for."""
    found = packages()
    if "--licences" in sys.argv[1:]:
        lines = [f"{package.name} {package.version}: {package.licence or 'unknown'}" for package in found]
        sys.stdout.write("\n".join(lines) + "\n")
        return
    sys.stdout.write(json.dumps(bill(found, str(_project()["version"])), indent=2) + "\n")


if __name__ == "__main__":
    main()
