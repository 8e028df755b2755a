"""`digest editors token` and `digest serve`: a program is let in, and let in no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from installation import Place, installed, process
from mail_servers import free_port

MIRA = "mira@hollin.test"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with installed(tmp_path_factory.mktemp("tokens"), port=free_port()) as place:
        place.done("editors", "add", MIRA, "--role", "editor", "--role", "viewer")
        yield place


def test_a_token_is_printed_once_and_lets_a_program_in_until_it_is_removed(place: Place) -> None:
    """The API stands beside the pages of readers, wherever those are served."""
    given = place.done(
        "editors", "token", "add", MIRA, "reports", "--role", "viewer", "--days", "9", "--json"
    ).data
    serving = process("--config", place.path, "serve", folder=place.folder)
    try:
        assert serving.stdout
        url = serving.stdout.readline().removeprefix("Serving at ").strip()
        headers = {"Authorization": f"Bearer {given['token']}"}
        me = requests.get(f"{url}api/v1/me", headers=headers, timeout=20).json()
        assert (me["address"], me["roles"], me["token"]) == (MIRA, ["viewer"], "reports")
        place.done("editors", "token", "remove", MIRA, given["number"])
        assert requests.get(f"{url}api/v1/me", headers=headers, timeout=20).status_code == 401
    finally:
        serving.terminate()
        serving.communicate()


def test_tokens_are_listed_with_what_they_may_do_and_never_themselves(place: Place) -> None:
    """Of one editor, or of all."""
    secret = place.done("editors", "token", "add", MIRA, "the site").out.split()[0]
    assert secret.startswith("digest_")
    (row,) = place.done("editors", "token", "list", MIRA, "--json").rows
    assert (row["name"], row["roles"], row["used_at"]) == ("the site", ["editor", "viewer"], None)
    assert secret not in place.done("editors", "token", "list").out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("add", "nobody@hollin.test", "x"), "No editor has the address"),
        (("add", MIRA, " "), "needs a name"),
        (("add", MIRA, "x", "--role", "admin"), "can be no more: not admin"),
        (("add", MIRA, "x", "--role", "king"), "There is no role"),
        (("remove", MIRA, "99"), "has no token 99"),
    ],
)
def test_a_mistake_is_a_sentence(place: Place, words: tuple[str, ...], sentence: str) -> None:
    """And nothing is given."""
    ran = place.digest("editors", "token", *words)
    assert (ran.code, sentence in ran.err) == (1, True)
