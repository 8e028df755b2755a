"""What may be done with an issue, and what is to be done next: approve, freeze, settle, skip.

    draft ──approve──► approved ──publish──► published ──send──► (read from the ledger)
      └───────────────────┴──skip──► skipped

Every decision is a value or a sentence that says no; the pipeline stores it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Self

from digest import codec
from digest.assemble import window
from digest.assemble.quotes import check_verbatim
from digest.assemble.related import forbidden_videos, video_key, video_of
from digest.assemble.window import local_time, slot_at
from digest.errors import DigestError, TooEarlyError, VerbatimError
from digest.model import (
    Approval,
    Issue,
    IssueDocument,
    IssueState,
    Post,
    PostKind,
    Rule,
    Send,
    SendState,
    Settlement,
    Version,
)
from digest.settings import DigestSettings
from digest.text.links import canonical

# ── what comes next ──────────────────────────────────────────────────────────────────────────────


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
    step, verb = _STEPS[issue.state]
    return NextStep(step, f"{issue.id} is due: digest {verb} {issue.id}")


def _expired(issue: Issue, digest: DigestSettings, now: datetime) -> NextStep | None:
    due, hours = goes_out(issue, digest), digest.expires_hours
    if now < max(due, issue.approved_at or due) + timedelta(hours=hours):
        return None
    verb = _STEPS[issue.state][1]
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


_STEPS = {
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


# ── what may be done ─────────────────────────────────────────────────────────────────────────────


def may_redraft(issue: Issue) -> None:
    """Whether a draft may be made anew.

    Raises:
        DigestError: an editor has changed it, or it is no draft any more.
    """
    if issue.state is not IssueState.DRAFT:
        raise DigestError(f"{issue.id} is {issue.state} already and was left as it is.")
    if issue.edit:
        raise DigestError(
            f"{issue.id} was changed by an editor and was left as it is. Approve it: digest approve {issue.id}"
        )


def may_veto(issue: Issue) -> None:
    """Whether an issue may be held back for a person; one that is held already may, again.

    Raises:
        DigestError: it is no draft any more.
    """
    if issue.state is not IssueState.DRAFT:
        raise DigestError(f"{issue.id} is {issue.state} already; leave it out with: digest skip {issue.id}")


def may_approve(issue: Issue, digest: DigestSettings) -> None:
    """Whether an issue may be approved; one that is approved already may, and nothing changes.

    Raises:
        DigestError: it was skipped, or has too few picks.
    """
    _refuse_skipped(issue)
    if issue.state is IssueState.DRAFT and (why := too_few(issue.document, digest)):
        first = (
            f"Give it words or posts: digest edit {issue.id}" if issue.id.name else "Collect and draft again"
        )
        raise DigestError(f"{issue.id}: {why} {first}, or leave it out: digest skip {issue.id}")


def may_publish(issue: Issue) -> None:
    """Whether an issue may be published; one that is published already may be, again.

    Raises:
        TooEarlyError: it is a draft.
        DigestError: it was skipped.
    """
    _refuse_skipped(issue)
    if issue.state is IssueState.DRAFT:
        raise TooEarlyError(f"{issue.id} is a draft; approve it first: digest approve {issue.id}")


def may_send(issue: Issue, send: Send | None) -> None:
    """Whether an issue may be sent; where its send has begun or ended, sending again repeats nothing.

    Raises:
        TooEarlyError: it is not published yet.
        DigestError: it was skipped, or its send is paused or cancelled.
    """
    may_publish(issue)
    if issue.state is IssueState.APPROVED:
        raise TooEarlyError(
            f"{issue.id} is approved but not published; publish it first: digest publish {issue.id}"
        )
    if send and send.state is SendState.PAUSED:
        raise DigestError(f"{issue.id} is paused ({send.why}); let it go on: digest resume {issue.id}")
    if send and send.state is SendState.CANCELLED:
        raise DigestError(f"The sending of {issue.id} was cancelled; it is not sent again.")


def may_skip(issue: Issue) -> None:
    """Whether an issue may be left out; a skipped one may, and nothing changes.

    Raises:
        DigestError: it is published, and what is published stays.
    """
    if issue.state is IssueState.PUBLISHED:
        raise DigestError(
            f"{issue.id} is published already and cannot be skipped. Stop its mail: digest cancel {issue.id}"
        )


def may_steer(issue: Issue, send: Send | None) -> None:
    """Whether the send of an issue may be paused, resumed or cancelled.

    Raises:
        TooEarlyError: nothing is being sent yet.
        DigestError: its send has ended.
    """
    if send is None:
        raise TooEarlyError(f"{issue.id} is not being sent; {_first_command(issue)}")
    if send.state in (SendState.CANCELLED, SendState.FINISHED):
        raise DigestError(f"The sending of {issue.id} is {send.state} already.")


def _first_command(issue: Issue) -> str:
    if issue.state is IssueState.SKIPPED:
        return "it was skipped."
    verb = _STEPS[issue.state][1]
    return f"{verb} it first: digest {verb} {issue.id}"


def _refuse_skipped(issue: Issue) -> None:
    if issue.state is IssueState.SKIPPED:
        why = f" ({issue.skipped_why})" if issue.skipped_why else ""
        raise DigestError(
            f"{issue.id} was skipped{why}; its posts are open for the next: digest draft {issue.id.digest}"
        )


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
    return "no post" if number == 0 else "1 post" if number == 1 else f"{number} posts"


# ── freezing ─────────────────────────────────────────────────────────────────────────────────────


def freeze(
    issue: Issue,
    number: int,
    text_of: Callable[[str, int], str | None],
    now: datetime,
    withdrawn: Collection[str] = (),
) -> Version:
    """The next version of an issue: its document with its number, as canonical JSON and its SHA-256.

    Args:
        number: of the issue in its digest.
        text_of: post key and revision → the stored text, or None where there is none any more.
        withdrawn: keys of posts that their authors have taken back.

    Raises:
        VerbatimError: a quote is not, word for word, in the stored revision of its post, or its post was
            withdrawn. Nothing is frozen then.
    """
    document = replace(issue.document, number=number)
    for pick in document.picks:
        if pick.post in withdrawn:
            raise VerbatimError(
                f"{issue.id}: “{pick.title}” <{pick.url}> was withdrawn by its author; "
                f"draft the issue again without it: digest draft {issue.id.digest}"
            )
    check_verbatim(document, text_of)
    data = codec.dump(IssueDocument, document)
    return Version(issue.id, issue.version + 1, data, sha256(data).hexdigest(), now)


def settlements(
    document: IssueDocument, open_posts: Iterable[Post], rules: Iterable[Rule], dropped: Collection[str] = ()
) -> dict[str, Settlement]:
    """What freezing decides for each open post that the issue has seen, by post key.

    Picked is what the issue shows, also as a video under a pick; listed is what it names by title, and another
    source's copy of a post that it shows or names; dropped is a video that a rule forbids, and what an editor took
    out for good (``dropped``, post keys). What came after the draft was made is in none of these and stays open.
    """
    decide = _Decisions.of(document, rules)
    decided = {
        post.key: Settlement.DROPPED if post.key in dropped else decide.on(post) for post in open_posts
    }
    return {key: settlement for key, settlement in decided.items() if settlement}


@dataclass(frozen=True, slots=True)
class _Decisions:
    """An issue's decisions, by each of the ways in which a post may be known."""

    by_key: Mapping[str, Settlement]
    by_address: Mapping[str, Settlement]
    by_video: Mapping[tuple[str, str], Settlement]

    @classmethod
    def of(cls, document: IssueDocument, rules: Iterable[Rule]) -> Self:
        named = (*document.also_published, *document.new_videos)
        shown = [placed.video for pick in document.picks for placed in pick.videos]
        addresses = {canonical(pick.url) for pick in document.picks} | {canonical(each.url) for each in named}
        return cls(
            dict.fromkeys((each.post for each in named), Settlement.LISTED)
            | dict.fromkeys((pick.post for pick in document.picks), Settlement.PICKED),
            dict.fromkeys(addresses - {""}, Settlement.LISTED),
            dict.fromkeys(forbidden_videos(rules), Settlement.DROPPED)
            | {video_key(each.video): Settlement.LISTED for each in named if each.video}
            | dict.fromkeys(map(video_key, shown), Settlement.PICKED),
        )

    def on(self, post: Post) -> Settlement | None:
        """The decision on one post, or None where the issue has not seen it."""
        if post.key in self.by_key:
            return self.by_key[post.key]
        if post.kind is PostKind.VIDEO:
            return self.by_video.get(video_key(video_of(post)))
        return self.by_address.get(canonical(post.url))
