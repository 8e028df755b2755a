"""What may be done with an issue: approve, edit, publish, send, skip; what freezing makes of it, and what it settles.

    draft ──approve──► approved ──publish──► published ──send──► (read from the ledger)
      ▲                   │ │
      └──edit, unapprove──┘ └──skip──► skipped ◄──skip── draft

Every decision is a value or a sentence that says no; the pipeline stores it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Self

from digest import codec
from digest.assemble.quotes import check_verbatim
from digest.assemble.related import forbidden_videos, video_key, video_of
from digest.assemble.steps import STEPS, too_few
from digest.errors import DigestError, TooEarlyError, VerbatimError
from digest.model import (
    Issue,
    IssueDocument,
    IssueState,
    ListedPost,
    Pick,
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


def may_edit(issue: Issue) -> None:
    """Whether an editor may change an issue; one that is approved may, and its approval is void then.

    Raises:
        DigestError: it is published, with its mail sent or being sent, or was skipped.
    """
    _refuse_skipped(issue)
    if issue.state is IssueState.PUBLISHED:
        raise DigestError(
            f"{issue.id} is published, and what people have is not changed behind their backs; "
            f"correct it openly: digest correct {issue.id}"
        )


def may_unapprove(issue: Issue) -> None:
    """Whether the approval of an issue may be withdrawn; a draft has none, and nothing changes.

    Raises:
        DigestError: it is published, or was skipped.
    """
    _refuse_skipped(issue)
    if issue.state is IssueState.PUBLISHED:
        raise DigestError(f"{issue.id} is published already. Stop its mail: digest cancel {issue.id}")


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
    verb = STEPS[issue.state][1]
    return f"{verb} it first: digest {verb} {issue.id}"


def _refuse_skipped(issue: Issue) -> None:
    if issue.state is IssueState.SKIPPED:
        why = f" ({issue.skipped_why})" if issue.skipped_why else ""
        raise DigestError(
            f"{issue.id} was skipped{why}; its posts are open for the next: digest draft {issue.id.digest}"
        )


# ── freezing ─────────────────────────────────────────────────────────────────────────────────────


def freeze(
    issue: Issue,
    number: int,
    text_of: Callable[[str, int], str | None],
    now: datetime,
    withdrawn: Mapping[str, str] = MappingProxyType({}),
) -> Version:
    """The next version of an issue: its document with its number, as canonical JSON and its SHA-256.

    Args:
        number: of the issue in its digest.
        text_of: post key and revision → the stored text, or None where there is none any more.
        withdrawn: posts that their authors have taken back, by key, each with why.

    Raises:
        VerbatimError: a quote is not, word for word, in the stored revision of its post, or its post was
            withdrawn. Nothing is frozen then.
    """
    document = replace(issue.document, number=number)
    _refuse_withdrawn(issue, withdrawn)
    check_verbatim(document, text_of)
    data = codec.dump(IssueDocument, document)
    return Version(issue.id, issue.version + 1, data, sha256(data).hexdigest(), now)


def _refuse_withdrawn(issue: Issue, withdrawn: Mapping[str, str]) -> None:
    document = issue.document
    shown: tuple[Pick | ListedPost, ...] = (*document.picks, *document.new_videos, *document.also_published)
    for post in shown:
        if post.post in withdrawn:
            again = f"digest draft {issue.id.digest}"
            without = f"digest edit {issue.id} --later {post.post}" if issue.edit or issue.id.name else again
            raise VerbatimError(
                f"{issue.id}: “{post.title}” <{post.url}> was withdrawn ({withdrawn[post.post]}). "
                f"Leave it out: {without}"
            )


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
