"""What happens by itself, and when: drafts, approvals, issues and mail, by a clock that the test sets."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from digest import schedule, store
from digest.cli.describe import standing
from digest.demo.conversation import Envelope, Stage
from digest.model import DeliveryState, IssueId, IssueState, SendState
from digest.pipeline.installation import Installation
from digest.pipeline.issues.publish import approve, publish
from digest.pipeline.mail.send import send, sent
from digest.pipeline.mail.steering import cancel, pause, resume
from digest.pipeline.posts.collect import collect
from digest.settings import DigestSettings
from digest.store.database import reading, transaction
from installation import NOW, SLOT, Clock, Place, installed

SUNDAY = IssueId("weekly", date(2026, 11, 22))
HOUR = timedelta(hours=1)
OPENS = SLOT - 48 * HOUR  # when its draft is made


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path, digest='approval = "auto"') as place:
        place.blog.write("sluice", "weir", at=NOW)
        with place.opened():
            pass  # a digest begins when it is first seen
        place.subscribe("ada@example.org", "bo@example.org")
        yield place


@pytest.fixture
def home(here: Place) -> Iterator[Installation]:
    with here.opened() as installation:
        collect(installation, Clock(), everything=True)
        yield installation


def tick(home: Installation, now: datetime) -> None:
    """One look at the digest at that time."""
    schedule.advance(home, home.settings.digests[0], Clock(now), Event())


def issues(home: Installation) -> dict[date, IssueState]:
    with reading(home.engine) as connection:
        return dict(store.issues.slots(connection, "weekly"))


# ── from draft to mail ───────────────────────────────────────────────────────────────────────────


def test_a_week_goes_by_itself(here: Place, home: Installation) -> None:
    """Draft when it opens, then at the slot and not a minute earlier: approved, published, sent, once to each."""
    tick(home, OPENS - HOUR)
    assert issues(home) == {}
    tick(home, OPENS)
    assert issues(home) == {SUNDAY.slot: IssueState.DRAFT}
    tick(home, SLOT - timedelta(seconds=1))
    assert (issues(home), here.tree()) == ({SUNDAY.slot: IssueState.DRAFT}, {})
    tick(home, SLOT)
    assert issues(home) == {SUNDAY.slot: IssueState.PUBLISHED}
    assert sent(home, SUNDAY).send.state is SendState.FINISHED
    assert here.recipients() == ["ada@example.org", "bo@example.org"]


def test_a_tick_that_happens_twice_is_harmless(here: Place, home: Installation) -> None:
    """Also in another process, and hours later: nothing is made, written or sent again."""
    for now in (OPENS, SLOT, SLOT):
        tick(home, now)
    tree = here.tree()
    with here.opened(SLOT + HOUR) as restarted:
        for hours in (1, 2, 30):
            tick(restarted, SLOT + hours * HOUR)
    assert here.recipients() == ["ada@example.org", "bo@example.org"]
    assert here.tree() == tree
    assert issues(home) == {SUNDAY.slot: IssueState.PUBLISHED}


def test_a_draft_follows_what_is_collected(here: Place, home: Installation) -> None:
    """Until its slot; a tick without news leaves it as it is."""
    tick(home, OPENS + HOUR)
    before = home.issue(SUNDAY)
    tick(home, OPENS + 2 * HOUR)
    assert home.issue(SUNDAY) == before
    here.blog.write("bell", at=OPENS + HOUR)
    collect(home, Clock(OPENS + 3 * HOUR), everything=True)
    tick(home, OPENS + 4 * HOUR)
    assert {pick.title for pick in home.issue(SUNDAY).document.picks} == {
        "The sluice",
        "The weir",
        "The bell",
    }


def test_on_hold_nothing_goes_out_by_itself(here: Place, home: Installation) -> None:
    """It waits for a person at its slot; approved before it, it goes at the slot; after it, at the next tick."""
    here.configure()
    with here.opened() as held:
        for now in (OPENS, SLOT, SLOT + HOUR):
            tick(held, now)
        assert issues(held) == {SUNDAY.slot: IssueState.DRAFT}
        approve(held, SUNDAY, SLOT + 2 * HOUR)
        tick(held, SLOT + 3 * HOUR)
        assert issues(held) == {SUNDAY.slot: IssueState.PUBLISHED}
    assert here.recipients() == ["ada@example.org", "bo@example.org"]


def test_an_early_approval_waits_for_the_slot(here: Place, home: Installation) -> None:
    """Approving on Friday sends on Sunday."""
    tick(home, OPENS)
    approve(home, SUNDAY, OPENS + HOUR)
    tick(home, SLOT - HOUR)
    assert issues(home) == {SUNDAY.slot: IssueState.APPROVED}
    tick(home, SLOT)
    assert issues(home) == {SUNDAY.slot: IssueState.PUBLISHED}


def test_an_issue_without_posts_is_skipped(
    here: Place, home: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    """With the reason, in the issue and in the log; what comes later is in the next one."""
    with transaction(home.engine) as connection:
        connection.execute(text("UPDATE posts SET held = 'not now'"))
    with caplog.at_level(logging.WARNING):
        tick(home, OPENS)
        tick(home, SLOT)
    skipped = home.issue(SUNDAY)
    assert skipped.state is IssueState.SKIPPED
    assert skipped.skipped_why == "It has no post, and The Hollin Weekly needs at least 1."
    assert f"{SUNDAY} is skipped" in caplog.text
    assert here.recipients() == []
    here.blog.write("bell", at=SLOT + HOUR)
    collect(home, Clock(SLOT + 2 * HOUR), everything=True)
    tick(home, SLOT + 6 * 24 * HOUR)
    assert [pick.title for pick in home.issue(replace(SUNDAY, slot=date(2026, 11, 29))).document.picks] == [
        "The bell"
    ]


# ── trouble ──────────────────────────────────────────────────────────────────────────────────────


def test_what_slept_over_its_slot_is_caught_up(here: Place, home: Installation) -> None:
    """Within a day it goes out late, and once, with its own date."""
    tick(home, SLOT + 5 * HOUR)
    tick(home, SLOT + 6 * HOUR)
    assert issues(home) == {SUNDAY.slot: IssueState.PUBLISHED}
    assert here.recipients() == ["ada@example.org", "bo@example.org"]


@pytest.mark.parametrize(
    ("before", "verb"),
    [(IssueState.DRAFT, "approve"), (IssueState.APPROVED, "publish"), (IssueState.PUBLISHED, "send")],
)
def test_after_a_long_stop_a_person_decides(
    here: Place, home: Installation, before: IssueState, verb: str
) -> None:
    """Two days late nobody gets mail by itself, however far the issue had come."""
    tick(home, OPENS)
    if before is not IssueState.DRAFT:
        approve(home, SUNDAY, OPENS)
    if before is IssueState.PUBLISHED:
        publish(home, SUNDAY, OPENS)
    for hours in (48, 49):
        tick(home, SLOT + hours * HOUR)
    assert issues(home)[SUNDAY.slot] is before
    assert here.recipients() == []
    sentence = standing(home, home.issue(SUNDAY), SLOT + 49 * HOUR)
    assert f"is more than 24 h late; decide: digest {verb} {SUNDAY}" in sentence


def test_an_issue_that_cannot_go_on_keeps_no_other_back(
    here: Place, home: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    """One has a quote that left its source; the one of today is sent all the same, and the log names the first."""
    tick(home, OPENS)
    with transaction(home.engine) as connection:
        connection.execute(text("UPDATE revisions SET text = replace(text, 'sluice', 'slice')"))
    here.blog.write("bell", at=OPENS + HOUR)
    later = IssueId("weekly", SUNDAY.slot, "zz-extra")
    collect(home, Clock(OPENS + 2 * HOUR), everything=True)
    with transaction(home.engine) as connection:
        issue = store.issues.issue(connection, SUNDAY)
        assert issue
        edited = replace(issue, edit=1)  # an editor's: it is not drafted again
        assert store.issues.save_draft(connection, edited, replaces_edit=0)
        bell = replace(issue.document, id=later, groups=(), introduction="Only a word this week.")
        assert store.issues.save_draft(connection, replace(issue, id=later, document=bell))
    here.configure(digest='approval = "auto"\nmin_picks = 0')
    with here.opened() as home, caplog.at_level(logging.ERROR):
        tick(home, SLOT)
        assert home.issue(SUNDAY).state is IssueState.DRAFT
        assert home.issue(later).state is IssueState.PUBLISHED
    assert f"{SUNDAY}: " in caplog.text
    assert "sluice" in caplog.text


def test_what_the_relay_put_off_is_sent_later(here: Place, home: Installation) -> None:
    """Greylisted at the slot, accepted some minutes on, without anybody's doing and without a second copy."""
    tried: list[str] = []

    def greylist(stage: Stage, envelope: Envelope) -> str | None:
        if stage is not Stage.RCPT:
            return None
        recipient = envelope.recipients[-1]
        tried.append(recipient)
        return "451 4.7.1 come back later" if tried.count(recipient) == 1 else None

    here.inbox.replies = greylist
    tick(home, OPENS)
    begun = time.monotonic()
    while not sent_finished(home) and time.monotonic() < begun + 20:
        clock = partial(_since, begun, 600)  # an hour in six seconds
        schedule.advance(home, home.settings.digests[0], clock, Event())
    assert sorted(tried) == ["ada@example.org"] * 2 + ["bo@example.org"] * 2
    assert here.recipients() == ["ada@example.org", "bo@example.org"]


def sent_finished(home: Installation) -> bool:
    with reading(home.engine) as connection:
        found = store.deliveries.send(connection, SUNDAY)
    return found is not None and found.state is SendState.FINISHED


def test_a_paused_send_waits_and_a_cancelled_one_is_over(here: Place, home: Installation) -> None:
    """A person's hand is stronger than the schedule."""
    here.inbox.replies = lambda stage, _: "451 4.3.0 busy" if stage is Stage.RCPT else None
    tick(home, OPENS)
    approve(home, SUNDAY, OPENS)
    publish(home, SUNDAY, OPENS)
    assert send(home, SUNDAY, Clock(SLOT)).counts[DeliveryState.QUEUED] == 2
    pause(home, SUNDAY, NOW)
    here.inbox.replies = None
    tick(home, SLOT + HOUR)
    assert here.recipients() == []
    resume(home, SUNDAY, NOW)
    cancel(home, SUNDAY, SLOT + HOUR)
    tick(home, SLOT + HOUR)
    assert here.recipients() == []


# ── when ─────────────────────────────────────────────────────────────────────────────────────────


def digest_at(at: str, zone: str = "Europe/Berlin", days: tuple[str, ...] = ("sunday",)) -> DigestSettings:
    return DigestSettings.model_validate(
        {"slug": "weekly", "title": "Weekly", "days": days, "at": at, "zone": zone, "draft_hours": 48}
    )


def moments(digest: DigestSettings, after: datetime, until: datetime) -> list[datetime]:
    """Every moment at which the calendar wakes the scheduler."""
    found = []
    while (after := schedule.next_moment(digest, after)) < until:
        found.append(after)
    return found


def test_the_calendar_wakes_for_drafts_and_slots() -> None:
    """Each once, in order, 48 hours apart."""
    assert moments(digest_at("09:00"), NOW - HOUR, SLOT + 8 * 24 * HOUR) == [
        OPENS,
        SLOT,
        OPENS + 7 * 24 * HOUR,
        SLOT + 7 * 24 * HOUR,
    ]


@pytest.mark.parametrize(
    ("at", "year", "month", "day", "expected"),
    [
        ("02:30", 2026, 3, 29, "01:30"),  # a time that is left out comes once, after the gap
        ("02:30", 2026, 10, 25, "00:30"),  # a time that comes twice is the first of the two
        ("09:00", 2026, 3, 29, "07:00"),  # and the hour on the wall stays the hour on the wall
        ("09:00", 2026, 10, 25, "08:00"),
    ],
)
def test_a_night_of_the_clocks_makes_one_slot(
    at: str, year: int, month: int, day: int, expected: str
) -> None:
    """Spring and autumn in Berlin: one slot on that Sunday, at the time in UTC that its readers expect."""
    midnight = datetime(year, month, day, tzinfo=ZoneInfo("Europe/Berlin"))
    woken = moments(digest_at(at), midnight - HOUR, midnight + 23 * HOUR)
    assert [f"{moment.astimezone(UTC):%H:%M}" for moment in woken] == [expected]


def test_the_scheduler_collects_before_it_looks_at_a_digest(here: Place) -> None:
    """After a sleep over a slot the issue to catch up has what is new, however slow the sources are."""
    started, stop = time.monotonic(), Event()
    here.blog.seconds = 1.5
    with here.opened() as late:
        clock = partial(_since, started)
        scheduler = Thread(target=schedule.run, args=(late, clock, stop))
        scheduler.start()
        while not here.inbox.messages and time.monotonic() < started + 20:
            time.sleep(0.05)
        stop.set()
        scheduler.join(20)
        assert not scheduler.is_alive()
        assert {pick.title for pick in late.issue(SUNDAY).document.picks} == {"The sluice", "The weir"}
    assert len(here.inbox.messages) >= 1


def _since(started: float, speed: float = 1.0) -> datetime:
    """The slot, and from then on the time that has passed since ``started``, so many times as fast."""
    return SLOT + timedelta(seconds=(time.monotonic() - started) * speed)
