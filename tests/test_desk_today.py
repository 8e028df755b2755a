"""The first page of the desk says what needs an editor, most urgent first, or that nothing does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import update

from desk import Desk, desk_of
from digest import store
from digest.model import Role
from digest.pipeline.drafts import draft
from digest.pipeline.issues import publish
from digest.pipeline.mail import send
from digest.pipeline.posts import collect
from digest.store.database import reading, transaction
from digest.store.schema import deliveries
from installation import NOW, SLOT, Place, installed


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("mill", "weir", at=NOW - timedelta(hours=1))
        yield place


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    with desk_of(place) as desk:
        yield desk


def said(desk: Desk) -> str:
    """What the page says, without its markup."""
    with reading(desk.installation.engine) as connection:
        known = store.editors.editors(connection)
    if not known:
        desk.editor(Role.VIEWER)
    browser = desk.stranger()
    browser.sign_in("mira@hollin.test")
    main = browser.get().text.partition("<main")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def drafted(desk: Desk) -> draft.Drafted:
    list(collect.collect(desk.installation, desk.clock))
    return draft.draft(desk.installation, "weekly", desk.clock())


def test_a_quiet_day_says_so_and_what_comes_next(desk: Desk) -> None:
    """With the day and hour of the next issue, in the editor's zone."""
    page = said(desk)
    assert "Nothing needs you" in page
    assert "The Hollin Weekly Sunday 22 November, 08:00" in page


def test_a_draft_waits_for_approval_and_is_late_after_its_hour(desk: Desk) -> None:
    """One thing with one button; once its hour has passed the sentence says so."""
    drafted(desk)
    page = said(desk)
    assert "One thing needs you" in page
    assert "waits for approval: 2 posts. Review" in page
    desk.clock.now = SLOT + timedelta(hours=1)
    assert "was to be approved by then: 2 posts." in said(desk)


def test_an_approved_issue_needs_nobody(desk: Desk) -> None:
    """It goes out at its hour."""
    publish.approve(desk.installation, drafted(desk).issue.id, desk.clock())
    page = said(desk)
    assert "Nothing needs you" in page
    assert re.search(r"goes out Sunday 22 November, 08:00 \.", page)


def test_what_is_in_doubt_comes_before_all_else(desk: Desk, place: Place) -> None:
    """Before a source that fails, and with the way to where it is settled."""
    place.subscribe("reader1@hollin.test", "reader2@hollin.test")
    issue = drafted(desk).issue.id
    publish.approve(desk.installation, issue, desk.clock())
    desk.clock.now = SLOT
    publish.publish(desk.installation, issue, desk.clock())
    send.send(desk.installation, issue, desk.clock)
    with transaction(desk.installation.engine) as connection:
        connection.execute(update(deliveries).values(state="in_doubt", settled_at=None))
        connection.exec_driver_sql("UPDATE sends SET state = 'running', finished_at = NULL")
    place.blog.status = "500 Oh No"
    desk.later(timedelta(hours=1))
    list(collect.collect(desk.installation, desk.clock, everything=True))
    page = said(desk)
    assert page.index("2 messages are in doubt") < page.index("It has failed once")
    assert "2 things need you" in page


def test_a_source_that_fails_is_told_with_its_sentence(desk: Desk, place: Place) -> None:
    """Since when, and what is done about it."""
    place.blog.status = "500 Oh No"
    list(collect.collect(desk.installation, desk.clock, everything=True))
    assert re.search(r"It has failed once and has never answered well .* Look", said(desk))


def test_times_are_those_of_the_editor(desk: Desk) -> None:
    """UTC is there for whoever points at them."""
    from digest.pipeline.editors import signing

    desk.editor(Role.VIEWER)
    signing.change_editor(desk.installation, "mira@hollin.test", desk.clock(), zone="Asia/Kabul")
    browser = desk.stranger()
    browser.sign_in("mira@hollin.test")
    time = (
        '<time datetime="2026-11-22T08:00:00Z" title="2026-11-22 08:00 UTC">Sunday 22 November, 12:30</time>'
    )
    assert time in browser.get().text
