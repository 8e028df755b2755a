"""Themes at the desk: what each caught, what other terms would catch, and every change of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from desk import Browser, Desk, desk_of
from digest import store
from digest.model import Role
from digest.pipeline.drafts import draft
from digest.pipeline.posts import collect
from digest.store.database import reading, transaction
from digest.store.schema import themes as themes_table
from installation import NOW, installed

CANAL = {"slug": "canal", "title": "Canal", "description": "", "weight": "2", "terms": "mill\nlock gate"}
EMPTY = {"not_terms": "", "terms_by_language": ""}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with installed(tmp_path_factory.mktemp("desk")) as place:
        place.blog.write("mill", "weir", at=NOW - timedelta(hours=1))
        place.blog.write("ferry", at=NOW - timedelta(hours=5), about="school")
        place.subscribe("ada@hollin.test")
        with desk_of(place) as desk:
            list(collect.collect(desk.installation, desk.clock))
            draft.draft(desk.installation, "weekly", desk.clock())
            yield desk


@pytest.fixture(scope="module")
def editors(opened: Desk) -> dict[str, Browser]:
    return {
        "editor": opened.browser(Role.EDITOR),
        "viewer": opened.browser(Role.VIEWER, address="v@hollin.test"),
    }


@pytest.fixture
def desk(opened: Desk) -> Iterator[Desk]:
    """The same desk for all, with the themes of its config.toml."""
    yield opened
    with transaction(opened.installation.engine) as connection:
        connection.execute(themes_table.delete().where(themes_table.c.owner == "command"))


@pytest.fixture
def editor(editors: dict[str, Browser]) -> Browser:
    return editors["editor"]


def slugs(desk: Desk) -> list[str]:
    with reading(desk.installation.engine) as connection:
        return [theme.slug for theme in store.sources.themes(connection)]


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


def gained_and_lost(page: str) -> tuple[list[str], list[str]]:
    """The titles of the posts on both sides of a trial."""
    first, _, second = page.partition('id="lost"')
    titles = re.compile(r"<bdi>(The \w+)</bdi></a>")
    return titles.findall(first.partition('id="gained"')[2]), titles.findall(second)


def test_each_theme_shows_what_it_caught_and_why(desk: Desk, editor: Browser) -> None:
    """In the issues of the last weeks; from where it comes, and how many chose it."""
    page = editor.get("themes").text
    assert "water, well, river" in page
    assert "config.toml" in page
    water = editor.get("themes/water").text
    assert re.findall(r"<bdi>(The \w+)</bdi></a> <span", water) == ["The mill", "The weir"]
    assert "stands in its text" in water or "key themes" in water
    assert editor.get("themes/nothing").status_code == 404


def test_a_new_theme_is_tried_before_it_is_saved(desk: Desk, editor: Browser) -> None:
    """Which posts it would take, from which theme, and why; nothing is stored until it is saved."""
    page = editor.send("themes", "themes/try", seen="", **CANAL, **EMPTY).text
    assert gained_and_lost(page) == (["The mill"], [])
    assert "from Water" in page
    assert "“mill” stands in its title." in page
    assert "canal" not in slugs(desk)
    saved = editor.send("themes", "themes/save", seen="", **CANAL, **EMPTY)
    assert saved.url.endswith("/desk/themes/canal")
    assert slugs(desk) == ["water", "schools", "canal"]
    again = editor.send("themes", "themes/save", seen="", **CANAL, **EMPTY)
    assert "There is a theme canal already" in again.text
    assert desk.log()[-1] == ("mira@hollin.test", "add theme", "canal")


def test_other_terms_show_what_they_gain_and_lose(desk: Desk, editor: Browser) -> None:
    """And keep the place of the theme; the log says which terms came and went."""
    editor.send("themes", "themes/save", seen="", **CANAL, **EMPTY)
    mark = seen(editor.get("themes/canal").text)
    changed = {
        **CANAL,
        **EMPTY,
        "terms": "weir\nlock gate",
        "not_terms": "boat",
        "terms_by_language": "de: Wehr, Kanal",
    }
    page = editor.send("themes/canal", "themes/try", seen=mark, **changed).text
    assert gained_and_lost(page) == (["The weir"], ["The mill"])
    assert "to Water" in page
    editor.send("themes/canal", "themes/save", seen=mark, **changed)
    with reading(desk.installation.engine) as connection:
        stored = store.sources.themes(connection)[-1]
        entry = store.audit.newest(connection, 1)[0][1]
    assert (stored.terms, stored.not_terms) == (("weir", "lock gate"), ("boat",))
    assert stored.terms_by_language == (("de", ("Wehr", "Kanal")),)
    assert (entry.action, entry.detail) == ("change theme", "+weir, −mill, not_terms, terms_by_language")


def test_the_second_of_two_editors_is_told_of_the_first(desk: Desk, editor: Browser) -> None:
    """Nobody's terms are lost without a word."""
    editor.send("themes", "themes/save", seen="", **CANAL, **EMPTY)
    mark = seen(editor.get("themes/canal").text)
    editor.send("themes/canal", "themes/save", seen=mark, **{**CANAL, **EMPTY, "title": "Canals"})
    second = editor.send("themes/canal", "themes/save", seen=mark, **{**CANAL, **EMPTY, "terms": "lock"})
    assert "Somebody else has changed the theme canal meanwhile" in second.text


def test_a_theme_of_the_file_is_tried_here_and_changed_there(desk: Desk, editor: Browser) -> None:
    """The lines for config.toml are given; a form that would save it changes nothing."""
    page = editor.get("themes/water").text
    assert "themes/save" not in page
    changed = {**EMPTY, "slug": "water", "title": "Boats", "description": "", "weight": "1", "terms": "ferry"}
    tried = editor.send("themes/water", "themes/try", seen=seen(page), **changed).text
    assert gained_and_lost(tried) == (["The ferry"], ["The mill", "The weir"])
    assert "[[themes]]\nslug = &#34;water&#34;" in tried
    refused = editor.send("themes/water", "themes/save", seen=seen(page), **changed)
    assert "comes from config.toml; change it there" in refused.text
    assert "comes from config.toml" in editor.send("themes/water", "themes/water/remove").text


def test_a_theme_is_merged_with_its_readers_or_retired(desk: Desk, editor: Browser) -> None:
    """Who chose it reads the other one."""
    editor.send("themes", "themes/save", seen="", **CANAL, **EMPTY)
    with transaction(desk.installation.engine) as connection:
        (ada,) = store.audience.subscriptions_of(connection, "ada@hollin.test")
        store.audience.choose(connection, ada.subscriber, "weekly", ["canal"], NOW)
    assert "chosen by 1 subscription" in editor.get("themes/canal").text
    editor.send("themes/canal", "themes/canal/merge", into="schools")
    with reading(desk.installation.engine) as connection:
        (ada,) = store.audience.subscriptions_of(connection, "ada@hollin.test")
    assert ada.themes == ("schools",)
    assert slugs(desk) == ["water", "schools"]
    editor.send("themes", "themes/save", seen="", **CANAL, **EMPTY)
    editor.send("themes/canal", "themes/canal/remove")
    assert slugs(desk) == ["water", "schools"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("slug", "No Slug", "expected a short name"),
        ("title", " ", "expected some text"),
        ("weight", "heavy", "expected a number"),
        ("weight", "99", "weight"),
        ("terms", "x" * 101, "at most 100 characters"),
        ("terms", "\n".join(map(str, range(201))), "at most 200 terms"),
    ],
)
def test_what_cannot_be_a_theme_is_one_sentence(
    desk: Desk, editor: Browser, field: str, value: str, sentence: str
) -> None:
    """Beside the form as it was filled in."""
    answer = editor.send("themes", "themes/try", seen="", **{**CANAL, **EMPTY, field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Canal"' in answer.text or field == "title"
    assert "canal" not in slugs(desk)


def test_who_only_looks_changes_no_theme(desk: Desk, editors: dict[str, Browser]) -> None:
    """There is no form, and it would be refused."""
    viewer = editors["viewer"]
    assert "water, well, river" in viewer.get("themes/water").text
    assert "themes/try" not in viewer.get("themes/water").text + viewer.get("themes").text
    for path in ("try", "save", "water/merge", "water/remove"):
        assert viewer.send("me", f"themes/{path}", seen="", into="water", **CANAL, **EMPTY).status_code == 403
