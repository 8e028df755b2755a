"""Why the quotes of a post are its key quotes: read once more, with the reasons that a ``Reading`` leaves out."""

from __future__ import annotations

from dataclasses import dataclass

from digest.extract.prose.keyquotes import KeyScore, key_scores
from digest.extract.prose.speech import prose_findings
from digest.extract.reading import read_post
from digest.extract.words import Words
from digest.model import Entry, Post, Quote, QuoteOrigin, Reading
from digest.text.html import document


@dataclass(frozen=True, slots=True)
class ExplainedQuote:
    """A quote, how its speaker was found, and what makes it key; None where the post lists it itself."""

    quote: Quote
    speaker_why: str
    score: KeyScore | None


@dataclass(frozen=True, slots=True)
class Explained:
    """A reading with its reasons."""

    reading: Reading
    quotes: tuple[ExplainedQuote, ...]


def explain(post: Entry | Post, words: Words) -> Explained:
    """What is read in a post, and why."""
    reading = read_post(post, words)
    if any(quote.origin is QuoteOrigin.PROSE for quote in reading.quotes):
        return Explained(reading, _in_prose(post, reading, words))
    return Explained(reading, tuple(ExplainedQuote(quote, _listed(quote), None) for quote in reading.quotes))


def _in_prose(post: Entry | Post, reading: Reading, words: Words) -> tuple[ExplainedQuote, ...]:
    findings = prose_findings(
        document(post.html),
        words,
        title=post.title,
        language=post.language,
        url=post.url,
        authors=post.authors,
    )
    why = {finding.quote.spans: finding.attribution.why for finding in findings}
    scores = key_scores(
        reading.quotes, title=post.title, words=words.key(post.language), language=post.language
    )
    return tuple(
        ExplainedQuote(quote, why[quote.spans], score)
        for quote, score in zip(reading.quotes, scores, strict=True)
    )


def _listed(quote: Quote) -> str:
    return "named where the post lists its quotes" if quote.speaker else "nobody is named with it"
