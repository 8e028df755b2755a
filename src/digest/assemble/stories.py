"""Posts of several sources that tell the same story.

Two tellings share few words, and the rarest of them are names and numbers: who, where, how many. They are of the
same days. What else is alike (two floods, two trials) shares the common words and differs in these.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, groupby
from math import nan

import numpy as np

from digest.assemble.likeness import Index, Row, index, parted, weighed
from digest.assemble.linking import Pair, Table, linked
from digest.assemble.meanings import NO_MEANINGS, Meanings, points
from digest.assemble.window import Material
from digest.model import Post
from digest.text.similar import Vector, fold, stem, vector

TEXT_COMPARED = 4_000  # characters of a post: its subject shows by then
TEXT_OF_STORY = 800  # characters in which a telling says what happened
SAME_DAYS = 4.0  # at most, between two tellings of one story
DAILY_LOSS = 0.08  # of likeness, for each day between them
FEWEST_WORDS = 12  # different ones: of less, and so of a title alone, nobody can say that it tells the same
SAME_STORY = 0.08  # likeness from which two posts tell one story: short tellings in other words have no more
FEW_POSTS = 10.0  # among so many it takes twice the likeness
NAMES = 3.0  # times as much as shared words, shared names count
OTHER_NAMES = 0.5  # of likeness that is lost where both name others, …
SOME_NAMES = 0.08  # … and none where so much of them is shared
FEWEST_NAMES = 3  # of less, a shared one may be a weekday
LEAST_SHARED = 0.1  # of the likeness of one story: what is below counts as nothing
MOST_LIKELY = 200  # other posts that each is held against
USUAL_WORDS = 45  # different ones: longer texts share more by chance
MEANT = 4.0  # times as much as likeness of one story likeness of meaning counts, …
USUAL_MEANT = 0.3  # … beyond what the reports of one week have; and against, below it
_DAY = 86_400  # seconds

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


def stories(articles: Iterable[Material], meanings: Meanings = NO_MEANINGS) -> tuple[Story, ...]:
    """The articles by the story they tell; most tell one of their own. The order of the input does not matter.

    Two posts of one source are never one story: a source knows what it has told already.

    Args:
        meanings: of the articles; what is lacking goes by words.
    """
    ordered = sorted(articles, key=origin)
    places = sorted(range(len(ordered)), key=lambda place: ordered[place].source.slug)
    siblings = [list(group) for _, group in groupby(places, key=lambda place: ordered[place].source.slug)]
    apart = (pair for group in siblings for pair in combinations(group, 2))
    found = linked(len(ordered), tellings([each.post for each in ordered], (), meanings), 1.0, apart)
    return tuple(Story(ordered[first], tuple(ordered[place] for place in others)) for first, *others in found)


def tellings(
    posts: Sequence[Post], undated: Collection[str] = (), meanings: Meanings = NO_MEANINGS
) -> dict[Pair, float]:
    """How likely the posts of each pair tell one story: from 1.0 on they do. Of each post the likeliest pairs.

    Args:
        undated: keys of posts whose day is not known: they may be of the days of any other.
        meanings: of the posts; what is lacking goes by words.
    """
    texts = [f"{post.title}. {post.text[:TEXT_OF_STORY]}" for post in posts]
    known = _words(texts, [post.language for post in posts])
    names = _names(texts, [post.language for post in posts])
    subjects, named = weighed(known), weighed(names)
    compared = _Compared(
        subjects,
        named,
        index(subjects, fewest=2),
        index(named, fewest=2),
        np.sqrt([len(each) for each in known]),
        np.sqrt([len(each) for each in names]),
        np.array([nan if post.key in undated else post.published.timestamp() / _DAY for post in posts]),
        _meant(posts, known, meanings),
        SAME_STORY * _caution(sum(map(bool, known))),
    )
    likely: dict[Pair, float] = {}
    for place in range(len(posts)):
        row = compared.likely(place)
        for other in _likeliest(row):
            if other != place:
                likely[min(place, other), max(place, other)] = float(row[other])
    return likely


def _caution(posts: int) -> float:
    """How many times as alike two of so few posts must be: where most words are rare, sharing them says less."""
    few = FEW_POSTS / max(posts, 1)
    return 1 + min(few, few * few)


def _words(texts: Sequence[str], languages: Sequence[str]) -> list[Vector]:
    """The words of each text, and the parts of compounds; nothing of a text that is too short to tell a story."""
    found: list[Vector] = [{}] * len(texts)
    for language in sorted(set(languages)):
        places = [place for place, other in enumerate(languages) if other == language]
        counts = parted([vector(texts[place], language) for place in places], language)
        for place, each in zip(places, counts, strict=True):
            found[place] = each if len(each) >= FEWEST_WORDS else {}
    return found


def _likeliest(row: Row) -> list[int]:
    """The places of what is likely at all, the most likely where they are many."""
    found = np.flatnonzero(row >= LEAST_SHARED)
    if len(found) > MOST_LIKELY:
        found = found[np.argsort(-row[found], kind="stable")[:MOST_LIKELY]]
    return [int(place) for place in found]


@dataclass(frozen=True, slots=True)
class _Compared:
    """Posts, ready to be compared."""

    subjects: Sequence[Vector]
    names: Sequence[Vector]
    by_subject: Index
    by_name: Index
    words_root: Row  # of how many different words each has
    names_root: Row
    days: Row  # when each was published; not a number where nobody knows
    meant: Table  # points of meaning; zeros where nothing is known
    least: float  # likeness of words from which two tell the same

    def likely(self, place: int) -> Row:
        """How likely each tells what this one does; 0 where nothing is shared or the days are others."""
        alike = self.by_subject.likeness(self.subjects[place])
        certain = np.minimum(1.0, self.names_root * self.names_root[place] / FEWEST_NAMES)
        shared = self.by_name.likeness(self.names[place])
        others = np.maximum(0.0, 1 - shared / SOME_NAMES)
        named = 1 + certain * (NAMES * shared - OTHER_NAMES * others)
        passed = np.nan_to_num(np.abs(self.days - self.days[place]), nan=SAME_DAYS)
        near = (passed <= SAME_DAYS) * (1 - DAILY_LOSS * passed)
        wordy = np.maximum(1.0, self.words_root * self.words_root[place] / USUAL_WORDS)
        worded = alike * named / (self.least * wordy)
        found: Row = near * (worded + self._meant(place))
        return found

    def _meant(self, place: int) -> Row:
        """What the meanings say for one story, or against it; 0 where one of the two is not known."""
        cosines: Row = self.meant @ self.meant[place]
        return np.where(cosines == 0, 0.0, MEANT * (cosines - USUAL_MEANT))


def _meant(posts: Sequence[Post], known: Sequence[Vector], meanings: Meanings) -> Table:
    """The points of the posts; none of those whose words are too few."""
    found = points(posts, meanings)
    found[[not each for each in known]] = 0.0
    return found


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
    names = {word for word, times in large.items() if 3 * small[word] <= times}
    found = []
    for text, language in zip(texts, languages, strict=True):
        telling = {word for word in _TELLING.findall(text) if _is_name(word, names)}
        found.append({stem(fold(word), language): 1.0 for word in sorted(telling)})
    return found


def _is_name(word: str, names: Collection[str]) -> bool:
    """Whether a word is a number, or one of the names with a capital."""
    return word.isdigit() or (word[0].isupper() and word.lower() in names)
