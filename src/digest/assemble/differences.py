"""What differs between two states of an issue, a sentence for each thing: what an editor is told of another's work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from digest.model import IssueDocument, ListedPost, Pick


def differences(before: IssueDocument, after: IssueDocument) -> tuple[str, ...]:
    """What was changed between two documents of one issue, in the order in which an editor reads them."""
    return (
        *_texts(before, after),
        *_posts(before, after),
        *_places(before, after),
        *_picks(before, after),
        *_quote_of_the_week(before, after),
        *_notes(before, after),
    )


def _texts(before: IssueDocument, after: IssueDocument) -> Iterator[str]:
    for what, old, new in (
        ("title", before.title, after.title),
        ("subject", before.subject, after.subject),
    ):
        if old != new:
            yield f"The {what} is “{new}”; it was “{old}”."
    if before.introduction != after.introduction:
        yield "The introduction was rewritten." if after.introduction else "The introduction was taken out."


def _posts(before: IssueDocument, after: IssueDocument) -> Iterator[str]:
    old, new = _titles(before), _titles(after)
    yield from (f"“{new[key]}” was taken in." for key in new if key not in old)
    yield from (f"“{old[key]}” was taken out." for key in old if key not in new)


def _titles(document: IssueDocument) -> dict[str, str]:
    shown: tuple[Pick | ListedPost, ...] = (
        *document.picks,
        *document.new_videos,
        *document.also_published,
    )
    return {post.post: post.title for post in shown}


def _places(before: IssueDocument, after: IssueDocument) -> Iterator[str]:
    """What stands under another theme, or in another order; what came or went is no change of order."""
    old, new = _groups(before), _groups(after)
    moved = [key for key in new if key in old and old[key] != new[key]]
    for group in after.groups:
        here = [pick for pick in group.picks if pick.post in moved]
        yield from (f"“{pick.title}” stands under “{group.title}”." for pick in here)
        stayed = [pick.post for pick in group.picks if old.get(pick.post) == group.anchor]
        if stayed != [key for key in old if key in stayed]:
            yield f"The order under “{group.title}” is another one."
    kept = [group.anchor for group in after.groups]
    if [anchor for anchor in kept if anchor in _anchors(before)] != [
        anchor for anchor in _anchors(before) if anchor in kept
    ]:
        yield "The order of the themes is another one."


def _anchors(document: IssueDocument) -> list[str]:
    return [group.anchor for group in document.groups]


def _groups(document: IssueDocument) -> Mapping[str, str]:
    """The anchor of each pick's group, by post key, in reading order."""
    return {pick.post: group.anchor for group in document.groups for pick in group.picks}


def _picks(before: IssueDocument, after: IssueDocument) -> Iterator[str]:
    old = {pick.post: pick for pick in before.picks}
    for pick in after.picks:
        if pick.post in old:
            yield from _pick(old[pick.post], pick)


def _pick(old: Pick, new: Pick) -> Iterator[str]:
    if old.blurb != new.blurb:
        yield f"The blurb of “{new.title}” was rewritten."
    if [shown.id for shown in old.quotes] != [shown.id for shown in new.quotes]:
        yield f"“{new.title}” prints other quotes."
    elif _names(old) != _names(new):
        yield f"Names are spelt otherwise with “{new.title}”."
    if [shown.video for shown in old.videos] != [shown.video for shown in new.videos]:
        yield f"“{new.title}” shows other videos."
    if old.pinned != new.pinned:
        yield f"“{new.title}” is pinned." if new.pinned else f"“{new.title}” is pinned no longer."


def _names(pick: Pick) -> tuple[str, ...]:
    return (*pick.authors, *(shown.quote.speaker for shown in pick.quotes))


def _quote_of_the_week(before: IssueDocument, after: IssueDocument) -> Iterator[str]:
    if before.quote_of_the_week != after.quote_of_the_week:
        words = {shown.id: shown.quote.text for pick in after.picks for shown in pick.quotes}
        best = words.get(after.quote_of_the_week)
        yield f"The quote of the week is “{best}”." if best else "There is no quote of the week."


def _notes(before: IssueDocument, after: IssueDocument) -> Iterator[str]:
    for note in after.notes:
        if note not in before.notes:
            yield f"A note was added: “{note.title or note.text}”."
    for note in before.notes:
        if note.id not in {each.id for each in after.notes}:
            yield f"A note was taken out: “{note.title or note.text}”."
