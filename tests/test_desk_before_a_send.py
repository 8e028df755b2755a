"""Before a send the desk says what was changed since its editor looked, and what doctor found; it asks nobody for that."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from desk import Browser, Desk, desk_of
from digest import store
from digest.assemble.editing import Change
from digest.doctor.check import Checkup, failed, ok, warning
from digest.errors import StoreError
from digest.model import IssueId, Look, Preview, Role
from digest.pipeline.drafts import draft
from digest.pipeline.drafts.editing import edit, undo
from digest.pipeline.editors import looking
from digest.pipeline.editors.editor_mail import tell_editors
from digest.pipeline.issues import publish
from digest.pipeline.posts import collect
from digest.pipeline.upkeep.pruning import prune
from digest.store.database import reading, transaction
from digest.store.schema import metadata
from digest.work import due
from installation import NOW, SLOT, Place, installed
from name_server import NameServer, name_server

SUNDAY = IssueId.parse("weekly/2026-11-22")
SEND, ISSUE = f"send/{SUNDAY}", f"issue/{SUNDAY}"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SPF = {("hollin.test", "TXT"): ['"v=spf1 -all"']}


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    with name_server(SPF) as names:
        yield names


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with installed(tmp_path_factory.mktemp("desk")) as place:
        place.blog.write("mill", "weir", at=NOW - HOUR)
        place.subscribe("ada@hollin.test")
        yield place


@pytest.fixture(scope="module")
def opened(place: Place, names: NameServer) -> Iterator[Desk]:
    with desk_of(place, nameserver=names.address) as desk:
        list(collect.collect(desk.installation, desk.clock))
        draft.draft(desk.installation, "weekly", desk.clock())
        yield desk


@pytest.fixture(scope="module")
def drafted(opened: Desk) -> Mapping[str, Sequence[Mapping[str, object]]]:
    """All rows, by table, as they are before each test."""
    with reading(opened.installation.engine) as connection:
        return {
            table.name: [dict(row._mapping) for row in connection.execute(select(table))]
            for table in metadata.sorted_tables
        }


@pytest.fixture
def desk(opened: Desk, drafted: Mapping[str, Sequence[Mapping[str, object]]]) -> Desk:
    """The same desk for all, on Friday morning, with a draft that nobody has looked at."""
    opened.clock.now = NOW
    with transaction(opened.installation.engine) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        for table in metadata.sorted_tables:
            if drafted[table.name]:
                connection.execute(table.insert(), drafted[table.name])
    return opened


@pytest.fixture
def mira(desk: Desk) -> Browser:
    return desk.browser(Role.EDITOR, Role.PUBLISHER)


def said(page: str) -> str:
    text = unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))
    return re.sub(r"\s+", " ", text)


def before(desk: Desk, browser: Browser) -> str:
    """The page before the send of an issue that is approved."""
    publish.approve(desk.installation, SUNDAY, desk.clock())
    return said(browser.get(SEND).text)


def look_of(desk: Desk, address: str = "mira@hollin.test") -> Look | None:
    with reading(desk.installation.engine) as connection:
        editor = store.editors.known_as(connection, address)
        assert editor
        return store.looks.newest(connection, editor.id, SUNDAY)


def look(desk: Desk, browser: Browser) -> Look:
    """Open the preview; that it was seen is noted after the answer."""
    earlier = look_of(desk)
    assert browser.get(f"{ISSUE}/proof/mail-light.html").ok
    for _ in range(200):
        found = look_of(desk)
        if found and found != earlier:
            return found
        time.sleep(0.02)
    raise AssertionError("nobody has noted it")


def retitle(desk: Desk, title: str) -> None:
    edit(desk.installation, SUNDAY, Change(title=title), desk.clock(), by="tam@hollin.test")


def keep(desk: Desk, *checks: object, ago: timedelta = MINUTE) -> None:
    """What doctor would have found."""
    with transaction(desk.installation.engine) as connection:
        store.checks.keep(connection, Checkup(desk.clock() - ago, checks))  # type: ignore[arg-type]


# ── changes ──────────────────────────────────────────────────────────────────────────────────────


def test_who_never_looked_is_told_so(desk: Desk, mira: Browser) -> None:
    """With the way to the preview; that another editor has looked is of no help."""
    desk.browser(Role.VIEWER, address="tam@hollin.test").get(f"{ISSUE}/proof/mail.txt")
    assert "You have not looked at its preview yet" in before(desk, mira)


def test_what_changed_since_the_preview_is_told_with_who_and_when(desk: Desk, mira: Browser) -> None:
    """What was changed before is not; an undo is a change as well."""
    retitle(desk, "Seen by all")
    desk.later(MINUTE)
    assert look(desk, mira) == Look(1, desk.clock(), Preview.DESK)
    desk.later(MINUTE)
    retitle(desk, "Behind her back")
    undo(desk.installation, SUNDAY, desk.clock(), by="tam@hollin.test")
    page = before(desk, mira)
    assert "Since you looked at its preview ( Friday 20 November, 08:01 ), the newest first:" in page
    newest, _, older = page.partition("took a change back: The title is “Seen by all”")
    assert "08:02 · tam@hollin.test" in newest
    assert "The title is “Behind her back”; it was “Seen by all”." in older
    assert "it was “The" not in page


def test_nothing_changed_since_is_said_with_the_time(desk: Desk, mira: Browser) -> None:
    """Also after the approval, which changes nothing that is read."""
    look(desk, mira)
    desk.later(HOUR)
    assert "Nothing has changed since you looked at its preview ( Friday 20 November, 08:00 )." in before(
        desk, mira
    )


def test_a_draft_that_was_made_anew_is_to_be_looked_at_again(desk: Desk, mira: Browser, place: Place) -> None:
    """No editor changed it, yet other posts are in it."""
    look(desk, mira)
    desk.later(2 * HOUR)
    place.blog.write("lock", at=NOW + HOUR)
    list(collect.collect(desk.installation, desk.clock, everything=True))
    draft.draft(desk.installation, "weekly", desk.clock())
    page = before(desk, mira)
    assert "It was drafted anew Friday 20 November, 10:00 : look at it again" in page
    assert "Nothing has changed" not in page


def test_a_mailed_preview_and_a_test_copy_are_looks(desk: Desk, mira: Browser) -> None:
    """The newest of all counts."""
    desk.clock.now = SLOT - 12 * HOUR
    assert tell_editors(desk.installation, desk.clock()) == 1
    mailed = look_of(desk)
    assert mailed == Look(0, desk.clock(), Preview.MAIL)
    desk.later(MINUTE)
    retitle(desk, "After the mail")
    mira.sign_in("mira@hollin.test")
    assert "Since you got its preview by mail" in before(desk, mira)
    mira.send("me", f"{ISSUE}/test")
    assert "Nothing has changed since you sent yourself a test" in said(mira.get(SEND).text)


def test_a_look_that_cannot_be_noted_keeps_nobody_from_the_preview(
    desk: Desk, mira: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the database may only be read; an older look never replaces a newer one."""

    def refuse(*_: object) -> None:
        raise StoreError("The database may only be read.")

    monkeypatch.setattr("digest.web.desk.issues.looked", refuse)
    assert mira.get(f"{ISSUE}/proof/mail-light.html").ok
    monkeypatch.undo()
    seen = look(desk, mira)
    editor = desk.editor(Role.VIEWER, address="tam@hollin.test")
    for at in (seen.at, seen.at - HOUR):
        looking.looked(desk.installation, editor, SUNDAY, 0, at)
    assert look_of(desk, "tam@hollin.test") == Look(0, seen.at, Preview.DESK)


def test_looks_are_forgotten_with_the_sessions_they_were_made_in(desk: Desk, mira: Browser) -> None:
    """Who looked at what, and when, is nobody's business for longer."""
    look(desk, mira)
    prune(desk.installation, NOW + timedelta(days=13))
    assert look_of(desk)
    prune(desk.installation, NOW + timedelta(days=15))
    assert look_of(desk) is None


# ── doctor ───────────────────────────────────────────────────────────────────────────────────────


def test_the_page_before_shows_what_is_wrong_and_what_to_do(desk: Desk, mira: Browser) -> None:
    """What failed first, nothing of what is well, and when that was."""
    publish.approve(desk.installation, SUNDAY, desk.clock())
    assert "Nobody has looked yet" in said(mira.get(SEND).text)
    keep(
        desk,
        ok("disk", "there is room."),
        warning("DMARC", "it asks for nothing.", "Publish a record."),
        failed("relay", "nobody answers at mail.hollin.test.", "Start it."),
    )
    page = said(mira.get(SEND).text)
    assert re.search(r"Wrong: relay nobody answers at mail\.hollin\.test\. Start it\. Look at: DMARC", page)
    assert ("there is room" in page, "Looked at Friday 20 November, 07:59" in page) == (False, True)
    assert "Well: disk there is room." in said(mira.get("doctor").text)


def test_all_well_is_said_and_what_is_old_as_well(desk: Desk, mira: Browser) -> None:
    """After an hour it says little."""
    keep(desk, ok("disk", "there is room."))
    fresh = before(desk, mira)
    assert ("All well." in fresh, "more than an hour ago" in fresh) == (True, False)
    desk.later(HOUR)
    assert "more than an hour ago" in said(mira.get(SEND).text)


def test_a_button_has_it_look_and_nobody_waits(desk: Desk, mira: Browser, names: NameServer) -> None:
    """The page comes at once; what was found is there some seconds later, from the relay and the DNS themselves."""
    names.questions.clear()
    mira.get("doctor")
    assert not names.questions
    assert mira.send("doctor", "doctor/look").ok
    for _ in range(300):
        page = said(mira.get("doctor").text)
        if "Nobody has looked yet" not in page and "looked at now" not in page:
            break
        time.sleep(0.1)
    assert "Wrong: DMARC hollin.test has no DMARC record" in page
    assert "Well: relay smtp://127.0.0.1" in page
    assert ("_dmarc.hollin.test", "TXT") in names.questions


def test_only_who_sends_or_manages_has_it_look(desk: Desk, names: NameServer) -> None:
    """Others see what it found."""
    names.questions.clear()
    editor = desk.browser(Role.EDITOR)
    assert "Look now" not in editor.get("doctor").text
    assert editor.send("me", "doctor/look").status_code == 403
    assert "Look now" in desk.browser(Role.ADMIN, address="tam@hollin.test").get("doctor").text
    assert names.questions == []


def test_today_names_what_failed_when_a_send_is_near(desk: Desk, mira: Browser) -> None:
    """Two days before it there is time; a warning waits, too; once it is mended nobody is needed."""
    keep(desk, failed("relay", "nobody answers.", "Start it."), failed("disk", "it is full.", "Make room."))
    assert "A send is near" not in said(mira.get().text)
    desk.clock.now = SLOT - 3 * HOUR
    mira.sign_in("mira@hollin.test")
    needed = "A send is near, and doctor found relay wrong: nobody answers. And 1 more. Look"
    assert needed in said(mira.get().text)
    keep(desk, warning("relay", "it is slow.", "Ask why."))
    assert "A send is near" not in said(mira.get().text)


def test_the_scheduler_has_it_look_before_a_send_and_not_in_haste(desk: Desk) -> None:
    """So that nothing that is shown is older than an hour."""
    publish.approve(desk.installation, SUNDAY, desk.clock())
    assert not due.checkup_is_due(desk.installation, SLOT - 25 * HOUR)
    near = SLOT - 3 * HOUR
    assert due.checkup_is_due(desk.installation, near)
    desk.clock.now = near
    keep(desk, ok("disk", "there is room."), ago=timedelta())
    assert not due.checkup_is_due(desk.installation, near + timedelta(minutes=30))
    assert due.checkup_is_due(desk.installation, near + timedelta(minutes=45))
