"""The description of the API is exact: requests made from it are answered as it says, by the real application.

The short form is a few requests for each operation; `make api-check` makes thousands, and walks from answer to request.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import Api, drafted_in
from digest.model import Role

LONG = os.environ.get("DIGEST_API") == "long"
CONFIG = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with drafted_in(tmp_path_factory.mktemp("api")) as api:
        yield api


@pytest.fixture(scope="module")
def described(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.stranger().get("/openapi.json").json()  # a description is nobody's secret
    return found


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_answers_are_as_described(api: Api, tmp_path: Path) -> None:
    """Schemathesis finds nothing: no status, header or body that the description does not have, no odd request that passes."""
    how = ["--max-examples", "60"] if LONG else ["--max-examples", "2", "--phases", "fuzzing"]
    token = f"Authorization: Bearer {api.client(*Role).token}"
    program = Path(sys.executable).with_name("schemathesis")
    which = ["--config-file", str(CONFIG), "run", f"{api.url}/openapi.json", "--url", api.url, "-H", token]
    seed = ["--seed", "1"] if os.environ.get("DIGEST_TEST_SAME") else []
    ran = subprocess.run(
        [program, *which, *how, *seed, "--no-color"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-8_000:]


def test_it_is_openapi_3_1_and_names_every_refusal(described: dict[str, Any]) -> None:
    """Each of them as a problem (RFC 9457), and how long to wait where that helps."""
    assert described["openapi"].startswith("3.1")
    for name, operation in operations(described):
        answers = operation["responses"]
        assert {"401", "403", "422", "429", "503"} <= answers.keys(), name
        for status, answer in answers.items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (name, status)
        assert "Retry-After" in answers["429"]["headers"], name
        assert operation["security"] == [{"token": []}], name


def test_every_operation_says_what_it_does_and_has_a_name_of_its_own(described: dict[str, Any]) -> None:
    """Programs make functions of the names."""
    found = dict(operations(described))
    assert all(operation["summary"] and operation["x-roles"] for operation in found.values())
    assert len({operation["operationId"] for operation in found.values()}) == len(found)


def test_the_command_prints_the_same(api: Api, described: dict[str, Any]) -> None:
    """So that a program can be made where nothing is served."""
    assert json.loads(api.place.done("api", "describe").out) == described
