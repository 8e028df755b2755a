"""Settings at the desk: what is in force, on which line it stands, and no secret of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk import Browser, Desk, desk_of
from digest import config
from digest.config import Origin, Stated
from digest.model import Role
from installation import Place, installed


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with installed(tmp_path_factory.mktemp("desk")) as place:
        yield place


@pytest.fixture(scope="module")
def desk(place: Place) -> Iterator[Desk]:
    with desk_of(place) as desk:
        yield desk


@pytest.fixture(scope="module")
def viewer(desk: Desk) -> Browser:
    return desk.browser(Role.VIEWER)


def of_file(path: Path, environ: dict[str, str] | None = None) -> dict[str, Stated]:
    """Every setting by its table and key."""
    tables = config.stated(path, config.load(path), environ or {})
    return {
        f"{table.name} {table.what} {each.key}".replace("  ", " "): each
        for table in tables
        for each in table.settings
    }


def test_each_setting_shows_its_value_and_its_line(place: Place, viewer: Browser) -> None:
    """As it stands in the file that a person opens."""
    page = viewer.get("settings").text
    lines = place.path.read_text().splitlines()
    for key, value in (("slug", '"weekly"'), ("postal", '"Hollin Editors, 2 Mill Lane, Hollin"')):
        (line,) = [number for number, text in enumerate(lines, 1) if text == f"{key} = {value}"]
        shown = value.replace('"', "&#34;")
        assert re.search(
            rf'<code>{key}</code></th><td><code><bdi>{shown}</bdi></code></td><td data-label="Said in">line {line}<',
            page,
        )
    assert re.search(
        r"<code>max_picks</code></th><td><code><bdi>12</bdi></code></td><td[^>]*><span[^>]*>as usual", page
    )
    assert "<bdi>water</bdi>" in page


def test_no_secret_is_shown(
    place: Place, desk: Desk, viewer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only that it is there; a password in an address is hidden."""
    monkeypatch.setenv("DIGEST_IMAP_PASSWORD", "heron-and-reed")
    page = viewer.get("settings").text
    assert "heron-and-reed" not in page
    assert desk.installation.settings.serve.secret_file.read_text().strip() not in page
    assert "<code>$DIGEST_IMAP_PASSWORD</code></dt><dd>set</dd>" in page
    assert "<code>$DIGEST_MAIL_PASSWORD</code></dt><dd>not set</dd>" in page
    assert "the file is there" in page


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://mira:heron@db.test/digest", "postgresql+psycopg://mira:•••@db.test/digest"),
        ("postgresql+psycopg://db.test/digest?user=mira&password=heron", "user=mira&password=•••"),
    ],
)
def test_a_password_in_an_address_is_hidden(place: Place, url: str, shown: str) -> None:
    """Wherever it stands in it, though the file may have none."""
    settings = config.load(place.path)
    leaky = settings.model_copy(update={"database": settings.database.model_copy(update={"url": url})})
    said = repr(config.stated(place.path, leaky, {}))
    assert shown in said
    assert "heron" not in said


def test_a_digest_like_another_one_shows_the_lines_of_that_one(place: Place, tmp_path: Path) -> None:
    """And its own where it says something itself."""
    path = tmp_path / "config.toml"
    text = place.path.read_text()
    other = '\n[[digests]]\nslug = "daily"\nlike = "weekly"\ntitle = "Hollin every day"\nat = "07:00"\n'
    path.write_text(text + other)
    found = of_file(path)
    first, last = text.splitlines().index('zone = "Europe/Berlin"') + 1, len(text.splitlines()) + 6
    assert found["[[digests]] daily zone"].where == str(first)
    assert found["[[digests]] daily at"].where == str(last)
    assert found["[[digests]] daily max_picks"].origin is Origin.DEFAULT


def test_what_the_environment_says_is_told_by_its_variable(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes before the file."""
    monkeypatch.setenv("DIGEST_MAIL__CONNECTIONS", "3")
    found = of_file(place.path, {"DIGEST_MAIL__CONNECTIONS": "3"})["[mail] connections"]
    assert (found.value, found.origin, found.where) == ("3", Origin.ENVIRONMENT, "DIGEST_MAIL__CONNECTIONS")


def test_a_file_that_was_changed_since_the_start_is_told(place: Place, viewer: Browser) -> None:
    """Whether it can be used or not: what is in force is shown all the same."""
    before = place.path.read_text()
    assert "was changed" not in viewer.get("settings").text
    try:
        place.path.write_text(before.replace("2 Mill Lane", "3 Mill Lane"))
        assert "holds from its next start on" in viewer.get("settings").text
        place.path.write_text(before.replace('days = ["sunday"]', 'days = ["someday"]'))
        page = viewer.get("settings").text
        assert "cannot be used as it is" in page
        assert "[&#34;sunday&#34;]" in page
    finally:
        place.path.write_text(before)
