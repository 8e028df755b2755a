"""Which standing rules follow from an editor's change."""

from __future__ import annotations

from collections.abc import Iterator

from digest.assemble import arranging
from digest.assemble.editing.change import Change
from digest.assemble.editing.words import line
from digest.model import IssueDocument, Rule, RuleKind, SourceOwner
from digest.text.links import video


def rules_of(document: IssueDocument, change: Change) -> Iterator[Rule]:
    """The corrections of a change that can stand as rules from now on.

    Args:
        document: before the change.

    Raises:
        NotFoundError: the issue has no such post.
    """
    for name, slug in change.move:
        source = arranging.pick_of(document, name).source
        yield Rule(RuleKind.SOURCE_THEME, source, slug, SourceOwner.COMMAND)
    for address in change.hide:
        found = video(address)
        yield Rule(RuleKind.NEVER_VIDEO, found.url if found else address, owner=SourceOwner.COMMAND)
    for old, new in change.names:
        yield Rule(RuleKind.SPELLING, old, owner=SourceOwner.COMMAND, spelling=line("name", new))
