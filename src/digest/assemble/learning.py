"""What themes read like, learned from posts: centroids and the posts that they draw, in turns.

This is Rocchio's method inside expectation-maximisation (Nigam, McCallum, Thrun and Mitchell, "Text classification
from labeled and unlabeled documents using EM", 2000). Scores are log-odds. There is a column for each field: first the
themes, then the subjects of no theme.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, fsum, log, sqrt

from digest.assemble.likeness import unit
from digest.text.similar import Vector

ROUNDS = 4  # of learning; after them few posts move
FEWEST_POSTS = 8  # to learn from
SHARPNESS = 40.0  # from cosines to log-odds
HINTED = 0.6  # the share of hints in a score, beside what was learned
CROWDED = 0.5  # how much the size of a theme counts for it
SPREAD = 5.0  # standard deviations of what was learned that count as much as a cosine of 1
SURE = 3.0  # log-odds from which a post counts in full for its centroid
LEAST_PART = 0.02  # of a post in a centroid

Row = list[float]  # a value for each field
_Parts = list[tuple[int, float]]  # how much of a post counts for which fields


@dataclass(frozen=True, slots=True)
class Learned:
    """The scores of each post, and the centroid of each field; empty where nothing was to be learned from."""

    scores: list[Row]
    centroids: list[Vector]


def learn(
    vectors: Sequence[Vector],
    hints: Sequence[Row],
    prior: Sequence[Row],
    themes: int,
    decided: Mapping[int, int],
) -> Learned:
    """The scores of posts, given as vectors of length 1, for each field.

    Args:
        hints: how far the words of each post hint at each field, as a cosine.
        prior: what else speaks for a field, in log-odds.
        themes: how many of the fields are themes.
        decided: place of a post → the theme that it belongs to, whatever it reads like.
    """
    scores = [
        [SHARPNESS * hint + before for hint, before in zip(*rows, strict=True)]
        for rows in zip(hints, prior, strict=True)
    ]
    centroids: list[Vector] = [{} for _ in prior[0]]
    for _ in range(ROUNDS if len(vectors) >= FEWEST_POSTS else 0):
        parts = [
            [(decided[place], 1.0)] if place in decided else _parts(row) for place, row in enumerate(scores)
        ]
        mass = _mass(parts, len(prior[0]))
        centroids = _centroids(vectors, parts, mass)
        learned = _likeness(vectors, centroids)
        crowd = _crowd(mass, themes)
        scores = [
            [
                SHARPNESS * (HINTED * hint + (1 - HINTED) * like) + before + size
                for hint, like, before, size in zip(*rows, crowd, strict=True)
            ]
            for rows in zip(hints, learned, prior, strict=True)
        ]
    return Learned(scores, centroids)


def _parts(row: Row) -> _Parts:
    best = max(row)
    odds = [exp(value - best) for value in row]
    sure = min(max(best, 0.0), SURE) / SURE / fsum(odds)
    return [(number, odd * sure) for number, odd in enumerate(odds) if odd * sure >= LEAST_PART]


def _mass(parts: Sequence[_Parts], fields: int) -> Row:
    mass = [0.0] * fields
    for shares in parts:
        for number, part in shares:
            mass[number] += part
    return mass


def _crowd(mass: Row, themes: int) -> Row:
    """What the size of a field adds to its log-odds: 0 for the largest theme, less for the others."""
    largest = log(max(mass[:themes]) + 1)
    return [CROWDED * (log(weight + 1) - largest) for weight in mass]


def _centroids(vectors: Sequence[Vector], parts: Sequence[_Parts], mass: Row) -> list[Vector]:
    """The direction of the posts of each field; none for a field that less than one post is under."""
    sums: list[dict[str, float]] = [defaultdict(float) for _ in mass]
    for vector, shares in zip(vectors, parts, strict=True):
        for number, part in shares:
            centroid = sums[number]
            for word, value in vector.items():
                centroid[word] += part * value
    return [unit(each) if weight >= 1 else {} for each, weight in zip(sums, mass, strict=True)]


def _likeness(vectors: Sequence[Vector], centroids: Sequence[Vector]) -> list[Row]:
    """How much more than other posts each is like each centroid, on the scale of a cosine; the least where is none."""
    found = [number for number, centroid in enumerate(centroids) if centroid]
    by_word: dict[str, Row] = defaultdict(lambda: [0.0] * len(found))
    for column, number in enumerate(found):
        for word, value in centroids[number].items():
            by_word[word][column] = value
    products = [_product(vector, by_word, len(found)) for vector in vectors]
    means = [fsum(column) / len(products) for column in zip(*products, strict=True)]
    over = [[value - mean for value, mean in zip(row, means, strict=True)] for row in products]
    values = [value for row in over for value in row]
    deviation = sqrt(fsum(value * value for value in values) / max(len(values), 1)) or 1.0
    lowest = min(values, default=0.0)
    rows = []
    for row in over:
        full = [lowest / (SPREAD * deviation)] * len(centroids)
        for number, value in zip(found, row, strict=True):
            full[number] = value / (SPREAD * deviation)
        rows.append(full)
    return rows


def _product(vector: Vector, by_word: Mapping[str, Row], columns: int) -> Row:
    row = [0.0] * columns
    for word, value in vector.items():
        if word in by_word:
            row = [total + value * weight for total, weight in zip(row, by_word[word], strict=True)]
    return row
