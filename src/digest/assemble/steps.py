"""What is to be done next with an issue, and why: the step that the scheduler takes, or what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from digest.assemble import window
from digest.assemble.window import local_time, slot_at
from digest.model import Approval, Issue, IssueDocument, IssueState, Send, SendState
from digest.settings import DigestSettings
from digest.text.amounts import amount


class Step(StrEnum):
    """What is to be done with an issue now."""

    WAIT_FOR_APPROVAL = "wait for approval"  # a person approves it
    WAIT_FOR_SLOT = "wait for slot"
    APPROVE = "approve"
    SKIP = "skip"  # nothing to send, or a pause; ``why`` is the reason that is stored
    PUBLISH = "publish"
    SEND = "send"
    PAUSED = "paused"  # a person lets its send go on
    EXPIRED = "expired"  # its time is over: a person decides
    DONE = "done"


@dataclass(frozen=True, slots=True)
class NextStep:
    """The step, and a sentence for whoever asks why."""

    step: Step
    why: str


def next_step(issue: Issue, digest: DigestSettings, send: Send | None, now: datetime) -> NextStep:
    """What the scheduler does with an issue now, or what it waits for.

    Nothing happens by itself later than ``expires_hours`` after the slot, or after a person's approval where
    that came later: after a long stop or from a restored backup an issue waits for a person.
    """
    if issue.state is IssueState.SKIPPED:
        return NextStep(Step.DONE, f"{issue.id} was skipped: {issue.skipped_why}")
    if send is not None:
        return _next_of_send(issue, send)
    due = goes_out(issue, digest)
    if issue.state is IssueState.DRAFT:
        if why := _nothing_for_its_slot(issue, digest, now):
            return NextStep(Step.SKIP, why)
        if digest.approval is Approval.HOLD or issue.held:
            return NextStep(Step.WAIT_FOR_APPROVAL, _waiting(issue, digest, now))
        if digest.approval is Approval.VETO and not issue.id.name:
            return _next_under_veto(issue, digest, now)
    if now < due:
        return NextStep(Step.WAIT_FOR_SLOT, f"{issue.id} goes out at {local_time(digest, due)}.")
    return _expired(issue, digest, now) or _now(issue)


def goes_out(issue: Issue, digest: DigestSettings) -> datetime:
    """When an issue goes out, in UTC: at its slot, unless a person said otherwise."""
    return issue.goes_out_at or slot_at(digest, issue.id)


def is_late(issue: Issue, digest: DigestSettings, now: datetime) -> bool:
    """Whether the time of a draft is over, so that whoever approves it says when it goes out."""
    unsaid = issue.goes_out_at is None and not issue.id.name
    return issue.state is IssueState.DRAFT and unsaid and now >= slot_at(digest, issue.id)


def _now(issue: Issue) -> NextStep:
    step, verb = STEPS[issue.state]
    return NextStep(step, f"{issue.id} is due: digest {verb} {issue.id}")


def _expired(issue: Issue, digest: DigestSettings, now: datetime) -> NextStep | None:
    due, hours = goes_out(issue, digest), digest.expires_hours
    if now < max(due, issue.approved_at or due) + timedelta(hours=hours):
        return None
    verb = STEPS[issue.state][1]
    return NextStep(Step.EXPIRED, f"{issue.id} is more than {hours} h late; decide: digest {verb} {issue.id}")


def _next_under_veto(issue: Issue, digest: DigestSettings, now: datetime) -> NextStep:
    until = window.review_by(digest, issue.id.slot)
    if issue.created_at >= until:  # nobody could have vetoed it
        return NextStep(Step.WAIT_FOR_APPROVAL, _waiting(issue, digest, now))
    if now < until:
        when, verb = local_time(digest, until), f"digest veto {issue.id}"
        return NextStep(Step.WAIT_FOR_SLOT, f"{issue.id} is approved by itself at {when}; against it: {verb}")
    if now < goes_out(issue, digest) and (few := too_few(issue.document, digest)):
        return NextStep(Step.WAIT_FOR_SLOT, f"{issue.id}: {few} It is skipped unless more comes.")
    return _expired(issue, digest, now) or _now(issue)


def _nothing_for_its_slot(issue: Issue, digest: DigestSettings, now: datetime) -> str:
    """Why a draft is left out by itself, or "". What a person made or changed waits for that person, except where
    it would be approved by itself.
    """
    if not issue.id.name and window.is_paused(digest, issue.id.slot) and not issue.goes_out_at:
        return f"{digest.title} pauses on {issue.id.slot}."
    by_hand = issue.edit or issue.goes_out_at or issue.id.name or issue.held
    if now < goes_out(issue, digest) or (by_hand and (digest.approval is Approval.HOLD or issue.held)):
        return ""
    return too_few(issue.document, digest)


def _waiting(issue: Issue, digest: DigestSettings, now: datetime) -> str:
    """That a draft waits for a person, with the reminder that the hour makes of it."""
    approve = f"digest approve {issue.id}"
    because = f" ({issue.held})" if issue.held else ""
    if issue.id.name or issue.goes_out_at:
        return f"{issue.id} waits for approval{because}: {approve}"
    due, review = slot_at(digest, issue.id), window.review_by(digest, issue.id.slot)
    if now >= due:
        return f"{issue.id} was to go out at {local_time(digest, due)} and waits for approval{because}: {approve}"
    if now >= review:
        was = f"was to be reviewed by {local_time(digest, review)}"
        return f"{issue.id} {was} and waits for approval{because}: {approve}"
    by = f" by {local_time(digest, review)}" if digest.review_by else ""
    return f"{issue.id} waits for approval{by}{because}: {approve}"


STEPS = {
    IssueState.DRAFT: (Step.APPROVE, "approve"),
    IssueState.APPROVED: (Step.PUBLISH, "publish"),
    IssueState.PUBLISHED: (Step.SEND, "send"),
}


def _next_of_send(issue: Issue, send: Send) -> NextStep:
    match send.state:
        case SendState.RUNNING:
            return NextStep(Step.SEND, f"{issue.id} is being sent.")
        case SendState.PAUSED:
            return NextStep(
                Step.PAUSED, f"{issue.id} is paused ({send.why}); go on: digest resume {issue.id}"
            )
        case SendState.CANCELLED:
            return NextStep(Step.DONE, f"The sending of {issue.id} was cancelled.")
        case SendState.FINISHED:
            return NextStep(Step.DONE, f"{issue.id} is published and sent.")


def too_few(document: IssueDocument, digest: DigestSettings) -> str:
    """Why an issue has too little to go out, as a sentence, or "". Nothing at all is always too little.

    An extra issue needs no number of posts: an editor's words are enough.
    """
    found = len(document.picks)
    if found < digest.min_picks and not document.id.name:
        return f"It has {_posts(found)}, and {digest.title} needs at least {digest.min_picks}."
    if not (found or document.new_videos or document.introduction):
        return "There is nothing in it."
    return ""


def _posts(number: int) -> str:
    return amount(number, "post") if number else "no post"
