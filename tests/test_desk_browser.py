"""The desk in a real browser: an editor's way from the first page to a send, by keys and by dragging."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from desk import PASSWORD, Desk, desk_of
from digest.desk import signing as rules
from digest.model import Errand, IssueId, IssueState, Role
from digest.pipeline.drafts import draft
from digest.pipeline.editors import sending, signing
from digest.pipeline.mail.send import send
from digest.pipeline.posts import collect
from installation import NOW, Place, installed

pytestmark = pytest.mark.browser

SUNDAY = IssueId.parse("weekly/2026-11-22")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("mill", "weir", "ferry", at=NOW - timedelta(hours=1))
        place.subscribe("ada@hollin.test", "bo@hollin.test")
        yield place


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    with desk_of(place) as desk:
        list(collect.collect(desk.installation, desk.clock))
        draft.draft(desk.installation, "weekly", desk.clock())
        desk.editor(*Role)
        yield desk


def signed_in(browser: Browser, desk: Desk, **options: object) -> tuple[BrowserContext, Page]:
    """A tab of an editor who came in by the form."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    tab = context.new_page()
    tab.goto(desk.url)
    tab.get_by_label("Address").fill("mira@hollin.test")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("One thing needs you")
    return context, tab


def titles(desk: Desk) -> list[str]:
    return [pick.title for pick in desk.installation.issue(SUNDAY).document.picks]


def test_an_editor_reviews_edits_approves_and_sends(browser: Browser, desk: Desk, place: Place) -> None:
    """From the first page to the last mail, every step by the one filled button of its page."""
    context, tab = signed_in(browser, desk)
    tab.get_by_role("link", name="Review").click()
    tab.get_by_label("Introduction").fill("Good morning.")
    expect(tab.locator("#said")).to_have_text("Saved", timeout=20_000)
    assert desk.installation.issue(SUNDAY).document.introduction == "Good morning."
    tab.get_by_role("button", name="Approve").click()
    tab.get_by_role("link", name="Send now…").click()
    tab.get_by_role("button", name="Send to 2 people now").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("is being sent")
    desk.later(sending.UNDO)
    send(desk.installation, SUNDAY, desk.clock)
    expect(tab.get_by_role("heading", level=1)).to_contain_text("is sent", timeout=20_000)
    assert place.recipients() == ["ada@hollin.test", "bo@hollin.test"]
    context.close()


def test_the_outline_is_worked_on_by_keys(browser: Browser, desk: Desk) -> None:
    """j and k walk, J moves, x drops, z takes it back, / leads to adding, Ctrl+Enter is the next step."""
    context, tab = signed_in(browser, desk)
    tab.goto(f"{desk.url}issue/{SUNDAY}")
    first, second, third = titles(desk)

    def press(*keys: str) -> None:
        for key in keys:
            tab.keyboard.press(key)
        tab.wait_for_load_state()

    press("j", "j", "k")
    assert tab.evaluate("document.activeElement.querySelector('h3').innerText") == first
    with tab.expect_navigation():
        press("J")
    assert titles(desk) == [second, first, third]
    press("j")
    with tab.expect_navigation():
        press("x")
    assert titles(desk) == [first, third]
    with tab.expect_navigation():
        press("z")
    assert titles(desk) == [second, first, third]
    press("/")
    assert tab.evaluate("document.activeElement.name") == "post"
    tab.locator("h1").click()
    with tab.expect_navigation():
        press("Control+Enter")
    assert desk.installation.issue(SUNDAY).state is IssueState.APPROVED
    context.close()


def test_a_pick_is_dragged_to_its_place(browser: Browser, desk: Desk) -> None:
    """Onto another one, whose place it takes."""
    context, tab = signed_in(browser, desk, viewport={"width": 1280, "height": 1600})
    tab.goto(f"{desk.url}issue/{SUNDAY}")
    first, second, third = titles(desk)
    picks = tab.locator(".pick")
    picks.nth(2).locator(".blurb").drag_to(picks.nth(0).locator(".meta").first)
    expect(picks.nth(0).locator("h3")).to_have_text(third)
    assert titles(desk) == [third, first, second]
    context.close()


def test_two_browsers_at_once_are_told_of_each_other(browser: Browser, desk: Desk) -> None:
    """The second saves nothing, and is told who was faster."""
    (one, here), (other, there) = (signed_in(browser, desk) for _ in range(2))
    for tab in (here, there):
        tab.goto(f"{desk.url}issue/{SUNDAY}")
    here.get_by_label("Introduction").fill("One.")
    expect(here.locator("#said")).to_have_text("Saved", timeout=20_000)
    there.get_by_label("Introduction").fill("Two.")
    expect(there.locator("#said")).to_contain_text("changed by mira@hollin.test", timeout=20_000)
    assert desk.installation.issue(SUNDAY).document.introduction == "One."
    for context in (one, other):
        context.close()


def test_the_button_of_a_demonstration_signs_in(browser: Browser, desk: Desk) -> None:
    """A browser calls the origin of a page without a referrer "null": the desk's pages have one."""
    editor = signing.editor_of(desk.installation, "mira@hollin.test")
    link = signing.link(desk.installation, editor, Errand.DEMO, rules.CHOOSE, desk.clock())
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(desk.url + link.partition("/desk/")[2])
    tab.get_by_role("button", name="Sign in as Mira").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("One thing needs you")
    context.close()
