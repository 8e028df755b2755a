"""The words that tell a post from others: the few by which an archive of any size finds what is like it.

A post is found again by its most telling words, each weighed by how rare it is in the archive (TF-IDF; Spärck Jones,
"A statistical interpretation of term specificity", 1972), so that looking for what resembles it asks an index for a
few words and reads no other post.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt

from digest.assemble.subjects import terms_of
from digest.model import Theme
from digest.text.similar import Vector, stems, vector, weigh

TEXT_COMPARED = 4_000  # characters of a post: its subject shows by then
TERMS_KEPT = 12
OF_THEME = 0.05  # what a word of its theme weighs, beside telling words that have up to 1


def words_of(title: str, text: str, language: str) -> Vector:
    """What a post says first, as stems with how often each comes."""
    return vector(f"{title} {text[:TEXT_COMPARED]}", language)


def telling(words: Vector, counts: Mapping[str, int], total: int, most: int = TERMS_KEPT) -> dict[str, float]:
    """The most telling words of a post, the weightiest first; the squares of all its words' weights add up to 1.

    Args:
        counts: in how many posts of the archive each word occurs.
        total: how many posts the archive has.
    """
    weighed = weigh(words, counts, max(total, 1))
    length = sqrt(sum(value * value for value in weighed.values())) or 1.0
    best = sorted(weighed.items(), key=lambda item: (-item[1], item[0]))[:most]
    return {word: round(value / length, 4) for word, value in best}


def with_theme(found: Mapping[str, float], theme: Theme | None, language: str) -> dict[str, float]:
    """Telling words, and faintly the words of a theme: older posts of the theme are found where nothing else is."""
    terms: Iterable[str] = terms_of(theme, language) if theme else ()
    single = [each[0] for each in (stems(term, language) for term in terms) if len(each) == 1]
    return {**dict.fromkeys(single, OF_THEME), **found}
