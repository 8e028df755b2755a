"""Mail to editors: a link for who forgot a password, a draft with its preview, one reminder, one report; never twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Event
from time import sleep

import pytest

from desk import Desk, desk_of
from digest import store
from digest.assemble.editing import Change
from digest.model import IssueId, Role
from digest.pipeline.drafts import draft
from digest.pipeline.drafts.editing import edit
from digest.pipeline.editors.editor_mail import REPORT_AFTER, tell_editors
from digest.pipeline.issues import publish
from digest.pipeline.mail import outbox, send
from digest.pipeline.posts import collect
from digest.store.database import reading
from installation import NOW, SLOT, Clock, Place, installed

MIRA, TAM = "mira@hollin.test", "tam@hollin.test"
SUNDAY = IssueId.parse("weekly/2026-11-22")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("mill", "weir", at=NOW - timedelta(hours=1))
        yield place


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    with desk_of(place) as desk:
        yield desk


def drafted(desk: Desk) -> None:
    list(collect.collect(desk.installation, desk.clock))
    draft.draft(desk.installation, "weekly", desk.clock())


def mails(desk: Desk, place: Place) -> list[tuple[str, EmailMessage]]:
    """Send what waits; whom each mail that came went to, and the mail."""
    before = len(place.inbox.messages)
    outbox.send(desk.installation, desk.clock, Event())
    new = place.inbox.messages[before:]
    return [(each.recipient, message_from_bytes(each.data, policy=policy.default)) for each in new]


def written(desk: Desk, count: int) -> None:
    """Wait until so many mails are in the Outbox: they are written after the answer."""
    for _ in range(200):
        with reading(desk.installation.engine) as connection:
            if len(list(store.outbox.rows(connection))) == count:
                return
        sleep(0.05)
    pytest.fail(f"the Outbox never had {count} mails")


def text(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body
    return str(body.get_content())


# ── a forgotten password ─────────────────────────────────────────────────────────────────────────


def test_a_link_to_choose_a_password_is_mailed_to_an_editor_alone(desk: Desk, place: Place) -> None:
    """The page says the same to everybody; the link works once."""
    desk.editor(Role.EDITOR)
    pages = {
        desk.stranger().post("forgotten", address=address).text for address in (MIRA, "nobody@hollin.test")
    }
    assert len(pages) == 1
    written(desk, 1)
    ((recipient, mail),) = mails(desk, place)
    assert recipient == MIRA
    link = re.search(r"/desk/(choose/[\w-]+)", text(mail))
    assert link
    browser = desk.stranger()
    assert browser.post(link[1], password="a lamp above the ferry").url == desk.url
    assert desk.stranger().get(link[1]).status_code == 404


def test_a_thousand_requests_are_one_mail_whose_link_goes_on_working(desk: Desk, place: Place) -> None:
    """Until a quarter of an hour later."""
    desk.editor(Role.EDITOR)
    for _ in range(20):
        desk.stranger().post("forgotten", address=MIRA.upper())
    written(desk, 1)
    ((_, mail),) = mails(desk, place)
    link = re.search(r"/desk/(choose/[\w-]+)", text(mail))
    assert link
    assert desk.stranger().get(link[1]).ok
    desk.later(timedelta(minutes=16))
    desk.stranger().post("forgotten", address=MIRA)
    written(desk, 2)
    assert len(mails(desk, place)) == 1
    assert desk.stranger().get(link[1]).status_code == 404, "the newer link is the one that works"


# ── drafts ───────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_comes_with_its_preview_and_what_is_to_be_mended(desk: Desk, place: Place) -> None:
    """To whoever edits, once, however often somebody looks; its link asks for a sign-in."""
    desk.editor(Role.EDITOR)
    desk.editor(Role.VIEWER, address=TAM)
    drafted(desk)
    assert [tell_editors(desk.installation, desk.clock()) for _ in range(3)] == [1, 0, 0]
    ((recipient, mail),) = mails(desk, place)
    assert (recipient, mail["subject"].startswith("[Draft] ")) == (MIRA, True)
    assert "is ready: it goes out at 2026-11-22 09:00 Europe/Berlin" in text(mail)
    assert "Nobody in Hollin asked the mill about the water" in text(mail, "html")
    assert "Review and approve" in text(mail, "html")
    assert "{{" not in text(mail) + text(mail, "html")
    assert "sign-in?to=issue/weekly/2026-11-22" in desk.stranger().get(f"issue/{SUNDAY}").url.replace(
        "%2F", "/"
    )


def test_an_editor_who_comes_later_is_told_as_well(desk: Desk, place: Place) -> None:
    """Nobody else is told again."""
    desk.editor(Role.EDITOR)
    drafted(desk)
    tell_editors(desk.installation, desk.clock())
    desk.editor(Role.EDITOR, address=TAM)
    edit(desk.installation, SUNDAY, Change(title="By hand"), desk.clock())
    tell_editors(desk.installation, desk.clock())
    assert sorted(recipient for recipient, _ in mails(desk, place)) == [MIRA, TAM]


def test_two_hours_before_it_goes_out_who_may_approve_is_reminded(desk: Desk, place: Place) -> None:
    """Once, and not where it is approved."""
    desk.editor(Role.PUBLISHER)
    drafted(desk)
    desk.clock.now = SLOT - timedelta(hours=2, minutes=1)
    assert tell_editors(desk.installation, desk.clock()) == 0
    desk.later(timedelta(minutes=1))
    assert [tell_editors(desk.installation, desk.clock()) for _ in range(2)] == [1, 0]
    ((_, mail),) = mails(desk, place)
    assert mail["subject"].startswith("Reminder: [Draft] ")


def test_an_approved_issue_reminds_nobody(desk: Desk, place: Place) -> None:
    """Nor does an issue without a post."""
    desk.editor(Role.PUBLISHER)
    drafted(desk)
    publish.approve(desk.installation, SUNDAY, desk.clock())
    desk.clock.now = SLOT - timedelta(hours=1)
    assert tell_editors(desk.installation, desk.clock()) == 0
    assert mails(desk, place) == []


# ── reports ──────────────────────────────────────────────────────────────────────────────────────


def test_after_a_send_its_report_counts_and_asks_nothing(desk: Desk, place: Place) -> None:
    """An hour after its end, so that what comes back at once is in it; nothing about what anybody opened."""
    place.subscribe("ada@hollin.test", "bo@hollin.test")
    desk.editor(Role.PUBLISHER)
    drafted(desk)
    publish.approve(desk.installation, SUNDAY, desk.clock())
    desk.clock.now = SLOT
    publish.publish(desk.installation, SUNDAY, desk.clock())
    send.send(desk.installation, SUNDAY, desk.clock)
    assert tell_editors(desk.installation, desk.clock()) == 0
    desk.later(REPORT_AFTER)
    assert [tell_editors(desk.installation, desk.clock()) for _ in range(2)] == [1, 0]
    (mail,) = (mail for recipient, mail in mails(desk, place) if recipient == MIRA)
    assert "With the relay: 2 mails." in text(mail)
    assert "0 have left since." in text(mail)
    assert "is not known, and not asked" in text(mail)


def test_no_mail_where_it_is_turned_off(place: Place) -> None:
    """`[desk] mails = false`."""
    place.path.write_text(place.path.read_text() + "\n[desk]\nmails = false\n")
    with desk_of(place) as desk:
        desk.editor(*Role)
        drafted(desk)
        assert tell_editors(desk.installation, Clock()()) == 0
        with reading(desk.installation.engine) as connection:
            assert list(store.outbox.rows(connection)) == []
