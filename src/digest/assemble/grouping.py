"""What no theme takes, grouped with its like.

Posts are alike by their words and, beside them, by the common subjects (``subjects``) that their words belong to, and
by what they mean where that is known (``meanings``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum, sqrt
from statistics import median
from zlib import crc32

import numpy as np

from digest.assemble.likeness import cosines, counted, index, parted, unit, weighed
from digest.assemble.linking import MOST_AT_ONCE, Table, linked_table
from digest.assemble.meanings import NO_MEANINGS, Meanings, apart, points
from digest.assemble.naming import labels, names
from digest.assemble.subjects import Subjects, hinted
from digest.assemble.window import Material
from digest.model import Post
from digest.text.similar import Vector, stems

TEXT_READ, TITLE_READ = 2_000, 300  # characters of a post
ALIKE = 0.06  # average likeness from which posts are one group
MOST_WORDS = 80  # of a post, the weightiest
FEW_POSTS = 6.0  # among so many, where most words are rare, it takes twice the likeness
BY_TITLE = 0.2  # what the words of the title count beside those of title and text
BY_SUBJECT = 0.5  # what likeness by subject counts beside likeness by words, at most, …
ONE_SUBJECT, MANY_SUBJECTS = (
    0.25,
    0.55,
)  # … by how far half of the posts are from the average one: in a feed about
# one thing, what is left of its subjects is chance
MEANT = 0.3  # what likeness of meaning counts beside that of words and subjects, …
MEANT_ALONE = 1.0  # … and where no subjects are known for a language
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


def clusters(
    material: Iterable[Material], subjects: Subjects, meanings: Meanings = NO_MEANINGS
) -> tuple[Cluster, ...]:
    """The posts by what they are about, in an order of their own: the input's order does not matter."""
    posts = sorted(material, key=lambda each: each.post.key)
    vectors, meant = _vectors(posts, subjects), _meant([each.post for each in posts], subjects, meanings)
    groups = [
        [posts[place] for place in places]
        for places in _grouped(vectors, meant, [each.post.key for each in posts])
    ]
    called = labels(groups, subjects)
    return tuple(map(Cluster, names(called), called, map(tuple, groups)))


def _grouped(vectors: Sequence[Vector], meant: Table, keys: Sequence[str]) -> list[list[int]]:
    """Places of posts that are alike. Of very many, some are grouped, and the others join them where they fit.

    Which some does not depend on what the posts say, nor on their order.
    """
    common = max(_FEW, _COMMON * len(vectors))
    least = _least(len(vectors))
    waiting = sorted(range(len(vectors)), key=lambda place: crc32(keys[place].encode()))
    groups: list[list[int]] = []
    while waiting:
        taken, waiting = waiting[:MOST_AT_ONCE], waiting[MOST_AT_ONCE:]
        alike = cosines([vectors[place] for place in taken], common) + meant[taken] @ meant[taken].T
        found = linked_table(alike, least)
        formed = [[taken[place] for place in places] for places in found]
        waiting = _joining(vectors, meant, formed, waiting, least)
        groups += formed
    return sorted(map(sorted, groups))


def _joining(
    vectors: Sequence[Vector],
    meant: Table,
    groups: Sequence[list[int]],
    waiting: Sequence[int],
    least: float,
) -> list[int]:
    """Add what waits to the group that it is most like on average; what is like none still waits."""
    centres = index([_average([vectors[place] for place in group]) for group in groups])
    middles = np.array([meant[group].mean(axis=0) for group in groups])
    left = []
    for place in waiting:
        likeness = centres.likeness(vectors[place]) + middles @ meant[place]
        best = int(likeness.argmax())
        if likeness[best] >= least:
            groups[best].append(place)
        else:
            left.append(place)
    return left


def _average(vectors: Sequence[Vector]) -> Vector:
    total: dict[str, float] = defaultdict(float)
    for each in vectors:
        for word, value in each.items():
            total[word] += value / len(vectors)
    return total


def _least(posts: int) -> float:
    return ALIKE * (1 + FEW_POSTS / max(posts, 1))


def _meant(posts: Sequence[Post], subjects: Subjects, meanings: Meanings) -> Table:
    """Points of meaning, whose products are what it adds to the likeness of two posts."""
    weights = [MEANT if post.language in subjects else MEANT_ALONE for post in posts]
    found: Table = apart(points(posts, meanings)) * np.sqrt(weights)[:, None]
    return found


def _vectors(posts: Sequence[Material], subjects: Subjects) -> list[Vector]:
    """The words of each post and, as further words, its subjects; of two languages nothing is alike."""
    by_language: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(posts):
        by_language[each.post.language].append(place)
    vectors: list[Vector] = [{}] * len(posts)
    for language, places in by_language.items():
        read = _read([posts[place] for place in places])
        for place, vector in zip(places, _with_subjects(read, language, subjects), strict=True):
            vectors[place] = {f"{language}:{word}": value for word, value in vector.items()}
    return vectors


def _read(posts: Sequence[Material]) -> list[Vector]:
    """The words of posts of one language, weighed; those of its title have a share of their own."""
    titles = [_titled(each.post) for each in posts]
    counts = [
        {
            **counted(each.post.title, (each.post.text or each.post.summary)[:TEXT_READ], each.post.language),
            **dict.fromkeys(pairs, 1.0),
        }
        for each, (_, pairs) in zip(posts, titles, strict=True)
    ]
    return [
        _with_title(vector, {*words, *pairs})
        for vector, (words, pairs) in zip(
            weighed(parted(counts, posts[0].post.language)), titles, strict=True
        )
    ]


def _titled(post: Post) -> tuple[list[str], list[str]]:
    """The words of a title, also two by two: a series or an event is told by words that stand together."""
    found = stems(post.title[:TITLE_READ], post.language)
    return found, [f"{first} {second}" for first, second in pairwise(found)]


def _with_title(vector: Vector, titled: Collection[str]) -> Vector:
    title = unit({word: value for word, value in vector.items() if word in titled})
    whole, own = sqrt(1 - BY_TITLE), sqrt(BY_TITLE)
    return unit({word: whole * value + own * title.get(word, 0.0) for word, value in vector.items()})


def _with_subjects(vectors: Sequence[Vector], language: str, subjects: Subjects) -> list[Vector]:
    """The vectors and, in as far as the posts differ in their subjects, these."""
    fields = subjects.get(language, ())
    about = _about(
        vectors, hinted({word for vector in vectors for word in vector}, language, fields), len(fields)
    )
    strength = [sqrt(fsum(value * value for value in row)) for row in about]
    telling = BY_SUBJECT * min(1.0, max(0.0, median(strength) - ONE_SUBJECT) / (MANY_SUBJECTS - ONE_SUBJECT))
    of_words, of_subjects = sqrt(1 / (1 + telling)), sqrt(telling / (1 + telling))
    joined: list[Vector] = []
    for vector, row in zip(vectors, about, strict=True):
        spoken = unit({f"({field.name})": value for field, value in zip(fields, row, strict=True) if value})
        joined.append(
            {word: of_words * value for word, value in _weightiest(vector).items()}
            | {name: of_subjects * value for name, value in spoken.items()}
        )
    return joined


def _about(
    vectors: Sequence[Vector], hints: Mapping[str, Sequence[tuple[int, float]]], fields: int
) -> list[list[float]]:
    """How much more than the others each post is about each subject."""
    rows = [[0.0] * fields for _ in vectors]
    for row, vector in zip(rows, vectors, strict=True):
        for word, value in vector.items():
            for number, telling in hints.get(word, ()):
                row[number] += value * telling
    if len(rows) == 1:
        return rows
    usual = [fsum(column) / len(rows) for column in zip(*rows, strict=True)]
    return [[max(0.0, value - mean) for value, mean in zip(row, usual, strict=True)] for row in rows]


def _weightiest(vector: Vector) -> Vector:
    """Enough of a vector to compare it; the rest costs time and says little."""
    if len(vector) <= MOST_WORDS:
        return vector
    kept = sorted(vector, key=lambda word: (-vector[word], word))[:MOST_WORDS]
    return {word: vector[word] for word in sorted(kept)}
