"""What a group of posts is called that formed by itself: words of its own posts, as they write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise
from math import log

from digest.assemble.subjects import Subjects
from digest.assemble.window import Material
from digest.model import ThemeOrigin
from digest.text.similar import fold, stem

TEXT_READ = 2_000  # characters of a post
FEWEST_LETTERS = 4  # of a word in a phrase
LONGEST = 60  # characters of a name
_NOT_RARE = 0.01  # what a name is worth that every post has

_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_WITHIN_SENTENCE = re.compile(r"[\w,;:] $")
_LETTERS = re.compile(r"[^\W_]+")

_Said = Sequence[Collection[str]]  # what each post of a group says


def labels(groups: Sequence[Sequence[Material]], subjects: Subjects) -> list[str]:
    """What people would call each group: the key theme that its posts list, else a label that two of them carry, else
    a phrase that two of them have, else a title. What is said everywhere names nothing. "" for a single post.
    """
    many = [group for group in groups if len(group) > 1]
    listed = _commonest([[_listed(each) for each in group] for group in many], fewest=1)
    carried = _commonest([[each.post.labels for each in group] for group in many], fewest=2)
    spoken = _commonest([[_phrases(each, subjects) for each in group] for group in many], fewest=2)
    named = (
        first or second or third or group[0].post.title
        for group, first, second, third in zip(many, listed, carried, spoken, strict=True)
    )
    return [next(named) if len(group) > 1 else "" for group in groups]


def names(found: Sequence[str]) -> list[str]:
    """A name for each label, fit for addresses; a label that comes again gets a number, and "" stays ""."""
    result: list[str] = []
    times: Counter[str] = Counter()
    for label in found:
        name = "-".join(_LETTERS.findall(fold(label)))[:LONGEST].strip("-")
        times[name] += 1
        result.append(f"{name}--{times[name]}" if name and times[name] > 1 else name)
    return result


def _commonest(groups: Sequence[_Said], fewest: int) -> list[str]:
    """For each group what most of its posts say and few others do, as it is written most often.

    "" where fewer than ``fewest`` say the same; of equals what is longer.
    """
    posts = [_counted(group) for group in groups]
    everywhere = sum(posts, Counter[str]())
    total = sum(len(group) for group in groups)
    result = []
    for group, counts in zip(groups, posts, strict=True):
        worth = {
            name: count * (_NOT_RARE + log(total / everywhere[name]))
            for name, count in counts.items()
            if count >= fewest
        }
        best = min(worth, key=lambda name: (-worth[name], -len(name), name), default="")
        result.append(_spelled(group, best))
    return result


def _counted(group: _Said) -> Counter[str]:
    """In how many posts each name stands, whatever its case and accents."""
    return Counter(
        folded
        for said in group
        for folded in {fold(name) for name in said if len(name) <= LONGEST}
        if folded.strip()
    )


def _spelled(group: _Said, folded: str) -> str:
    spellings = Counter(name for said in group for name in said if fold(name) == folded)
    return min(spellings, key=lambda name: (-spellings[name], name), default="")


def _listed(each: Material) -> list[str]:
    return [theme.title for theme in each.reading.themes if theme.origin is ThemeOrigin.LISTED]


def _phrases(each: Material, subjects: Subjects) -> set[str]:
    """The names in a post and the words that a common subject knows, and two of them that stand together."""
    language = each.post.language
    fields = subjects.get(language, ())
    text = f"{each.post.title}\n{(each.post.text or each.post.summary)[:TEXT_READ]}"
    found = []
    for match in _WORD.finditer(text):
        word = match[0]
        if len(word) >= FEWEST_LETTERS and (
            _is_name(text, match) or any(stem(fold(word), language) in field.hints for field in fields)
        ):
            found.append(match)
    pairs = (
        text[first.start() : second.end()]
        for first, second in pairwise(found)
        if text[first.end() : second.start()] == " "
    )
    return {*(match[0] for match in found), *pairs}


def _is_name(text: str, match: re.Match[str]) -> bool:
    """Whether a word has a capital within a sentence."""
    start = match.start()
    return text[start].isupper() and _WITHIN_SENTENCE.search(text, max(0, start - 2), start) is not None
