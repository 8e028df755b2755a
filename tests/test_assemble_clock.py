"""The clock of an issue: its moments, pauses, slots that were slept over, and who approves it when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assembling import digest, material, pick
from digest.assemble.issue import may_veto, settlements
from digest.assemble.steps import Step, goes_out, is_late, next_step
from digest.assemble.window import (
    EARLIEST,
    closes,
    moment,
    newest_slot,
    open_slot,
    review_by,
    slot_on,
    slots,
)
from digest.errors import DigestError
from digest.model import Approval, Group, Issue, IssueDocument, IssueId, IssueState, Settlement

SUNDAY = date(2026, 11, 22)
SLOT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)  # nine in Berlin
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = SLOT - 365 * DAY
ID = IssueId("weekly", SUNDAY)


def issue(issue_id: IssueId = ID, **fields: Any) -> Issue:
    """A draft of one post, made two days before its slot."""
    group = Group("", "More", (pick("a"),))
    document = IssueDocument(issue_id, "The Weekly", "en", "Harbours", "Harbours", "", (group,))
    opened = SLOT - 2 * DAY
    return replace(Issue(issue_id, IssueState.DRAFT, document, opened, opened), **fields)


EMPTY = replace(issue(), document=replace(issue().document, groups=()))


# ── moments ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", "2026-11-22 08:00"),
        ("18:00", "2026-11-22 17:00"),
        ("-2 18:00", "2026-11-20 17:00"),
        ("friday 18:00", "2026-11-20 17:00"),
        ("sunday 07:30", "2026-11-22 06:30"),
        ("monday", "2026-11-16 08:00"),
        ("-13", "2026-11-09 08:00"),
    ],
)
def test_a_moment_is_told_from_the_day_of_the_slot(said: str, expected: str) -> None:
    """A time, days before, or the last such weekday; without a time it is that of the slot."""
    assert f"{moment(digest(), SUNDAY, said):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize(("day", "utc"), [(date(2026, 3, 29), "01:30"), (date(2026, 10, 25), "00:30")])
def test_a_moment_in_a_night_of_the_clocks_comes_once(day: date, utc: str) -> None:
    """In spring after the gap, in autumn the first of the two, also where the slot is two days later."""
    assert f"{moment(digest(), day, '02:30'):%H:%M}" == utc
    assert moment(digest(), day + 2 * DAY, "-2 02:30") == moment(digest(), day, "02:30")


def test_send_at_moves_the_slot_and_keeps_its_date() -> None:
    """The issue of Sunday that goes out on Friday evening is the issue of Sunday."""
    early = digest(send_at="friday 18:00", at=time(9))
    assert slot_on(early, SUNDAY).at == SLOT - 2 * DAY + 9 * HOUR
    assert newest_slot(early, SLOT - DAY).day == SUNDAY
    assert next(slots(early, SLOT - DAY)).day == SUNDAY + 7 * DAY


@given(
    back=st.integers(1, 13),
    after=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_slots_and_the_newest_slot_agree_however_early_it_goes_out(
    back: int, after: datetime, zone: str
) -> None:
    """The newest one is never later than now, the next one always is, and nothing lies between."""
    early = digest(send_at=f"-{back} 02:30", zone=zone)
    newest, following = newest_slot(early, after), next(slots(early, after))
    assert newest.at <= after < following.at
    assert following.day - newest.day == 7 * DAY
    assert back < EARLIEST


# ── pauses ───────────────────────────────────────────────────────────────────────────────────────


def test_a_pause_has_no_slots_and_none_is_lost_around_it() -> None:
    """From its first day to its last; one day is a pause as well."""
    paused = digest(pause=("2026-12-20..2027-01-03", "2027-01-17"))
    found = [slot.day for slot in islice(slots(paused, SLOT + 14 * DAY), 4)]
    assert found == [date(2026, 12, 13), date(2027, 1, 10), date(2027, 1, 24), date(2027, 1, 31)]
    assert newest_slot(paused, datetime(2027, 1, 5, tzinfo=UTC)).day == date(2026, 12, 13)


def test_a_draft_in_a_pause_is_skipped_and_says_so() -> None:
    """Also where the pause was written into the file after it was drafted; one that a person moved goes out."""
    paused = digest(pause=("2026-11-22",))
    step = next_step(issue(), paused, None, SLOT - DAY)
    assert (step.step, step.why) == (Step.SKIP, "The Harbour Weekly pauses on 2026-11-22.")
    assert next_step(issue(goes_out_at=SLOT), paused, None, SLOT - DAY).step is Step.WAIT_FOR_APPROVAL
    extra = issue(replace(ID, name="flood"), held="by hand")
    assert next_step(extra, paused, None, SLOT - DAY).step is Step.WAIT_FOR_APPROVAL


# ── slots that were slept over ───────────────────────────────────────────────────────────────────

ASLEEP = [(SUNDAY, IssueState.PUBLISHED)]
AWAKE = SLOT + 23 * DAY  # three slots later


@pytest.mark.parametrize(
    ("missed", "expected"),
    [
        ("merge", date(2026, 12, 13)),
        ("catch-up", date(2026, 11, 29)),
        ("skip", date(2026, 12, 20)),
    ],
)
def test_slots_that_were_slept_over_are_made_up_for_as_configured(missed: str, expected: date) -> None:
    """By one issue for all, each by its own, the oldest first, or not at all."""
    assert open_slot(digest(missed=missed), ASLEEP, LONG_AGO, AWAKE) == expected


def test_catching_up_takes_each_missed_slot_once() -> None:
    """Whatever became of the one before: then it is the turn of the next."""
    catching, done = digest(missed="catch-up"), list(ASLEEP)
    for _ in range(4):
        done.append((open_slot(catching, done, LONG_AGO, AWAKE), IssueState.SKIPPED))
    assert [day for day, _ in done] == [SUNDAY + week * 7 * DAY for week in range(5)]


def test_an_issue_that_goes_out_late_takes_the_place_of_the_slots_up_to_then() -> None:
    """Put off to the next slot, it is that slot's issue: the next draft is for the one after."""
    moved = [slot_on(digest(), SUNDAY + 7 * DAY).at]
    assert open_slot(digest(), ASLEEP, LONG_AGO, SLOT + DAY, moved) == SUNDAY + 14 * DAY
    assert open_slot(digest(), ASLEEP, LONG_AGO, SLOT + 8 * DAY, moved) == SUNDAY + 14 * DAY
    assert open_slot(digest(), ASLEEP, LONG_AGO, SLOT + DAY, [SLOT + HOUR]) == SUNDAY + 7 * DAY


# ── until when posts are taken ───────────────────────────────────────────────────────────────────

CUTOFF = SLOT - DAY + 9 * HOUR  # Saturday at 18:00


def test_a_cutoff_closes_an_issue_that_was_drafted_in_time() -> None:
    """An issue that makes up for a missed slot takes what there is: all of it was seen after the cutoff."""
    cut = digest(cutoff="saturday 18:00")
    assert closes(cut, ID, SLOT - 2 * DAY) == CUTOFF
    assert closes(cut, ID, CUTOFF + HOUR) == CUTOFF
    assert closes(cut, ID, SLOT) is None
    assert closes(digest(), ID, SLOT - DAY) is None


def test_outside_the_schedule_there_is_no_cutoff() -> None:
    """An extra issue and one dated today are made by hand."""
    cut = digest(cutoff="saturday 18:00")
    assert closes(cut, replace(ID, name="flood"), SLOT - DAY) is None
    assert closes(cut, IssueId("weekly", date(2026, 11, 18)), SLOT - 5 * DAY) is None


def test_of_several_that_catch_up_only_the_newest_takes_the_rest() -> None:
    """The others take what was seen up to their slot, so that no post is in the wrong one."""
    catching = digest(missed="catch-up")
    assert closes(catching, ID, SLOT + 8 * DAY) == SLOT
    assert closes(catching, IssueId("weekly", SUNDAY + 7 * DAY), SLOT + 8 * DAY) is None
    assert closes(digest(missed="catch-up", cutoff="saturday 18:00"), ID, SLOT + 8 * DAY) == CUTOFF


# ── who approves, and when ───────────────────────────────────────────────────────────────────────

VETO = digest(approval=Approval.VETO, review_by="saturday 18:00")


def test_what_nobody_vetoes_is_approved_by_itself_at_its_review_time() -> None:
    """And not before; it goes out at its slot."""
    assert review_by(VETO, SUNDAY) == CUTOFF
    waiting = next_step(issue(), VETO, None, CUTOFF - HOUR)
    assert waiting.step is Step.WAIT_FOR_SLOT
    assert waiting.why.endswith(
        "is approved by itself at 2026-11-21 18:00 Europe/Berlin; against it: digest veto weekly/2026-11-22"
    )
    assert next_step(issue(), VETO, None, CUTOFF).step is Step.APPROVE
    approved = issue(state=IssueState.APPROVED, approved_at=CUTOFF)
    assert next_step(approved, VETO, None, CUTOFF).step is Step.WAIT_FOR_SLOT


@pytest.mark.parametrize("approval", list(Approval))
def test_what_is_vetoed_waits_for_a_person(approval: Approval) -> None:
    """However late it gets, and whatever the digest says; the reason stands there."""
    made = digest(approval=approval, review_by="saturday 18:00")
    for now in (SLOT - DAY, CUTOFF, SLOT, SLOT + 30 * DAY):
        step = next_step(issue(held="the quote is wrong"), made, None, now)
        assert step.step is Step.WAIT_FOR_APPROVAL
        assert "(the quote is wrong): digest approve weekly/2026-11-22" in step.why


def test_under_veto_an_issue_with_too_little_is_not_approved() -> None:
    """Until its slot there may come more."""
    step = next_step(EMPTY, VETO, None, CUTOFF)
    assert (step.step, step.why[-32:]) == (Step.WAIT_FOR_SLOT, "It is skipped unless more comes.")


def test_what_nobody_could_have_vetoed_waits_for_a_person() -> None:
    """An issue that makes up for a missed slot is drafted after its review time."""
    late = issue(created_at=CUTOFF + HOUR)
    assert next_step(late, VETO, None, SLOT).step is Step.WAIT_FOR_APPROVAL


def test_only_a_draft_can_be_vetoed() -> None:
    """What is approved can be left out."""
    may_veto(issue())
    with pytest.raises(DigestError, match="approved already; leave it out with: digest skip"):
        may_veto(issue(state=IssueState.APPROVED))


def test_an_issue_on_hold_reminds_as_time_goes_on() -> None:
    """Before its review time, after it, and after its slot: three sentences, each with the command."""
    held = digest(review_by="saturday 18:00")
    said = [next_step(issue(), held, None, now).why for now in (CUTOFF - HOUR, CUTOFF, SLOT)]
    assert [sentence.partition(" ")[2].partition(" and ")[0] for sentence in said] == [
        "waits for approval by 2026-11-21 18:00 Europe/Berlin: digest approve weekly/2026-11-22",
        "was to be reviewed by 2026-11-21 18:00 Europe/Berlin",
        "was to go out at 2026-11-22 09:00 Europe/Berlin",
    ]
    assert all(sentence.endswith("digest approve weekly/2026-11-22") for sentence in said)


def test_an_issue_goes_out_when_a_person_says() -> None:
    """Else at its slot; late is a draft of a slot that has passed, of which nobody said when."""
    assert goes_out(issue(), digest()) == SLOT
    assert goes_out(issue(goes_out_at=SLOT + HOUR), digest()) == SLOT + HOUR
    assert [is_late(issue(), digest(), now) for now in (SLOT - HOUR, SLOT)] == [False, True]
    assert not is_late(issue(goes_out_at=SLOT - HOUR), digest(), SLOT)
    assert not is_late(issue(state=IssueState.APPROVED), digest(), SLOT)
    assert not is_late(issue(replace(ID, name="flood")), digest(), SLOT)


@pytest.mark.parametrize("approval", list(Approval))
def test_an_empty_issue_is_skipped_at_its_time_and_not_before(approval: Approval) -> None:
    """In every mode, with the reason; never sent."""
    made = digest(approval=approval)
    assert next_step(EMPTY, made, None, SLOT - HOUR).step not in (Step.SKIP, Step.APPROVE)
    step = next_step(EMPTY, made, None, SLOT)
    assert (step.step, step.why) == (Step.SKIP, "It has no post, and The Harbour Weekly needs at least 1.")


def test_on_hold_an_empty_issue_that_somebody_touched_waits_for_them() -> None:
    """An editor may be about to write into it."""
    extra = replace(EMPTY, id=replace(ID, name="flood"), held="by hand")
    for touched in (replace(EMPTY, edit=1), replace(EMPTY, goes_out_at=SLOT), extra):
        assert next_step(touched, digest(), None, SLOT).step is Step.WAIT_FOR_APPROVAL


def test_what_an_editor_took_out_for_good_is_dropped() -> None:
    """It does not come again in the next issue; what was left for later does."""
    posts = [material(key).post for key in "ab"]
    assert settlements(EMPTY.document, posts, (), dropped=("a",)) == {"a": Settlement.DROPPED}


def test_slots_of_a_year_are_a_week_apart_on_the_wall() -> None:
    """Through both changes of the clocks."""
    year = list(islice(slots(digest(at=time(2, 30)), LONG_AGO), 52))
    assert {later.day - earlier.day for earlier, later in pairwise(year)} == {7 * DAY}
    assert {later.at - earlier.at for earlier, later in pairwise(year)} == {
        7 * DAY - HOUR,
        7 * DAY,
        7 * DAY + HOUR,
    }
