"""What posts are about, as vectors, and posts of several sources that tell the same story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.assemble.window import Material
from digest.text.similar import Vector, document_counts, near, vector, weigh

TEXT_COMPARED = 4_000  # characters of a post: its subject shows by then
SAME_DAYS = timedelta(days=4)  # between two tellings of one story
FEWEST_WORDS = 12  # different ones: of less, and so of a title alone, nobody can say that it tells the same
TELLING_WORDS = 8  # the weightiest of a post; two tellings of one story share some of them


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
    subjects = _weighed([subject(each) for each in ordered])
    tellings: dict[int, list[Material]] = {}
    index: dict[str, list[int]] = defaultdict(list)  # telling word → numbers of tellers
    for number, each in enumerate(ordered):
        words = _telling(subjects[number])
        known = sorted({teller for word in words for teller in index[word]})
        for teller in known:
            if _tells(each, tellings[teller]) and near(subjects[teller], subjects[number]):
                tellings[teller].append(each)
                break
        else:
            tellings[number] = [each]
            for word in words:
                index[word].append(number)
    return tuple(Story(first, tuple(others)) for first, *others in tellings.values())


def _weighed(subjects: Sequence[Vector]) -> list[Vector]:
    counts = document_counts(subjects)
    return [weigh(each, counts, len(subjects)) for each in subjects]


def _telling(words: Vector) -> list[str]:
    """The words by which a telling is found again; none where it is too short."""
    if len(words) < FEWEST_WORDS:
        return []
    return sorted(words, key=lambda word: (-words[word], word))[:TELLING_WORDS]


def _tells(each: Material, telling: Sequence[Material]) -> bool:
    """Whether a post can be one more telling: of another source, and of the same days."""
    sources = {other.source.slug for other in telling}
    return (
        each.source.slug not in sources and abs(each.post.published - telling[0].post.published) <= SAME_DAYS
    )
