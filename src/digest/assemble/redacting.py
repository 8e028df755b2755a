"""An issue without what was removed on request: its words give way to a mark, its posts and quotes to nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from hashlib import sha256

from digest.assemble import arranging
from digest.assemble.quotes import stands_in
from digest.model import IssueDocument, Note, Pick
from digest.text.blackout import Blackout


def redacted(
    document: IssueDocument,
    blackout: Blackout,
    posts: Collection[str],
    lost: Collection[str],
    text_of: Callable[[str, int], str | None],
) -> IssueDocument:
    """The document without what is to go; the same one where nothing is.

    Args:
        blackout: the rules, with the mark that readers see in the place of words.
        posts: keys of the posts that are to go.
        lost: keys of the posts that have lost words.
        text_of: post key and revision → the stored text, which has lost its words already.
    """
    shown = arranging.without(document, {key for key in document.posts if key in posts})
    groups = [
        replace(group, picks=tuple(_pick(pick, blackout, _text(pick, lost, text_of)) for pick in group.picks))
        for group in shown.groups
    ]
    return blackout.walk(arranging.grouped(shown, groups))


def _text(pick: Pick, lost: Collection[str], text_of: Callable[[str, int], str | None]) -> str | None:
    """The text of a post that has lost words; None where its quotes stand as before."""
    return text_of(pick.post, pick.revision) or "" if pick.post in lost else None


def _pick(pick: Pick, blackout: Blackout, text: str | None) -> Pick:
    """A pick without the quotes that have lost words, the videos that tell them, and links to what is gone."""
    return replace(
        pick,
        quotes=tuple(
            printed
            for printed in pick.quotes
            if not blackout.hits(printed.quote.text) and (text is None or stands_in(printed.quote, text))
        ),
        videos=tuple(
            shown for shown in pick.videos if not _tells(blackout, shown.video.title, shown.video.url)
        ),
        related_posts=tuple(
            each for each in pick.related_posts if not _tells(blackout, each.link.title, each.link.url)
        ),
    )


def _tells(blackout: Blackout, title: str, url: str) -> bool:
    return blackout.hits(title) or blackout.is_removed(url)


def told(document: IssueDocument, mark: str) -> IssueDocument:
    """The document with a note that says, with its date, that something was removed."""
    note = Note(f"n-{sha256(mark.encode()).hexdigest()[:10]}", mark)
    return replace(document, notes=(*(each for each in document.notes if each.id != note.id), note))
