"""The labelled posts, the verbatim promise, and input that means harm."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from time import process_time
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.extract.reading import read, verbatim
from digest.extract.words import Words
from digest.model import SPAN_JOINT, Quote, QuoteOrigin, Reading
from digest.resources import Resources
from digest.text.html import document, sanitise
from digest.text.language import normalise

WORDS = Words.merge(Resources().words())


def _bench() -> ModuleType:
    path = Path(__file__).parents[1] / "bench" / "extract.py"
    spec = importlib.util.spec_from_file_location("bench_extract", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


BENCH = _bench()
LABELLED = [post for folder in BENCH.FOLDERS for post in BENCH.labelled(folder)]


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
    """Its spans, in order, are the quote's words."""
    for post in LABELLED:
        entry = BENCH.entry(post)
        assert entry.text == document(entry.html).text
        for quote in BENCH.reading(entry, WORDS).quotes:
            assert verbatim(quote, entry.text)
            assert quote.text == SPAN_JOINT.join(
                normalise(entry.text[start:end]) for start, end in quote.spans
            )


def test_reading_twice_gives_the_same() -> None:
    """Nothing depends on the order of sets or on the clock."""
    entries = list(map(BENCH.entry, LABELLED))
    assert entries == list(map(BENCH.entry, LABELLED))
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
    begun = process_time()
    found = read(
        safe, url="https://x.example/p", title="", language="en", summary="... " * 5_000, words=WORDS
    )
    assert process_time() - begun < 2.0
    assert len(found.quotes) <= 200
    assert len(found.related_posts) <= 100


def test_nothing_is_read_in_nothing() -> None:
    """An empty post has an empty reading, without words there are no sections."""
    assert read("", url="", title="", language="", summary="", words=WORDS) == Reading()
    html = sanitise(HEADING + "<p>“A dam is a promise.”</p>", "")
    assert read(html, url="", title="", language="", summary="", words=Words.merge({})).quotes == ()
