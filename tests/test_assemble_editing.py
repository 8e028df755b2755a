"""What an editor changes in a draft: texts, posts and where they stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assembling import NOW, SCHOOLS, THEMES, WATER, digest, pick, quote, youtube
from digest.assemble import window
from digest.assemble.editing import Change, NewNote, Stock, edited, introduction, rules_of
from digest.assemble.steps import Step, next_step
from digest.errors import DigestError, NotFoundError
from digest.model import (
    Approval,
    Group,
    Issue,
    IssueDocument,
    IssueId,
    IssueState,
    ListedPost,
    PickVideo,
    Rule,
    RuleKind,
    SourceOwner,
)

ID = IssueId("weekly", date(2026, 11, 22))
A = replace(pick("a", quote("We kept the books open.")), url="https://harbour.example.org/a.html")
B = replace(pick("b", quote("Nobody counted the boats.")), url="https://harbour.example.org/b.html")
C = pick("c")
STOCK = Stock(THEMES, quotes={"a": (A.quotes[0].quote, B.quotes[0].quote)})
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
    return edited(issue(), Change(**wanted), STOCK, NOW)  # type: ignore[arg-type]


def test_a_change_counts_and_leaves_the_rest() -> None:
    """Title, subject and introduction, each by itself."""
    changed = change(title=" By\nhand ")
    assert (changed.edit, changed.document.title, changed.document.subject) == (1, "By hand", "Water")
    again = edited(changed, Change(subject="Boats", introduction="One.\r\n\r\nTwo.\x00"), STOCK, NOW)
    assert (again.edit, again.document.title, again.document.subject) == (2, "By hand", "Boats")
    assert again.document.introduction == "One.\n\nTwo."
    assert again.document.groups == issue().document.groups


@pytest.mark.parametrize("name", ["a", "https://harbour.example.org/a.html?utm_source=mail"])
def test_a_post_is_dropped_by_its_key_or_address(name: str) -> None:
    """Its theme goes with it where it was the only one; the quote of the week is one that is printed."""
    changed = change(drop=[name])
    assert places(changed) == {"": ["b", "c"]}
    assert (changed.dropped, changed.later) == (("a",), ())
    assert changed.document.quote_of_the_week == B.quotes[0].id


def test_what_is_left_for_later_is_not_dropped() -> None:
    """It is open for the next issue; what is named by title goes in the same way."""
    changed = change(later=["b", "d"])
    assert (places(changed), changed.dropped) == ({"water": ["a"], "": ["c"]}, ())
    assert changed.later == ("b", "d")
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
    changed = edited(dropped, Change(add=["d", "a"]), Stock(THEMES, (addition,)), NOW)
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
        ({"places": [("a", 0)]}, DigestError, "0 is no place under a theme"),
        ({"themes": ["moon"]}, NotFoundError, "has no theme 'moon'; there are water, more"),
        ({"blurbs": [("a", "x" * 2_001)]}, DigestError, "The blurb has 2001 characters"),
        ({"quotes": [("a", (9,))]}, NotFoundError, "has only 2 quotes to choose from: digest explain a"),
        ({"quotes": [("b", (1,))]}, NotFoundError, "has no quotes to choose from"),
        ({"quotes": [("a", (2,))]}, DigestError, "printed in weekly/2026-11-22 already: “Nobody counted"),
        ({"best": "q-none"}, NotFoundError, "prints no quote q-none"),
        ({"hide": ["https://video.example.org/1"]}, NotFoundError, "shows no video https://video"),
        ({"names": [("Ada Nowhere", "Ada")]}, NotFoundError, "has no 'Ada Nowhere' among its speakers"),
        ({"notes": [NewNote()]}, DigestError, "A note needs words or a link"),
        ({"notes": [NewNote(url="javascript:alert(1)")]}, DigestError, "is no address of a page"),
        ({"notes": [NewNote("x", group="moon")]}, NotFoundError, "has no theme 'moon'"),
        ({"unnote": ["n-0"]}, NotFoundError, "has no note n-0; there are none"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    wanted: dict[str, object], kind: type[DigestError], sentence: str
) -> None:
    """It names the issue, and what there is."""
    with pytest.raises(kind, match=sentence):
        change(**wanted)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (IssueState.PUBLISHED, "correct it openly: digest correct weekly/2026-11-22"),
        (IssueState.SKIPPED, "was skipped"),
    ],
)
def test_what_people_have_is_not_changed(state: IssueState, sentence: str) -> None:
    """What was published is corrected, and what was skipped is over."""
    with pytest.raises(DigestError, match=sentence):
        edited(issue(state=state), Change(title="x"), STOCK, NOW)


def test_a_change_voids_the_approval() -> None:
    """It is a draft again that waits for a person, whatever the digest's approval; its version is kept."""
    approved = issue(state=IssueState.APPROVED, approved_at=NOW, version=1)
    approved = replace(approved, document=replace(approved.document, number=7))
    changed = edited(approved, Change(title="Boats"), STOCK, NOW)
    assert (changed.state, changed.approved_at, changed.document.number) == (IssueState.DRAFT, None, None)
    assert (changed.version, changed.held) == (
        1,
        "it was changed on 2026-11-20 12:00 UTC, after its approval",
    )
    digest_of_its_own = digest(approval=Approval.AUTO)
    step = next_step(changed, digest_of_its_own, None, window.slot_at(digest_of_its_own, ID))
    assert step.step is Step.WAIT_FOR_APPROVAL
    assert changed.held in step.why


# ── where posts stand ────────────────────────────────────────────────────────────────────────────


def test_a_post_gets_its_place_within_its_theme() -> None:
    """By number, and the last where the number is too high."""
    three = issue(Group("", "More posts", (A, B, C)))
    first = edited(three, Change(places=[("c", 1)]), STOCK, NOW)
    assert places(first) == {"": ["c", "a", "b"]}
    assert places(edited(first, Change(places=[("c", 99)]), STOCK, NOW)) == {"": ["a", "b", "c"]}


def test_what_is_pinned_stays_at_the_head() -> None:
    """Also when another post is put before it, until it is pinned no longer."""
    three = issue(Group("", "More posts", (A, B, C)))
    with_pin = edited(three, Change(pin=["b"]), STOCK, NOW)
    assert places(with_pin) == {"": ["b", "a", "c"]}
    assert places(edited(with_pin, Change(places=[("c", 1)]), STOCK, NOW)) == {"": ["b", "c", "a"]}
    assert places(edited(with_pin, Change(unpin=["b"], places=[("c", 1)]), STOCK, NOW)) == {
        "": ["b", "c", "a"]
    }


def test_themes_stand_in_the_order_that_the_editor_says() -> None:
    """By slug or anchor; what is not named follows."""
    assert list(places(change(themes=["more"]))) == ["", "water"]


# ── words, quotes, videos ────────────────────────────────────────────────────────────────────────


def test_a_post_is_said_to_be_about_what_the_editor_says() -> None:
    """Plain and cleaned; it may also be nothing."""
    changed = change(blurbs=[("a", " The books\x00 stay. "), ("b", "")])
    assert [pick.blurb for pick in changed.document.picks] == ["The books stay.", "", ""]


def test_an_editor_chooses_among_the_quotes_of_a_post() -> None:
    """By their numbers; they stand in the order of the post, and the quote of the week is one that is printed."""
    stock = Stock(THEMES, quotes={"b": (quote("One by one."), quote("We sold two of them.", start=90))})
    changed = edited(issue(), Change(quotes=[("b", (2, 1, 2))]), stock, NOW)
    chosen = changed.document.picks[1].quotes
    assert [(shown.quote.text, shown.why) for shown in chosen] == [
        ("One by one.", "An editor chose it."),
        ("We sold two of them.", "An editor chose it."),
    ]
    none = edited(changed, Change(quotes=[("b", ()), ("a", ())]), stock, NOW)
    assert (none.document.quote_of_the_week, none.document.picks[0].quotes) == ("", ())


def test_an_editor_prints_other_words_of_a_post() -> None:
    """Once, beside what is printed of it, and nothing that the issue has already."""
    stock = Stock(THEMES, texts={"b": "Nobody counted the boats. We sold two. We kept the books open."})
    changed = edited(issue(), Change(excerpts=[("b", "We sold two.", " Bero  Latt ")] * 2), stock, NOW)
    assert [(shown.quote.text, shown.quote.speaker) for shown in changed.document.picks[1].quotes] == [
        ("Nobody counted the boats.", "Mira Halden"),
        ("We sold two.", "Bero Latt"),
    ]
    with pytest.raises(DigestError, match="printed in weekly/2026-11-22 already"):
        edited(issue(), Change(excerpts=[("b", "We kept the books open.", "")]), stock, NOW)


def test_the_quote_of_the_week_is_the_editors_choice() -> None:
    """Another one that is printed, or none."""
    changed = change(best=B.quotes[0].id)
    assert changed.document.quote_of_the_week == B.quotes[0].id
    assert changed.document.quote_of_the_week_why == "An editor chose it."
    assert edited(changed, Change(best=""), STOCK, NOW).document.quote_of_the_week == ""


def test_a_video_is_hidden_wherever_it_stands() -> None:
    """Under a post and among the new ones, however its address is spelled."""
    video = youtube("abc")
    named = ListedPost("v", "A film", video.url, "Channel", NOW, video)
    shown = replace(A, videos=(PickVideo(video, "The post lists it."),))
    before = issue(Group("water", "Water", (shown,)))
    before = replace(before, document=replace(before.document, new_videos=(named,)))
    changed = edited(before, Change(hide=[f"https://youtu.be/{video.id}?t=9"]), STOCK, NOW)
    assert (changed.document.picks[0].videos, changed.document.new_videos) == ((), ())


def test_a_video_that_becomes_a_pick_stands_nowhere_else() -> None:
    """It was named among the new ones, and shown under another post."""
    film, other = youtube("film"), youtube("other")
    named = ListedPost("v", "A film", film.url, "Channel", NOW, film)
    showing = replace(A, minutes=1, videos=(PickVideo(film, ""), PickVideo(other, "")))
    before = issue(Group("water", "Water", (showing,)))
    before = replace(before, document=replace(before.document, new_videos=(named,)))
    own = replace(pick("v", title="A film"), minutes=0, videos=(PickVideo(film, "The post shows it."),))
    added = issue(Group("schools", "Schools", (own,))).document
    changed = edited(before, Change(add=["v"]), Stock(THEMES, (replace(added, also_published=()),)), NOW)
    assert places(changed) == {"water": ["a"], "schools": ["v"]}
    assert [[each.video for each in pick.videos] for pick in changed.document.picks] == [[other], [film]]
    assert changed.document.new_videos == ()


def test_a_name_is_spelt_as_the_editor_says() -> None:
    """As speaker and author, in any case; the words of the quote stay what they are."""
    changed = change(names=[("mira  halden", "Mira Haldén")])
    assert {shown.quote.speaker for pick in changed.document.picks for shown in pick.quotes} == {
        "Mira Haldén"
    }
    assert changed.document.picks[0].quotes[0].quote.text == "We kept the books open."


# ── notes and rules ──────────────────────────────────────────────────────────────────────────────


def test_a_note_and_a_link_are_added_by_hand() -> None:
    """Under a theme or before all; the same one twice is one; it is taken out by its id."""
    link = NewNote("Worth a walk.", "https://harbour.example.org/fair", "The fair", "water")
    changed = change(notes=[link, link, NewNote("We are back.")])
    under, before = changed.document.notes
    assert (under.text, under.url, under.title, under.group) == (
        link.text,
        link.url,
        "The fair",
        "theme-water",
    )
    assert (before.text, before.url, before.group) == ("We are back.", "", "")
    gone = edited(changed, Change(unnote=[under.id]), STOCK, NOW)
    assert gone.document.notes == (before,)


def test_a_note_outlives_its_theme() -> None:
    """Where the last post of the theme goes, the note stands before all themes."""
    changed = change(notes=[NewNote("Mind the tide.", group="water")])
    assert edited(changed, Change(drop=["a"]), STOCK, NOW).document.notes[0].group == ""


def test_what_can_be_a_rule_is_remembered() -> None:
    """Of which source, which video and whose name; the rest of a change is for this issue alone."""
    found = Change(
        title="x", move=[("b", "water")], hide=["https://youtu.be/abc________"], names=[("A", " B ")]
    )
    before = issue(Group("", "More posts", (A, replace(B, source="harbour"))))
    assert list(rules_of(before.document, found)) == [
        Rule(RuleKind.SOURCE_THEME, "harbour", "water", SourceOwner.COMMAND),
        Rule(RuleKind.NEVER_VIDEO, youtube("abc").url, owner=SourceOwner.COMMAND),
        Rule(RuleKind.SPELLING, "A", owner=SourceOwner.COMMAND, spelling="B"),
    ]


def test_an_introduction_is_plain_paragraphs() -> None:
    """Cleaned of what no feed may hold, and stripped."""
    assert introduction(" \n“Hello”\u202e,\r\nyou. \n") == "“Hello”,\nyou."
