"""Sources at the desk: how each is, trying an address before it is followed; and the log of everything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import loopback
from desk import Desk, desk_of
from digest import store
from digest.model import Role
from digest.pipeline.posts import collect
from digest.store.database import reading
from installation import NOW, Blog, Place, installed


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("mill", at=NOW - timedelta(hours=1))
        yield place


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    with desk_of(place) as desk:
        list(collect.collect(desk.installation, desk.clock))
        yield desk


@pytest.fixture
def other(place: Place) -> Iterator[str]:
    """The feed of another blog."""
    blog = Blog()
    blog.write("dam", at=NOW - timedelta(hours=2))
    with loopback.serve(blog.answer) as server:
        text = place.path.read_text()
        place.path.write_text(text.replace("allow = [", f'allow = ["{server.endpoint}", '))
        yield server.url("/feed")


def test_each_source_says_how_it_is_and_what_it_published(desk: Desk) -> None:
    """With its settings, and where they are changed."""
    browser = desk.browser(Role.VIEWER)
    assert "It answered well on" in browser.get("sources").text
    page = browser.get("sources/hollin").text
    assert "The mill" in page
    assert "They stand in config.toml" in page
    assert browser.get("sources/nothing").status_code == 404


def test_an_address_is_tried_before_it_is_followed(other: str, place: Place) -> None:
    """What would be read in it is shown; only then it is followed, and can be left again."""
    with desk_of(place) as desk:
        browser = desk.browser(Role.EDITOR)
        tried = browser.send("sources", "sources/try", url=other).text
        assert "Nobody in Hollin asked the dam about the water before it was gone." in tried
        assert "Ines Varga" in tried
        assert slugs(desk) == ["hollin"]
        added = browser.send("sources", "sources/add", url=other)
        (slug,) = (each for each in slugs(desk) if each != "hollin")
        assert added.url.endswith(f"/desk/sources/{slug}")
        browser.send(f"sources/{slug}", f"sources/{slug}/remove")
        assert slugs(desk) == ["hollin"]
        assert [action for _, action, _ in desk.log()][-2:] == ["add source", "remove source"]


def slugs(desk: Desk) -> list[str]:
    with reading(desk.installation.engine) as connection:
        return [source.slug for source in store.sources.all_sources(connection)]


@pytest.mark.parametrize(
    ("path", "values", "sentence"),
    [
        ("sources/try", {"url": "nonsense"}, "is no web address"),
        ("sources/add", {"url": "http://127.0.0.1:1/feed"}, "127.0.0.1"),
        ("sources/hollin/remove", {}, "stands in config.toml"),
    ],
)
def test_what_cannot_be_is_one_sentence(desk: Desk, path: str, values: dict[str, str], sentence: str) -> None:
    """And changes nothing."""
    answer = desk.browser(Role.EDITOR).send("sources", path, **values)
    assert not answer.ok
    assert sentence in answer.text
    assert slugs(desk) == ["hollin"]


def test_who_only_looks_follows_nothing(desk: Desk) -> None:
    """There is no form for it, and it would be refused."""
    browser = desk.browser(Role.VIEWER)
    assert "sources/try" not in browser.get("sources").text
    assert browser.send("me", "sources/add", url="https://hollin.test/").status_code == 403


def test_the_log_is_seen_page_by_page_and_exported(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newest first; as CSV by an admin, with nothing in it that a spreadsheet would run."""
    from digest.web.desk import records

    monkeypatch.setattr(records, "_PAGE", 2)
    browser = desk.browser(Role.ADMIN)
    desk.editor(Role.VIEWER, address="tam@hollin.test")
    page = browser.get("log").text
    assert "Earlier ones" in page
    exported = browser.get("log.csv")
    rows = list(csv.reader(io.StringIO(exported.text)))
    assert rows[0] == ["at", "who", "action", "subject", "detail"]
    assert [row[2] for row in rows[1:]] == ["add editor", "sign in", "add editor"]
    assert desk.browser(Role.VIEWER, address="cy@hollin.test").get("log.csv").status_code == 403
