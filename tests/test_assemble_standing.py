"""Where a post stands in a digest, decided from what is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from assembling import NOW, digest, pick, post, youtube
from digest.assemble.standing import Settled, Standing, State, place_in, standing
from digest.model import (
    Group,
    Issue,
    IssueDocument,
    IssueId,
    IssueState,
    ListedPost,
    Pick,
    PickVideo,
    Post,
    PostKind,
    Settlement,
)

WEEKLY = digest()
NEXT = IssueId("weekly", date(2026, 11, 22))
LAST = IssueId("weekly", date(2026, 11, 15))
POST = post("sluice")


def document(*picks: Pick, **fields: Any) -> IssueDocument:
    """An issue's document with one group."""
    groups = (Group("water", "Water", picks),) if picks else ()
    plain: dict[str, Any] = {"title": "T", "subject": "T", "introduction": "", "groups": groups}
    return IssueDocument(NEXT, "The Harbour Weekly", "en", **(plain | fields))


def issue(found: IssueDocument, *, id: IssueId = NEXT, state: IssueState = IssueState.DRAFT) -> Issue:
    """An issue that says this."""
    why = "holidays" if state is IssueState.SKIPPED else ""
    return Issue(id, state, found, NOW, NOW, skipped_why=why)


def listed(each: Post) -> ListedPost:
    """A post named by its title."""
    return ListedPost(each.key, each.title, each.url, "Harbour", each.published)


def stands(each: Post = POST, **changes: Any) -> Standing:
    """A post that is open unless something is changed."""
    plain: dict[str, Any] = {
        "settled": None,
        "unsettled": (),
        "follows": True,
        "window_start": NOW - timedelta(days=30),
        "next_issue": NEXT,
    }
    return standing(each, WEEKLY, **(plain | changes))


PICKED = replace(pick("sluice"), why="“river” stands in its title.")


def test_what_is_settled_stays_settled() -> None:
    """Whatever else has become of it since: held again, or its source left."""
    frozen = issue(document(PICKED), id=LAST, state=IssueState.PUBLISHED)
    found = stands(replace(POST, held="old"), settled=Settled(frozen, Settlement.PICKED), follows=False)
    assert found == Standing(
        "weekly", State.PICKED, LAST, "It stands under “Water”. “river” stands in its title."
    )


def test_an_issue_keeps_the_revision_that_it_was_made_from() -> None:
    """Where the post says something else by now, the explanation says so."""
    revised = replace(POST, revision=3)
    assert place_in(document(PICKED), revised).endswith("title. It is shown as of revision 1.")


def test_listed_and_dropped_say_why() -> None:
    """By title and for which reason, by a rule, or by an editor's hand."""
    told = replace(listed(POST), why="It tells the same as “The weir” of Mills.")
    frozen = issue(document(also_published=(told,)))
    assert stands(settled=Settled(frozen, Settlement.LISTED)).why == (
        "It is named under “Also published”. It tells the same as “The weir” of Mills."
    )
    assert "A rule says" in stands(settled=Settled(frozen, Settlement.DROPPED)).why
    by_hand = replace(frozen, dropped=(POST.key,))
    assert stands(settled=Settled(by_hand, Settlement.DROPPED)).why == "An editor took it out for good."


def test_a_video_stands_under_a_pick_or_among_the_new_ones() -> None:
    """However its address was spelled."""
    film = post("film", kind=PostKind.VIDEO, videos=(youtube("film"),))
    under = replace(
        PICKED, title="The sluice", videos=(PickVideo(youtube("film", "The film"), "It is embedded."),)
    )
    assert place_in(document(under), film) == "It is shown under “The sluice”. It is embedded."
    assert "“New videos”" in place_in(document(new_videos=(listed(film),)), film)


def test_the_same_post_of_another_source_is_named() -> None:
    """By its address."""
    theirs = replace(
        PICKED, post="theirs", url="https://harbour.example.org/sluice.html", source_title="The Other"
    )
    copy = post("copy", url="https://harbour.example.org/sluice.html?utm_source=x")
    assert place_in(document(theirs), copy) == "The same post of The Other stands there."


def test_what_keeps_a_post_back_is_said_in_turn() -> None:
    """A source that is not followed, back-fill, and a time before the digest's."""
    assert stands(follows=False).state is State.NOT_FOLLOWED
    taken_back = stands(withdrawn="it names a child")
    assert taken_back.state is State.WITHDRAWN
    assert taken_back.why == "It was withdrawn (it names a child). Undo it: digest posts restore sluice"
    held = stands(replace(POST, held="It is older than the first window."))
    assert held.state is State.HELD
    assert held.why == "It is older than the first window. Let it in: digest posts release sluice"
    assert stands(window_start=NOW).state is State.TOO_OLD


def test_an_open_post_says_what_the_draft_makes_of_it() -> None:
    """Nothing yet, a place, or that it came too late; and that it stood in a skipped issue."""
    assert stands() == Standing("weekly", State.OPEN, NEXT, "No draft is made yet.")
    assert stands(unsettled=(issue(document(PICKED)),)).why.startswith(
        "In the draft: It stands under “Water”."
    )
    assert "came after the draft was made" in stands(unsettled=(issue(document()),)).why
    skipped = issue(document(PICKED), id=LAST, state=IssueState.SKIPPED)
    assert stands(unsettled=(skipped,)).why == (
        "It stood in weekly/2026-11-15, which was skipped (holidays). No draft is made yet."
    )


# ── why it is not in the draft ───────────────────────────────────────────────────────────────────


def test_how_it_ranks_is_told_part_by_part() -> None:
    """Where it is picked, and where a cap cut it; an issue of before has no parts to tell."""
    parts = (("freshness", 0.5), ("richness", 1.2))
    ranked = "It ranks by a score of 1.70: +1.20 for its quotes"
    picked = issue(document(replace(PICKED, parts=parts)))
    assert stands(settled=Settled(picked, Settlement.PICKED)).ranking.startswith(ranked)
    cut = issue(document(also_published=(replace(listed(POST), parts=parts),)))
    assert stands(unsettled=(cut,)).ranking.startswith(ranked)
    assert stands(unsettled=(issue(document(PICKED)),)).ranking == ""


def test_what_an_editor_left_for_later_says_so() -> None:
    """It is for the issue after the one that it was left out of, also once that one is approved."""
    draft = replace(issue(document(), id=NEXT), later=(POST.key,))
    found = stands(unsettled=(draft,), left=draft)
    after = IssueId("weekly", date(2026, 11, 29))
    assert (found.issue, found.why) == (after, f"An editor left it out of {NEXT}, for a later one.")
    approved = replace(draft, id=LAST, state=IssueState.APPROVED)
    assert stands(left=approved).issue == NEXT
    assert stands(left=approved).why == f"An editor left it out of {LAST}, for a later one."


def test_what_an_editor_left_for_later_may_be_in_by_now() -> None:
    """Then where it stands is what counts."""
    draft = issue(document(PICKED))
    before = replace(issue(document(), id=LAST, state=IssueState.PUBLISHED), later=(POST.key,))
    assert stands(unsettled=(draft,), left=before).why.startswith("In the draft: It stands under")


def test_what_an_editor_dropped_says_so_before_it_is_approved() -> None:
    """Until then it can come back."""
    draft = replace(issue(document()), dropped=(POST.key,))
    assert stands(unsettled=(draft,)).why == (
        f"An editor took it out of {NEXT} for good; approving makes it so."
    )


def test_what_came_after_the_cut_off_is_for_the_next() -> None:
    """The sentence says when it was."""
    early = digest(cutoff="-3 12:00")
    draft = replace(issue(document()), created_at=NOW - timedelta(days=3))
    found = standing(
        replace(POST, first_seen=NOW),
        early,
        settled=None,
        unsettled=(draft,),
        follows=True,
        window_start=NOW - timedelta(days=30),
        next_issue=NEXT,
    )
    assert found.issue == IssueId("weekly", date(2026, 11, 29))
    assert found.why == (
        f"It came after the cut-off of {NEXT} (2026-11-19 12:00 Europe/Berlin) and is for the next."
    )


def test_what_came_after_an_editors_first_change_is_offered() -> None:
    """The command in the sentence takes it in."""
    draft = replace(issue(document()), edit=1, drafted_at=NOW - timedelta(days=2))
    late = replace(POST, first_seen=NOW)
    assert stands(late, unsettled=(draft,)).why == (
        f"It came after an editor had begun to change {NEXT}. Take it in: digest edit {NEXT} --add sluice"
    )


def test_a_draft_with_too_little_says_so() -> None:
    """What stands in it stays open until there is enough."""
    found = standing(
        POST,
        digest(min_picks=3),
        settled=None,
        unsettled=(issue(document(PICKED)),),
        follows=True,
        window_start=NOW - timedelta(days=30),
        next_issue=NEXT,
    )
    assert found.why.endswith(
        "It has 1 post, and The Harbour Weekly needs at least 3. Until then all of it stays open."
    )
