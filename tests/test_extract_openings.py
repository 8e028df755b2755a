"""Which lines open a section: by their looks, by their words, and by what follows them."""

from __future__ import annotations

import pytest

from digest.extract.listed.sections import outline
from digest.extract.words import Kind
from digest.text.html import document, sanitise
from small_posts import DAM, LEAD, URL, WALL, WORDS, posts, quotes, themes, videos

QUOTE = f"<p>“{DAM}”</p>"
LIST = "<ul><li>Dams: why they break</li><li>Walls: why they stand</li></ul>"


def kinds(html: str, *, language: str = "en") -> list[Kind]:
    """The kinds of the sections of a post."""
    page = document(sanitise(LEAD + html, URL))
    return [section.title.kind for section in outline(page, WORDS, language).sections]


# ── what follows confirms a heading ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "heading",
    [
        "Quotes worth keeping",
        "Five quotes from the evening",
        "The quotes, all of them",
    ],
)
def test_a_word_for_quotes_anywhere_is_enough_where_quotations_follow(heading: str) -> None:
    """And only there: followed by prose it is the heading of a chapter."""
    assert kinds(f"<h3>{heading}</h3>{QUOTE}") == [Kind.QUOTES]
    assert kinds(f"<h3>{heading}</h3><p>They talked until nine, and then they went home.</p>") == []


def test_a_plain_line_opens_a_section_if_what_it_names_follows() -> None:
    """Nothing but its words and what stands under it say so."""
    assert kinds(f"<p>Quotes worth keeping</p>{QUOTE}") == [Kind.QUOTES]
    assert kinds(f"<p>Themes of the evening</p>{LIST}") == [Kind.THEMES]
    assert kinds("<p>Other posts you might enjoy</p><p><a href='/1'>The dam</a></p>") == [Kind.POSTS]
    assert kinds("<p>Quotes are what we came for</p><p>It rained.</p>") == []


def test_a_sentence_and_a_line_with_a_verb_of_speech_open_nothing() -> None:
    """Even where a quotation follows."""
    assert kinds(f"<p>She read the quotes aloud.</p>{QUOTE}") == []
    assert kinds(f"<p>Asked about the lines she said:</p>{QUOTE}") == []


def test_a_word_that_hints_may_be_a_verb_of_speech() -> None:
    """ "گفته‌های" is what somebody has said; with another such word the line is a sentence."""
    assert kinds(f"<h3>گفته‌های مهربانو دشتستانی</h3>{QUOTE}", language="fa") == [Kind.QUOTES]


def test_a_topic_with_the_name_of_a_section_in_it_is_a_topic() -> None:
    """ "On videos" among quotes is what they are about."""
    html = f"<h2>Key quotes</h2><p><b>On videos</b></p><ul><li>“{DAM}”</li></ul>"
    assert quotes(html) == [("", DAM, ("videos",))]


# ── looks ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "heading",
    [
        "<p>*** Key Themes ***</p>",
        "<p>— Key Themes —</p>",
        "<p>== Key Themes ==</p>",
        "<p>[Key Themes]</p>",
        "<p>【Key Themes】</p>",
        "<p>📌 Key Themes:</p>",
        "<p>Key Themes 👇</p>",
        "<p>II. Key Themes</p>",
        "<p>#2 Key Themes</p>",
        "<h2>Key Themes[edit]</h2>",
        "<h2>Key Themes <a href='#x'>#</a></h2>",
        "<header><h2>Key Themes</h2></header>",
    ],
)
def test_ornaments_frames_and_numbers_around_a_heading(heading: str) -> None:
    """They are no part of its words."""
    assert themes(heading + LIST) == [("Dams", "why they break"), ("Walls", "why they stand")]


def test_a_numbered_heading_is_no_item_of_the_list_under_it() -> None:
    """Unless the lines beside it count on, with the same sign."""
    html = "<p>2. Key Themes</p><p>1) Dams: why they break<br>2) Walls: why they stand</p>"
    assert themes(html) == [("Dams", "why they break"), ("Walls", "why they stand")]
    assert kinds("<p>1. Water</p><p>2. Videos</p><p>3. Walls</p>") == []


def test_a_heading_in_english_in_a_post_of_another_language() -> None:
    """As many blogs have them."""
    assert kinds(f"<h3>Key Takeaways</h3>{LIST}", language="tr") == [Kind.THEMES]


# ── where sections end ───────────────────────────────────────────────────────────────────────────


def test_bold_titles_under_a_bold_heading_are_items() -> None:
    """The first follows the heading at once, and there are more of them."""
    html = "<p><b>Key themes</b></p><p><b>Dams</b></p><p>Why they break.</p><p><b>Walls</b></p><p>Why they stand.</p>"
    assert themes(html) == [("Dams", "Why they break."), ("Walls", "Why they stand.")]


def test_a_heading_of_the_same_form_ends_a_section() -> None:
    """Where what follows is a chapter of the post and no theme."""
    chapter = "They met on Thursday again and spoke for two hours about the drains of the upper town. " * 5
    html = f"<p><b>Key themes</b></p>{LIST}<p><b>A long night</b></p><p>{chapter}</p>"
    assert themes(html) == [("Dams", "why they break"), ("Walls", "why they stand")]


def test_ornaments_by_themselves_are_a_rule() -> None:
    """As <hr> is; a quotation mark by itself is none."""
    html = f"<h3>Key quotes</h3><ul><li>“{DAM}”</li></ul><p>* * *</p><p>“{WALL}”</p>"
    assert [words for _, words, _ in quotes(html)] == [DAM]


def test_a_list_of_links_in_a_nav_belongs_to_the_heading_before_it() -> None:
    """And nothing else of the page's furniture does."""
    links = "<nav><ul><li><a href='/1'>The dam</a></li></ul></nav>"
    assert posts(f"<h3>Related posts</h3>{links}") == [("The dam", "https://x.example/1")]
    assert posts(f"<h3>Related posts</h3><p><a href='/2'>The wall</a></p>{links}") == [
        ("The wall", "https://x.example/2")
    ]


def test_a_cell_around_a_whole_section_is_layout() -> None:
    """Mails and pages of 1998 set their text in tables."""
    html = f"<table><tr><td><h3>Key quotes</h3><p>“{DAM}”</p><p>The evening ended at nine with soup.</p></td></tr></table>"
    assert [words for _, words, _ in quotes(html)] == [DAM]


def test_an_introduction_between_heading_and_list_is_passed_over() -> None:
    """Whatever is listed."""
    intro = "<p>These are the ones that stayed with us.</p>"
    assert themes(f"<h3>Key themes</h3>{intro}<p>Dams: why they break</p><p>Walls: why they stand</p>") == [
        ("Dams", "why they break"),
        ("Walls", "why they stand"),
    ]
    assert [words for _, words, _ in quotes(f"<h3>Key quotes</h3>{intro}{QUOTE}")] == [DAM]
    player = '<iframe src="https://www.youtube.com/embed/Abc-_123xyZ" title="A dam"></iframe>'
    assert videos(f"<h3>Videos</h3>{player}") == [("A dam", "Abc-_123xyZ")]
