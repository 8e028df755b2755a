"""What no theme takes, grouped with its like.

Posts are alike by their words and, beside them, by the common subjects (``subjects``) that their words belong to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from digest.assemble.likeness import cosines, counted, linked, unit, weighed
from digest.assemble.naming import labels, names
from digest.assemble.subjects import Subjects, hinted
from digest.assemble.window import Material
from digest.text.similar import Vector

TEXT_READ = 2_000  # characters of a post
ALIKE = 0.08  # average likeness from which posts are one group
MOST_WORDS = 80  # of a post, the weightiest
FEW_POSTS = 6.0  # among so many, where most words are rare, it takes twice the likeness
BY_SUBJECT = 0.5  # what likeness by subject counts beside likeness by words
_COMMON, _FEW = 0.4, 10  # of the posts, and posts: a word that more have makes none of them alike


@dataclass(frozen=True, slots=True)
class Cluster:
    """Posts that are alike, by key; a post that is like no other has neither name nor label."""

    name: str  # unique among the clusters, made from the label
    label: str
    members: tuple[Material, ...]

    @property
    def keys(self) -> frozenset[str]:
        """The keys of its posts."""
        return frozenset(each.post.key for each in self.members)


def clusters(material: Iterable[Material], subjects: Subjects) -> tuple[Cluster, ...]:
    """The posts by what they are about, in an order of their own: the input's order does not matter."""
    posts = sorted(material, key=lambda each: each.post.key)
    found = linked(
        len(posts), cosines(_vectors(posts, subjects), max(_FEW, _COMMON * len(posts))), _least(len(posts))
    )
    groups = [[posts[place] for place in places] for places in found]
    called = labels(groups, subjects)
    return tuple(map(Cluster, names(called), called, map(tuple, groups)))


def _least(posts: int) -> float:
    return ALIKE * (1 + FEW_POSTS / max(posts, 1))


def _vectors(posts: Sequence[Material], subjects: Subjects) -> list[Vector]:
    """The words of each post and, as further words, its subjects; of two languages nothing is alike."""
    by_language: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(posts):
        by_language[each.post.language].append(place)
    vectors: list[Vector] = [{}] * len(posts)
    for language, places in by_language.items():
        read = [_counts(posts[place]) for place in places]
        for place, vector in zip(places, _with_subjects(weighed(read), language, subjects), strict=True):
            vectors[place] = {f"{language}:{word}": value for word, value in vector.items()}
    return vectors


def _counts(each: Material) -> Vector:
    text = (each.post.text or each.post.summary)[:TEXT_READ]
    return counted(each.post.title, text, each.post.language)


def _with_subjects(vectors: Sequence[Vector], language: str, subjects: Subjects) -> list[Vector]:
    fields = subjects.get(language, ())
    if not fields:
        return [_weightiest(vector) for vector in vectors]
    hints = hinted({word for vector in vectors for word in vector}, language, fields)
    rows = [[0.0] * len(fields) for _ in vectors]
    for row, vector in zip(rows, vectors, strict=True):
        for word, value in vector.items():
            for number, telling in hints[word]:
                row[number] += value * telling
    usual = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    words, about = sqrt(1 / (1 + BY_SUBJECT)), sqrt(BY_SUBJECT / (1 + BY_SUBJECT))
    joined: list[Vector] = []
    for vector, row in zip(vectors, rows, strict=True):
        over = {
            f"({field.name})": value - mean
            for field, value, mean in zip(fields, row, usual, strict=True)
            if value > mean or len(rows) == 1
        }
        joined.append(
            {word: words * value for word, value in _weightiest(vector).items()}
            | {name: about * value for name, value in unit(over).items()}
        )
    return joined


def _weightiest(vector: Vector) -> Vector:
    """Enough of a vector to compare it; the rest costs time and says little."""
    if len(vector) <= MOST_WORDS:
        return vector
    kept = sorted(vector, key=lambda word: (-vector[word], word))[:MOST_WORDS]
    return {word: vector[word] for word in sorted(kept)}
