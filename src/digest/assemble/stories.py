"""Posts of several sources that tell the same story.

Two tellings share few words, and the rarest of them are names and numbers: who, where, how many. They are of the
same days. What else is alike (two floods, two trials) shares the common words and differs in these.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, groupby
from math import sqrt

from digest.assemble.likeness import Pair, cosines, linked, weighed
from digest.assemble.window import Material
from digest.model import Post
from digest.text.similar import Vector, fold, stem, vector

TEXT_COMPARED = 4_000  # characters of a post: its subject shows by then
TEXT_OF_STORY = 800  # characters in which a telling says what happened
SAME_DAYS = timedelta(days=4)  # between two tellings of one story
DAILY_LOSS = 0.08  # of likeness, for each day between them
FEWEST_WORDS = 12  # different ones: of less, and so of a title alone, nobody can say that it tells the same
SAME_STORY = 0.08  # likeness from which two posts tell one story: short tellings in other words have no more
FEW_POSTS = 10.0  # among so many, where most words are rare, it takes twice the likeness
NAMES = 3.0  # times as much as shared words, shared names count
OTHER_NAMES = 0.5  # of likeness that is lost where both name others, …
SOME_NAMES = 0.08  # … and none where so much of them is shared
FEWEST_NAMES = 3  # of less, a shared one may be a weekday
LEAST_SHARED = 0.2  # of the likeness of one story: what is below is not worth weighing
USUAL_WORDS = 45  # different ones: longer texts share more by chance
_DAY = timedelta(days=1)

_TELLING = re.compile(r"(?<![^\W_])[^\W_]{2,}")
_WITHIN_SENTENCE = re.compile(r"(?<=[\w,;:)\]] )[^\W_]{2,}")


@dataclass(frozen=True, slots=True)
class Story:
    """A post, and the posts of other sources that tell the same."""

    teller: Material
    others: tuple[Material, ...] = ()


def subject(material: Material) -> Vector:
    """What a post is about: the stems of its title and of the beginning of its text."""
    return vector(f"{material.post.title} {material.post.text[:TEXT_COMPARED]}", material.post.language)


def origin(material: Material) -> tuple[bool, datetime, str]:
    """Sort key of who tells a story: our own source before others, then who published it first."""
    return not material.source.own, material.post.published, material.post.key


def stories(articles: Iterable[Material]) -> tuple[Story, ...]:
    """The articles by the story they tell; most tell one of their own. The order of the input does not matter.

    Two posts of one source are never one story: a source knows what it has told already.
    """
    ordered = sorted(articles, key=origin)
    places = sorted(range(len(ordered)), key=lambda place: ordered[place].source.slug)
    siblings = [list(group) for _, group in groupby(places, key=lambda place: ordered[place].source.slug)]
    apart = (pair for group in siblings for pair in combinations(group, 2))
    found = linked(len(ordered), tellings([each.post for each in ordered]), 1.0, apart)
    return tuple(Story(ordered[first], tuple(ordered[place] for place in others)) for first, *others in found)


def tellings(posts: Sequence[Post], undated: Collection[str] = ()) -> dict[Pair, float]:
    """How likely the posts of each pair tell one story: from 1.0 on they do.

    Args:
        undated: keys of posts whose day is not known: they may be of the days of any other.
    """
    texts = [f"{post.title}. {post.text[:TEXT_OF_STORY]}" for post in posts]
    subjects = [vector(text, post.language) for text, post in zip(texts, posts, strict=True)]
    known = [each if len(each) >= FEWEST_WORDS else {} for each in subjects]
    names = _names(texts, [post.language for post in posts])
    named = cosines(weighed(names))
    least = SAME_STORY * (1 + FEW_POSTS / max(sum(map(bool, known)), 1))
    likely: dict[Pair, float] = {}
    for pair, likeness in cosines(weighed(known)).items():
        if likeness < LEAST_SHARED * least:
            continue
        first, second = pair
        known_days = posts[first].key not in undated and posts[second].key not in undated
        passed = abs(posts[first].published - posts[second].published) if known_days else SAME_DAYS
        if passed <= SAME_DAYS:
            certain = min(1.0, _between(names, pair) / FEWEST_NAMES)
            shared = named.get(pair, 0.0)
            likeness *= (
                1 + NAMES * certain * shared - OTHER_NAMES * certain * max(0.0, 1 - shared / SOME_NAMES)
            )
            likeness *= 1 - DAILY_LOSS * (passed / _DAY)
            likely[pair] = likeness / least / max(1.0, _between(known, pair) / USUAL_WORDS)
    return likely


def _between(vectors: Sequence[Vector], pair: Pair) -> float:
    """How many words the two have, as a (geometric) mean."""
    return sqrt(len(vectors[pair[0]]) * len(vectors[pair[1]]))


def _names(texts: Sequence[str], languages: Sequence[str]) -> list[dict[str, float]]:
    """The names and numbers of each text, as counts.

    A name is a word that some text writes with a capital within a sentence, and that is seldom written small. Where
    all nouns have capitals, they are names: what is common among the texts weighs little.
    """
    large: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for text in texts:
        large.update(word.lower() for word in _WITHIN_SENTENCE.findall(text) if word[0].isupper())
        small.update(word for word in _TELLING.findall(text) if word[0].islower())
    found = []
    for text, language in zip(texts, languages, strict=True):
        telling = {word for word in _TELLING.findall(text) if _is_name(word, large, small)}
        found.append({stem(fold(word), language): 1.0 for word in sorted(telling)})
    return found


def _is_name(word: str, large: Counter[str], small: Counter[str]) -> bool:
    if word.isdigit():
        return True
    times = large[word.lower()]
    return word[0].isupper() and times > 0 and 3 * small[word.lower()] <= times
