"""Notes of an editor: words, a titled link, or both."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from digest.assemble import arranging
from digest.assemble.editing.change import Change, NewNote
from digest.assemble.editing.words import LONGEST_BLURB, line, text
from digest.errors import DigestError, NotFoundError
from digest.model import IssueDocument, Note
from digest.text.links import absolute

MOST_NOTES = 50


def noted(document: IssueDocument, change: Change) -> IssueDocument:
    """The document with the change's notes; one that is added twice stands there once.

    Raises:
        NotFoundError: the issue has no such note or theme.
        DigestError: a note has no words, or too many of them, or its link is none; or there are too many notes.
    """
    for unwanted in change.unnote:
        if unwanted not in {note.id for note in document.notes}:
            known = ", ".join(note.id for note in document.notes) or "none"
            raise NotFoundError(f"{document.id} has no note {unwanted}; there are {known}.")
    kept = {note.id: note for note in document.notes if note.id not in change.unnote}
    added = {note.id: note for note in (_note(document, new) for new in change.notes)}
    there = {group.anchor for group in document.groups}
    notes = tuple(
        note if note.group in there else replace(note, group="") for note in (kept | added).values()
    )
    if len(notes) > MOST_NOTES:
        raise DigestError(f"{document.id} would have {len(notes)} notes; {MOST_NOTES} are the most.")
    return replace(document, notes=notes)


def _note(document: IssueDocument, new: NewNote) -> Note:
    group = arranging.group_of(document, new.group).anchor if new.group else ""
    url = absolute(new.url)
    if new.url and not url.startswith(("http://", "https://")):
        raise DigestError(f"{new.url!r} is no address of a page on the web.")
    words = text("note", new.text, LONGEST_BLURB)
    title = line("title of a link", new.title or url) if url else ""
    if not (words or url):
        raise DigestError("A note needs words or a link.")
    name = sha256("\n".join((group, url, title, words)).encode()).hexdigest()[:10]
    return Note(f"n-{name}", words, url, title, group)
