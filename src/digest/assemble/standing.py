"""Where a post stands in a digest: printed in which issue and why, kept back, or open for the next one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.assemble.related import video_key, video_of
from digest.assemble.window import local_time
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
    HELD = "held"  # back-fill
    OPEN = "open"
    TOO_OLD = "too old"  # first seen before the digest's first window
    NOT_FOLLOWED = "not followed"


@dataclass(frozen=True, slots=True)
class Standing:
    """A post in one digest; ``issue`` is where it is settled, or the issue it is open for."""

    digest: str
    state: State
    issue: IssueId | None
    why: str


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
    follows: bool,
    window_start: datetime,
    next_issue: IssueId,
) -> Standing:
    """Where a post stands in a digest now, and why.

    Args:
        settled: the issue of this digest that has settled it, or None.
        unsettled: drafts and skipped issues of this digest, oldest first; what stands in them is open.
        follows: whether the digest follows the post's source.
        window_start: what was first seen before it belongs to no issue.
        next_issue: the one that the next draft makes or refreshes.
    """
    if settled:
        state = State(settled.settlement.value)
        return Standing(digest.slug, state, settled.issue.id, _why_settled(post, settled))
    if not follows:
        return _unplaced(digest, State.NOT_FOLLOWED, f"{digest.title} does not follow its source.")
    if post.held:
        why = f"{post.held.rstrip('.')}. Let it in: digest posts release {post.key}"
        return _unplaced(digest, State.HELD, why)
    if post.first_seen < window_start:
        start = local_time(digest, window_start)
        why = f"It was first seen before {start}, where the first window of {digest.title} begins."
        return _unplaced(digest, State.TOO_OLD, why)
    return Standing(digest.slug, State.OPEN, next_issue, _why_open(post, tuple(unsettled), next_issue))


def _unplaced(digest: DigestSettings, state: State, why: str) -> Standing:
    return Standing(digest.slug, state, None, why)


def _why_settled(post: Post, settled: Settled) -> str:
    if settled.settlement is Settlement.DROPPED:
        return "A rule says that this video is never shown."
    return place_in(settled.issue.document, post) or "It was settled when the issue was frozen."


def _why_open(post: Post, unsettled: Iterable[Issue], next_issue: IssueId) -> str:
    """What the draft that it is open for makes of it, after what became of those before."""
    skipped = [
        f"It stood in {issue.id}, which was skipped ({issue.skipped_why})."
        for issue in unsettled
        if issue.state is IssueState.SKIPPED and place_in(issue.document, post)
    ]
    draft = next((issue for issue in unsettled if issue.id == next_issue), None)
    if draft is None or draft.state is not IssueState.DRAFT:
        now = "No draft is made yet."
    elif place := place_in(draft.document, post):
        now = f"In the draft: {place}"
    else:
        now = f"It came after the draft was made; draft it again: digest draft {next_issue.digest}"
    return " ".join([*skipped[-1:], now])


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
    if any(each.post == post.key for each in document.also_published):
        return (
            "It is named under “Also published”: the issue was full, its source had its share, "
            "or another post tells the same."
        )
    return ""


def _as_copy(document: IssueDocument, post: Post) -> str:
    address = canonical(post.url)
    named: tuple[Pick | ListedPost, ...] = (*document.picks, *document.also_published)
    same = next((each for each in named if address and canonical(each.url) == address), None)
    return f"The same post of {same.source_title} stands there." if same else ""
