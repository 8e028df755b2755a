"""What an editor is told of another's work: a sentence for each thing, and nothing of what stayed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assembling import NOW, pick, quote, youtube
from digest.assemble.differences import differences
from digest.model import Group, IssueDocument, IssueId, ListedPost, Note, PickVideo

A = replace(pick("a", quote("We kept the books open."), title="Books"), authors=("Tam Orrel",))
B = pick("b", quote("Nobody counted the boats."), title="Boats")
C = pick("c", title="Choirs")
BEFORE = IssueDocument(
    IssueId("weekly", date(2026, 11, 22)),
    "The Weekly",
    "en",
    "Water",
    "Water",
    "Good morning.",
    (Group("water", "Water", (A, B)), Group("schools", "Schools", (C,))),
    A.quotes[0].id,
    also_published=(ListedPost("d", "Dunes", "https://d.example.org/", "Dune", NOW),),
)
NOTE = Note("n-1", "Mind the tide.", title="The tide")


def told(after: IssueDocument) -> list[str]:
    return list(differences(BEFORE, after))


def water(*picks: object) -> IssueDocument:
    """The issue with other picks under water."""
    groups = (Group("water", "Water", picks), BEFORE.groups[1])  # type: ignore[arg-type]
    return replace(BEFORE, groups=groups)


def test_what_is_the_same_is_not_told() -> None:
    """Nothing changed, nothing said."""
    assert told(BEFORE) == []


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        (replace(BEFORE, title="Boats"), "The title is “Boats”; it was “Water”."),
        (replace(BEFORE, subject="Boats"), "The subject is “Boats”; it was “Water”."),
        (replace(BEFORE, introduction="Evening."), "The introduction was rewritten."),
        (replace(BEFORE, introduction=""), "The introduction was taken out."),
        (replace(BEFORE, also_published=()), "“Dunes” was taken out."),
        (
            replace(BEFORE, quote_of_the_week=B.quotes[0].id),
            "The quote of the week is “Nobody counted the boats.”.",
        ),
        (replace(BEFORE, quote_of_the_week=""), "There is no quote of the week."),
        (replace(BEFORE, notes=(NOTE,)), "A note was added: “The tide”."),
        (replace(BEFORE, groups=BEFORE.groups[::-1]), "The order of the themes is another one."),
        (water(B, A), "The order under “Water” is another one."),
        (water(replace(A, blurb="New."), B), "The blurb of “Books” was rewritten."),
        (water(replace(A, quotes=()), B), "“Books” prints other quotes."),
        (water(replace(A, authors=("Tam Orrell",)), B), "Names are spelt otherwise with “Books”."),
        (water(replace(A, videos=(PickVideo(youtube("v"), ""),)), B), "“Books” shows other videos."),
        (water(replace(A, pinned=True), B), "“Books” is pinned."),
        (water(A, B, pick("e", title="Eels")), "“Eels” was taken in."),
        (water(A), "“Boats” was taken out."),
    ],
)
def test_each_change_is_one_sentence(after: IssueDocument, sentence: str) -> None:
    """And no other change is told because of it."""
    assert told(after) == [sentence]


def test_what_stands_elsewhere_is_no_change_of_order() -> None:
    """It was moved; the others stand as they stood."""
    moved = replace(BEFORE, groups=(Group("water", "Water", (B,)), Group("schools", "Schools", (A, C))))
    assert told(moved) == ["“Books” stands under “Schools”."]


def test_back_again_is_told_too() -> None:
    """Of pins and notes, both ways."""
    pinned = replace(water(replace(A, pinned=True), B), notes=(NOTE,))
    assert list(differences(pinned, BEFORE)) == [
        "“Books” is pinned no longer.",
        "A note was taken out: “The tide”.",
    ]
