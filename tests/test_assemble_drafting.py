"""Open posts → a draft issue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assembling import (
    NOW,
    STRINGS,
    THEMES,
    channel_video,
    digest,
    listed,
    material,
    quote,
    youtube,
)
from digest import codec
from digest.assemble.drafting import draft, minutes
from digest.assemble.window import Material
from digest.model import Comments, IssueDocument, IssueId, Reading, Rule, RuleKind
from digest.text.language import normalise

ID = IssueId("weekly", NOW.date())
WORDS = "We kept the books open because nobody had told us that they could be closed."


def drafted(
    posts: Sequence[Material], archive: Sequence[Material] = (), rules: Sequence[Rule] = (), **fields: Any
) -> IssueDocument:
    """A draft with the three themes of the tests."""
    return draft(ID, digest(**fields), posts, archive, THEMES, rules, STRINGS, NOW)


def week() -> list[Material]:
    """A week of eight posts and three videos from five sources, with something in every theme and some without."""
    reading = Reading(summary="A summary.", quotes=(quote(WORDS), quote("No more than a word.", start=200)))
    return [
        material("p1", "Press freedom at sea", reading=reading, text=WORDS),
        material("p2", "A journalist waits", source="bay", own=False, days_old=2),
        material(
            "w1",
            "The river in spring",
            source="cove",
            days_old=3,
            reading=listed("Reservoirs: how they empty"),
        ),
        material("w2", "A drought ends", days_old=4),
        material("s1", "A teacher's day", source="bay", own=False, days_old=5, reading=reading),
        material("x1", "How to bake for two hundred", source="dune", text="Flour first, then patience."),
        material("x2", "Chess for people who dislike chess", source="dune", days_old=2),
        material("x3", "The old harbour", source="cove", days_old=6),
        channel_video("v1", "The river: a talk", "https://cove.example.org/w1.html"),
        channel_video("v2", "A choir rehearses", "They meet in a barn. Then they sing."),
        channel_video("v3", "Never this one"),
    ]


def test_a_draft_has_the_themes_in_the_editors_order_and_the_rest_at_the_end() -> None:
    """Within a group the best comes first."""
    document = drafted(week())
    assert [(group.slug, group.title) for group in document.groups] == [
        ("press", "Press freedom"), ("water", "Water"), ("schools", "Schools"), ("", "More posts"),
    ]  # fmt: skip
    assert all(
        list(group.picks) == sorted(group.picks, key=lambda each: -each.score) for group in document.groups
    )


def test_a_digest_names_its_themes_and_their_order() -> None:
    """Posts on other themes are among the rest."""
    document = drafted(week(), themes=("water", "press"))
    assert [group.slug for group in document.groups] == ["water", "press", ""]


def test_a_pick_carries_what_a_reader_needs() -> None:
    """From the post, from what was read in it, and why it is here."""
    made = material(
        "p1", "Press freedom at sea", reading=Reading("A summary.", quotes=(quote(WORDS),)), text="word " * 450,
        authors=("Ilva Marent",), comments=Comments(3, "https://harbour.example.org/p1.html#comments"), revision=2,
    )  # fmt: skip
    [pick] = drafted([made]).picks
    assert (pick.id, pick.post, pick.revision, pick.url) == ("p-p1", "p1", 2, made.post.url)
    assert (pick.source, pick.source_title, pick.own) == ("harbour", "Harbour", True)
    assert (pick.blurb, pick.minutes, pick.authors, pick.comments) == (
        "A summary.",
        3,
        ("Ilva Marent",),
        made.post.comments,
    )
    assert pick.why == "“Press freedom” stands in its title."
    assert [each.quote.text for each in pick.quotes] == [WORDS]


def test_a_pick_without_a_theme_says_whose_it_is() -> None:
    """There is always a reason."""
    [pick] = drafted([material("x", "A walk", source="cove")]).picks
    assert pick.why == "It is new from Cove."


def test_a_blurb_falls_back_on_the_feeds_summary_and_then_on_the_text() -> None:
    """At most three hundred characters, in whole sentences where possible."""
    told = material("a", summary="From the feed.", text="From the text.")
    silent = material("b", text="One sentence of the text. " * 40)
    blurbs = {pick.post: pick.blurb for pick in drafted([told, silent]).picks}
    assert blurbs["a"] == "From the feed."
    assert len(blurbs["b"]) <= 300
    assert blurbs["b"].endswith("text.")


def told_at_length(words: int | None, **fields: Any) -> Material:
    """A post with a summary of six words and a text of many, whose source asks for so many words of excerpt."""
    sentences = " ".join(f"Sentence number {number} tells of boats." for number in range(100))
    post = material("p", reading=Reading(summary="A summary of six short words."), text=sentences, **fields)
    return replace(post, source=replace(post.source, excerpt_words=words))


def test_a_source_says_how_many_words_its_excerpts_have() -> None:
    """At most so many, in whole sentences; a summary that is shorter gives way to the text."""
    blurbs = {words: drafted([told_at_length(words)]).picks[0].blurb for words in (None, 5, 6, 13, 60)}
    assert blurbs[None] == blurbs[6] == "A summary of six short words."
    assert blurbs[5] == "A summary of six short…"
    assert blurbs[13] == "Sentence number 0 tells of boats. Sentence number 1 tells of boats."
    assert len(blurbs[60].split()) == 60


def test_an_excerpt_in_a_script_without_spaces_is_bounded_too() -> None:
    """What stands between its spaces is no word."""
    post = told_at_length(10)
    post = replace(post, post=replace(post.post, text="港の本は開いていた。" * 200), reading=Reading())
    assert 10 <= len(drafted([post]).picks[0].blurb) <= 120


def test_a_source_says_how_many_quotes_its_posts_have() -> None:
    """Whatever the digest says of the others."""
    found = (quote(WORDS), quote("Nobody counted the boats that went out that night.", start=200))
    posts = [material(key, key, source=key, quotes=found[:1] if key == "c" else found) for key in "abc"]
    limits = {"a": 0, "b": 2, "c": None}
    posts = [replace(each, source=replace(each.source, quotes=limits[each.post.key])) for each in posts]
    counts = {pick.post: len(pick.quotes) for pick in drafted(posts[:2], quotes_per_pick=1).picks}
    assert counts == {"a": 0, "b": 2}
    assert [len(pick.quotes) for pick in drafted(posts[2:], quotes_per_pick=1).picks] == [1]


def test_the_same_words_stand_once_in_an_issue() -> None:
    """Two posts list the same quotes; the first in reading order prints them."""
    document = drafted(week())
    printed = [normalise(each.quote.text) for pick in document.picks for each in pick.quotes]
    assert sorted(printed) == sorted(set(printed))
    assert WORDS in printed


def test_a_quote_of_the_week_is_one_that_is_printed() -> None:
    """Its id leads to it."""
    document = drafted(week())
    assert document.quote_of_the_week in {each.id for pick in document.picks for each in pick.quotes}


def test_a_quote_less_digest_prints_none() -> None:
    """An editor's setting."""
    document = drafted(week(), quotes_per_pick=0)
    assert not any(pick.quotes for pick in document.picks)
    assert document.quote_of_the_week == ""


def test_what_a_cap_cuts_is_listed_by_title() -> None:
    """Nothing new is lost, and the newest stands first."""
    document = drafted(week(), max_picks=3)
    listed_posts = document.also_published
    assert len(document.picks) == 3
    assert {each.post for each in listed_posts} | {pick.post for pick in document.picks} == {
        each.post.key for each in week() if each.post.key[0] != "v"
    }
    assert list(listed_posts) == sorted(listed_posts, key=lambda each: each.published, reverse=True)


def test_what_is_only_named_says_why() -> None:
    """The issue is full, its source has its share, or another post tells the same; and how it was ranked."""
    [cut] = drafted([material("a", days_old=1), material("b", days_old=2)], max_picks=1).also_published
    assert cut.why == "The issue has room for 1, and those rank before it."
    assert dict(cut.parts)["rarity of source"] == 0.25
    few = [material(f"{source}{n}", source=source) for source in ("a", "b", "c", "d") for n in range(9)]
    few += [material(f"e{number}", source=f"e{number}", days_old=9) for number in range(9)]
    shares = {each.why for each in drafted(few, max_picks=30).also_published}
    assert shares == {f"{source} has its share of the issue already (3)." for source in "ABCD"}


def test_a_place_for_each_theme_is_a_reason_too() -> None:
    """A post that ranks before another one is cut for it, where that one is all that its theme has."""
    posts = [
        material("p1", "A journalist speaks", source="a", days_old=0),
        material("p2", "A journalist writes", source="b", days_old=1),
        material("w1", "The river", source="c", days_old=30),
    ]
    [cut] = drafted(posts, max_picks=2).also_published
    assert (cut.post, cut.why) == (
        "p2",
        "The issue is full: a post of each theme and source comes before it.",
    )


def test_a_story_that_another_one_tells_names_that_one() -> None:
    """By its title and source."""
    text = (
        "The Orvane bridge over the Tessel fell into the river on Monday night after three days of rain, said "
        "Ilva Marent, the mayor of Sellin. Nobody was hurt. Forty families cannot reach the school in Brannock."
    )
    telling = [material(f"t{n}", "Orvane bridge falls", source=f"s{n}", text=text) for n in range(2)]
    [named] = drafted([*telling, *week()]).also_published
    assert named.why == "It tells the same as “Orvane bridge falls” of S0."


def test_a_pick_keeps_the_parts_of_its_score() -> None:
    """They add up to it, and explain it later."""
    for pick in drafted(week()).picks:
        assert round(sum(value for _, value in pick.parts), 4) == pick.score


def test_older_posts_are_looked_up_for_what_has_a_theme() -> None:
    """Once, for all picks together; what is found must still be ours, on the theme, and no pick."""
    asked: list[tuple[str, str]] = []

    def older(picks: Sequence[tuple[Material, str]]) -> Sequence[Material]:
        asked.extend((pick.post.key, theme) for pick, theme in picks)
        return [
            material("o1", "A drought of before", days_old=90),
            material("o2", "A drought of others", days_old=90, own=False, source="bay"),
            material("o3", "A choir of before", days_old=90),
            material("w2", "A drought ends", days_old=4),
        ]

    document = draft(ID, digest(), week(), (), THEMES, (), STRINGS, NOW, older=older)
    assert sorted(asked) == [
        ("p1", "press"),
        ("p2", "press"),
        ("s1", "schools"),
        ("w1", "water"),
        ("w2", "water"),
    ]
    found = {each.link.title for pick in document.picks for each in pick.related_posts}
    assert found == {"A drought of before"}


def test_videos_stand_under_their_pick_or_among_the_new_ones() -> None:
    """Never in both places; a forbidden one in neither."""
    rules = [Rule(RuleKind.NEVER_VIDEO, youtube("v3").url)]
    document = drafted(week(), rules=rules)
    under = {pick.post: [each.video.id for each in pick.videos] for pick in document.picks if pick.videos}
    assert under == {"w1": [youtube("v1").id]}
    assert [(each.post, each.blurb) for each in document.new_videos] == [("v2", "They meet in a barn.")]


def test_a_new_video_is_named_with_its_theme() -> None:
    """By the themes' terms, as a post would be."""
    posts = [channel_video("v1", "A drought in the hills"), channel_video("v2", "A choir rehearses")]
    assert {each.title: each.theme for each in drafted(posts).new_videos} == {
        "A drought in the hills": "Water",
        "A choir rehearses": "",
    }


def test_an_editor_makes_a_pick_of_a_video() -> None:
    """With its first sentence, nothing to read, and itself to watch; beside an article it is no pick."""
    told = channel_video("v1", "A drought in the hills", "They meet in a barn each week. Then they sing.")
    document = draft(ID, digest(), [told], (), THEMES, (), STRINGS, NOW, chosen=True)
    [pick] = document.picks
    assert (pick.minutes, pick.blurb) == (0, "They meet in a barn each week.")
    assert [each.video.id for each in pick.videos] == [youtube("v1").id]
    assert document.new_videos == ()
    both = draft(ID, digest(), [told, material("p")], (), THEMES, (), STRINGS, NOW, chosen=True)
    assert [each.post for each in both.picks] == ["p"]


def test_what_older_videos_say_too_is_no_description() -> None:
    """The archive knows a channel's signature even in a week with one new video."""
    said = "Welcome back to our channel.\n"
    archive = [channel_video("old", "Another choir", said + "They met in a school.", days_old=90)]
    document = drafted([channel_video("v", "A choir", said + "They meet in a large barn.")], archive)
    assert document.new_videos[0].blurb == "They meet in a large barn."


def test_a_pick_is_in_its_own_language_or_its_sources() -> None:
    """So that a reader's software speaks it rightly."""
    german = material("a", language="de")
    silent = material("b", language="")
    silent = Material(silent.post, silent.reading, replace(silent.source, language="fr"))
    assert {pick.post: pick.language for pick in drafted([german, silent]).picks} == {"a": "de", "b": "fr"}


def test_a_post_that_two_sources_carry_is_one_pick() -> None:
    """Ours, with its own source; a tracking parameter does not make it another."""
    ours = material("ours", "The river", source="cove")
    theirs = material(
        "theirs",
        "The river",
        own=False,
        source="planet",
        days_old=2,
        url=ours.post.url + "?utm_source=planet",
    )
    document = drafted([theirs, ours])
    assert [pick.post for pick in document.picks] == ["ours"]
    assert document.also_published == ()


def test_older_posts_of_ours_are_related_and_others_are_not() -> None:
    """Nor is a post that is still open, or a video."""
    open_post = material("w2", "A drought ends", days_old=4)
    archive = [
        material("old", "The river in March", days_old=200),
        material("alien", "The river elsewhere", own=False, source="bay", days_old=200),
        channel_video("film", "The river, a film", days_old=200),
        open_post,
    ]
    document = drafted([material("w1", "The river in spring"), open_post], archive, max_picks=1)
    [pick] = document.picks
    assert [each.link.title for each in pick.related_posts] == ["The river in March"]


def test_title_and_subject_name_the_strongest_themes_within_fifty_characters() -> None:
    """An editor may change them."""
    document = drafted(week())
    assert document.title == document.subject == "Press freedom · Water · Schools"


def test_a_week_without_posts_makes_an_empty_document() -> None:
    """With the digest's own title; whether it goes out is decided elsewhere."""
    document = drafted([])
    assert (document.picks, document.also_published, document.new_videos) == ((), (), ())
    assert document.title == "The Harbour Weekly"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_the_order_of_the_input_changes_no_byte(seed: int, most: int) -> None:
    """Posts, archive and rules come from a database in any order."""
    rules = [Rule(RuleKind.SOURCE_THEME, "dune", "water"), Rule(RuleKind.NEVER_VIDEO, youtube("v3").url)]
    archive = [material(f"o{number}", f"The river {number}", days_old=60 + number % 2) for number in range(6)]
    first = drafted(week(), archive, rules, max_picks=most)
    random = Random(seed)
    random, posts = Random(seed), week()
    for each in (posts, archive, rules):
        random.shuffle(each)
    again = drafted(posts, archive, rules, max_picks=most)
    assert codec.dump(IssueDocument, again) == codec.dump(IssueDocument, first)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 1), ("word " * 200, 1), ("word " * 201, 2), ("学" * 1000, 2), ("학교 " * 500, 2)],
)
def test_minutes_count_words_or_characters_by_script(text: str, expected: int) -> None:
    """At least one minute."""
    assert minutes(text) == expected
