"""Posts as vectors of weighed words, and how alike they are: sparse, found by index, the same in any order.

A word weighs the more the fewer of the posts that are compared have it (tf-idf: Salton and Buckley, "Term-weighting
approaches in automatic text retrieval", 1988); every vector has length 1, so that a product is a cosine.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import fsum, log, sqrt

from digest.text.similar import Vector, stem, words

TITLE_COUNTS = 2  # times as much as the text
FEWEST_LETTERS = 3
MOST_SHARED = 100  # posts: a word that more have makes no two of them alike

Pair = tuple[int, int]  # places of two posts in their sequence, the smaller first


def counted(title: str, text: str, language: str) -> dict[str, float]:
    """How often each stem occurs, dampened: 1 + ln n. The title counts twice."""
    found = words(f"{title} " * TITLE_COUNTS + text)
    telling = Counter(word for word in found if len(word) >= FEWEST_LETTERS and not word.isdigit())
    counts: Counter[str] = Counter()
    for word, count in telling.items():
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


def cosines(vectors: Sequence[Vector], most_shared: float = MOST_SHARED) -> dict[Pair, float]:
    """How alike the vectors of each pair are that share a word, common words aside."""
    index: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for place, each in enumerate(vectors):
        for word, value in each.items():
            index[word].append((place, value))
    found: dict[Pair, float] = defaultdict(float)
    for word in sorted(index):
        if len(index[word]) <= most_shared:
            for (first, value), (second, other) in combinations(index[word], 2):
                found[first, second] += value * other
    return found


def linked(
    size: int, alike: Mapping[Pair, float], at_least: float, apart: Iterable[Pair] = ()
) -> list[list[int]]:
    """Average-link clusters of ``size`` posts, each sorted, by their first (Sokal and Michener 1958).

    The two clusters whose posts are most alike on average are joined, again and again, while that is
    ``at_least``; pairs that ``alike`` lacks count as 0. Of equals the first two are joined.

    Args:
        apart: pairs that must never be in one cluster.
    """
    links: list[dict[int, float]] = [{} for _ in range(size)]
    for (first, second), value in alike.items():
        links[first][second] = links[second][first] = value
    barred: list[set[int]] = [set() for _ in range(size)]
    for first, second in apart:
        barred[first].add(second)
        barred[second].add(first)
    members = {place: [place] for place in range(size)}
    queue = [(-value, *pair, 1, 1) for pair, value in alike.items() if value >= at_least]
    heapq.heapify(queue)
    while queue:
        _, first, second, *sizes = heapq.heappop(queue)
        if [len(members.get(first, ())), len(members.get(second, ()))] != sizes or second in barred[first]:
            continue
        _join(first, second, members, links, barred)
        for other, total in sorted(links[first].items()):
            average = total / (len(members[first]) * len(members[other]))
            if average >= at_least:
                low, high = sorted((first, other))
                heapq.heappush(queue, (-average, low, high, len(members[low]), len(members[high])))
    return [sorted(found) for _, found in sorted(members.items())]


def _join(
    first: int,
    second: int,
    members: dict[int, list[int]],
    links: list[dict[int, float]],
    barred: list[set[int]],
) -> None:
    """Make the second cluster part of the first: totals of likeness add up, and what bars one bars both."""
    members[first] += members.pop(second)
    for other, total in links[second].items():
        del links[other][second]
        if other != first:
            links[first][other] = links[other][first] = links[first].get(other, 0.0) + total
    for other in barred[second]:
        barred[other].add(first)
    barred[first] |= barred[second]
