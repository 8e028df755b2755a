"""The labelled posts, the verbatim promise, and input that means harm."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.extract.reading import read, read_post, verbatim
from digest.extract.words import Words
from digest.model import SPAN_JOINT, Quote, QuoteOrigin, Reading
from digest.resources import Resources
from digest.text.html import document, sanitise
from digest.text.language import normalise
from effort import effort
from labelled_posts import BENCH

WORDS = Words.merge(Resources().words())


LABELLED = [post for folder in BENCH.FOLDERS for post in BENCH.labelled(folder)]
PROSE = BENCH.labelled("prose/open")


@pytest.mark.parametrize("post", LABELLED, ids=lambda post: post.name)
def test_a_labelled_post_is_read_as_labelled(post: object) -> None:
    """Every field: summary, themes, quotes with speakers and topics, related posts and videos, players.

    Of a page also its title, and that nothing of what stands around its text is in it.
    """
    entry = BENCH.entry(post)
    expected = post.expected  # type: ignore[attr-defined]
    assert BENCH.found(entry, BENCH.reading(entry, WORDS), expected) == BENCH.facts(expected)


def test_the_labels_cover_habits_and_languages() -> None:
    """At least 40 posts in 24 habits and 10 languages, most of them unseen while the rules were written."""
    assert len(LABELLED) >= 40
    assert len({post.name.split("-", 2)[2] for post in LABELLED}) >= 24
    assert len({post.name.split("-")[1] for post in LABELLED}) >= 10
    assert len(BENCH.labelled("open")) * 2 <= len(LABELLED)


def test_every_quote_of_the_labelled_posts_is_verbatim() -> None:
    """Its spans, in order, are the quote's words; listed or in prose."""
    for post in (*LABELLED, *PROSE):
        entry = BENCH.entry(post)
        assert entry.text == document(entry.html).text
        for quote in BENCH.reading(entry, WORDS).quotes:
            assert verbatim(quote, entry.text)
            assert quote.text == SPAN_JOINT.join(
                normalise(entry.text[start:end]) for start, end in quote.spans
            )


def test_reading_twice_gives_the_same() -> None:
    """Nothing depends on the order of sets or on the clock."""
    entries = list(map(BENCH.entry, (*LABELLED, *PROSE)))
    assert entries == list(map(BENCH.entry, (*LABELLED, *PROSE)))
    assert all(BENCH.reading(entry, WORDS) == BENCH.reading(entry, WORDS) for entry in entries)


def _quote(text: str, *spans: tuple[int, int]) -> Quote:
    return Quote(text, "", (), spans, QuoteOrigin.LISTED, 1.0, "")


def test_a_quote_is_verbatim_only_where_its_spans_say() -> None:
    """Whitespace may differ; a word, a mark or a place may not."""
    text = "He said: a\u00a0dam\nis a promise, and it leaks."
    assert verbatim(_quote("a dam is a promise", (9, 27)), text)
    assert verbatim(_quote("a dam […] it leaks.", (9, 14), (33, 42)), text)
    assert not verbatim(_quote("a dam was a promise", (9, 27)), text)
    assert not verbatim(_quote("a dam is a promise", (8, 26)), text)
    assert not verbatim(_quote("it leaks. […] a dam", (33, 42), (9, 14)), text)
    assert not verbatim(_quote("", (9, 9)), text)
    assert not verbatim(_quote("a dam", (9, 900)), text)
    assert not verbatim(_quote(""), text)


# ── quotations in prose ──────────────────────────────────────────────────────────────────────────

LEAD = "<p>The council of Ostby met for three hours on Monday evening to decide about the dam and the meadow.</p>"
SAID = "<p>“We were never asked about the dam,” said Mira Halden, who keeps the mill.</p>"
COMMENT = "<p>“You were asked twice about the dam,” said Jo Brask.</p>"


def quotes(html: str) -> list[tuple[str, QuoteOrigin]]:
    """Words and origin of the quotes of a post."""
    safe = sanitise(html, "https://x.example/p")
    found = read(safe, url="https://x.example/p", title="", language="en", summary="", words=WORDS)
    return [(quote.text, quote.origin) for quote in found.quotes]


def test_prose_is_searched_only_where_no_quotes_are_listed() -> None:
    """What the post says of itself comes first."""
    assert quotes(LEAD + SAID) == [("We were never asked about the dam", QuoteOrigin.PROSE)]
    listed = "<h2>Key Quotes</h2><ul><li>“A dam is a promise.”</li></ul>"
    assert quotes(LEAD + SAID + listed) == [("A dam is a promise.", QuoteOrigin.LISTED)]


def test_what_a_post_lists_can_be_read_alone() -> None:
    """Without what is looked for in its text; what it lists is the same."""
    for post in (LABELLED[0], PROSE[0]):
        entry = BENCH.entry(post)
        whole, listed = read_post(entry, WORDS), read_post(entry, WORDS, listed_only=True)
        assert listed.quotes == tuple(_listed(whole))
        assert listed == replace(whole, quotes=listed.quotes, themes=listed.themes)
    assert (listed.quotes, listed.themes) == ((), ())


def test_what_readers_say_below_a_post_is_not_in_it() -> None:
    """Nor what stands in a list of related posts; a share bar above the text hides nothing."""
    ours = [("We were never asked about the dam", QuoteOrigin.PROSE)]
    assert quotes(f"{LEAD}{SAID}<h3>Comments</h3>{COMMENT}") == ours
    assert quotes(f"{LEAD}{SAID}<h3>Related posts</h3><ul><li>{COMMENT}</li></ul>") == ours
    assert quotes(f"<p>Share this</p>{LEAD}{SAID}") == ours


@pytest.mark.parametrize(
    "between",
    [
        "<p>Advertisement</p>",
        "<p><b>Share this:</b></p>",
        "<p><b>Read also:</b> <a href='https://x.example/1'>The old dam</a></p>",
        "<p><strong>Related posts</strong></p><ul><li><a href='https://x.example/1'>The old dam</a></li></ul>",
        "<div><h3>Subscribe to our newsletter</h3><p>Once a week.</p></div>",
        "<aside><h4>Related posts</h4><p><a href='https://x.example/1'>The old dam</a></p></aside>",
    ],
)
def test_what_stands_between_two_paragraphs_ends_no_post(between: str) -> None:
    """The text goes on behind a box, a link and an advertisement."""
    more = "<p>The meeting went on, and nobody left the hall before the vote on the dam was over.</p>"
    assert len(quotes(f"{LEAD}{between}{more}{SAID}")) == 1
    inside = f"<div>{LEAD}{between}{more}{SAID}</div>"
    assert len(quotes(inside)) == 1


def test_a_quotation_in_prose_says_how_key_it_is() -> None:
    """Between nothing and one; what is listed has one."""
    entry = BENCH.entry(PROSE[0])
    keys = [quote.key for quote in BENCH.reading(entry, WORDS).quotes]
    assert len(set(keys)) > 3
    assert all(0 < key < 1 for key in keys)
    assert {quote.key for post in LABELLED for quote in _listed(BENCH.reading(BENCH.entry(post), WORDS))} == {
        1
    }


def _listed(reading: Reading) -> list[Quote]:
    return [quote for quote in reading.quotes if quote.origin is QuoteOrigin.LISTED]


# ── input that means harm ────────────────────────────────────────────────────────────────────────

_PIECES = st.sampled_from(
    [
        "<h2>Key Quotes of Mira Halden</h2>",
        "<b>Key Themes:</b>",
        "<p>Related posts",
        "<ul><li>",
        "</ul>",
        "<table><tr><td>",
        "<blockquote>",
        "</blockquote>",
        "<br>",
        "<hr>",
        "<p>",
        "<div>",
        "</div>",
        "“A dam",
        " is a promise.”",
        '"It leaks," she said, "',
        "« \u00a0",
        "— Jo Brask",
        "On dams:",
        "- ",
        "1. ",
        "<a href='https://x.example/1'>",
        "</a>",
        "<iframe src='https://youtu.be/abcdefghij1'></iframe>",
        "Comments",
        " \u200f\u00ad",
        "😀",
        "(",
        "'",
        ":",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=25))
def test_any_soup_is_read_and_every_quote_in_it_is_verbatim(pieces: list[str]) -> None:
    """However broken the markup."""
    html = sanitise("".join(pieces), "https://x.example/p")
    text = document(html).text
    found = read(html, url="https://x.example/p", title="", language="en", summary="", words=WORDS)
    assert all(verbatim(quote, text) for quote in found.quotes)
    assert len({quote.text.casefold() for quote in found.quotes}) == len(found.quotes)


HEADING = "<h2>Key Quotes of Mira Halden</h2>"


@pytest.mark.parametrize(
    "html",
    [
        HEADING + "<p>" + '"' * 100_000,
        HEADING + "<p>" + "“" * 100_000,
        HEADING + "<p>" + "'a' " * 25_000,
        HEADING + "<p>" + "— " * 50_000,
        HEADING + "<p>" + "1. " * 33_000,
        HEADING + "<p>" + "Aa " * 33_000 + "</p><p>“A dam is a promise.” — Halden</p>",
        HEADING + "".join(f"<p>“Number {i} leaks.</p>" for i in range(3_000)),
        HEADING + "".join(f"<p><b>Ab{i} Cd{i}</b></p><p>“Number {i} leaks.”</p>" for i in range(2_000)),
        "".join(f"<h2>Key Quotes of Ab{i} Cd{i}</h2><p>“Number {i}.”</p>" for i in range(2_000)),
        "<h2>Related posts</h2>"
        + "".join(f"<p><a href='https://x.example/{i}'>{i}</a></p>" for i in range(2_500)),
        "<h2>Key themes</h2>" + "<ul><li>a: b" * 5_000,
        "Key themes: " + "a, " * 33_000,
        "<p>" + "...." * 25_000,
    ],
    ids=lambda html: html[:60],
)
def test_hostile_input_is_read_in_time(html: str) -> None:
    """100 KB of the same again; the bound is generous for slow machines, a run-away takes minutes."""
    safe = sanitise(html, "https://x.example/p")
    with effort() as spent:
        found = read(
            safe, url="https://x.example/p", title="", language="en", summary="... " * 5_000, words=WORDS
        )
    assert spent.seconds < 2.0
    assert len(found.quotes) <= 200
    assert len(found.related_posts) <= 100


def test_nothing_is_read_in_nothing() -> None:
    """An empty post has an empty reading, without words there are no sections."""
    assert read("", url="", title="", language="", summary="", words=WORDS) == Reading()
    html = sanitise(HEADING + "<p>“A dam is a promise.”</p>", "")
    assert not _listed(read(html, url="", title="", language="", summary="", words=Words.merge({})))
