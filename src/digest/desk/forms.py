"""A form of the desk → the change that its sender wants. A form says what it does in ``do``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from digest.assemble.arranging import pick_of
from digest.assemble.editing import Change, NewNote
from digest.errors import DigestError
from digest.model import IssueDocument

MOST_VALUES = 300  # of one field

Fields = Mapping[str, Sequence[str]]


def change_of(document: IssueDocument, fields: Fields) -> Change:
    """The change that a form asks for; ``post`` and ``quote`` name a post (its key) and a printed quote (its id).

    Args:
        document: as the form's sender has seen it.
        fields: the values of each field, in the order of the form; a box that is not ticked sends none.

    Raises:
        NotFoundError: the issue has no such post.
        DigestError: the form does nothing that is known, or lacks a field, or a number in it is none.
    """
    do = one(fields, "do")
    if do not in _ACTS:
        raise DigestError(f"The form wants {do!r}, which is nothing that the desk does. Load the page again.")
    return _ACTS[do](document, fields)


def one(fields: Fields, name: str) -> str:
    """The value of a field that is there once.

    Raises:
        DigestError: it is not there.
    """
    if not fields.get(name):
        raise DigestError(f"The form came without {name!r}. Load the page again, and send it once more.")
    return fields[name][0]


def many(fields: Fields, name: str) -> tuple[str, ...]:
    """The values of a field that may be there any number of times.

    Raises:
        DigestError: there are more than ``MOST_VALUES``.
    """
    values = tuple(fields.get(name, ()))
    if len(values) > MOST_VALUES:
        raise DigestError(f"The form brought {len(values)} values of {name!r}; {MOST_VALUES} are the most.")
    return values


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise DigestError(f"{text[:40]!r} is no number. Load the page again, and send the form once more.")
    return int(text)


def _say(_: IssueDocument, fields: Fields) -> Change:
    return Change(
        title=one(fields, "title"), subject=one(fields, "subject"), introduction=one(fields, "introduction")
    )


def _pick(document: IssueDocument, fields: Fields) -> Change:
    """All that a pick's own page can change, as far as it differs from what is there."""
    pick = pick_of(document, one(fields, "post"))
    post, blurb = pick.post, one(fields, "blurb")
    videos, related = many(fields, "video"), many(fields, "related")
    shown = tuple(each.video.url for each in pick.videos), tuple(each.link.url for each in pick.related_posts)
    return Change(
        blurbs=[(post, blurb)] if blurb.split() != pick.blurb.split() else (),
        quotes=[(post, tuple(map(_number, many(fields, "number"))))],
        videos=[(post, videos)] if videos != shown[0] else (),
        related=[(post, related)] if related != shown[1] else (),
    )


def _step(by: int) -> Callable[[IssueDocument, Fields], Change]:
    def moved(document: IssueDocument, fields: Fields) -> Change:
        pick = pick_of(document, one(fields, "post"))
        group = next(group for group in document.groups if pick in group.picks)
        place = group.picks.index(pick) + 1 + by
        return Change(places=[(pick.post, min(max(place, 1), len(group.picks)))])

    return moved


def _place(document: IssueDocument, fields: Fields) -> Change:
    """To a place under a theme, as when it was dragged there."""
    pick, anchor = pick_of(document, one(fields, "post")), one(fields, "group")
    here = next(group for group in document.groups if pick in group.picks)
    there = next((group for group in document.groups if group.anchor == anchor), here)
    move = [(pick.post, there.slug)] if there.slug and there is not here else ()
    return Change(move=move, places=[(pick.post, _number(one(fields, "place")))])


def _quote(field: str) -> Callable[[IssueDocument, Fields], Change]:
    def changed(_: IssueDocument, fields: Fields) -> Change:
        said = [(one(fields, "quote"), one(fields, field))]
        return Change(cuts=said) if field == "words" else Change(speakers=said)

    return changed


def _note(_: IssueDocument, fields: Fields) -> Change:
    text, url, title, group = (one(fields, name) for name in ("text", "url", "title", "group"))
    return Change(notes=[NewNote(text, url, title, group)])


_ACTS: Mapping[str, Callable[[IssueDocument, Fields], Change]] = MappingProxyType(
    {
        "say": _say,
        "pick": _pick,
        "blurb": lambda _, fields: Change(blurbs=[(one(fields, "post"), one(fields, "blurb"))]),
        "drop": lambda _, fields: Change(drop=[one(fields, "post")]),
        "later": lambda _, fields: Change(later=[one(fields, "post")]),
        "pin": lambda _, fields: Change(pin=[one(fields, "post")]),
        "unpin": lambda _, fields: Change(unpin=[one(fields, "post")]),
        "up": _step(-1),
        "down": _step(1),
        "place": _place,
        "move": lambda _, fields: Change(move=[(one(fields, "post"), one(fields, "theme"))]),
        "themes": lambda _, fields: Change(themes=many(fields, "theme")),
        "excerpt": lambda _, fields: Change(
            excerpts=[(one(fields, "post"), one(fields, "words"), one(fields, "speaker"))]
        ),
        "cut": _quote("words"),
        "speaker": _quote("speaker"),
        "best": lambda _, fields: Change(best=one(fields, "quote")),
        "hide": lambda _, fields: Change(hide=[one(fields, "video")]),
        "add": lambda _, fields: Change(add=many(fields, "post")),
        "note": _note,
        "unnote": lambda _, fields: Change(unnote=[one(fields, "note")]),
    }
)
