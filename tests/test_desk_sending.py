"""A send at the desk: what is known before it, thirty seconds to take it back, one send whatever is clicked, and what is in doubt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import update

from desk import Browser, Desk, desk_of
from digest import store
from digest.model import DeliveryState, IssueId, IssueState, Role
from digest.pipeline.drafts import draft
from digest.pipeline.editors import sending
from digest.pipeline.issues import publish
from digest.pipeline.mail import send
from digest.pipeline.posts import collect
from digest.store.database import reading, transaction
from digest.store.schema import deliveries, sends
from installation import NOW, Place, installed

SUNDAY = IssueId.parse("weekly/2026-11-22")
SEND = f"send/{SUNDAY}"
DELIVERIES = f"deliveries/{SUNDAY}"
READERS = ("ada@hollin.test", "bo@hollin.test", "cy@hollin.test")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("mill", "weir", at=NOW - timedelta(hours=1))
        place.subscribe(*READERS)
        yield place


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    with desk_of(place) as desk:
        list(collect.collect(desk.installation, desk.clock))
        draft.draft(desk.installation, "weekly", desk.clock())
        publish.approve(desk.installation, SUNDAY, desk.clock())
        yield desk


@pytest.fixture
def mira(desk: Desk) -> Browser:
    return desk.browser(Role.EDITOR, Role.PUBLISHER)


def said(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text.partition("<main")[2])))


def counts(desk: Desk) -> dict[str, int]:
    with reading(desk.installation.engine) as connection:
        found = store.deliveries.counts(connection, SUNDAY)
    return {str(state): count for state, count in found.items() if count}


def csrf(browser: Browser) -> str:
    """The token of a browser's session."""
    found = re.search(r'name="csrf" value="([^"]+)"', browser.get(SEND).text)
    assert found
    return unescape(found[1])


def doubtful(desk: Desk, mira: Browser) -> None:
    """Everything was sent, and of one mail nobody knows."""
    mira.send(SEND, f"{SEND}/start")
    desk.later(sending.UNDO)
    send.send(desk.installation, SUNDAY, desk.clock)
    with transaction(desk.installation.engine) as connection:
        theirs = deliveries.c.address == "bo@hollin.test"
        doubt = {"state": DeliveryState.IN_DOUBT, "settled_at": None}
        connection.execute(update(deliveries).where(theirs).values(**doubt))
        connection.execute(update(sends).values(state="running", finished_at=None))


# ── before ───────────────────────────────────────────────────────────────────────────────────────


def test_the_page_before_says_to_how_many_and_until_when(desk: Desk, mira: Browser) -> None:
    """And what became of the send before."""
    page = said(mira.get(SEND).text)
    assert "It goes to 3 people" in page
    assert "Send to 3 people now" in page
    assert "The send before there is none" in page


def test_a_send_is_published_and_can_be_taken_back_for_half_a_minute(
    desk: Desk, mira: Browser, place: Place
) -> None:
    """Until then not a byte leaves; taken back, it can be asked for again."""
    mira.send(SEND, f"{SEND}/start")
    assert desk.installation.issue(SUNDAY).state is IssueState.PUBLISHED
    send.send(desk.installation, SUNDAY, desk.clock)
    assert place.recipients() == []
    assert "the first mail leaves in 30 s" in said(mira.get(SEND).text)
    mira.send(SEND, f"{SEND}/take-back")
    assert counts(desk) == {}
    assert "Send to 3 people now" in said(mira.get(SEND).text)
    mira.send(SEND, f"{SEND}/start")
    desk.later(sending.UNDO)
    assert "is being sent already" in mira.send(SEND, f"{SEND}/take-back").text
    send.send(desk.installation, SUNDAY, desk.clock)
    assert place.recipients() == sorted(READERS)
    assert [action for _, action, _ in desk.log()][-3:] == ["send", "take send back", "send"]


def test_a_double_click_a_reload_and_two_editors_are_one_send(
    desk: Desk, mira: Browser, place: Place
) -> None:
    """However often and from wherever it is asked for at once."""
    tam = desk.browser(Role.PUBLISHER, address="tam@hollin.test")
    tokens = [csrf(browser) for browser in (mira, tam)]
    with ThreadPoolExecutor(4) as crew:
        clicks = [
            crew.submit(browser.post, f"{SEND}/start", None, csrf=token)
            for browser, token in zip((mira, tam) * 3, tokens * 3, strict=True)
        ]
    assert all(click.result().ok for click in clicks)
    desk.later(sending.UNDO)
    send.send(desk.installation, SUNDAY, desk.clock)
    assert mira.post(f"{SEND}/start", None, csrf=tokens[0]).ok
    send.send(desk.installation, SUNDAY, desk.clock)
    assert place.recipients() == sorted(READERS)


def test_a_large_audience_is_asked_for_its_number_and_for_the_password(
    desk: Desk, mira: Browser, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And begins with 1 % of it unless that is unticked."""
    monkeypatch.setattr(sending, "LARGE", 2)
    place.subscribe(*(f"reader{number}@hollin.test" for number in range(197)))
    assert "Type the number of people" in mira.get(SEND).text
    assert "type that number" in mira.send(SEND, f"{SEND}/start").text
    assert "type that number" in mira.send(SEND, f"{SEND}/start", people="30").text
    desk.later(timedelta(minutes=20))
    assert f"prove?to={SEND}" in mira.send(SEND, f"{SEND}/start", people="200").url
    assert counts(desk) == {}
    mira.send("prove", "prove", password="four mills by one river", to=SEND)
    mira.send(SEND, f"{SEND}/start", people="200", first="1")
    with reading(desk.installation.engine) as connection:
        found = store.deliveries.send(connection, SUNDAY)
    assert found
    assert found.first_until > 0


def test_who_only_edits_sends_nothing(desk: Desk) -> None:
    """And sees no button for it."""
    browser = desk.browser(Role.EDITOR)
    assert "now</button>" not in browser.get(SEND).text
    assert browser.send("me", f"{SEND}/start").status_code == 403
    assert counts(desk) == {}


# ── while it goes ────────────────────────────────────────────────────────────────────────────────


def test_a_send_is_paused_resumed_and_cancelled(desk: Desk, mira: Browser, place: Place) -> None:
    """Each by a button, each in the log."""
    mira.send(SEND, f"{SEND}/start")
    desk.later(sending.UNDO)
    mira.send(SEND, f"{SEND}/steer", do="pause")
    send_now(desk)
    assert place.recipients() == []
    assert "Mira paused it" in mira.get(SEND).text
    mira.send(SEND, f"{SEND}/steer", do="resume")
    mira.send(SEND, f"{SEND}/steer", do="cancel")
    send_now(desk)
    assert counts(desk) == {"cancelled": 3}
    assert [action for _, action, _ in desk.log()][-3:] == ["pause", "resume", "cancel"]


def send_now(desk: Desk) -> None:
    """What the scheduler would do."""
    from digest.errors import DigestError

    try:
        send.send(desk.installation, SUNDAY, desk.clock)
    except DigestError:
        return


def test_its_progress_is_told_as_it_happens(desk: Desk, mira: Browser) -> None:
    """As server-sent events: the counts, whenever they change."""
    mira.send(SEND, f"{SEND}/start")
    with mira.session.get(f"{desk.url}{SEND}/progress", stream=True, timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in answer.iter_lines(decode_unicode=True) if line.startswith("data:"))
        first = json.loads(next(lines)[5:])
        assert (first["state"], first["open"], first["counts"]["queued"]) == ("running", 3, 3)
        desk.later(sending.UNDO)
        send.send(desk.installation, SUNDAY, desk.clock)
        last = json.loads(next(lines)[5:])
        while last["open"]:
            last = json.loads(next(lines)[5:])
        assert (last["state"], last["counts"]["accepted"]) == ("finished", 3)


# ── afterwards ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("word", "copies"), [("sent", 3), ("resend", 4)])
def test_what_is_in_doubt_is_settled_by_a_person(
    desk: Desk, mira: Browser, place: Place, word: str, copies: int
) -> None:
    """It arrived, or it is sent once more; nothing of it by itself."""
    doubtful(desk, mira)
    page = f"{DELIVERIES}?state=in_doubt"
    assert "bo@hollin.test" in mira.get(page).text
    send_now(desk)
    assert len(place.recipients()) == 3
    mira.send(page, f"{DELIVERIES}/settle", address="bo@hollin.test", word=word)
    send_now(desk)
    assert len(place.recipients()) == copies
    assert counts(desk) == {"accepted": 3}
    with reading(desk.installation.engine) as connection:
        newest = [entry for _, entry in store.audit.newest(connection, 1)]
    assert (newest[0].action, newest[0].detail.partition(":")[0]) == ("settle", "b•••@hollin.test")


def test_deliveries_are_found_by_address_and_state_page_by_page(
    desk: Desk, mira: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the relay's words; the counts add up to the audience."""
    from digest.web.desk import deliveries as pages

    doubtful(desk, mira)
    monkeypatch.setattr(pages, "PAGE", 2)
    first = mira.get(DELIVERIES).text
    assert ("any (3)" in first, "ada@hollin.test" in first, "cy@hollin.test" in first) == (True, True, False)
    following = re.search(r'href="([^"]+after=\d+)"', first)
    assert following
    assert (
        "cy@hollin.test"
        in mira.session.get(
            f"{desk.url}{DELIVERIES}?{unescape(following[1]).partition('?')[2]}", timeout=20
        ).text
    )
    found = said(mira.get(f"{DELIVERIES}?address=CY@hollin.test").text)
    assert ("cy@hollin.test" in found, "ada@hollin.test" in found, "250" in found) == (True, False, True)


def test_addresses_are_masked_for_who_only_looks(desk: Desk, mira: Browser) -> None:
    """An editor who cannot send has no use for them."""
    doubtful(desk, mira)
    page = desk.browser(Role.VIEWER, address="tam@hollin.test").get(DELIVERIES).text
    assert ("a•••@hollin.test" in page, "ada@" in page) == (True, False)


def test_charts_say_in_words_what_they_draw(desk: Desk, mira: Browser) -> None:
    """Of a send by the minute; of bounces, that there are none."""
    doubtful(desk, mira)
    assert re.search(
        r"Accepted per minute 2 in all, from 08:00 to 08:00; most at 08:00: 2\.", said(mira.get(SEND).text)
    )
    assert "Nothing yet." in said(mira.get("bounces").text)
