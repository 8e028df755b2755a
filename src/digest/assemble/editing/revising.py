"""An editor's change of an issue, as a new document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.assemble import arranging
from digest.assemble.editing.change import Change, Stock
from digest.assemble.editing.notes import noted
from digest.assemble.editing.quoting import quoted
from digest.assemble.editing.showing import with_related, with_videos, without_videos
from digest.assemble.editing.words import said
from digest.assemble.issue import may_edit
from digest.errors import DigestError
from digest.model import Issue, IssueDocument, IssueState, Theme


@dataclass(frozen=True, slots=True)
class Revised:
    """A document after a change, and the keys of the posts that were taken out for good, or left for later."""

    document: IssueDocument
    dropped: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


def edited(issue: Issue, change: Change, stock: Stock, now: datetime) -> Issue:
    """The issue as the editor wants it: a draft, its count of changes raised by one.

    Raises:
        NotFoundError: the issue has no such post, quote, video or note, or the digest no such theme.
        DigestError: it is published or skipped, nothing is to change, or a text is empty or too long.
    """
    may_edit(issue)
    if change == Change():
        raise DigestError(f"Nothing is to change in {issue.id}: see digest edit --help")
    new = revised(issue.document, change, stock)
    return replace(
        as_draft(issue, now),
        document=replace(new.document, number=None),
        edit=issue.edit + 1,
        updated_at=now,
        dropped=_gone(new.document, issue.dropped, new.dropped),
        later=_gone(new.document, issue.later, new.later),
    )


def revised(document: IssueDocument, change: Change, stock: Stock) -> Revised:
    """A document with a change, whatever state its issue is in.

    Raises:
        NotFoundError: the issue has no such post, quote, video or note, or the digest no such theme.
        DigestError: a text is empty or too long.
    """
    for added in stock.added:
        document = arranging.joined(document, added, stock.themes)
    document = _arranged(document, change, stock.themes)
    dropped = tuple(arranging.key_of(document, name) for name in change.drop)
    later = tuple(arranging.key_of(document, name) for name in change.later)
    document = said(without_videos(document, change.hide), change)
    document = with_related(with_videos(document, change, stock), change, stock)
    document = quoted(document, change, stock)
    document = arranging.without(document, {*dropped, *later})
    return Revised(noted(document, change), dropped, later)


def reopened(issue: Issue, why: str) -> Issue:
    """An approved issue as the draft that it is again; it waits for a person, for this reason."""
    document = replace(issue.document, number=None)
    return replace(issue, state=IssueState.DRAFT, approved_at=None, held=why, document=document)


def as_draft(issue: Issue, now: datetime) -> Issue:
    """An issue that is changed now: where it was approved, that is void."""
    why = f"it was changed on {now:%Y-%m-%d %H:%M} UTC, after its approval"
    return issue if issue.state is IssueState.DRAFT else reopened(issue, why)


def _gone(document: IssueDocument, before: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for key in (*before, *new) if key not in document.posts))


def _arranged(document: IssueDocument, change: Change, themes: Sequence[Theme]) -> IssueDocument:
    """Where the posts stand."""
    for name, slug in change.move:
        document = arranging.moved(document, name, slug, themes)
    for name, number in change.places:
        document = arranging.placed(document, name, number)
    for name in change.pin:
        document = arranging.pinned(document, name, True)
    for name in change.unpin:
        document = arranging.pinned(document, name, False)
    return arranging.ordered(document, change.themes)
