"""Where a post stands in a digest: printed in which issue and why, kept back, or open for the next one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.assemble import rank
from digest.assemble.related import video_key, video_of
from digest.assemble.steps import too_few
from digest.assemble.window import closes, local_time, slot_at, slots
from digest.model import (
    Issue,
    IssueDocument,
    IssueId,
    IssueState,
    ListedPost,
    Pick,
    Post,
    PostKind,
    Settlement,
)
from digest.settings import DigestSettings
from digest.text.links import canonical


class State(StrEnum):
    """How a post stands in one digest; the first three are settled for good."""

    PICKED = "picked"
    LISTED = "listed"
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"  # taken back by its author
    HELD = "held"  # back-fill
    OPEN = "open"
    TOO_OLD = "too old"  # first seen before the digest's first window
    NOT_FOLLOWED = "not followed"


@dataclass(frozen=True, slots=True)
class Standing:
    """A post in one digest; ``issue`` is where it is settled, or the issue it is open for.

    ``ranking`` says how it was ranked there, in one sentence, or is "".
    """

    digest: str
    state: State
    issue: IssueId | None
    why: str
    ranking: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What freezing an issue decided for a post."""

    issue: Issue
    settlement: Settlement


def standing(
    post: Post,
    digest: DigestSettings,
    *,
    settled: Settled | None,
    unsettled: Iterable[Issue],
    left: Issue | None = None,
    withdrawn: str = "",
    follows: bool,
    window_start: datetime,
    next_issue: IssueId,
) -> Standing:
    """Where a post stands in a digest now, and why.

    Args:
        settled: the issue of this digest that has settled it, or None.
        unsettled: drafts and skipped issues of this digest, oldest first; what stands in them is open.
        left: the newest issue from which an editor left the post to the next one, or None.
        withdrawn: why its author has taken it back, or "".
        follows: whether the digest follows the post's source.
        window_start: what was first seen before it belongs to no issue.
        next_issue: the one that the next draft makes or refreshes.
    """
    if settled:
        state, document = State(settled.settlement.value), settled.issue.document
        why = _why_settled(post, settled)
        return Standing(digest.slug, state, settled.issue.id, why, _ranking(document, post))
    if not follows:
        return _unplaced(digest, State.NOT_FOLLOWED, f"{digest.title} does not follow its source.")
    if withdrawn:
        why = f"It was withdrawn ({withdrawn}). Undo it: digest posts restore {post.key}"
        return _unplaced(digest, State.WITHDRAWN, why)
    if post.held:
        why = f"{post.held.rstrip('.')}. Let it in: digest posts release {post.key}"
        return _unplaced(digest, State.HELD, why)
    if post.first_seen < window_start:
        start = local_time(digest, window_start)
        why = f"It was first seen before {start}, where the first window of {digest.title} begins."
        return _unplaced(digest, State.TOO_OLD, why)
    return _open(post, digest, tuple(unsettled), left, next_issue)


def _unplaced(digest: DigestSettings, state: State, why: str) -> Standing:
    return Standing(digest.slug, state, None, why)


def _why_settled(post: Post, settled: Settled) -> str:
    if settled.settlement is Settlement.DROPPED:
        if post.key in settled.issue.dropped:
            return "An editor took it out for good."
        return "A rule says that this video is never shown."
    return place_in(settled.issue.document, post) or "It was settled when the issue was frozen."


def _ranking(document: IssueDocument, post: Post) -> str:
    shown: tuple[Pick | ListedPost, ...] = (*document.picks, *document.also_published)
    parts = next((each.parts for each in shown if each.post == post.key), ())
    return rank.explained(parts) if parts else ""


# ── open ─────────────────────────────────────────────────────────────────────────────────────────


def _open(
    post: Post, digest: DigestSettings, unsettled: Sequence[Issue], left: Issue | None, next_issue: IssueId
) -> Standing:
    """What the draft that it is open for makes of it, after what became of those before."""
    draft = next(
        (each for each in unsettled if each.id == next_issue and each.state is IssueState.DRAFT), None
    )
    place = place_in(draft.document, post) if draft else ""
    issue, why, ranking = next_issue, "No draft is made yet.", ""
    if draft and place:
        why, ranking = _in_draft(draft, place, digest), _ranking(draft.document, post)
    elif left:
        issue = _after(left, digest) if left.id == next_issue else next_issue
        why = f"An editor left it out of {left.id}, for a later one."
    elif draft:
        issue, why = _not_in_draft(post, draft, digest)
    return Standing(digest.slug, State.OPEN, issue, " ".join([*_of_skipped(post, unsettled), why]), ranking)


def _of_skipped(post: Post, unsettled: Iterable[Issue]) -> list[str]:
    """That it stood in an issue that was skipped, the newest, and why that was."""
    return [
        f"It stood in {issue.id}, which was skipped ({issue.skipped_why})."
        for issue in unsettled
        if issue.state is IssueState.SKIPPED and place_in(issue.document, post)
    ][-1:]


def _in_draft(draft: Issue, place: str, digest: DigestSettings) -> str:
    few = too_few(draft.document, digest)
    return f"In the draft: {place}" + (f" {few} Until then all of it stays open." if few else "")


def _not_in_draft(post: Post, draft: Issue, digest: DigestSettings) -> tuple[IssueId, str]:
    """For which issue a post is open that the draft leaves out, and why."""
    if post.key in draft.dropped:
        return draft.id, f"An editor took it out of {draft.id} for good; approving makes it so."
    cutoff = closes(digest, draft.id, draft.created_at)
    if cutoff and post.first_seen > cutoff:
        when = local_time(digest, cutoff)
        return _after(draft, digest), f"It came after the cut-off of {draft.id} ({when}) and is for the next."
    taken = draft.drafted_at or draft.created_at
    if draft.edit and post.first_seen > taken:
        add = f"digest edit {draft.id} --add {post.key}"
        return draft.id, f"It came after an editor had begun to change {draft.id}. Take it in: {add}"
    again = f"digest draft {digest.slug}"
    return draft.id, f"It came after the draft was made; draft it again: {again}"


def _after(draft: Issue, digest: DigestSettings) -> IssueId:
    """The regular issue after a draft."""
    following = next(slots(digest, slot_at(digest, draft.id)))
    return IssueId(digest.slug, following.day)


# ── where in an issue ────────────────────────────────────────────────────────────────────────────


def place_in(document: IssueDocument, post: Post) -> str:
    """How an issue shows or names a post, in a sentence or two; "" where it does neither."""
    for group in document.groups:
        for pick in group.picks:
            if pick.post == post.key:
                older = (
                    "" if pick.revision == post.revision else f" It is shown as of revision {pick.revision}."
                )
                return f"It stands under “{group.title}”. {pick.why}{older}"
    return _as_video(document, post) or _by_title(document, post) or _as_copy(document, post)


def _as_video(document: IssueDocument, post: Post) -> str:
    if post.kind is not PostKind.VIDEO:
        return ""
    own = video_key(video_of(post))
    for pick in document.picks:
        for shown in pick.videos:
            if video_key(shown.video) == own:
                return f"It is shown under “{pick.title}”. {shown.why}"
    return ""


def _by_title(document: IssueDocument, post: Post) -> str:
    if any(each.post == post.key for each in document.new_videos):
        return "It is named under “New videos”: it belongs to no post of the issue."
    listed = next((each for each in document.also_published if each.post == post.key), None)
    if listed is None:
        return ""
    return f"It is named under “Also published”. {listed.why}".rstrip()


def _as_copy(document: IssueDocument, post: Post) -> str:
    address = canonical(post.url)
    named: tuple[Pick | ListedPost, ...] = (*document.picks, *document.also_published)
    same = next((each for each in named if address and canonical(each.url) == address), None)
    return f"The same post of {same.source_title} stands there." if same else ""
