"""What a group of posts is called that formed by itself: words of its own posts, as they write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from math import log

from digest.assemble.phrases import LONGEST, best, wordings
from digest.assemble.subjects import Subjects
from digest.assemble.window import Material
from digest.model import ThemeOrigin
from digest.text.similar import fold

_NOT_RARE = 0.01  # what a name is worth that every post has
TELLING = 1.5  # times as often in a group as everywhere: what a label must be, to name one of several groups

_LETTERS = re.compile(r"[^\W_]+")

_Said = Sequence[Collection[str]]  # what each post of a group says


def labels(groups: Sequence[Sequence[Material]], subjects: Subjects) -> list[str]:
    """What people would call each group: the key theme that its posts list, else a label that two of them carry, else
    a phrase that two of them have (``phrases``), else a title. What is said everywhere names nothing. "" for a single
    post.
    """
    many = [group for group in groups if len(group) > 1]
    if not many:
        return [""] * len(groups)
    single = [each for group in groups if len(group) == 1 for each in group]
    listed = _commonest([[_listed(each) for each in group] for group in many], [], fewest=1)
    carried = _commonest(
        [[_carried(each) for each in group] for group in many], [_carried(each) for each in single], fewest=2
    )
    said = iter(wordings([*single, *(each for group in many for each in group)], subjects))
    alone = [next(said) for _ in single]
    spoken = best([[next(said) for _ in group] for group in many], subjects, alone)
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


def _commonest(groups: Sequence[_Said], alone: _Said, fewest: int) -> list[str]:
    """For each group what most of its posts say and few others do, as it is written most often.

    "" where fewer than ``fewest`` say the same, or nothing tells a group from the others; of equals what is longer.
    """
    posts = [_counted(group) for group in groups]
    everywhere = sum(posts, _counted(alone))
    total = sum(len(group) for group in groups) + len(alone)
    result = []
    for group, counts in zip(groups, posts, strict=True):
        worth = {
            name: count * (_NOT_RARE + log(total / everywhere[name]))
            for name, count in counts.items()
            if count >= fewest
            and (len(group) == total or count / len(group) >= TELLING * everywhere[name] / total)
        }
        name = min(worth, key=lambda name: (-worth[name], -len(name), name), default="")
        result.append(_spelled(group, name))
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


def _carried(each: Material) -> list[str]:
    """Its labels, with spaces where a machine put something else."""
    return [label.replace("_", " ").strip() for label in each.post.labels]
