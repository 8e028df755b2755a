"""Average-link clusters: the two that are most alike on average are joined, again and again (Sokal and Michener 1958).

Found by chains of nearest neighbours (Murtagh, "A survey of recent advances in hierarchical clustering algorithms",
1983), which join the same clusters in a time that grows with the square of their number, not its cube.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Pair = tuple[int, int]  # places of two posts in their sequence, the smaller first
Table = NDArray[np.float64]  # a value for each two posts; as many rows as columns

MOST_AT_ONCE = 1_500  # posts that are compared each with each: 18 MB
_NEVER = -np.inf


def linked(
    size: int, alike: Mapping[Pair, float], at_least: float, apart: Iterable[Pair] = ()
) -> list[list[int]]:
    """Clusters of ``size`` posts that are alike on average ``at_least`` (above 0), each sorted, by their first.

    Of more than ``MOST_AT_ONCE`` that hang together, so many at a time are looked at.

    Args:
        alike: how alike two posts are; pairs that it lacks count as 0.
        apart: pairs that must never be in one cluster.
    """
    near: dict[int, dict[int, float]] = {}
    for (first, second), value in alike.items():
        near.setdefault(first, {})[second] = near.setdefault(second, {})[first] = value
    barred: dict[int, set[int]] = {}
    for first, second in apart:
        barred.setdefault(first, set()).add(second)
        barred.setdefault(second, set()).add(first)
    clusters = []
    for together in _components(size, alike, at_least):
        for start in range(0, len(together), MOST_AT_ONCE):
            part = together[start : start + MOST_AT_ONCE]
            clusters += [[part[place] for place in found] for found in _of_part(part, near, barred, at_least)]
    return sorted(clusters)


def _components(size: int, alike: Mapping[Pair, float], at_least: float) -> list[list[int]]:
    """Posts that hang together by pairs that are alike enough: no cluster reaches beyond them."""
    leader = list(range(size))

    def find(post: int) -> int:
        while leader[post] != post:
            leader[post] = post = leader[leader[post]]
        return post

    for (first, second), value in alike.items():
        if value >= at_least:
            low, high = sorted((find(first), find(second)))
            leader[high] = low
    found: dict[int, list[int]] = {}
    for post in range(size):
        found.setdefault(find(post), []).append(post)
    return list(found.values())


def _of_part(
    posts: Sequence[int],
    near: Mapping[int, Mapping[int, float]],
    barred: Mapping[int, set[int]],
    at_least: float,
) -> list[list[int]]:
    if len(posts) == 1:
        return [[0]]
    place = {post: number for number, post in enumerate(posts)}
    table = np.zeros((len(posts), len(posts)))
    for post, row in place.items():
        for other, value in near.get(post, {}).items():
            if other in place:
                table[row, place[other]] = value
        for other in barred.get(post, ()):
            if other in place:
                table[row, place[other]] = _NEVER
    return linked_table(table, at_least)


def linked_table(alike: Table, at_least: float) -> list[list[int]]:
    """The same from a table, which is used up; its diagonal does not matter, and minus infinity bars two posts."""
    np.fill_diagonal(alike, _NEVER)
    members = {place: [place] for place in range(len(alike))}
    chain: list[int] = []
    unfinished = list(reversed(range(len(alike))))
    done: set[int] = set()
    while chain or unfinished:
        if not chain:
            start = unfinished.pop()
            chain += [] if start in done else [start]
            continue
        last = chain[-1]
        nearest = int(alike[last].argmax())
        likeness = alike[last, nearest]
        if likeness < at_least:  # no later join can bring it nearer to any
            done.add(chain.pop())
            alike[:, last] = _NEVER
        elif len(chain) > 1 and alike[last, chain[-2]] >= likeness:
            low, high = sorted((chain.pop(), chain.pop()))
            _join(alike, low, high, len(members[low]), len(members[high]))
            members[low] += members.pop(high)
            done.add(high)
            unfinished.append(low)
        else:
            chain.append(nearest)
    return sorted(sorted(found) for found in members.values())


def _join(alike: Table, low: int, high: int, size: int, other: int) -> None:
    """Make the second cluster part of the first: averages by size, and never more than the greater of two."""
    joined = (size * alike[low] + other * alike[high]) / (size + other)
    joined = np.minimum(joined, np.maximum(alike[low], alike[high]))
    joined[low] = _NEVER
    alike[low] = alike[:, low] = joined
    alike[high] = alike[:, high] = _NEVER
