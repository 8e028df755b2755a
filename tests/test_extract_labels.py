"""The labels of direct speech are sound, and the bench counts as it says."""

from __future__ import annotations

import pytest

from digest.model import SPAN_JOINT, Quote, QuoteOrigin, Reading
from digest.text.language import normalise
from labelled_posts import BENCH

PROSE = [post for folder in BENCH.PROSE for post in BENCH.labelled(folder)]


def _spellings(quote: dict[str, str | list[str]]) -> list[str]:
    speaker = quote["speaker"]
    return [speaker] if isinstance(speaker, str) else speaker


@pytest.mark.parametrize("post", PROSE, ids=lambda post: post.name)
def test_a_labelled_quotation_stands_in_its_post_span_by_span(post: object) -> None:
    """In order, without its marks, and without the comma of the sentence around it; each quotation once."""
    text = normalise(BENCH.entry(post).text)
    quotes = [quote["text"] for quote in post.expected["quotes"]]  # type: ignore[attr-defined]
    assert len(set(quotes)) == len(quotes)
    for quote in quotes:
        at = 0
        for span in quote.split(SPAN_JOINT):
            at = text.index(span, at) + len(span)
            assert span == normalise(span)
            assert not span.endswith((",", "،"))


@pytest.mark.parametrize("post", PROSE, ids=lambda post: post.name)
def test_a_labelled_speaker_is_named_in_the_post_or_its_byline(post: object) -> None:
    """Nobody who reads the post alone is asked for a name that it does not give."""
    entry = BENCH.entry(post)
    known = normalise(" ".join((entry.text, entry.title, *entry.authors)))
    for quote in post.expected["quotes"]:  # type: ignore[attr-defined]
        assert any(name in known for name in _spellings(quote)), quote


def test_the_labels_of_prose_cover_languages() -> None:
    """At least twelve, and English, German, French and Spanish with several hands each."""
    languages = [post.post["language"] for post in BENCH.labelled("prose/open")]
    assert len(set(languages)) >= 12
    assert all(languages.count(language) >= 5 for language in ("en", "de", "fr", "es"))


# ── what the bench counts ────────────────────────────────────────────────────────────────────────

EXPECTED = {
    "quotes": [
        {"text": "We will mend the gate.", "speaker": ["Mirela Dovann", "Minister Mirela Dovann"]},
        {"text": "I waved back.", "speaker": "Lars Undset"},
        {"text": "It hummed all night.", "speaker": ""},
    ]
}


def _score(field: str, *found: tuple[str, str]) -> tuple[float, float]:
    """Precision and recall of a field for what was found: words and speakers."""
    quotes = tuple(
        Quote(text, speaker, (), ((0, len(text)),), QuoteOrigin.PROSE, 1.0, "") for text, speaker in found
    )
    reading = Reading(summary="", themes=(), quotes=quotes, related_posts=(), related_videos=())
    score = BENCH.Score()
    for name, wanted, got in BENCH.prose_facts(EXPECTED, reading):
        if name == field:
            score.add("post", wanted, got)
    return round(score.precision, 3), round(score.recall, 3)


def test_any_spelling_of_a_name_is_right() -> None:
    """A title before the name, which the label lists, is no mistake; a surname alone is one."""
    words = "We will mend the gate."
    assert _score("speakers", (words, "Mirela Dovann")) == (1.0, 0.333)
    assert _score("speakers", (words, "Minister Mirela Dovann")) == (1.0, 0.333)
    assert _score("speakers", (words, "Dovann")) == (0.0, 0.0)


def test_a_quote_counts_only_word_for_word() -> None:
    """Half of it is a wrong quote and a missing one."""
    assert _score("quotes", ("I waved back.", ""), ("It hummed", "")) == (0.5, 0.333)


def test_nobody_is_right_only_where_the_post_names_nobody() -> None:
    """A pair without a name is right for an unknown speaker and wrong for a known one."""
    assert _score("speakers", ("It hummed all night.", ""), ("I waved back.", "")) == (0.5, 0.333)


def test_the_precision_of_names_counts_the_names_that_are_given() -> None:
    """On the quotes that are labelled: no name costs nothing, a wrong one does, also where nobody is named."""
    quotes = ("We will mend the gate.", ""), ("I waved back.", "Lars Undset"), ("No label has this.", "X Y")
    assert _score("names", *quotes) == (1.0, 0.5)
    assert _score("names", *quotes, ("It hummed all night.", "Lars Undset")) == (0.5, 0.5)
