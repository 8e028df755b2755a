"""Which quotations in prose are worth printing: a sum of eight plain parts, each between 0 and 1.

What a post lists itself is key because the post says so. Of what people say in prose the score asks what an editor
would ask: can it stand alone, does somebody speak for themselves, who is it, is it more than a figure or a courtesy.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from digest.extract.keywords import KeyWords, spoken
from digest.model import Quote
from digest.text.similar import Vector, document_counts, extent, fold, vector

COMFORTABLE = (60, 280)  # characters: long enough to say something, short enough to be read
_SHORTEST, _LONGEST = 20, 700  # at these and beyond a length is worth nothing
_DENSITY = 3  # letters of an alphabet that say as much as a character of a script without spaces
_FIGURES = 3  # where every third word is a number, a quotation is a mere figure
_SECOND_PERSON = 0.6  # beside the first
_DANGLING = 0.4  # of a whole sentence that begins with "And that is why"
_NAMED = 0.4  # the weight of a speaker who says little and is not in the title
_SENTENCE = re.compile(r"(?<=[.!?…؟۔。])\s+")
_UPPER_FIRST = re.compile(r"[^\W\d_]")


class Part(NamedTuple):  # made eight times for every quotation: a third of the time of a dataclass
    """One reason why a quotation is key: its name, how far it holds (0–1), and what it weighs."""

    name: str
    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class KeyScore:
    """All reasons together."""

    parts: tuple[Part, ...]

    @property
    def total(self) -> float:
        """The weighted mean of the parts, 0–1, rounded so that it prints and compares alike everywhere."""
        weights = sum(part.weight for part in self.parts)
        return round(sum(part.value * part.weight for part in self.parts) / weights, 3)


def with_keys(
    quotes: Sequence[Quote], *, title: str, words: KeyWords, language: str = ""
) -> tuple[Quote, ...]:
    """The quotations of one post, each with how key it is."""
    scores = key_scores(quotes, title=title, words=words, language=language)
    return tuple(replace(quote, key=score.total) for quote, score in zip(quotes, scores, strict=True))


def key_scores(
    quotes: Sequence[Quote], *, title: str, words: KeyWords, language: str = ""
) -> tuple[KeyScore, ...]:
    """The score of each quotation among those of its post. Linear in their length.

    Args:
        quotes: all that were found in the prose of one post.
        title: of the post; whom it names, it is about.
        words: of the post's language.
        language: BCP 47 primary tag, or ``""``; by it words are cut back to stems.
    """
    shares, headline = _shares(quotes), fold(title)
    vectors = [vector(quote.text, language) for quote in quotes]
    counts = document_counts(vectors)
    return tuple(
        _score(quote, shares, headline, own, counts, words)
        for quote, own in zip(quotes, vectors, strict=True)
    )


def _score(
    quote: Quote,
    shares: dict[str, float],
    headline: str,
    own: Vector,
    counts: Counter[str],
    words: KeyWords,
) -> KeyScore:
    said = spoken(quote.text)
    parts = (
        ("length", _length(quote.text), 2.0),
        ("stands alone", _stands_alone(quote.text, said, words), 2.0),
        ("in person", _in_person(said, words), 1.0),
        ("speaker", _speaker(quote.speaker, shares, headline), 1.5),
        ("distinct", _distinct(own, counts), 0.5),
        ("no mere figure", _no_figure(said), 1.0),
        ("no courtesy", _no_courtesy(quote.text, said, words), 1.5),
        ("certain", quote.confidence, 1.0),
    )
    return KeyScore(tuple(Part(name, round(value, 2), weight) for name, value, weight in parts))


def _length(text: str) -> float:
    _, dense = extent(text)
    size = len(text) + (_DENSITY - 1) * dense
    least, most = COMFORTABLE
    if size < least:
        return max(0.0, (size - _SHORTEST) / (least - _SHORTEST))
    return 1.0 if size <= most else max(0.0, (_LONGEST - size) / (_LONGEST - most))


def _stands_alone(text: str, said: Sequence[str], words: KeyWords) -> float:
    """Nothing where it begins within a sentence; less where it begins with what points out of it."""
    first = _UPPER_FIRST.search(text)
    if not first or first.group().islower():
        return 0.0
    return _DANGLING if words.dangling.at(said, 0) else 1.0


def _in_person(said: Sequence[str], words: KeyWords) -> float:
    if not words.first.isdisjoint(said):
        return 1.0
    return 0.0 if words.second.isdisjoint(said) else _SECOND_PERSON


def _shares(quotes: Sequence[Quote]) -> dict[str, float]:
    """Which part of all that is quoted each speaker says."""
    total = sum(len(quote.text) for quote in quotes)
    said: Counter[str] = Counter()
    for quote in quotes:
        said[quote.speaker] += len(quote.text)
    return {speaker: length / total for speaker, length in said.items()} if total else {}


def _speaker(speaker: str, shares: dict[str, float], headline: str) -> float:
    """Whom the title names, or who says most; nothing where nobody is named."""
    surname = fold(speaker).split()[-1:]
    if not surname:
        return 0.0
    if surname[0] in headline:
        return 1.0
    return _NAMED + (1 - _NAMED) * shares[speaker]


def _distinct(own: Vector, counts: Counter[str]) -> float:
    """Which part of its telling words no other quotation has."""
    return sum(counts[word] == 1 for word in own) / len(own) if own else 0.0


def _no_figure(said: Sequence[str]) -> float:
    figures = sum(not word.isalpha() and any(map(str.isdigit, word)) for word in said)
    return max(0.0, 1 - _FIGURES * figures / len(said)) if said else 0.0


def _no_courtesy(text: str, said: Sequence[str], words: KeyWords) -> float:
    """Which part of its words stands in sentences without a courtesy."""
    if not words.courtesies.found(said):
        return 1.0
    sentences = map(spoken, _SENTENCE.split(text))
    return sum(len(each) for each in sentences if not words.courtesies.found(each)) / len(said)
