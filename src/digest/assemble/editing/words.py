"""What is said of an issue and of its posts, as an editor wants it."""

from __future__ import annotations

from dataclasses import replace

from digest.assemble import arranging
from digest.assemble.editing.change import Change
from digest.assemble.spelling import respelt_pick
from digest.errors import DigestError, NotFoundError
from digest.model import IssueDocument, Rule, RuleKind
from digest.text.language import clean, collapsed

LONGEST_LINE = 300  # characters of a title or subject
LONGEST_INTRODUCTION = 20_000  # characters
LONGEST_BLURB = 2_000  # characters of a blurb or note


def said(document: IssueDocument, change: Change) -> IssueDocument:
    """The document with what the change says of the issue and of its posts.

    Raises:
        NotFoundError: the issue has no such post or name.
        DigestError: a text is empty or too long.
    """
    for name, words in change.blurbs:
        pick = arranging.pick_of(document, name)
        blurb = text("blurb", words, LONGEST_BLURB)
        document = arranging.changed(document, pick, replace(pick, blurb=blurb))
    for old, new in change.names:
        document = _respelt(document, old, line("name", new))
    if change.title is not None:
        document = replace(document, title=line("title", change.title))
    if change.subject is not None:
        document = replace(document, subject=line("subject", change.subject))
    if change.introduction is not None:
        document = replace(document, introduction=introduction(change.introduction))
    return document


def introduction(words: str) -> str:
    """An editor's words as the plain paragraphs that an issue prints.

    Raises:
        DigestError: they are too long.
    """
    return text("introduction", words, LONGEST_INTRODUCTION)


def text(what: str, said: str, most: int) -> str:
    """An editor's words as plain paragraphs of at most so many characters; they may be none.

    Raises:
        DigestError: they are too long.
    """
    found = clean(said).strip()
    if len(found) > most:
        raise DigestError(f"The {what} has {len(found)} characters; {most} are the most.")
    return found


def line(what: str, words: str) -> str:
    """An editor's words for a title, a subject or a name, on one line.

    Raises:
        DigestError: there are none, or more than ``LONGEST_LINE`` characters.
    """
    found = collapsed(clean(words))
    if not found or len(found) > LONGEST_LINE:
        raise DigestError(f"The {what} needs between 1 and {LONGEST_LINE} characters; it has {len(found)}.")
    return found


def _respelt(document: IssueDocument, old: str, new: str) -> IssueDocument:
    """The issue with a name spelt otherwise wherever it stands as a speaker's or an author's."""
    spelling = (Rule(RuleKind.SPELLING, old, spelling=new),)
    groups = [
        replace(group, picks=tuple(respelt_pick(pick, spelling) for pick in group.picks))
        for group in document.groups
    ]
    if tuple(groups) == document.groups:
        raise NotFoundError(f"{document.id} has no {old!r} among its speakers and authors.")
    return arranging.grouped(document, groups)
