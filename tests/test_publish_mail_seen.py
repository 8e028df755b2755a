"""The newsletter in a real browser: for screen readers, on phones, in the dark, without pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Route

from digest.demo.pictures import png
from digest.model import Note
from mails import mail
from node_tools import package
from publish_samples import each_text, issue, right_to_left, with_pictures

pytestmark = pytest.mark.browser

ADDRESS = "https://mail.example.org/"
AXE = package("axe-core")

NOTE = Note("n-1", "We move on Monday.", "https://harbour.example.org/move", "The new desk")
ISSUES = {
    "left to right": replace(with_pictures(issue(6)), notes=(NOTE,)),
    "right to left": with_pictures(right_to_left()),
    "mixed": replace(with_pictures(right_to_left()), language="en"),
    "long words": with_pictures(
        each_text(
            issue(6), lambda name, text: "W" * 90 if name in ("title", "speaker", "text", "blurb") else text
        )
    ),
}


def page_of(name: str) -> str:
    """The HTML of one of the issues."""
    return mail(ISSUES[name]).html


Opened = Callable[..., Page]
Scheme = Literal["light", "dark"]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Opens a mail in a window of a width, light or dark, with pictures or without."""
    contexts = []

    def open_mail(page: str, *, width: int = 600, scheme: Scheme = "light", pictures: bool = True) -> Page:
        def answer(route: Route) -> None:
            if route.request.url == ADDRESS:
                route.fulfill(body=page, content_type="text/html; charset=utf-8")
            elif pictures:
                route.fulfill(body=png("quay"), content_type="image/png")
            else:
                route.abort()

        context = browser.new_context(viewport={"width": width, "height": 700}, color_scheme=scheme)
        contexts.append(context)
        tab = context.new_page()
        tab.route("**/*", answer)
        tab.goto(ADDRESS)
        return tab

    yield open_mail
    for context in contexts:
        context.close()


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core finds on the page: its rules, and where each is broken."""
    assert AXE is not None
    page.add_script_tag(path=AXE / "axe.min.js")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]


needs_axe = pytest.mark.skipif(AXE is None, reason="needs npm's axe-core: make node")


@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ISSUES)
def test_axe_finds_no_violation(name: str, scheme: Scheme, opened: Opened) -> None:
    """Contrast, headings, alternative texts, names of links, languages: in light and dark, from both sides."""
    assert violations(opened(page_of(name), scheme=scheme)) == []


@needs_axe
def test_axe_finds_what_is_wrong(opened: Opened) -> None:
    """Control: a pale text and a picture without words."""
    broken = page_of("left to right").replace("#5c5852", "#cccccc").replace(' alt="Video', ' data-alt="Video')
    assert {"color-contrast", "image-alt"} <= {rule for rule, _ in violations(opened(broken))}


@pytest.mark.parametrize("width", [320, 375, 1280])
@pytest.mark.parametrize("name", ISSUES)
def test_nothing_is_wider_than_the_window(name: str, width: int, opened: Opened) -> None:
    """From the smallest phone on, whatever words come: nobody scrolls sideways."""
    page = opened(page_of(name), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_wide_window_does_not_make_long_lines(opened: Opened) -> None:
    """Six hundred pixels, in the middle."""
    page = opened(page_of("left to right"), width=1280)
    box = page.locator("h1").bounding_box()
    assert box is not None
    assert box["x"] > 300
    assert box["width"] <= 600


def test_on_a_phone_a_picture_stands_above_its_words(opened: Opened) -> None:
    """Beside them there is no room; on a desk there is."""
    for width, beside in ((320, False), (600, True)):
        page = opened(page_of("left to right"), width=width)
        picture, words = (page.locator(cell).first.bounding_box() for cell in (".still", ".video"))
        assert picture is not None
        assert words is not None
        assert (words["y"] < picture["y"] + picture["height"] - 1) == beside


def test_without_pictures_every_word_is_there(opened: Opened) -> None:
    """Alternative texts stand in their place."""
    page = opened(page_of("left to right"), pictures=False)
    with_them = opened(page_of("left to right"))
    assert page.inner_text("body") == with_them.inner_text("body")
    assert all(
        alt.startswith("Video: ") for alt in page.eval_on_selector_all("img", "all => all.map(i => i.alt)")
    )


def test_in_the_dark_paper_is_dark_and_words_are_light(opened: Opened) -> None:
    """Everything changes, cards and links too; never pure black and white."""
    page = opened(page_of("left to right"), scheme="dark")

    def style(selector: str, name: str) -> str:
        return str(page.eval_on_selector(selector, f"e => getComputedStyle(e)['{name}']"))

    assert style(".paper", "backgroundColor") == "rgb(23, 22, 21)"
    assert style(".quote", "backgroundColor") == "rgb(32, 30, 28)"
    assert style("h3 a", "color") == "rgb(236, 233, 228)"
    assert style("h1", "color") == "rgb(236, 233, 228)"


def test_a_mail_asks_for_nothing_but_its_pictures(opened: Opened, browser: Browser) -> None:
    """No font, style, script or pixel from anywhere: opening it tells nobody."""
    asked: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/*", lambda route: route.abort())
    page.set_content(page_of("left to right"))
    context.close()
    assert asked
    assert all(url.startswith("https://feeds.example.org/pictures/") for url in asked)
