"""`digest editors`: who works at the desk, from the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from installation import Place, installed


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        yield place


def test_the_first_editor_may_do_everything_and_gets_a_link(place: Place) -> None:
    """The next ones edit and publish, unless it is said what they are."""
    first = place.done("editors", "add", "mira@hollin.test", "--name", "Mira").out
    assert "mira@hollin.test is editor, publisher and admin." in first
    assert re.search(r"http://127\.0\.0\.1:8000/desk/choose/[\w-]{43}$", first.strip())
    assert "is editor and publisher." in place.done("editors", "add", "tam@hollin.test").out
    assert "is viewer." in place.done("editors", "add", "ines@hollin.test", "--role", "viewer").out
    rows = place.done("editors", "list", "--json").rows
    assert [(row["address"], row["roles"]) for row in rows] == [
        ("ines@hollin.test", ["viewer"]),
        ("mira@hollin.test", ["editor", "publisher", "admin"]),
        ("tam@hollin.test", ["editor", "publisher"]),
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "no address"), "is no address"),
        (("add", "MIRA@hollin.test"), "is an editor already"),
        (("add", "tam@hollin.test", "--role", "king"), "There is no role 'king'"),
        (("change", "nobody@hollin.test", "--name", "X"), "No editor has the address"),
        (("change", "mira@hollin.test", "--zone", "Mars/Base"), "There is no time zone 'Mars/Base'"),
        (("remove", "nobody@hollin.test"), "No editor has the address"),
        (("link", "nobody@hollin.test"), "No editor has the address"),
    ],
)
def test_a_mistake_is_one_sentence_and_changes_nothing(
    place: Place, arguments: tuple[str, ...], sentence: str
) -> None:
    """Exit code 1; the editors are who they were."""
    place.done("editors", "add", "mira@hollin.test")
    before = place.done("editors", "list", "--json").out
    ran = place.digest("editors", *arguments)
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)
    assert sentence in ran.err
    assert place.done("editors", "list", "--json").out == before


def test_what_was_done_is_in_the_log(place: Place) -> None:
    """Of everyone, or of one."""
    place.done("editors", "add", "mira@hollin.test")
    place.done("editors", "add", "tam@hollin.test")
    place.done("editors", "change", "tam@hollin.test", "--role", "viewer", "--zone", "Europe/Berlin")
    place.done("editors", "remove", "tam@hollin.test")
    assert "let in no more" in place.done("editors", "list").out
    log = place.done("editors", "log", "tam@hollin.test", "--json").rows
    assert [(row["who"], row["action"]) for row in log] == [
        ("command line", "add editor"),
        ("command line", "change editor"),
        ("command line", "remove editor"),
    ]
    assert len(place.done("editors", "log").out.splitlines()) == 4
