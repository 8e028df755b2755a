"""What posts and themes mean: vectors of texts, made by an encoder elsewhere. Near are texts that say alike in any words.

Words are what the rest of this stage compares; two languages share none, and two writers few. A sentence encoder that
was trained on many languages (Yang and others, "Multilingual universal sentence encoder for semantic retrieval", 2020)
gives each text a point, whatever language it is in. Here the points come as a mapping, so that the same input gives the
same issue; what it lacks is compared by words alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from digest.assemble.linking import Table
from digest.assemble.subjects import Subjects, terms_of
from digest.model import Post, Theme

TITLE_READ, TEXT_READ = 300, 600  # characters of a post: an encoder forgets the beginning of longer ones
_LARGEST = 127  # 8-bit number
CLOSEST = 2  # terms that an explanation gives

Point = bytes  # a direction: 8-bit numbers, whose scale does not matter
Row = NDArray[np.float32]  # the same with length 1
Meanings = Mapping[str, Row]  # by the text that was encoded
NO_MEANINGS: Meanings = MappingProxyType({})


def packed(found: Iterable[float]) -> Point:
    """A direction in a quarter of the room: cosines stay within 0.005."""
    row = np.asarray(found, dtype=np.float64)
    largest = float(np.abs(row).max(initial=0.0)) or 1.0
    return np.rint(row * (_LARGEST / largest)).astype(np.int8).tobytes()


def unpacked(found: Mapping[str, Point]) -> Meanings:
    """The points by their texts, ready to be compared."""
    return {text: _unpacked(point) for text, point in found.items()}


def _unpacked(point: Point) -> Row:
    row = np.frombuffer(point, dtype=np.int8).astype(np.float32)
    return row / (np.linalg.norm(row) or np.float32(1.0))


def text_of(post: Post) -> str:
    """What of a post is encoded."""
    return f"{post.title[:TITLE_READ]}. {(post.text or post.summary)[:TEXT_READ]}"


def texts(
    posts: Iterable[Post], themes: Iterable[Theme], subjects: Subjects, languages: Iterable[str]
) -> tuple[str, ...]:
    """All that is to be encoded for an issue, each text once: the posts in these languages, terms, names of subjects."""
    themes, known = tuple(themes), sorted(set(languages))
    found: list[str] = [text_of(post) for post in posts if post.language in known]
    found += [term for theme in themes for language in known for term in terms_of(theme, language)]
    return tuple(dict.fromkeys([*found, *_usual(subjects)]))


def _usual(subjects: Subjects) -> list[str]:
    """The names of the common subjects: what a text about anything is somewhat like."""
    return sorted({each.name for fields in subjects.values() for each in fields})


def points(posts: Iterable[Post], meanings: Meanings) -> Table:
    """A row for each post; of zeros, which are like nothing, where its meaning is not known."""
    return _rows(map(text_of, posts), meanings)


def _rows(wanted: Iterable[str], meanings: Meanings) -> Table:
    size = next((len(row) for row in meanings.values()), 0)
    nothing = np.zeros(size, dtype=np.float32)
    found = [meanings.get(text, nothing) for text in wanted]
    return np.array(found, dtype=np.float64).reshape(len(found), size)


def apart(found: Table) -> Table:
    """The same points seen from their middle, at length 1: what all of them share tells none from another."""
    moved = np.zeros_like(found)
    known = np.flatnonzero(np.linalg.norm(found, axis=1))
    if len(known) > 1:
        moved[known] = found[known] - found[known].mean(axis=0)
    lengths: Table = np.linalg.norm(moved, axis=1, keepdims=True)
    lengths[lengths == 0] = 1.0
    moved /= lengths
    return moved


def about(posts: Sequence[Post], themes: Sequence[Theme], subjects: Subjects, meanings: Meanings) -> Table:
    """How much nearer each post, all of one language, is to each theme's terms than to common subjects on average.

    A column for each theme, on the scale of a cosine; 0 where the meaning of a post or of a theme is not known.
    """
    found = points(posts, meanings)
    usual = found @ _middle(_usual(subjects), meanings, found.shape[1])
    near = np.zeros((len(posts), len(themes)))
    for column, theme in enumerate(themes):
        terms = [term for term in terms_of(theme, posts[0].language) if term in meanings]
        if terms:
            near[:, column] = found @ _direction(_rows(terms, meanings)) - usual
    return near


def closest(post: Post, theme: Theme, meanings: Meanings) -> list[str]:
    """The terms of a theme that a post is nearest to, the nearest first."""
    own = meanings[text_of(post)]
    near = {term: float(meanings[term] @ own) for term in terms_of(theme, post.language) if term in meanings}
    return sorted(near, key=lambda term: (-near[term], term))[:CLOSEST]


def _direction(found: Table) -> NDArray[np.float64]:
    middle: NDArray[np.float64] = found.mean(axis=0)
    return middle / (np.linalg.norm(middle) or 1.0)


def _middle(wanted: Iterable[str], meanings: Meanings, size: int) -> NDArray[np.float64]:
    found = [meanings[text] for text in wanted if text in meanings]
    return np.mean(found, axis=0, dtype=np.float64) if found else np.zeros(size)
