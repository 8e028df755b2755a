"""What may be done with an issue, and what comes next."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from assembling import NOW, STRINGS, THEMES, channel_video, digest, material, quote, youtube
from digest import codec
from digest.assemble.drafting import draft
from digest.assemble.issue import (
    freeze,
    may_approve,
    may_publish,
    may_redraft,
    may_send,
    may_skip,
    may_steer,
    settlements,
)
from digest.assemble.steps import Step, next_step, too_few
from digest.assemble.window import Material, slot_at
from digest.errors import DigestError, TooEarlyError, VerbatimError
from digest.model import (
    Approval,
    Issue,
    IssueDocument,
    IssueId,
    IssueState,
    Post,
    Reading,
    Rule,
    RuleKind,
    Send,
    SendState,
    Settlement,
)

ID = IssueId("weekly", date(2026, 11, 22))
HOLD, AUTO = digest(), digest(approval=Approval.AUTO)
SLOT = slot_at(HOLD, ID)
TEXT = "She said: We kept the\nbooks open, and nobody had told us that they could be closed. Then she left."
OPEN, END = TEXT.index("We kept"), TEXT.index(" Then")
WORDS = TEXT[OPEN:END].replace("\n", " ")
QUOTE = replace(quote(WORDS), spans=((OPEN, END),))


def document(*posts: Material) -> IssueDocument:
    """A draft of these posts, or of one with a quote."""
    made = posts or (material("a", "The river", text=TEXT, quotes=[QUOTE]),)
    return draft(ID, HOLD, made, (), THEMES, (), STRINGS, NOW)


def issue(state: IssueState = IssueState.DRAFT, **fields: Any) -> Issue:
    """An issue in some state."""
    return Issue(ID, state, document(), NOW, NOW, **fields)


def sending(state: SendState) -> Send:
    """A send in some state."""
    return Send(
        ID, 1, state, NOW, NOW + timedelta(days=1), "the relay refused AUTH" if state == "paused" else ""
    )


# ── what comes next ──────────────────────────────────────────────────────────────────────────────

BEFORE, AT, LATE = SLOT - timedelta(hours=1), SLOT, SLOT + timedelta(hours=25)


@pytest.mark.parametrize(
    ("state", "now", "held", "automatic"),
    [
        (IssueState.DRAFT, BEFORE, Step.WAIT_FOR_APPROVAL, Step.WAIT_FOR_SLOT),
        (IssueState.DRAFT, AT, Step.WAIT_FOR_APPROVAL, Step.APPROVE),
        (IssueState.DRAFT, LATE, Step.WAIT_FOR_APPROVAL, Step.EXPIRED),
        (IssueState.APPROVED, BEFORE, Step.WAIT_FOR_SLOT, Step.WAIT_FOR_SLOT),
        (IssueState.APPROVED, AT, Step.PUBLISH, Step.PUBLISH),
        (IssueState.APPROVED, LATE, Step.EXPIRED, Step.EXPIRED),
        (IssueState.PUBLISHED, BEFORE, Step.WAIT_FOR_SLOT, Step.WAIT_FOR_SLOT),
        (IssueState.PUBLISHED, AT, Step.SEND, Step.SEND),
        (IssueState.PUBLISHED, LATE, Step.EXPIRED, Step.EXPIRED),
        (IssueState.SKIPPED, AT, Step.DONE, Step.DONE),
    ],
)
def test_the_next_step_follows_state_time_and_mode(
    state: IssueState, now: datetime, held: Step, automatic: Step
) -> None:
    """Nothing goes out before its slot, unapproved, or long after it by itself."""
    assert next_step(issue(state), HOLD, None, now).step is held
    assert next_step(issue(state), AUTO, None, now).step is automatic


def test_an_approval_by_a_person_after_the_slot_counts_from_then() -> None:
    """Whoever approves on Wednesday wants it out on Wednesday."""
    approved = issue(IssueState.APPROVED, approved_at=LATE)
    assert next_step(approved, HOLD, None, LATE).step is Step.PUBLISH
    assert next_step(approved, HOLD, None, LATE + timedelta(hours=24)).step is Step.EXPIRED


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (SendState.RUNNING, Step.SEND),
        (SendState.PAUSED, Step.PAUSED),
        (SendState.CANCELLED, Step.DONE),
        (SendState.FINISHED, Step.DONE),
    ],
)
def test_a_send_that_exists_decides(state: SendState, step: Step) -> None:
    """A running one goes on after a crash, however late; a paused one waits for a person."""
    assert next_step(issue(IssueState.PUBLISHED), HOLD, sending(state), LATE).step is step


def test_every_step_that_waits_for_a_person_names_the_command() -> None:
    """And the issue."""
    waiting = [
        next_step(issue(), HOLD, None, AT),
        next_step(issue(), AUTO, None, LATE),
        next_step(issue(IssueState.PUBLISHED), HOLD, sending(SendState.PAUSED), AT),
    ]
    commands = [
        "digest approve weekly/2026-11-22",
        "digest approve weekly/2026-11-22",
        "digest resume weekly/2026-11-22",
    ]
    assert [each.why.rpartition(": ")[2] for each in waiting] == commands


# ── what may be done ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("attempt", "sentence"),
    [
        (
            lambda: may_publish(issue()),
            "weekly/2026-11-22 is a draft; approve it first: digest approve weekly/2026-11-22",
        ),
        (
            lambda: may_send(issue(), None),
            "weekly/2026-11-22 is a draft; approve it first: digest approve weekly/2026-11-22",
        ),
        (
            lambda: may_send(issue(IssueState.APPROVED), None),
            "publish it first: digest publish weekly/2026-11-22",
        ),
        (lambda: may_steer(issue(), None), "approve it first: digest approve weekly/2026-11-22"),
        (
            lambda: may_steer(issue(IssueState.PUBLISHED), None),
            "send it first: digest send weekly/2026-11-22",
        ),
    ],
)
def test_a_verb_before_its_turn_names_the_command_that_comes_first(
    attempt: Callable[[], None], sentence: str
) -> None:
    """One sentence is enough to go on."""
    with pytest.raises(TooEarlyError) as caught:
        attempt()
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: may_approve(issue(IssueState.SKIPPED, skipped_why="too little"), HOLD),
        lambda: may_publish(issue(IssueState.SKIPPED)),
        lambda: may_send(issue(IssueState.SKIPPED), None),
        lambda: may_send(issue(IssueState.PUBLISHED), sending(SendState.PAUSED)),
        lambda: may_send(issue(IssueState.PUBLISHED), sending(SendState.CANCELLED)),
        lambda: may_skip(issue(IssueState.PUBLISHED)),
        lambda: may_steer(issue(IssueState.PUBLISHED), sending(SendState.FINISHED)),
        lambda: may_redraft(issue(edit=1)),
        lambda: may_redraft(issue(IssueState.APPROVED)),
        lambda: may_approve(Issue(ID, IssueState.DRAFT, replace(document(), groups=()), NOW, NOW), HOLD),
    ],
)
def test_what_is_over_or_edited_or_empty_is_refused(attempt: Callable[[], None]) -> None:
    """With a sentence that names the issue, and is not about being early."""
    with pytest.raises(DigestError, match="weekly/2026-11-22") as caught:
        attempt()
    assert not isinstance(caught.value, TooEarlyError)


@pytest.mark.parametrize("state", [IssueState.DRAFT, IssueState.APPROVED, IssueState.PUBLISHED])
def test_what_is_done_already_may_be_done_again(state: IssueState) -> None:
    """A double click is no mistake."""
    may_approve(issue(state), HOLD)
    if state is not IssueState.DRAFT:
        may_publish(issue(state))
    if state is IssueState.PUBLISHED:
        may_send(issue(state), sending(SendState.FINISHED))
        may_steer(issue(state), sending(SendState.RUNNING))
        return
    may_skip(issue(state))


def test_an_issue_below_its_least_number_of_picks_says_so() -> None:
    """The sentence is what is stored when it is skipped."""
    assert too_few(document(), digest(min_picks=1)) == ""
    assert (
        too_few(document(), digest(min_picks=3)) == "It has 1 post, and The Harbour Weekly needs at least 3."
    )


def test_nothing_at_all_is_always_too_little() -> None:
    """Even for a digest that would go out without a post; an editor's words or a video are something."""
    empty = replace(document(), groups=())
    assert too_few(empty, digest(min_picks=0)) != ""
    assert too_few(replace(empty, introduction="We are away."), digest(min_picks=0)) == ""


# ── freezing ─────────────────────────────────────────────────────────────────────────────────────


def test_freezing_makes_canonical_bytes_with_a_number_and_a_hash() -> None:
    """What is frozen reads back as the document, numbered."""
    draft_issue = issue()
    version = freeze(draft_issue, 7, lambda post, revision: TEXT, NOW)
    assert codec.load(IssueDocument, version.data) == replace(draft_issue.document, number=7)
    assert (version.issue, version.number, version.frozen_at) == (ID, 1, NOW)
    assert version.sha256 == sha256(version.data).hexdigest()
    assert freeze(draft_issue, 7, lambda post, revision: TEXT, NOW) == version


@pytest.mark.parametrize(
    "stored",
    [None, "", TEXT.replace("nobody", "somebody"), " " + TEXT, TEXT[: END - 5]],
    ids=["gone", "empty", "another word", "shifted", "cut"],
)
def test_a_quote_that_is_not_word_for_word_in_its_source_stops_the_freezing(stored: str | None) -> None:
    """The sentence names the issue, the quote and the post."""
    with pytest.raises(VerbatimError, match=r"weekly/2026-11-22.*We kept the books.*q-.*The river"):
        freeze(issue(), 1, lambda post, revision: stored, NOW)


def test_a_quote_may_be_all_there_is_of_a_post() -> None:
    """From its first character to its last."""
    whole = replace(quote("Every word of it."), spans=((0, 17),))
    made = replace(issue(), document=document(material("a", text=whole.text, quotes=[whole])))
    assert freeze(made, 1, lambda *_: whole.text, NOW).number == 1


@pytest.mark.parametrize(
    "spans", [(), ((5, 5),), ((-9, 4),), ((END, OPEN),), ((OPEN, END), (0, 4)), ((0, 10**9),)]
)
def test_spans_that_make_no_sense_stop_the_freezing(spans: tuple[tuple[int, int], ...]) -> None:
    """Whatever a database or an editor's form holds."""
    whole = issue()
    pick = whole.document.picks[0]
    wrong = replace(pick.quotes[0], quote=replace(QUOTE, spans=spans))
    group = replace(whole.document.groups[0], picks=(replace(pick, quotes=(wrong,)),))
    with pytest.raises(VerbatimError):
        freeze(replace(whole, document=replace(whole.document, groups=(group,))), 1, lambda *_: TEXT, NOW)


def test_a_quote_of_two_spans_is_joined_with_an_ellipsis() -> None:
    """As the words "she said" interrupt it."""
    text = "“We kept the books open,” she said, “and nobody closed them.”"
    spans = ((1, 24), (37, 60))
    words = " […] ".join(text[start:end] for start, end in spans)
    cut = replace(quote(words), spans=spans)
    made = replace(issue(), document=document(material("a", text=text, quotes=[cut])))
    assert freeze(made, 1, lambda *_: text, NOW).number == 1


def test_the_revision_that_was_read_is_the_one_that_counts() -> None:
    """A post that was edited meanwhile does not stop an issue."""
    asked = []

    def text_of(post: str, revision: int) -> str:
        asked.append((post, revision))
        return TEXT

    freeze(issue(), 1, text_of, NOW)
    assert asked == [("a", 1)]


def test_a_withdrawn_post_stops_the_freezing() -> None:
    """Also one without a quote."""
    again = "was withdrawn (it names a child). Leave it out: digest draft weekly"
    with pytest.raises(VerbatimError, match=re.escape(again)):
        freeze(issue(), 1, lambda *_: TEXT, NOW, {"a": "it names a child"})
    with pytest.raises(VerbatimError, match="Leave it out: digest edit weekly/2026-11-22 --later a"):
        freeze(replace(issue(), edit=1), 1, lambda *_: TEXT, NOW, {"a": "it names a child"})


# ── settling ─────────────────────────────────────────────────────────────────────────────────────


def test_every_open_post_that_the_issue_has_seen_is_settled_once() -> None:
    """Picked, listed or dropped; what came later stays open."""
    rules = [Rule(RuleKind.NEVER_VIDEO, youtube("never").url)]
    copy = material("copy", "The river", source="planet", url="https://harbour.example.org/a.html", own=False)
    posts = [
        material("a", "The river", reading=Reading(embedded_videos=(youtube("shown"),))),
        copy,
        material("b", "A walk", days_old=3),
        channel_video("shown", "The river, a talk"),
        channel_video("new", "A choir"),
        channel_video("twin", "A choir again", video=youtube("new"), days_old=2),
        channel_video("never", "Not this"),
    ]
    made = draft(ID, digest(max_picks=1), posts, (), THEMES, rules, STRINGS, NOW)
    late: list[Post] = [material("late", "Breaking").post, channel_video("later", "Breaking too").post]
    assert settlements(made, [*(each.post for each in posts), *late], rules) == {
        "a": Settlement.PICKED,
        "copy": Settlement.LISTED,
        "b": Settlement.LISTED,
        "shown": Settlement.PICKED,
        "new": Settlement.LISTED,
        "twin": Settlement.LISTED,
        "never": Settlement.DROPPED,
    }


def test_posts_without_an_address_are_told_apart_by_their_key() -> None:
    """An empty address is nobody's copy."""
    made = document(material("a", "The river", url=""))
    assert settlements(made, [material("a", url="").post, material("z", url="").post], ()) == {
        "a": Settlement.PICKED
    }
