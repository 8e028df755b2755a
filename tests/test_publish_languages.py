"""Every word that readers see, in the language of their digest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests
from babel import Locale
from sqlalchemy import Engine

from deliver_samples import KEYS, NOW, request_send, settings
from digest.publish import sample
from digest.publish.page import Shelf
from digest.publish.plan import House, plan
from digest.publish.wording import Wording
from digest.resources import Resources, untranslated
from digest.store import audience
from digest.store.database import reading
from digest.tokens import unsubscribe_url
from digest.web.app import create_app
from digest.web.server import serve

RESOURCES = Resources()
SHIPPED = ("de", "en", "es", "fa", "fr")
_NOT_WORDS = re.compile(
    r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<style>.*?</style>|<!--.*?-->|<[^>]*>|&[^;\s]+;", re.DOTALL
)


def test_the_languages_that_ship_say_everything() -> None:
    """No phrase of theirs is missing, so none is English by chance."""
    assert RESOURCES.languages() == SHIPPED
    for language in SHIPPED:
        assert untranslated(RESOURCES, language) == ()


def test_a_missing_phrase_is_named(tmp_path: Path) -> None:
    """A language that a user adds is told what it still lacks."""
    (tmp_path / "strings").mkdir()
    (tmp_path / "strings" / "it.toml").write_text('search = "Cerca"\n', encoding="utf-8")
    missing = untranslated(Resources(tmp_path), "it")
    assert "search" not in missing
    assert "leave_heading" in missing


@pytest.mark.parametrize("language", SHIPPED)
def test_every_plural_form_of_a_language_is_there(language: str) -> None:
    """Those that CLDR's rules can ask for in a count of whole numbers."""
    strings = RESOURCES.strings_of(language)
    forms = {Locale.parse(language).plural_form(number) for number in range(200)}
    for key in ("minutes", "comments", "more_on_the_web"):
        assert {f"{key}_{form}" for form in forms} <= strings.keys()


def test_no_template_that_readers_see_has_words_of_its_own() -> None:
    """All of them come from strings/: what is left of a template without tags and values has no letter."""
    for name, source in RESOURCES.sources.items():
        if name.endswith(".html.j2") and not name.startswith(("desk/", "preview/")):
            left = _NOT_WORDS.sub("", source.text)
            assert not re.search(r"[A-Za-z]{2}", left), f"{name}: {left.strip()[:80]}"


@pytest.mark.parametrize("language", SHIPPED)
def test_pages_and_feeds_of_a_digest_are_in_its_language(language: str) -> None:
    """Everything of the sample issue is made, and says what is only in that language's file."""
    digest, publish, _ = sample.settings(language)
    house = House(publish, RESOURCES.environment(), RESOURCES.strings, {})
    written = {
        path: each.make() or b""
        for path, each in plan([Shelf(digest, (sample.issue(language),))], house).items()
    }
    strings = RESOURCES.strings(language)
    for path, keys in {
        "sample/index.html": ("themes", "years", "search", "feed_quotes"),
        "sample/search/index.html": ("search_label", "search_needs_script"),
        "sample/2026-11-20/index.html": ("related", "new_videos", "also_published"),
        "sample/atom.xml": ("quote_of_the_week",),
    }.items():
        for key in keys:
            assert strings[key] in written[path].decode(), f"{path}: {key}"


def test_numbers_dates_and_years_are_in_the_language_s_digits() -> None:
    """Persian has its own; a year has no separator."""
    words = Wording(RESOURCES.strings("fa"), "fa", "UTC")
    assert words.number(1234) == "۱٬۲۳۴"
    assert words.year(2026) == "۲۰۲۶"
    assert words.day(NOW).endswith("۲۰۲۶")
    assert Wording(RESOURCES.strings("de"), "de", "UTC").month(NOW.date().replace(month=3)) == "März"


def test_markup_in_a_value_is_text_and_a_phrase_s_own_markup_stands() -> None:
    """``tell`` escapes what it is given, and what translators write."""
    words = Wording({"ask": "a & b: {title}"}, "en", "UTC")
    assert words.tell("ask", title="<b>") == "a &amp; b: &lt;b&gt;"


@pytest.mark.parametrize("language", SHIPPED)
def test_the_pages_of_readers_are_in_the_language_of_their_digest(
    engine: Engine, tmp_path: Path, language: str
) -> None:
    """Leaving, coming back, themes, a test copy and a wrong address, over HTTP."""
    request_send(engine, 1)
    known = settings(tmp_path)
    digests = tuple(digest.model_copy(update={"language": language}) for digest in known.digests)
    spoken = known.model_copy(update={"digests": digests})
    app = create_app(engine, spoken, KEYS, RESOURCES.environment(), lambda: NOW, RESOURCES.strings)
    with reading(engine) as connection:
        (reader,) = (each.subscriber for each in audience.subscriptions(connection))
    strings = RESOURCES.strings(language)
    with serve(app, "127.0.0.1", 0) as url:
        link = unsubscribe_url(url, KEYS, "weekly", reader)
        pages = {
            "leave_heading": requests.get(link, timeout=10),
            "left_heading": requests.post(link, timeout=10),
            "back_heading": requests.post(f"{link}/undo", timeout=10),
            "choose_none_heading": requests.get(f"{link}/themes", timeout=10),
            "missing_heading": requests.get(f"{url}/u/weekly/none", timeout=10),
            "nothing_heading": requests.get(f"{url}/", timeout=10),
        }
    direction = "rtl" if language == "fa" else "ltr"
    for key, page in pages.items():
        assert f"<h1>{strings[key]}</h1>" in page.text, key
        assert f'<html lang="{language}" dir="{direction}">' in page.text
