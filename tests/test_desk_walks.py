"""Whole ways through the desk in a real browser: on the demo, with the keyboard alone, without a script, and two at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from desk import PASSWORD, Desk, desk_of
from digest.demo import job
from digest.demo.conversation import KEEP_AND_DROP, Envelope, Stage
from digest.model import IssueId, IssueState, Role
from digest.pipeline.drafts import draft
from digest.pipeline.editors import sending
from digest.pipeline.mail.send import send
from digest.pipeline.posts import collect
from installation import NOW, Clock, Place, installed

pytestmark = pytest.mark.browser

SUNDAY = IssueId.parse("weekly/2026-11-22")
MOUSE = """for (const kind of ["pointerdown", "mousedown", "touchstart", "wheel"])
  addEventListener(kind, () => { window.touched = kind }, true)"""
FOCUSED = """() => {
  const here = document.activeElement, look = getComputedStyle(here);
  const shown = parseFloat(look.outlineWidth) > 0 && look.outlineStyle !== "none";
  const framed = here.matches(".pick") && look.borderTopColor !== "rgba(0, 0, 0, 0)";
  const box = here.getBoundingClientRect();
  return {name: (here.ariaLabel || here.labels?.[0]?.innerText || here.innerText || here.title || "").trim(),
          visible: here.localName === "iframe" || here === document.body || ((shown || framed) && box.width > 0 && box.height > 0)};
}"""


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


def sign_in(tab: Page, desk: Desk) -> None:
    tab.goto(desk.url)
    tab.get_by_label("Address").fill("mira@hollin.test")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()


def titles(desk: Desk) -> list[str]:
    return [pick.title for pick in desk.installation.issue(SUNDAY).document.picks]


# ── the demo ─────────────────────────────────────────────────────────────────────────────────────


def test_the_draft_of_the_demo_is_edited_approved_sent_and_its_doubt_settled(
    browser: Browser, tmp_path: Path
) -> None:
    """From the printed address to the last mail: the relay hangs up after one of them, and a person says that it arrived."""
    clock = Clock()
    with job.run(tmp_path, clock) as running, browser.new_context() as context:
        lost: list[str] = []

        def hang_up_once(stage: Stage, envelope: Envelope) -> str | None:
            if stage is Stage.BODY and not lost:
                lost.append(envelope.recipients[0])
                return KEEP_AND_DROP
            return None

        before = len(running.inbox.messages)
        running.inbox.replies = hang_up_once
        tab = context.new_page()
        tab.goto(running.done.desk)
        tab.get_by_role("button", name="Sign in as").click()
        tab.get_by_role("link", name="Review").first.click()
        tab.get_by_label("Introduction").fill("Good morning.")
        expect(tab.locator("#said")).to_have_text("Saved", timeout=20_000)
        issue = IssueId.parse(tab.url.partition("/issue/")[2])
        tab.get_by_role("button", name="Approve").click()
        tab.get_by_role("link", name="Send now…").click()
        tab.get_by_role("button", name="people now").click()
        clock.now += sending.UNDO
        send(running.installation, issue, clock)
        tab.get_by_role("link", name="Settle").click()
        expect(tab.get_by_role("rowheader")).to_have_text(lost[0])
        tab.get_by_role("button", name="It arrived").click()
        tab.goto(tab.url.replace("/deliveries/", "/send/").partition("?")[0])
        expect(tab.get_by_role("heading", level=1)).to_contain_text("is sent")
        mailed = [each.recipient for each in running.inbox.messages[before:]]
    assert lost[0] in mailed
    assert len(mailed) == len(set(mailed)) >= 2  # the third one reads only themes of which there is nothing


# ── with the keyboard alone ──────────────────────────────────────────────────────────────────────


def reach(tab: Page, name: str, key: str = "Tab") -> None:
    """Press a key until what is named so has the focus; each stop on the way is seen."""
    for _ in range(120):
        tab.keyboard.press(key)
        focused = tab.evaluate(FOCUSED)
        assert focused["visible"], focused
        if focused["name"].startswith(name):
            return
    raise AssertionError(f"{name} cannot be reached by {key}")


def test_an_issue_goes_out_without_a_mouse(browser: Browser, desk: Desk, place: Place) -> None:
    """Signing in, reviewing, editing, approving and sending by keys; the way past the navigation comes first."""
    with browser.new_context() as context:
        context.add_init_script(MOUSE)
        tab = context.new_page()
        tab.goto(desk.url)
        for name, typed in (("Address", "mira@hollin.test"), ("Password", PASSWORD)):
            reach(tab, name)
            tab.keyboard.type(typed)
        with tab.expect_navigation():
            tab.keyboard.press("Enter")
        tab.keyboard.press("Tab")
        assert tab.evaluate(FOCUSED)["name"] == "Skip to the page"
        tab.keyboard.press("Enter")
        reach(tab, "Review")
        with tab.expect_navigation():
            tab.keyboard.press("Enter")
        reach(tab, "Introduction")
        tab.keyboard.type("Good morning.")
        expect(tab.locator("#said")).to_have_text("Saved", timeout=20_000)
        first, second, third = titles(desk)
        reach(tab, "Drop: " + second)
        with tab.expect_navigation():
            tab.keyboard.press("Enter")
        assert titles(desk) == [first, third]
        for wanted in (IssueState.APPROVED, IssueState.APPROVED, IssueState.PUBLISHED):
            with tab.expect_navigation():
                tab.keyboard.press("Control+Enter")
            assert desk.installation.issue(SUNDAY).state is wanted
        assert tab.evaluate("window.touched") is None
    desk.later(sending.UNDO)
    send(desk.installation, SUNDAY, desk.clock)
    assert place.recipients() == ["ada@hollin.test", "bo@hollin.test"]


# ── without a script ─────────────────────────────────────────────────────────────────────────────


def test_every_step_is_a_form_that_needs_no_script(browser: Browser, desk: Desk, place: Place) -> None:
    """Words, order, pins, notes, quotes, approval, its withdrawal, a send that is taken back and asked for again, a pause."""
    with browser.new_context(java_script_enabled=False) as context:
        tab = context.new_page()
        sign_in(tab, desk)
        tab.get_by_role("link", name="Review").click()
        first, second, third = titles(desk)

        def press(name: str) -> None:
            tab.get_by_role("button", name=name).first.click()

        tab.get_by_label("Introduction").fill("Good morning.")
        press("Save")
        press(f"↓ Move down: {first}")
        assert titles(desk) == [second, first, third]
        press(f"Pin: {third}")
        press(f"Drop: {second}")
        press("Undo")
        assert titles(desk) == [third, second, first]
        tab.get_by_label("A note of yours").fill("Mind the step.")
        tab.get_by_role("button", name="Add", exact=True).click()
        tab.get_by_role("link", name=first).click()
        tab.get_by_role("checkbox").first.uncheck()
        press("Save")
        document = desk.installation.issue(SUNDAY).document
        assert (document.introduction, document.notes[0].text) == ("Good morning.", "Mind the step.")
        assert next(pick for pick in document.picks if pick.title == first).quotes == ()
        tab.goto(f"{desk.url}issue/{SUNDAY}")
        press("Approve")
        press("Withdraw approval")
        press("Approve")
        for last in ("Take it back", "Pause"):
            tab.goto(f"{desk.url}send/{SUNDAY}")
            press("Send to 2 people now")
            press(last)
        press("Go on")
    desk.later(sending.UNDO)
    send(desk.installation, SUNDAY, desk.clock)
    assert place.recipients() == ["ada@hollin.test", "bo@hollin.test"]


# ── two at once ──────────────────────────────────────────────────────────────────────────────────


def test_two_editors_merge_their_changes_and_send_once(browser: Browser, desk: Desk, place: Place) -> None:
    """Who comes second sees what the first one did, and puts their own on top; both send, and one send goes out."""
    with (
        browser.new_context(java_script_enabled=False) as one,
        browser.new_context(java_script_enabled=False) as two,
    ):
        here, there = one.new_page(), two.new_page()
        for tab in (here, there):
            sign_in(tab, desk)
            tab.goto(f"{desk.url}issue/{SUNDAY}")
        first, second, third = titles(desk)
        here.get_by_role("button", name=f"Drop: {second}").click()
        there.get_by_label("Introduction").fill("Good evening.")
        there.get_by_role("button", name="Save").click()
        expect(there.get_by_role("alert")).to_contain_text("changed by mira@hollin.test")
        there.get_by_role("button", name="Put mine on top").click()
        assert titles(desk) == [first, third]
        assert desk.installation.issue(SUNDAY).document.introduction == "Good evening."
        there.get_by_role("button", name="Approve").click()
        for tab in (here, there):
            tab.goto(f"{desk.url}send/{SUNDAY}")
        for tab in (here, there):
            tab.get_by_role("button", name="Send to 2 people now").click()
            expect(tab.get_by_role("heading", level=1)).to_contain_text("is being sent")
    desk.later(sending.UNDO)
    send(desk.installation, SUNDAY, desk.clock)
    assert place.recipients() == ["ada@hollin.test", "bo@hollin.test"]
    assert [action for _, action, _ in desk.log()].count("send") == 1
