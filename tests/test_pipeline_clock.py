"""The clock of an issue through the verbs: cutoffs, late approvals, vetoes, pauses, edits and numbers."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from digest import schedule, store
from digest.assemble.editing import Change
from digest.cli.describe import issue_data
from digest.errors import DigestError
from digest.model import IssueId, IssueState
from digest.pipeline.drafts.draft import draft, new_since_edit, next_free_slot, veto
from digest.pipeline.drafts.editing import edit
from digest.pipeline.installation import Installation
from digest.pipeline.issues.publish import approve
from digest.pipeline.posts.collect import collect
from digest.store.database import reading
from installation import NOW, SLOT, Clock, Place, installed

SUNDAY, NEXT = (IssueId("weekly", date(2026, 11, day)) for day in (22, 29))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPENS = SLOT - 2 * DAY


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with installed(tmp_path) as place:
        place.blog.write("sluice", "weir", at=NOW)
        with place.opened():
            pass  # a digest begins when it is first seen
        yield place


@contextmanager
def home(here: Place, digest: str = "") -> Iterator[Installation]:
    """The installation with these settings of its digest, its blog collected once."""
    here.configure(digest=digest)
    with here.opened() as installation:
        collect(installation, Clock(), everything=True)
        yield installation


def tick(home: Installation, now: datetime, told: dict[IssueId, str] | None = None) -> None:
    schedule.advance(home, home.settings.digests[0], Clock(now), Event(), told)


def arrives(here: Place, home: Installation, name: str, now: datetime) -> None:
    """A post is published and collected."""
    here.blog.write(name, at=now)
    collect(home, Clock(now), everything=True)


def titles(home: Installation, issue: IssueId = SUNDAY) -> set[str]:
    return {pick.title for pick in home.issue(issue).document.picks}


def states(home: Installation) -> dict[date, IssueState]:
    with reading(home.engine) as connection:
        return dict(store.issues.slots(connection, "weekly"))


def test_what_comes_after_the_cutoff_is_in_the_next_issue(here: Place) -> None:
    """The draft does not follow it any more, and freezing leaves it open."""
    with home(here, 'cutoff = "saturday 12:00"') as cut:
        tick(cut, OPENS)
        arrives(here, cut, "bell", SLOT - 22 * HOUR)  # Saturday at 11:00
        tick(cut, SLOT - 21 * HOUR)
        arrives(here, cut, "late", SLOT - 20 * HOUR)
        tick(cut, SLOT - HOUR)
        assert titles(cut) == {"The sluice", "The weir", "The bell"}
        approve(cut, SUNDAY, SLOT - HOUR)
        tick(cut, SLOT + 5 * DAY)
        assert titles(cut, NEXT) == {"The late"}


def test_after_a_sleep_there_is_no_cutoff(here: Place) -> None:
    """What was slept over was all seen after it: the issue that makes up for it takes what there is."""
    with home(here, 'cutoff = "saturday 12:00"') as cut:
        arrives(here, cut, "bell", SLOT + 2 * HOUR)
        tick(cut, SLOT + 3 * HOUR)
        assert titles(cut) == {"The sluice", "The weir", "The bell"}


# ── approving ────────────────────────────────────────────────────────────────────────────────────


def test_a_late_approval_goes_out_now_or_in_the_place_of_the_next_issue(here: Place) -> None:
    """Put off, it goes out at the next slot, and the next draft is for the slot after that one."""
    with home(here) as late:
        tick(late, OPENS)
        with reading(late.engine) as connection:
            following = next_free_slot(connection, late.digest("weekly"), SLOT + HOUR)
        assert following.day == NEXT.slot
        approve(late, SUNDAY, SLOT + HOUR, goes_out_at=following.at)
        tick(late, SLOT + 2 * HOUR)
        assert states(late) == {SUNDAY.slot: IssueState.APPROVED}
        arrives(here, late, "bell", SLOT + 6 * DAY)
        tick(late, SLOT + 7 * DAY)
        assert states(late) == {SUNDAY.slot: IssueState.PUBLISHED}
        tick(late, SLOT + 12 * DAY)
        assert states(late) == {
            SUNDAY.slot: IssueState.PUBLISHED,
            date(2026, 12, 6): IssueState.DRAFT,
        }


def test_an_approved_issue_can_still_be_sent_earlier(here: Place) -> None:
    """Approving once more with another time changes only that."""
    with home(here) as early:
        tick(early, OPENS)
        once = approve(early, SUNDAY, OPENS)
        again = approve(early, SUNDAY, OPENS + HOUR, goes_out_at=OPENS + HOUR)
        assert (again.goes_out_at, again.approved_at, again.version) == (OPENS + HOUR, once.approved_at, 1)
        tick(early, OPENS + HOUR)
        assert states(early) == {SUNDAY.slot: IssueState.PUBLISHED}


def test_the_command_asks_when_a_late_issue_goes_out(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal it says which option to give, and nothing is approved."""
    with home(here) as late:
        tick(late, OPENS)
    monkeypatch.setattr("digest.cli.shell.now", lambda: SLOT + HOUR)
    refused = here.digest("approve", SUNDAY)
    assert refused.code == 1
    assert refused.err == (
        "weekly/2026-11-22 is late; its next slot is 2026-11-29 09:00 Europe/Berlin. "
        "Say when it goes out: digest approve weekly/2026-11-22 --now, or --next\n"
    )
    assert here.done("show", SUNDAY, "--json").data["state"] == "draft"
    assert here.digest("approve", SUNDAY, "--now", "--next").code == 2
    approved = here.done("approve", SUNDAY, "--next", "--json").data
    assert (approved["state"], approved["goes_out_at"]) == ("approved", "2026-11-29T08:00:00Z")
    assert here.done("approve", SUNDAY, "--now", "--json").data["goes_out_at"] == "2026-11-22T09:00:00Z"


class Terminal(io.StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        return True


def test_at_a_terminal_the_command_asks_until_it_is_answered(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Now or next; anything else is asked again."""
    with home(here) as late:
        tick(late, OPENS)
    monkeypatch.setattr("digest.cli.shell.now", lambda: SLOT + HOUR)
    monkeypatch.setattr("sys.stdin", Terminal("perhaps\nnext\n"))
    asked = here.digest("approve", SUNDAY)
    assert asked.code == 0
    assert asked.out.count("When does it go out, now or next?") == 2
    assert here.done("show", SUNDAY, "--json").data["goes_out_at"] == "2026-11-29T08:00:00Z"


VETO = 'approval = "veto"\nreview_by = "saturday 12:00"'


def test_an_issue_goes_by_itself_unless_it_is_vetoed(here: Place) -> None:
    """Approved at its review time, out at its slot; vetoed, it waits for a person at any hour."""
    with home(here, VETO) as free:
        tick(free, OPENS)
        tick(free, SLOT - 22 * HOUR)
        assert states(free) == {SUNDAY.slot: IssueState.DRAFT}
        tick(free, SLOT - 21 * HOUR)
        assert states(free) == {SUNDAY.slot: IssueState.APPROVED}
        tick(free, SLOT)
        assert states(free) == {SUNDAY.slot: IssueState.PUBLISHED}
        arrives(here, free, "bell", SLOT + DAY)
        tick(free, OPENS + 7 * DAY)
        vetoed = veto(free, NEXT, "the bell did not ring", OPENS + 7 * DAY)
        assert vetoed.held == "the bell did not ring"
        for later in (7 * DAY - HOUR, 7 * DAY, 9 * DAY):
            tick(free, SLOT + later)
            assert states(free)[NEXT.slot] is IssueState.DRAFT
        assert approve(free, NEXT, SLOT + 9 * DAY).state is IssueState.APPROVED


def test_who_waits_for_a_person_is_told_once(here: Place, caplog: pytest.LogCaptureFixture) -> None:
    """One line each time that something changes: drafted, to be reviewed, late."""
    told: dict[IssueId, str] = {}
    with (
        home(here, 'review_by = "saturday 12:00"') as held,
        caplog.at_level(logging.WARNING, "digest.schedule"),
    ):
        for hours in (-48, -47, -21, -20, 0, 1, 100):
            tick(held, SLOT + hours * HOUR, told)
    lines = [record.getMessage() for record in caplog.records if record.name == "digest.schedule"]
    assert len(lines) == 3
    assert "waits for approval by 2026-11-21 12:00" in lines[0]
    assert "was to be reviewed by 2026-11-21 12:00" in lines[1]
    assert "was to go out at 2026-11-22 09:00" in lines[2]


def test_a_pause_leaves_its_posts_to_the_next_issue(here: Place) -> None:
    """A draft that was there before is skipped with the reason, and nothing is made up for."""
    with home(here) as open_home:
        tick(open_home, OPENS)
    with home(here, 'pause = ["2026-11-20..2026-11-25"]') as paused:
        tick(paused, OPENS + HOUR)
        skipped = paused.issue(SUNDAY)
        assert skipped.skipped_why == "The Hollin Weekly pauses on 2026-11-22."
        tick(paused, SLOT + DAY)
        assert states(paused) == {SUNDAY.slot: IssueState.SKIPPED}
        tick(paused, OPENS + 7 * DAY)
        assert titles(paused, NEXT) == {"The sluice", "The weir"}


def test_the_first_number_goes_on_from_an_earlier_tool(here: Place) -> None:
    """And from then on it counts."""
    with home(here, "first_issue = 118") as numbered:
        draft(numbered, "weekly", NOW)
        assert approve(numbered, SUNDAY, NOW).document.number == 118
        arrives(here, numbered, "bell", SLOT)
        draft(numbered, "weekly", SLOT + HOUR)
        assert approve(numbered, NEXT, SLOT + HOUR).document.number == 119


# ── editing ──────────────────────────────────────────────────────────────────────────────────────


def test_what_comes_after_an_edit_is_offered_and_changes_nothing(here: Place) -> None:
    """The editor takes it in or not; what is left out is open for the next issue."""
    with home(here) as edited:
        draft(edited, "weekly", NOW)
        edit(edited, SUNDAY, Change(title="By hand"), NOW + HOUR)
        for name in ("bell", "ferry"):
            arrives(here, edited, name, NOW + 2 * HOUR)
        tick(edited, NOW + 3 * HOUR)
        issue = edited.issue(SUNDAY)
        assert titles(edited) == {"The sluice", "The weir"}
        offered = issue_data(edited, issue, NOW + 3 * HOUR)["new_since_edit"]
        assert {each["title"] for each in offered} == {"The bell", "The ferry"}
        edit(edited, SUNDAY, Change(add=["https://hollin.test/bell"]), NOW + 4 * HOUR)
        assert titles(edited) == {"The sluice", "The weir", "The bell"}
        left = new_since_edit(edited, edited.issue(SUNDAY), NOW + 4 * HOUR)
        assert [post.title for post in left] == ["The ferry"]
        approve(edited, SUNDAY, NOW + 5 * HOUR)
        assert new_since_edit(edited, edited.issue(SUNDAY), NOW + 5 * HOUR) == ()
        draft(edited, "weekly", NOW + 6 * HOUR)
        assert titles(edited, NEXT) == {"The ferry"}


def test_what_is_dropped_never_comes_and_what_is_left_for_later_does(here: Place) -> None:
    """Freezing settles the one and leaves the other open."""
    arrive_first = here.blog.write
    arrive_first("bell", at=NOW)
    with home(here) as edited:
        draft(edited, "weekly", NOW)
        change = Change(drop=["https://hollin.test/weir"], later=["https://hollin.test/bell"])
        edit(edited, SUNDAY, change, NOW)
        approve(edited, SUNDAY, NOW)
        draft(edited, "weekly", NOW)
        assert titles(edited, NEXT) == {"The bell"}


def test_two_editors_do_not_overwrite_each_other(here: Place) -> None:
    """Whoever saves second is told, with the count that is there now."""
    with home(here) as edited:
        draft(edited, "weekly", NOW)
        assert edit(edited, SUNDAY, Change(title="Ada's"), NOW, seen=0).issue.edit == 1
        with pytest.raises(
            DigestError,
            match=r"you have seen edit 0, and it is draft at edit 1\. The title is “Ada's”; it was",
        ):
            edit(edited, SUNDAY, Change(title="Bo's"), NOW, seen=0)
        assert edited.issue(SUNDAY).document.title == "Ada's"


def test_an_issue_is_edited_and_vetoed_by_command(here: Place) -> None:
    """What is shown afterwards is what was asked for."""
    here.done("collect", "--all")
    issue = here.done("draft", "weekly", "--json").data["id"]
    weir = "https://hollin.test/weir"
    arguments = ("--subject", "Boats", "--move", f"{weir}=schools", "--introduction", "Good morning.")
    changed = here.done("edit", issue, *arguments, "--seen", "0", "--json").data
    assert (changed["edit"], changed["state"]) == (1, "draft")
    assert "edit 2" in here.done("edit", issue, "--drop", "https://hollin.test/sluice").out
    shown = here.done("show", issue).out
    assert "Good morning." in shown
    assert "SCHOOLS" in shown
    assert "The sluice" not in shown[: shown.index("EDITS")]
    assert here.digest("edit", issue, "--move", weir).code == 2
    assert "(too thin)" in here.done("veto", issue, "--why", "too thin").out
    here.done("approve", issue, "--now")
    assert here.digest("veto", issue).code == 1
