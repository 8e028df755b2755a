"""The places of the desk in a real browser: reached by keys, and a form that is filled in twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from desk import PASSWORD, Desk, desk_of
from digest.model import Role
from digest.pipeline.drafts import draft
from digest.pipeline.posts import collect
from installation import NOW, installed

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with installed(tmp_path_factory.mktemp("desk")) as place:
        place.blog.write("mill", "ferry", at=NOW - timedelta(hours=1))
        place.subscribe("ada@hollin.test")
        with desk_of(place) as desk:
            list(collect.collect(desk.installation, desk.clock))
            draft.draft(desk.installation, "weekly", desk.clock())
            desk.editor(*Role)
            yield desk


def signed_in(browser: Browser, desk: Desk) -> tuple[BrowserContext, Page]:
    """A tab of an editor who came in by the form."""
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(desk.url)
    tab.get_by_label("Address").fill("mira@hollin.test")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("One thing needs you")
    return context, tab


def test_every_place_is_reached_by_keys(browser: Browser, desk: Desk) -> None:
    """G and a letter; / leads into the search; the place one is at is marked."""
    context, tab = signed_in(browser, desk)
    heading, marked = tab.get_by_role("heading", level=1), tab.locator("nav [aria-current]")
    for key, says, place in (
        ("i", "Issues", "Issues"),
        ("d", "Deliveries", "Deliveries"),
        ("s", "Sources", "Sources"),
        ("h", "Themes", "Themes"),
        ("l", "What was done", "Log"),
        ("e", "Editors", "Editors"),
        ("o", "Settings", "Settings"),
        ("b", "Subscribers", "Subscribers"),
    ):
        tab.keyboard.press("G")
        tab.keyboard.press(key)
        expect(heading).to_have_text(says)
        expect(marked).to_have_text(place)
    tab.keyboard.press("/")
    tab.keyboard.type("ada")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile("address=ada"))
    tab.get_by_role("link", name="ada@hollin.test").click()
    expect(heading).to_have_text("ada@hollin.test")
    expect(marked).to_have_text("Subscribers")
    context.close()


def test_terms_are_tried_and_saved(browser: Browser, desk: Desk) -> None:
    """The form comes back as it was filled in."""
    context, tab = signed_in(browser, desk)
    tab.goto(f"{desk.url}themes")
    for label, text in (("Short name", "canal"), ("Title", "Canal"), ("Weight", "3")):
        tab.get_by_label(label).fill(text)
    tab.get_by_label("Terms", exact=True).fill("mill")
    tab.get_by_role("button", name="Try it").click()
    expect(tab.get_by_role("heading", name="1 gained")).to_be_visible()
    expect(tab.get_by_role("link", name="The mill")).to_be_visible()
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Canal")
    context.close()
