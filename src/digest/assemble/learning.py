"""What themes read like, learned from posts: centroids and the posts that they draw, in turns.

This is Rocchio's method inside expectation-maximisation (Nigam, McCallum, Thrun and Mitchell, "Text classification
from labeled and unlabeled documents using EM", 2000). Scores are log-odds. There is a column for each field: first the
themes, then the subjects of no theme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digest.text.similar import Vector

ROUNDS = 4  # of learning; after them few posts move
FEWEST_POSTS = 8  # to learn from
SHARPNESS = 50.0  # from cosines to log-odds
HINTED = 0.6  # the share of hints in a score, beside what was learned
CROWDED = 0.5  # how much the size of a theme counts for it
SPREAD = 5.0  # standard deviations of what was learned that count as much as a cosine of 1
SURE = 3.0  # log-odds from which a post counts in full for its centroid
LEAST_PART = 0.02  # of a post in a centroid

Table = NDArray[np.float64]  # rows: posts; columns: fields


@dataclass(frozen=True, slots=True)
class Learned:
    """The scores of each post, and how much each word speaks for each field: nothing where nothing was to be learned."""

    scores: Table
    places: Mapping[str, int]  # of words
    centroids: Table  # a row for each field, a column for each word

    def telling(self, word: str, field: int) -> float:
        """How much a word that some post has speaks for a field."""
        return float(self.centroids[field, self.places[word]])


@dataclass(frozen=True, slots=True)
class _Posts:
    """Vectors, one word of one post after the other."""

    number: int
    words: int
    posts_of: NDArray[np.intp]
    words_of: NDArray[np.intp]
    values: NDArray[np.float64]


def learn(
    vectors: Sequence[Vector], hints: Table, prior: Table, themes: int, decided: Mapping[int, int]
) -> Learned:
    """The scores of posts, given as vectors of length 1, for each field.

    Args:
        hints: how far the words of each post hint at each field, as a cosine.
        prior: what else speaks for a field, in log-odds.
        themes: how many of the fields are themes.
        decided: place of a post → the theme that it belongs to, whatever it reads like.
    """
    places = {
        word: place for place, word in enumerate(dict.fromkeys(word for each in vectors for word in each))
    }
    posts = _posts(vectors, places)
    scores = SHARPNESS * hints + prior
    centroids = np.zeros((prior.shape[1], len(places)))
    for _ in range(ROUNDS if len(vectors) >= FEWEST_POSTS else 0):
        parts = _parts(scores)
        for place, theme in decided.items():
            parts[place] = np.arange(parts.shape[1]) == theme
        mass = parts.sum(axis=0)
        centroids = _centroids(posts, parts, mass)
        learned = _likeness(posts, centroids)
        scores = SHARPNESS * (HINTED * hints + (1 - HINTED) * learned) + prior + _crowd(mass, themes)
    return Learned(scores, places, centroids)


def _posts(vectors: Sequence[Vector], places: Mapping[str, int]) -> _Posts:
    return _Posts(
        len(vectors),
        len(places),
        np.repeat(np.arange(len(vectors)), [len(each) for each in vectors]),
        np.array([places[word] for each in vectors for word in each], dtype=np.intp),
        np.array([value for each in vectors for value in each.values()], dtype=np.float64),
    )


def _parts(scores: Table) -> Table:
    """How much of each post counts for which field."""
    best = scores.max(axis=1, keepdims=True)
    odds = np.exp(scores - best)
    sure = np.clip(best, 0.0, SURE) / SURE / odds.sum(axis=1, keepdims=True)
    parts: Table = odds * sure
    parts[parts < LEAST_PART] = 0.0
    return parts


def _crowd(mass: NDArray[np.float64], themes: int) -> NDArray[np.float64]:
    """What the size of a field adds to its log-odds: 0 for the largest theme, less for the others."""
    sizes: NDArray[np.float64] = np.log(mass + 1)
    crowd: NDArray[np.float64] = CROWDED * (sizes - sizes[:themes].max())
    return crowd


def _centroids(posts: _Posts, parts: Table, mass: NDArray[np.float64]) -> Table:
    """The direction of the posts of each field; none for a field that less than one post is under."""
    centroids = np.zeros((len(mass), posts.words))
    for field in np.flatnonzero(mass >= 1):
        shares = posts.values * parts[posts.posts_of, field]
        summed = np.bincount(posts.words_of, weights=shares, minlength=posts.words)
        centroids[field] = summed / (np.linalg.norm(summed) or 1.0)
    return centroids


def _likeness(posts: _Posts, centroids: Table) -> Table:
    """How much more than other posts each is like each centroid, on the scale of a cosine; the least where is none."""
    found = np.flatnonzero(centroids.any(axis=1))
    products = np.empty((posts.number, len(found)))
    for column, field in enumerate(found):
        shares = posts.values * centroids[field, posts.words_of]
        products[:, column] = np.bincount(posts.posts_of, weights=shares, minlength=posts.number)
    over = products - products.mean(axis=0)
    deviation = (float(np.sqrt((over * over).mean())) if over.size else 0.0) or 1.0
    rows = np.full((posts.number, len(centroids)), over.min(initial=0.0))
    rows[:, found] = over
    likeness: Table = rows / (SPREAD * deviation)
    return likeness
