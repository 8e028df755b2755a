"""Every page of the desk, from its own routes, for everybody: read aloud, in the dark, on the smallest phone, by keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update

from desk import Desk, desk_of
from desk_pages import addresses
from digest.model import DeliveryState, IssueId, Role
from digest.pipeline.drafts import draft
from digest.pipeline.issues import publish
from digest.pipeline.mail.send import send
from digest.pipeline.posts import collect
from digest.store.database import transaction
from digest.store.schema import deliveries
from digest.web.desk.app import create_desk
from installation import NOW, installed
from node_tools import package

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk-everybody")]

AXE = package("axe-core")
PHONE = {"width": 360, "height": 740}
SUNDAY, TODAY = IssueId.parse("weekly/2026-11-22"), IssueId.parse("weekly/2026-11-20")
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"
PLAIN = (".json", ".jsonl", ".csv", ".css", ".mjs", ".txt", ".html")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A draft with a word that nothing breaks, and an issue that was sent, of one mail of which nobody knows."""
    with installed(tmp_path_factory.mktemp("everybody")) as place:
        place.blog.write("mill", LONG, at=NOW - timedelta(hours=1))
        place.subscribe("ada@hollin.test", f"{LONG[:40]}@hollin.test".encode("ascii", "ignore").decode())
        with desk_of(place) as desk:
            here = desk.installation
            list(collect.collect(here, desk.clock))
            draft.draft(here, "weekly", desk.clock(), today=True)
            publish.approve(here, TODAY, desk.clock())
            publish.publish(here, TODAY, desk.clock())
            send(here, TODAY, desk.clock)
            with transaction(here.engine) as connection:
                doubt = {"state": DeliveryState.IN_DOUBT, "settled_at": None, "reply": "250 " + 9 * LONG}
                connection.execute(update(deliveries).where(deliveries.c.id == 1).values(**doubt))
            place.blog.write("weir", f"{LONG}shop", at=NOW + timedelta(hours=1))
            desk.later(timedelta(hours=3))
            list(collect.collect(here, desk.clock))
            draft.draft(here, "weekly", desk.clock())
            yield desk


@pytest.fixture(scope="module")
def paths(desk: Desk) -> Sequence[str]:
    """All that is a page of its own, also of what is not there."""
    values: Mapping[str, Sequence[str]] = {
        "digest": ["weekly"],
        "edition": ["2026-11-22"],
        "post": [desk.installation.issue(SUNDAY).document.picks[0].post],
        "slug": ["hollin"],
        "number": ["1"],
        "name": ["page.html"],
        "secret": ["none"],
        "/themes/{slug}": ["themes/water"],
        "/issue/{digest}/{edition}?": [f"issue/{TODAY}"],
        "/send/{digest}/{edition}?": [f"send/{TODAY}"],
        "/deliveries/{digest}/{edition}?": [f"deliveries/{TODAY}", f"deliveries/{TODAY}?state=in_doubt"],
        "/subscribers?": ["subscribers?state=suppressed"],
        "/?": ["nothing"],
    }
    found = addresses(create_desk(desk.installation, desk.clock), values)
    return [path for path in found if not path.endswith(PLAIN) and "/pictures/" not in path]


@pytest.fixture(scope="module")
def session(desk: Desk) -> Sequence[dict[str, str]]:
    """The cookies of an editor who may do everything."""
    cookies = desk.browser(*Role).session.cookies
    return [{"name": each.name, "value": each.value or "", "url": desk.url} for each in cookies]


def each(
    browser: Browser, desk: Desk, paths: Sequence[str], session: Sequence[dict[str, str]], **looks: object
) -> Iterator[tuple[str, Page]]:
    """One page after the other in the tab of an editor who has signed in."""
    with browser.new_context(viewport=PHONE, **looks) as context:  # type: ignore[arg-type]
        context.add_cookies(session)  # type: ignore[arg-type]
        tab = context.new_page()
        for path in paths:
            answer = tab.goto(f"{desk.url}{path}")
            assert answer
            assert answer.status < 500, path
            yield path or "today", tab


@pytest.mark.skipif(AXE is None, reason="needs npm's axe-core: make node")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(
    browser: Browser, desk: Desk, paths: Sequence[str], session: Sequence[dict[str, str]], scheme: str
) -> None:
    """Labels, names, headings, contrast."""
    assert AXE is not None
    assert len(paths) > 25
    found: dict[tuple[str, str], list[str]] = {}
    for path, tab in each(browser, desk, paths, session, color_scheme=scheme, bypass_csp=True):
        tab.add_script_tag(path=AXE / "axe.min.js")
        rules = tab.evaluate("axe.run(document, {resultTypes: ['violations'], iframes: false})")["violations"]
        found |= {(path, rule["id"]): [node["html"][:200] for node in rule["nodes"]] for rule in rules}
    assert found == {}


def test_nothing_is_wider_than_a_phone_and_every_page_is_whole(
    browser: Browser, desk: Desk, paths: Sequence[str], session: Sequence[dict[str, str]]
) -> None:
    """360 px, long words and all; one heading, a title, and the way past the navigation is the first stop."""
    wrong: dict[str, object] = {}
    for path, tab in each(browser, desk, paths, session):
        wide = tab.evaluate("document.documentElement.scrollWidth")
        tab.keyboard.press("Tab")
        first = tab.evaluate("document.activeElement.className")
        seen = (wide, first, tab.locator("h1").count(), tab.title().endswith(" · desk"))
        if seen != (PHONE["width"], "skip", 1, True):
            wrong[path] = seen
    assert wrong == {}
