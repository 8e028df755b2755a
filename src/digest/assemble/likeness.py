"""Posts as vectors of weighed words, and how alike they are: sparse, found by index, the same in any order.

A word weighs the more the fewer of the posts that are compared have it (tf-idf: Salton and Buckley, "Term-weighting
approaches in automatic text retrieval", 1988); every vector has length 1, so that a product is a cosine.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import fsum, inf, log, sqrt

import numpy as np
from numpy.typing import NDArray

from digest.assemble.linking import Table
from digest.text.similar import Vector, stem, words

TITLE_COUNTS = 2  # times as much as the text
FEWEST_LETTERS = 3
FEWEST_IN_PART, LONGEST_COMPOUND = 4, 40  # letters
COMPOUNDING = frozenset(
    {"de", "nl", "sv", "da", "nb", "nn", "no", "is", "fy", "lb", "fi", "et", "hu"}
)  # languages

Row = NDArray[np.float64]  # a value for each post


@lru_cache(maxsize=1_500)  # for themes, and then for what has none: the posts of one feed
def counted(title: str, text: str, language: str) -> Vector:
    """How often each stem occurs, dampened: 1 + ln n. The title counts twice."""
    counts: dict[str, int] = defaultdict(int)
    for word, count in Counter(words(f"{title} " * TITLE_COUNTS + text)).items():
        if len(word) >= FEWEST_LETTERS and not word.isdigit():
            counts[stem(word, language)] += count
    return {word: 1 + log(count) for word, count in counts.items()}


def weighed(counts: Sequence[Vector]) -> list[dict[str, float]]:
    """The counts of each post weighed by how rare each word is among all of them, as vectors of length 1."""
    posts = Counter(word for each in counts for word in each)
    rarity = {word: log(1 + len(counts) / count) for word, count in posts.items()}
    return [unit({word: value * rarity[word] for word, value in sorted(each.items())}) for each in counts]


def unit(each: Vector) -> dict[str, float]:
    """The same direction with length 1; an empty vector stays empty."""
    length = sqrt(fsum(value * value for value in each.values()))
    return {word: value / length for word, value in each.items()} if length else {}


def parted(counts: Sequence[Vector], language: str) -> list[Vector]:
    """The same with the words that others are compounds of, where a language joins words.

    A part is known by standing alone in some of the texts: where one writes "Hafenkran" and another "Kran", both have
    the second word.
    """
    if language not in COMPOUNDING:
        return list(counts)
    known = {word for each in counts for word in each if len(word) >= FEWEST_IN_PART}
    found = {word: parts for word in known if (parts := _parts(word) & known)}
    result: list[Vector] = []
    for each in counts:
        more: dict[str, float] = dict(each)
        for word, value in each.items():
            for part in sorted(found.get(word, ())):
                more[part] = max(more.get(part, 0.0), value)
        result.append(more)
    return result


def _parts(word: str) -> set[str]:
    """The beginnings and the ends at which a word may be joined of two."""
    if len(word) > LONGEST_COMPOUND:
        return set()
    cuts = range(FEWEST_IN_PART, len(word) - FEWEST_IN_PART + 1)
    return {part for cut in cuts for part in (word[:cut], word[cut:])}


@dataclass(frozen=True, slots=True)
class Index:
    """Vectors, and for each word the places of those that have it, with its values there."""

    size: int
    found: Mapping[str, tuple[NDArray[np.intp], Row]]

    def likeness(self, vector: Vector) -> Row:
        """How alike a vector is to each: products, so cosines where lengths are 1."""
        row = np.zeros(self.size)
        for word, value in vector.items():
            if word in self.found:
                places, values = self.found[word]
                row[places] += value * values
        return row


def index(vectors: Sequence[Vector], fewest: int = 1, most: float = inf) -> Index:
    """The vectors ready to be compared by the words that at least ``fewest`` of them have and at most ``most``."""
    words: dict[str, int] = {}
    words_of = np.array(
        [words.setdefault(word, len(words)) for each in vectors for word in each], dtype=np.intp
    )
    posts_of = np.repeat(np.arange(len(vectors)), [len(each) for each in vectors])
    values = np.array([value for each in vectors for value in each.values()], dtype=np.float64)
    order = np.argsort(words_of, kind="stable")
    posts_of, values = posts_of[order], values[order]
    ends = np.cumsum(np.bincount(words_of, minlength=len(words))).tolist()
    found = {}
    for word, start, end in zip(words, [0, *ends], ends, strict=False):
        if fewest <= end - start <= most:
            found[word] = (posts_of[start:end], values[start:end])
    return Index(len(vectors), found)


def cosines(vectors: Sequence[Vector], most_shared: float = inf) -> Table:
    """How alike each two vectors are, common words aside. For so many as a table of all pairs may have."""
    compared = index(vectors, 2, most_shared)
    table = np.empty((len(vectors), len(vectors)))
    for place, each in enumerate(vectors):
        table[place] = compared.likeness(each)
    return table
