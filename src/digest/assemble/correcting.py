"""A published issue, corrected openly: a new document with a dated note, and what becomes of its posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from digest.assemble.editing import Change, NewNote, Stock, line, revised
from digest.errors import DigestError, TooEarlyError
from digest.model import Issue, IssueDocument, IssueState, Settlement


def may_correct(issue: Issue) -> None:
    """Whether an issue may be corrected.

    Raises:
        TooEarlyError: it is not published yet, so it can simply be edited.
        DigestError: it was skipped.
    """
    if issue.state is IssueState.SKIPPED:
        raise DigestError(f"{issue.id} was skipped; there is nothing to correct.")
    if issue.state is not IssueState.PUBLISHED:
        raise TooEarlyError(f"{issue.id} is not published yet; change it with: digest edit {issue.id}")


def corrected(issue: Issue, change: Change, note: str, stock: Stock, now: datetime) -> Issue:
    """The issue with the change, and with a note before its first group that says what was corrected and when.

    Args:
        note: as readers see it, with its date.

    Raises:
        NotFoundError: the issue has no such post, quote, video or note, or the digest no such theme.
        DigestError: it is not published, or a text is empty or too long.
    """
    may_correct(issue)
    told = NewNote(line("correction note", note))
    new = revised(issue.document, replace(change, notes=(*change.notes, told)), stock)
    shown = set(new.document.posts)
    return replace(
        issue,
        document=new.document,
        edit=issue.edit + 1,
        updated_at=now,
        dropped=tuple(dict.fromkeys(key for key in (*issue.dropped, *new.dropped) if key not in shown)),
        later=tuple(dict.fromkeys(key for key in (*issue.later, *new.later) if key not in shown)),
    )


def resettled(before: IssueDocument, after: Issue) -> Mapping[str, Settlement | None]:
    """What a correction decides of posts, by key: those that came in, and those that went.

    A post that an editor takes out for good is dropped; one that is left to the next issue is open again (None).
    """
    came = set(after.document.posts) - set(before.posts)
    picked = {pick.post for pick in after.document.picks}
    went = set(before.posts) - set(after.document.posts)
    return {
        **{post: Settlement.PICKED if post in picked else Settlement.LISTED for post in came},
        **{post: None if post in after.later else Settlement.DROPPED for post in went},
    }
