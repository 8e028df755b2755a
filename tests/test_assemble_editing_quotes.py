"""An editor may shorten a quote at its ends and correct its speaker, and choose what stands under a pick: never its words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assembling import NOW, pick, quote, youtube
from digest.assemble.editing import Change, Stock, edited
from digest.assemble.excerpt import cut
from digest.assemble.quotes import stands_in
from digest.errors import DigestError, NotFoundError
from digest.model import (
    Group,
    Issue,
    IssueDocument,
    IssueId,
    IssueState,
    Link,
    ListedPost,
    PickLink,
    PickVideo,
    Quote,
    QuoteOrigin,
    Span,
)

URL = "https://harbour.example.org/a.html"
TEXT = (
    "She said: We kept the books open, every night. Nobody asked us why. We would have told them. So it went."
)
WHOLE = "We kept the books open, every night. Nobody asked us why. We would have told them."


def of(text: str, *parts: str) -> Quote:
    """A quote of these parts of a text."""
    spans: list[Span] = [(text.index(part), text.index(part) + len(part)) for part in parts]
    return replace(quote(" […] ".join(parts)), spans=tuple(spans))


A = replace(pick("a", of(TEXT, WHOLE)), url=URL)
B = replace(pick("b"), url="https://harbour.example.org/b.html")
STOCK = Stock(texts={"a": TEXT})


def issue(*picks: object) -> Issue:
    group = Group("water", "Water", picks or (A, B))  # type: ignore[arg-type]
    document = IssueDocument(
        IssueId("weekly", date(2026, 11, 22)),
        "The Weekly",
        "en",
        "Water",
        "Water",
        "",
        (group,),
        A.quotes[0].id,
    )
    return Issue(document.id, IssueState.DRAFT, document, NOW, NOW)


# ── shorter ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("left", "printed"),
    [
        (
            "Nobody asked us why. We would have told them.",
            "[…] Nobody asked us why. We would have told them.",
        ),
        ("We kept the books open, every night.", "We kept the books open, every night. […]"),
        ("Nobody asked us why.", "[…] Nobody asked us why. […]"),
        ("[…] Nobody  asked\nus why. […]", "[…] Nobody asked us why. […]"),
        (WHOLE, WHOLE),
    ],
)
def test_a_quote_is_cut_at_its_ends_and_says_so(left: str, printed: str) -> None:
    """Its words are still those of the post; the quote of the week stays the quote of the week."""
    changed = edited(issue(), Change(cuts=[(A.quotes[0].id, left)]), STOCK, NOW).document
    (shown,) = changed.picks[0].quotes
    assert shown.quote.text == printed
    assert stands_in(shown.quote, TEXT)
    assert (shown.quote.speaker, shown.quote.origin) == ("Mira Halden", QuoteOrigin.LISTED)
    assert changed.quote_of_the_week == shown.id


def test_a_quote_that_was_cut_can_be_cut_again() -> None:
    """An end that was cut stays marked, also where the second cut is at the other one."""
    once = edited(
        issue(), Change(cuts=[(A.quotes[0].id, "Nobody asked us why. We would have told them.")]), STOCK, NOW
    )
    name = once.document.picks[0].quotes[0].id
    twice = edited(once, Change(cuts=[(name, "Nobody asked us why.")]), STOCK, NOW)
    assert twice.document.picks[0].quotes[0].quote.text == "[…] Nobody asked us why. […]"


@pytest.mark.parametrize(
    "left",
    [
        "",
        "We kept the books shut.",
        "She said: We kept the books open",
        "kept the books open, every nigh",
        "So it went.",
    ],
)
def test_no_other_words_come_in_by_a_cut(left: str) -> None:
    """Neither words of nobody, nor words around the quote, nor half words."""
    with pytest.raises(DigestError):
        edited(issue(), Change(cuts=[(A.quotes[0].id, left)]), STOCK, NOW)


def test_nothing_is_left_out_in_the_middle_by_a_cut() -> None:
    """A quote in two parts keeps its joint, unless one part goes altogether."""
    parts = of(TEXT, "We kept the books open, every night.", "We would have told them.")
    shorter = cut(parts, TEXT, "every night. […] We would have", URL)
    assert shorter.text == "[…] every night. […] We would have […]"
    assert cut(parts, TEXT, "We would have told them.", URL).text == "[…] We would have told them."
    with pytest.raises(DigestError, match="at its ends"):
        cut(of(TEXT, WHOLE), TEXT, "every night. […] We would have told them.", URL)


@given(st.integers(0, 15), st.integers(1, 16))
def test_whatever_is_cut_stands_in_the_post(first: int, last: int) -> None:
    """Any run of its words, and the link leads to it."""
    words = WHOLE.split()
    left = " ".join(words[first:last])
    if WHOLE.count(left) == 1:
        shorter = cut(of(TEXT, WHOLE), TEXT, left, URL)
        assert stands_in(shorter, TEXT)
        assert (shorter.text.startswith("[…] "), shorter.text.endswith(" […]")) == (
            first > 0,
            last < len(words),
        )
        assert shorter.link.startswith(f"{URL}#:~:text=")


def test_choosing_quotes_anew_keeps_what_was_cut() -> None:
    """Until the quote is taken out."""
    shorter = edited(issue(), Change(cuts=[(A.quotes[0].id, "Nobody asked us why.")]), STOCK, NOW)
    stock = Stock(quotes={"a": (A.quotes[0].quote, of(TEXT, "So it went."))})
    both = edited(shorter, Change(quotes=[("a", (1, 2))]), stock, NOW)
    assert [shown.quote.text for shown in both.document.picks[0].quotes] == [
        "[…] Nobody asked us why. […]",
        "So it went.",
    ]
    out = edited(both, Change(quotes=[("a", (2,))]), stock, NOW)
    again = edited(out, Change(quotes=[("a", (1,))]), stock, NOW)
    assert again.document.picks[0].quotes[0].quote.text == WHOLE


# ── whose ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("said", "speaker"), [(" Bero  Latt ", "Bero Latt"), ("", "")])
def test_the_speaker_of_one_quote_is_corrected(said: str, speaker: str) -> None:
    """By an editor, and it says so; to nobody, where nobody knows."""
    changed = edited(issue(), Change(speakers=[(A.quotes[0].id, said)]), STOCK, NOW)
    (shown,) = changed.document.picks[0].quotes
    assert (shown.quote.speaker, shown.quote.origin) == (speaker, QuoteOrigin.EDITOR)
    assert (shown.quote.text, shown.id) == (WHOLE, A.quotes[0].id)


@pytest.mark.parametrize("wanted", [{"cuts": [("q-x", "a")]}, {"speakers": [("q-x", "a")]}, {"best": "q-x"}])
def test_a_quote_that_is_not_printed_is_told(wanted: dict[str, object]) -> None:
    """By its id."""
    with pytest.raises(NotFoundError, match="prints no quote q-x"):
        edited(issue(), Change(**wanted), STOCK, NOW)  # type: ignore[arg-type]


# ── what stands under a pick ─────────────────────────────────────────────────────────────────────

FILM, TALK = (
    PickVideo(youtube("film"), "The post lists it."),
    PickVideo(youtube("talk"), "The post embeds it."),
)
DAM, MILL = (
    PickLink(Link(name, f"https://{name}.example.org/"), "The post lists it.") for name in ("dam", "mill")
)


def test_videos_are_chosen_and_stand_in_one_place() -> None:
    """In the order in which they are named, however spelled; from another pick and the new ones they move."""
    stock = Stock(videos={"b": (FILM, TALK)})
    named = ListedPost("v", "A film", FILM.video.url, "Channel", NOW, FILM.video)
    before = issue(replace(A, videos=(FILM,)), B)
    before = replace(before, document=replace(before.document, new_videos=(named,)))
    wanted = [TALK.video.url, f"https://youtu.be/{FILM.video.id}", FILM.video.url]
    changed = edited(before, Change(videos=[("b", wanted)]), stock, NOW).document
    assert [pick.videos for pick in changed.picks] == [(), (TALK, FILM)]
    assert changed.new_videos == ()
    none = edited(before, Change(videos=[("a", ())]), stock, NOW).document
    assert [pick.videos for pick in none.picks] == [(), ()]


def test_related_posts_are_chosen_in_their_order() -> None:
    """Of those that are offered or stand there already."""
    stock = Stock(related={"a": (MILL,)})
    before = issue(replace(A, related_posts=(DAM,)))
    changed = edited(before, Change(related=[("a", [MILL.link.url, DAM.link.url])]), stock, NOW).document
    assert changed.picks[0].related_posts == (MILL, DAM)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"videos": [("a", ["https://youtu.be/aaaaaaaaaaa"])]}, "offers no https://youtu.be/aaaaaaaaaaa"),
        ({"related": [("a", ["https://nowhere.example.org/"])]}, "offers no https://nowhere"),
        ({"videos": [("x", [])]}, "x"),
        (
            {"related": [("a", [f"https://{n}.example.org/" for n in range(13)])]},
            "12 at most; 13 were chosen",
        ),
    ],
)
def test_what_nothing_offers_is_refused(wanted: dict[str, object], sentence: str) -> None:
    """Addresses do not come in by this way."""
    with pytest.raises(DigestError, match=sentence):
        edited(issue(), Change(**wanted), Stock(), NOW)  # type: ignore[arg-type]
