"""How much a post repeats others: so that an issue of few places does not say one thing again and again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digest.assemble.likeness import Index, Row, counted, index, parted, weighed
from digest.assemble.linking import Table
from digest.assemble.meanings import Meanings, points
from digest.model import Post
from digest.text.similar import Vector

TEXT_READ = 2_000  # characters of a post
FEWEST_WORDS = 12  # different ones: what has less, or a title alone, repeats nothing
COMMON, FEW = 0.4, 10  # of the posts, and posts: a word that more have makes none of them alike
USUAL_MEANT = 0.3  # cosine of meaning that posts of one week have


@dataclass(frozen=True, slots=True)
class Variety:
    """Posts, ready to be compared."""

    words: Sequence[Vector]
    by_word: Index
    meant: Table

    def alike(self, place: int) -> Row:
        """How alike each post is to this one, 0 to 1: by its words or by what it means, whichever is more."""
        worded = self.by_word.likeness(self.words[place])
        meant = (self.meant @ self.meant[place] - USUAL_MEANT) / (1 - USUAL_MEANT)
        alike: Row = np.clip(np.maximum(worded, meant), 0.0, 1.0)
        return alike


def variety(posts: Sequence[Post], meanings: Meanings) -> Variety:
    """The posts ready to be compared; words of two languages have nothing to do with each other."""
    by_language: dict[str, list[int]] = defaultdict(list)
    for place, post in enumerate(posts):
        by_language[post.language].append(place)
    words: list[Vector] = [{}] * len(posts)
    for language, places in by_language.items():
        counts = [counted(posts[place].title, _text(posts[place]), language) for place in places]
        vectors = weighed(parted(counts, language))
        for place, said, vector in zip(places, counts, vectors, strict=True):
            if len(said) >= FEWEST_WORDS:
                words[place] = {f"{language}:{word}": value for word, value in vector.items()}
    return Variety(words, index(words, 2, max(FEW, COMMON * len(posts))), points(posts, meanings))


def _text(post: Post) -> str:
    return (post.text or post.summary)[:TEXT_READ]
