"""Quotations in prose, where a post lists none: candidates from ``utterances``, who speaks from ``speakers``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from digest.extract.prose.clauses import forms_of
from digest.extract.prose.quotable import Judge
from digest.extract.prose.speakers import Attribution, attribute
from digest.extract.prose.utterances import Utterance, utterances
from digest.extract.words import Words
from digest.model import SPAN_JOINT, Quote, QuoteOrigin
from digest.text.html import Document
from digest.text.language import normalise
from digest.text.links import passage

MOST_QUOTES = 200
_FEWEST_REPEATED = 4  # words that cannot be in two quotations by chance


@dataclass(frozen=True, slots=True)
class Finding:
    """A quotation in prose, and how its speaker was found."""

    quote: Quote
    attribution: Attribution


def prose_quotes(
    document: Document, words: Words, *, title: str, language: str, url: str, authors: tuple[str, ...]
) -> tuple[Quote, ...]:
    """The quotations in the prose of a post, in order; the same words twice are one.

    Args:
        document: of the post.
        words: of all languages.
        title: of the post, which may name who speaks.
        language: of the post (BCP 47 primary tag), or ``""``.
        url: of the post, for the links to the words in it.
        authors: of the post, who are "I" in it.
    """
    findings = prose_findings(document, words, title=title, language=language, url=url, authors=authors)
    return tuple(finding.quote for finding in findings)


def prose_findings(
    document: Document, words: Words, *, title: str, language: str, url: str, authors: tuple[str, ...]
) -> tuple[Finding, ...]:
    """The same with how each speaker was found."""
    candidates = utterances(document, words, language)
    attributions = attribute(document, candidates, words, language, title=title, authors=authors)
    judge = Judge(document, words.speech(language), candidates)
    kept = (
        Finding(_quote(document, utterance, found, url), found)
        for utterance, found in zip(candidates, attributions, strict=True)
        if judge.is_quotation(utterance, found)
    )
    return tuple(_once(list(islice(kept, MOST_QUOTES))))


def _quote(document: Document, utterance: Utterance, found: Attribution, url: str) -> Quote:
    parts = [document.text[start:end] for start, end in utterance.spans]
    return Quote(
        text=SPAN_JOINT.join(map(normalise, parts)),
        speaker=found.name,
        topics=(),
        spans=utterance.spans,
        origin=QuoteOrigin.PROSE,
        confidence=found.confidence,
        link=passage(url, document.text, utterance.spans),
    )


# ── the same words ───────────────────────────────────────────────────────────────────────────────


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """Each quotation once: not the pull quote, the caption or the fragment that repeats some of its words."""
    forms = [_forms(finding.quote.text) for finding in findings]
    whole = "\n".join(dict.fromkeys(forms))
    best: dict[str, Finding] = {}
    for finding, form in zip(findings, forms, strict=True):
        if form.count(" ") > _FEWEST_REPEATED and whole.count(form) > 1:
            continue
        if form not in best or (finding.quote.speaker and not best[form].quote.speaker):
            best[form] = finding
    return sorted(best.values(), key=lambda finding: finding.quote.start)


def _forms(text: str) -> str:
    """The words of a quotation and nothing else, to find it in others."""
    return f" {' '.join(forms_of(text))} "
