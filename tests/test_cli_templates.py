"""`digest templates`: an editor finds the file that says how something looks, and gets a copy to change."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.resources import Resources
from installation import Place, command, installed


@pytest.fixture
def place(tmp_path: Path) -> Place:
    with installed(tmp_path, publish='templates_dir = "mine"') as place:
        (tmp_path / "mine").mkdir()
        return place


def test_a_copy_is_ours_to_the_byte_and_is_used_from_then_on(place: Place) -> None:
    """Copied, changed, and listed as the user's own."""
    place.done("templates", "copy", "email/foot.mjml.j2", "strings/en.toml")
    copied = place.folder / "mine" / "email" / "foot.mjml.j2"
    assert copied.read_bytes() == Resources().files["email/foot.mjml.j2"].read_bytes()
    listed = {row["name"]: row["yours"] for row in place.done("templates", "list", "--json").rows}
    assert {name for name, yours in listed.items() if yours} == {"email/foot.mjml.j2", "strings/en.toml"}
    assert listed.keys() == Resources().files.keys()


def test_a_file_of_the_users_own_is_never_replaced(place: Place) -> None:
    """Nor is anything copied where one of several cannot be."""
    place.done("templates", "copy", "email/foot.mjml.j2")
    mine = place.folder / "mine" / "email" / "foot.mjml.j2"
    mine.write_text("<mj-text>Ours</mj-text>", encoding="utf-8")
    ran = place.digest("templates", "copy", "email/pick.mjml.j2", "email/foot.mjml.j2")
    assert (ran.code, ran.out) == (1, "")
    assert f"{mine} is there and stays as it is" in ran.err
    assert mine.read_text(encoding="utf-8") == "<mj-text>Ours</mj-text>"
    assert not (place.folder / "mine" / "email" / "pick.mjml.j2").exists()


@pytest.mark.parametrize("name", ["email/nothing.j2", "../config.toml", "/etc/hostname"])
def test_only_what_is_listed_can_be_copied(place: Place, name: str) -> None:
    """The sentence says where the names are."""
    ran = place.digest("templates", "copy", name)
    assert (ran.code, ran.err) == (
        1,
        f"There is no template {name}; digest templates list has their names.\n",
    )


def test_without_a_folder_of_ones_own_the_sentence_says_how_to_name_one(tmp_path: Path) -> None:
    """What, where, and what to do."""
    with installed(tmp_path) as place:
        ran = command("templates", "copy", "email/foot.mjml.j2", "--config", place.path)
    assert ran.code == 1
    assert 'templates_dir = "mine" under [publish]' in ran.err
