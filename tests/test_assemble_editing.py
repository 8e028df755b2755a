"""What an editor changes in a draft: texts, posts and where they stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assembling import NOW, SCHOOLS, THEMES, WATER, pick, quote
from digest.assemble.editing import Change, edited, introduction
from digest.errors import DigestError, NotFoundError
from digest.model import Group, Issue, IssueDocument, IssueId, IssueState, ListedPost

ID = IssueId("weekly", date(2026, 11, 22))
A = replace(pick("a", quote("We kept the books open.")), url="https://harbour.example.org/a.html")
B = replace(pick("b", quote("Nobody counted the boats.")), url="https://harbour.example.org/b.html")
C = pick("c")
SEEN = ListedPost("d", "A choir", "https://choir.example.org/d", "Choir", NOW)


def issue(*groups: Group, **fields: object) -> Issue:
    """A draft with one post under water and two under nothing, and one that is named by title."""
    made = groups or (Group("water", "Water", (A,)), Group("", "More posts", (B, C)))
    document = IssueDocument(ID, "The Weekly", "en", "Water", "Water", "", made, A.quotes[0].id, (), (SEEN,))
    return replace(Issue(ID, IssueState.DRAFT, document, NOW, NOW), **fields)  # type: ignore[arg-type]


def places(changed: Issue) -> dict[str, list[str]]:
    """The posts of each group, in its order."""
    return {group.slug: [each.post for each in group.picks] for group in changed.document.groups}


def change(**wanted: object) -> Issue:
    return edited(issue(), Change(**wanted), THEMES)  # type: ignore[arg-type]


def test_a_change_counts_and_leaves_the_rest() -> None:
    """Title, subject and introduction, each by itself."""
    changed = change(title=" By\nhand ")
    assert (changed.edit, changed.document.title, changed.document.subject) == (1, "By hand", "Water")
    again = edited(changed, Change(subject="Boats", introduction="One.\r\n\r\nTwo.\x00"), THEMES)
    assert (again.edit, again.document.title, again.document.subject) == (2, "By hand", "Boats")
    assert again.document.introduction == "One.\n\nTwo."
    assert again.document.groups == issue().document.groups


@pytest.mark.parametrize("name", ["a", "https://harbour.example.org/a.html?utm_source=mail"])
def test_a_post_is_dropped_by_its_key_or_address(name: str) -> None:
    """Its theme goes with it where it was the only one; the quote of the week is one that is printed."""
    changed = change(drop=[name])
    assert places(changed) == {"": ["b", "c"]}
    assert changed.dropped == ("a",)
    assert changed.document.quote_of_the_week == B.quotes[0].id


def test_what_is_left_for_later_is_not_dropped() -> None:
    """It is open for the next issue; what is named by title goes in the same way."""
    changed = change(later=["b", "d"])
    assert (places(changed), changed.dropped) == ({"water": ["a"], "": ["c"]}, ())
    assert changed.document.also_published == ()


def test_a_post_is_moved_to_a_theme_that_gets_its_place() -> None:
    """In the editors' order, before what has no theme; its reason says who put it there."""
    changed = change(move=[("c", SCHOOLS.slug), ("b", WATER.slug)])
    assert places(changed) == {"water": ["a", "b"], "schools": ["c"]}
    assert {each.why for each in changed.document.picks if each.post in "bc"} == {"An editor put it here."}


def test_a_post_is_added_where_it_belongs() -> None:
    """Once, and no longer named by title; what was dropped before is in again."""
    new = replace(pick("d"), url=SEEN.url)
    addition = replace(issue(Group("schools", "Schools", (new, A))).document, also_published=())
    dropped = issue(dropped=("d",))
    changed = edited(dropped, Change(add=["d", "a"]), THEMES, addition)
    assert places(changed) == {"water": ["a"], "schools": ["d"], "": ["b", "c"]}
    assert (changed.document.also_published, changed.dropped) == ((), ())


@pytest.mark.parametrize(
    ("wanted", "kind", "sentence"),
    [
        ({}, DigestError, "Nothing is to change in weekly/2026-11-22"),
        ({"title": " \n"}, DigestError, "The title needs between 1 and 300 characters; it has 0"),
        ({"subject": "x" * 301}, DigestError, "The subject needs between 1 and 300 characters"),
        ({"introduction": "x" * 20_001}, DigestError, "has 20001 characters"),
        ({"drop": ["z"]}, NotFoundError, "weekly/2026-11-22 has no post z"),
        ({"move": [("a", "moon")]}, NotFoundError, "no theme 'moon'; there are press, water, schools"),
        ({"move": [("d", "water")]}, NotFoundError, "has no post d under a theme"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    wanted: dict[str, object], kind: type[DigestError], sentence: str
) -> None:
    """It names the issue, and what there is."""
    with pytest.raises(kind, match=sentence):
        change(**wanted)


@pytest.mark.parametrize("state", [IssueState.APPROVED, IssueState.PUBLISHED, IssueState.SKIPPED])
def test_only_a_draft_is_changed(state: IssueState) -> None:
    """What was approved is what goes out."""
    with pytest.raises(DigestError, match=f"is {state} already and cannot be changed any more"):
        edited(issue(state=state), Change(title="x"), THEMES)


def test_an_introduction_is_plain_paragraphs() -> None:
    """Cleaned of what no feed may hold, and stripped."""
    assert introduction(" \n“Hello”\u202e,\r\nyou. \n") == "“Hello”,\nyou."
