"""The pages of readers in a real browser: the whole way without a script, and each page for everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, Route

from digest.model import SubscriptionState
from digest.store.database import migrate, open_database
from node_tools import package
from reader_pages import all_pages
from reader_site import READER, Site, site

pytestmark = pytest.mark.browser

AXE = package("axe-core")
APP = "https://app.example.org/"
LANGUAGES = ("en", "de", "fa")  # the one with the longest words, and one that is read from the right


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Site]:
    engine = open_database(f"sqlite:///{tmp_path / 'digest.db'}")
    migrate(engine)
    with site(engine, tmp_path) as opened:
        yield opened
    engine.dispose()


# ── the way ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def tab(browser: Browser, here: Site) -> Iterator[Page]:
    """A browser without script; the application's address in mails leads to where it runs in this test."""
    with browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800}) as context:

        def lead(route: Route) -> None:
            route.fulfill(status=302, headers={"Location": route.request.url.replace(APP, f"{here.url}/")})

        context.route(f"{APP}**", lead)
        yield context.new_page()


def press(tab: Page, name: str) -> str:
    """Press a button or a link by what it says; the heading of the page that comes."""
    tab.get_by_text(name, exact=True).last.click()
    return tab.locator("h1").inner_text()


def test_a_reader_walks_all_the_way_without_a_script(here: Site, tab: Page) -> None:
    """Subscribe, mail, confirm, themes, a rest, leave, undo: by nothing but what the pages say."""
    tab.goto(f"{here.url}/s/")
    assert press(tab, "The Lowland Weekly") == "Get The Lowland Weekly by email"
    tab.get_by_label("Your email address").fill(READER)
    tab.get_by_label("Schools").uncheck()
    here.wait(seconds=10)
    assert press(tab, "Subscribe") == "Check your mail"
    tab.set_content(here.mail_page())
    tab.get_by_text("Confirm", exact=True).click()
    assert tab.locator("h1").inner_text() == "Do you want The Lowland Weekly?"
    assert "Water" in tab.locator("main").inner_text()
    assert press(tab, "Yes, send me The Lowland Weekly") == "You are subscribed"
    assert here.subscriptions()["weekly"].themes == ("water",)
    press(tab, "Choose your themes")
    assert not tab.get_by_label("Schools").is_checked()
    tab.get_by_label("Schools").check()
    press(tab, "Save")
    assert here.subscriptions()["weekly"].themes is None
    assert press(tab, "Take a rest") == "Take a rest"
    tab.get_by_label("Leave out 2 issues").check()
    press(tab, "Save")
    assert here.subscriptions()["weekly"].paused_until is not None
    press(tab, "Choose your themes")
    assert press(tab, "Unsubscribe") == "Leave this newsletter?"
    assert press(tab, "Unsubscribe from The Lowland Weekly") == "You are unsubscribed"
    assert here.state() is SubscriptionState.UNSUBSCRIBED
    assert press(tab, "That was a mistake: subscribe me again") == "You are subscribed again"
    assert here.state() is SubscriptionState.CONFIRMED


def test_the_way_can_be_gone_by_keyboard(here: Site, tab: Page) -> None:
    """Field after field, and never into the one that people do not see."""
    tab.goto(f"{here.url}/s/weekly")
    reached = []
    for _ in range(4):
        tab.keyboard.press("Tab")
        reached.append(tab.locator(":focus").get_attribute("name") or tab.locator(":focus").inner_text())
    assert reached == ["address", "theme", "theme", "Subscribe"]


# ── each page ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, str]]:
    """Every page in every language, and the style sheet under "style"."""
    found = {}
    for language in LANGUAGES:
        folder = tmp_path_factory.mktemp(language)
        engine = open_database(f"sqlite:///{folder / 'digest.db'}")
        migrate(engine)
        with site(engine, folder, language=language) as opened:
            style = requests.get(f"{opened.url}/style.css", timeout=20).text
            found[language] = {**all_pages(opened), "style": style}
        engine.dispose()
    return found


def each(browser: Browser, pages: Mapping[str, str], width: int, scheme: str) -> Iterator[tuple[str, Page]]:
    """Each page in one tab after the other."""
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:  # type: ignore[arg-type]
        tab = context.new_page()
        shown = {"page": ""}

        def answer(route: Route) -> None:
            if route.request.url.endswith("style.css"):
                route.fulfill(body=pages["style"], content_type="text/css")
            else:
                route.fulfill(body=shown["page"], content_type="text/html; charset=utf-8")

        tab.route("**/*", answer)
        for name, shown["page"] in pages.items():
            if name != "style":
                tab.goto(APP)
                yield name, tab


@pytest.mark.skipif(AXE is None, reason="needs npm's axe-core: make node")
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("en", "dark"), ("fa", "light")])
def test_axe_finds_no_violation(
    browser: Browser, pages: Mapping[str, Mapping[str, str]], language: str, scheme: str
) -> None:
    """Labels, contrast, headings, languages, on every page, from both sides."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, tab in each(browser, pages[language], 390, scheme):
        tab.add_script_tag(path=AXE / "axe.min.js")  # type: ignore[operator]
        broken = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        found |= {(name, rule["id"]): [node["html"][:100] for node in rule["nodes"]] for rule in broken}
    assert found == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_wider_than_the_smallest_phone(
    browser: Browser, pages: Mapping[str, Mapping[str, str]], language: str
) -> None:
    """320 px, in every language."""
    wide = {
        name: width
        for name, tab in each(browser, pages[language], 320, "light")
        if (width := tab.evaluate("document.documentElement.scrollWidth")) > 320
    }
    assert wide == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_speak_their_language(pages: Mapping[str, Mapping[str, str]], language: str) -> None:
    """In lang and dir; and no phrase is left in English."""
    direction = "rtl" if language == "fa" else "ltr"
    for name, page in pages[language].items():
        if name != "style":
            assert f'<html lang="{language}" dir="{direction}">' in page, name
    if language != "en":
        same = [name for name, page in pages[language].items() if page == pages["en"].get(name)]
        assert same == ["style"]
