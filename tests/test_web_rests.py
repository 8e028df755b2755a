"""A rest, leaving everything at once, and coming back: over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from deliver_samples import digest_settings
from digest.model import SubscriptionState
from digest.pipeline.readers import resting
from digest.store import audience
from digest.store.database import transaction
from reader_site import Page, Site, link_of, site

CONFIRMED, UNSUBSCRIBED = SubscriptionState.CONFIRMED, SubscriptionState.UNSUBSCRIBED


@pytest.fixture
def here(engine: Engine, tmp_path: Path) -> Iterator[Site]:
    with site(engine, tmp_path) as opened:
        opened.confirmed()
        yield opened


def rest(here: Site, **form: str) -> Page:
    return Page(requests.post(f"{here.path()}/pause", data=form, timeout=20))


def until(here: Site) -> datetime | None:
    return here.subscriptions()["weekly"].paused_until


# ── a rest ───────────────────────────────────────────────────────────────────────────────────────


def test_some_issues_are_left_out(here: Site) -> None:
    """It ends at the slot of the issue that comes after them; the page names the day beforehand."""
    page = here.open(f"{here.path()}/pause")
    assert "Leave out 2 issues the next one comes on December 13, 2026" in page.words
    saved = rest(here, rest="2")
    assert "You have a rest until December 13, 2026." in saved.words
    assert until(here) == datetime(2026, 12, 13, 9, tzinfo=UTC)


def test_until_a_day(here: Site) -> None:
    """From that day on mail may come again."""
    assert "You have a rest until January 7, 2027." in rest(here, rest="until", day="2027-01-07").words
    assert until(here) == datetime(2027, 1, 7, tzinfo=UTC)


def test_a_rest_ends_by_hand_or_by_itself(here: Site) -> None:
    """By a button; and once it is over the page says nothing of it."""
    rest(here, rest="1")
    assert "No rest: send me the next issue" in here.open(f"{here.path()}/pause").words
    assert "You have a rest" not in rest(here, rest="0").words
    assert until(here) is None
    rest(here, rest="1")
    here.wait(days=14)
    assert "You have a rest" not in here.open(f"{here.path()}/pause").words


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"rest": "3"},
        {"rest": "-1"},
        {"rest": "²"},
        {"rest": "until"},
        {"rest": "until", "day": "2026-11-22"},
        {"rest": "until", "day": "2028-01-01"},
        {"rest": "until", "day": "tomorrow"},
        {"rest": "until", "day": "9999-12-31"},
    ],
    ids=str,
)
def test_what_is_no_time_is_said(here: Site, form: dict[str, str]) -> None:
    """And changes nothing."""
    rest(here, rest="1")
    before = here.everything()
    page = rest(here, **form)
    assert page.status == 422
    assert "Choose how many issues to leave out" in page.words
    assert here.everything() == before


@given(st.integers(1, 8), st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_rest_leaves_out_as_many_slots_as_it_says(issues: int, now: datetime) -> None:
    """Whenever it begins, in any week, across the change of clocks."""
    digest = digest_settings(days=["tuesday", "friday"], zone="Europe/Berlin")
    end = resting.after_issues(digest, issues, now)
    slots = [resting.after_issues(digest, number, now) for number in range(issues)]
    assert all(now < slot < end for slot in slots)
    assert len(set(slots)) == issues


# ── everything at once ───────────────────────────────────────────────────────────────────────────


def test_everything_ends_and_comes_back_together(here: Site) -> None:
    """Undo brings back what ended with it, and not what was left before."""
    here.wait(days=2)
    here.confirmed(digest="daily")
    page = here.open(here.path())
    assert "You also get: The Lowland Daily" in page.words
    left = page.submit(1)
    assert "We will not write to m•••@example.org again." in left.words
    assert {each.state for each in here.subscriptions().values()} == {UNSUBSCRIBED}
    back = left.submit()
    assert "gets mail as before" in back.words
    assert {each.state for each in here.subscriptions().values()} == {CONFIRMED}
    requests.post(here.path(digest="daily"), timeout=20)
    here.wait(minutes=1)
    here.open(here.path()).submit().submit()
    assert (here.state(), here.state(digest="daily")) == (CONFIRMED, UNSUBSCRIBED)


def test_undo_confirms_nothing_that_was_never_confirmed(here: Site) -> None:
    """What a stranger asked for at the address is forgotten with the rest, and stays so."""
    here.wait(days=2)
    here.sign_up(digest="daily")
    requests.post(f"{here.path()}/all", timeout=20)
    requests.post(f"{here.path()}/all/undo", timeout=20)
    assert here.state() is CONFIRMED
    assert here.state(digest="daily") is None


def test_who_reads_one_newsletter_is_offered_one_button(here: Site) -> None:
    """There is no "everything" then."""
    page = here.open(here.path())
    assert len(page.tree.forms) == 1
    assert "Unsubscribe from everything" not in page.words


# ── every page ───────────────────────────────────────────────────────────────────────────────────


def crawl(here: Site, *starts: str) -> set[str]:
    """Open every link and every form's address that can be reached, by GET and HEAD, as scanners do."""
    seen, waiting = set[str](), list(starts)
    while waiting:
        address = waiting.pop()
        if address in seen or not address.startswith(here.url):
            continue
        seen.add(address)
        answer = requests.get(address, timeout=20)
        requests.head(address, timeout=20)
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            tree = Page(answer).tree
            tree.make_links_absolute(address)
            waiting += [link.partition("#")[0] for _, _, link, _ in tree.iterlinks()]
    return seen


def test_a_crawler_that_opens_everything_changes_nothing(here: Site) -> None:
    """Not a row of any table, wherever it begins: at a mail's links, at the forms, at a confirmation."""
    here.sign_up("other@example.org", digest="daily")
    before = here.everything()
    confirmation = f"{here.url}/{link_of(here.mails()[-1])}"
    seen = crawl(
        here,
        f"{here.url}/s/",
        f"{here.url}/s/weekly/form",
        here.path(),
        f"{here.path()}/themes",
        confirmation,
    )
    assert {"pause", "you", "themes", "weekly", "daily", "form"} <= {
        address.rpartition("/")[2] for address in seen
    }
    assert here.everything() == before


def test_control_a_page_that_writes_when_opened_is_seen(here: Site) -> None:
    """The same crawler, with a page that unsubscribes whoever opens it."""

    def careless() -> None:
        with transaction(here.engine) as connection:
            audience.unsubscribe(connection, 1, "weekly", here.clock.now)

    here.app.add_api_route("/careless", careless, methods=["GET"])
    before = here.everything()
    crawl(here, f"{here.url}/careless")
    assert here.everything() != before


ODD = (
    "\x00",
    "\ud7ff",
    "😀" * 200,
    "<b>",
    "%s",
    "' OR 1=1 --",
    "-1",
    "1e9",
    "٣",
    "2026-02-30",
    "../..",
    "a" * 900,
    "=?utf-8?q?x?=",
)


def test_odd_values_in_any_field_are_no_error(here: Site) -> None:
    """Whatever a form says, the answer is a page of ours, and nobody is subscribed or unsubscribed by it."""
    here.open(f"{here.path()}/you").submit(purpose="address")
    link = f"{here.url}/{link_of(here.mails()[-1])}"
    before = here.subscriptions()
    for odd in ODD:
        fields = ("address", "shown", "website", "theme", "rest", "day", "purpose", "digest")
        for page in (
            f"{here.url}/s/weekly",
            f"{here.path()}/themes",
            f"{here.path()}/pause",
            f"{here.path()}/you",
            link,
        ):
            answer = requests.post(page, data=dict.fromkeys(fields, odd), timeout=20)
            assert answer.status_code in (200, 404, 422), (page, odd)
            assert "text/html" in answer.headers["Content-Type"]
            assert "<b>" not in answer.text
        assert requests.get(f"{here.url}/s/{quote(odd, safe='')}", timeout=20).status_code == 404
    assert here.subscriptions() == before
