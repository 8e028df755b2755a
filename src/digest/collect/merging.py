"""Whether an entry with an id that we have not seen is a post that we know: after a move, or in a second source.

Ids change when a blog goes from http to https, to another host or to another system. Such an entry is a known post
when its title, its address or its date is the same **and** its text is alike; a title alone is never enough, for
every issue of a column may have the same one. In another source it is a known post when both give the same id,
one that is unique in the world (RFC 4151 tags, URNs, addresses, ids of YouTube), and title, address or text agree.
Every decision has a reason, a person can undo it, and two entries of one document are never one post.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice

from digest.model import Entry, Post, PostKind
from digest.text.similar import words
from digest.text.traces import link_trace, title_trace
from digest.text.videos import key

ALIKE = 0.6  # of the shorter text's runs of words, where address or date is the same
ALIKE_BY_TITLE = 0.9  # of all runs of both, where only the title is the same
RUN = 3  # words
FEWEST_RUNS = 20  # of less, two texts are alike only when they are the same
COMPARED = 20  # posts at most that share one thing with an entry: a column may have had one title for years
_LONGEST = 10_000  # characters; what comes after would not change the answer

_Trait = tuple[str, str | datetime | None]  # ("title", its trace) and the like
_Index = dict[_Trait, list[tuple[Post, frozenset[_Trait]]]]

_GLOBAL = re.compile(r"(?:tag|urn|yt|https?):\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Match:
    """The post that an entry is, and a sentence on how we know."""

    key: str
    reason: str
    strength: float = 1.0  # of the evidence, to choose among several


def is_global(identity: str) -> bool:
    """Whether an id is made to be unique in the world, so that two sources that give it mean the same thing."""
    return _GLOBAL.fullmatch(identity) is not None


def matches(source: str, entries: Sequence[Entry], candidates: Iterable[Post]) -> Mapping[str, Match]:
    """Which of one document's unknown entries are posts that we know, by ``entry.id``.

    Args:
        source: the slug of the source that gave the document.
        entries: the unknown ones, as ``identity.identified`` gave them.
        candidates: posts that may be meant, of this and of other sources; none that another entry of the same
            document is known to be.
    """
    index = _index(candidates)
    if not index:
        return {}
    found = [
        (found.strength, entry.id, found)
        for entry in entries
        for post, agreed in _comparable(entry, index)
        if (found := _decided(source, entry, post, agreed))
    ]
    chosen: dict[str, Match] = {}
    taken: set[str] = set()
    for _, identity, best in sorted(found, key=lambda each: (-each[0], each[1])):
        if identity not in chosen and best.key not in taken:
            chosen[identity] = best
            taken.add(best.key)
    return chosen


def match(source: str, entry: Entry, candidates: Iterable[Post]) -> Match | None:
    """The candidate that an unknown entry is, or None: ``matches`` for a document of one entry."""
    return matches(source, [entry], candidates).get(entry.id)


def _traits(each: Entry | Post) -> frozenset[_Trait]:
    """What may be the same in an entry and the post that it is; what is empty is left out."""
    traits: list[_Trait] = [
        ("id", each.id if isinstance(each, Entry) else each.guid),
        ("title", title_trace(each.title)),
        ("address", link_trace(each.url)),
        ("date", each.published),
        ("video", _own_video(each)),
    ]
    return frozenset(trait for trait in traits if trait[1])


def _index(candidates: Iterable[Post]) -> _Index:
    """The candidates by each of their traits, the newest first."""
    index: _Index = defaultdict(list)
    for post in sorted(candidates, key=lambda post: post.published, reverse=True):
        traits = _traits(post)
        for trait in traits:
            index[trait].append((post, traits))
    return index


def _comparable(entry: Entry, index: _Index) -> Iterator[tuple[Post, set[str]]]:
    """The posts that have something in common with an entry, and what that is; of each trait the newest few."""
    ours = _traits(entry)
    sharing = {
        post.key: (post, {name for name, _ in ours & theirs})
        for trait in ours
        for post, theirs in islice(index.get(trait, ()), COMPARED)
    }
    return iter(sharing.values())


def _decided(source: str, entry: Entry, post: Post, agreed: set[str]) -> Match | None:
    if _other_thing(entry, post):
        return None
    if post.source != source:
        return _in_another_source(entry, post, agreed)
    return _under_another_id(entry, post, agreed - {"id"})


def _own_video(each: Entry | Post) -> str:
    """The video that a post of a channel is; ``""`` for an article, whatever it embeds."""
    if each.kind is not PostKind.VIDEO or not each.videos:
        return ""
    return ":".join(key(each.videos[0]))


def _other_thing(entry: Entry, post: Post) -> bool:
    """A video and an article, or two videos: the texts under all videos of a channel may be the same."""
    ours, theirs = _own_video(entry), _own_video(post)
    return entry.kind is not post.kind or bool(ours and theirs and ours != theirs)


def _in_another_source(entry: Entry, post: Post, agreed: set[str]) -> Match | None:
    same = agreed & {"title", "address", "video"}
    alike = _likeness(entry.text, post.text, {"id"}) is not None
    if "id" not in agreed or not is_global(entry.id) or not (same or alike):
        return None
    too = f"the same id and {_listed(same)}" if same else "the same id, and a text that is alike"
    return Match(post.key, f"The source {post.source} gives it too: {too}.", 1 + len(same))


def _under_another_id(entry: Entry, post: Post, agreed: set[str]) -> Match | None:
    likeness = _likeness(entry.text, post.text, agreed) if agreed else None
    if likeness is None:
        return None
    text = "" if "video" in agreed else f", and {_percent(likeness)}"
    return Match(
        post.key, f"Its id was {post.guid}: the same {_listed(agreed)}{text}.", len(agreed) + likeness
    )


def _likeness(text: str, known: str, agreed: set[str]) -> float | None:
    """How alike two texts are, 0 to 1, where that is enough beside what agrees; else None.

    Short texts must be the same, and more than one thing must agree with them: "Here are this week's links." What
    is written under a video does not matter.
    """
    if "video" in agreed:
        return 1.0
    ours, theirs = _runs(text), _runs(known)
    if min(len(ours), len(theirs)) < FEWEST_RUNS:
        return 1.0 if len(agreed) > 1 and words(text) == words(known) else None
    common = len(ours & theirs)
    by_title = agreed == {"title"}
    share = common / (len(ours | theirs) if by_title else min(len(ours), len(theirs)))
    return share if share >= (ALIKE_BY_TITLE if by_title else ALIKE) else None


@lru_cache(maxsize=2 * COMPARED)
def _runs(text: str) -> frozenset[int]:
    """The runs of words in a text, each as its hash: they are compared within this process only."""
    found = words(text[:_LONGEST])
    runs = zip(*(islice(found, start, None) for start in range(RUN)), strict=False)
    return frozenset(map(hash, runs))


def _listed(agreed: set[str]) -> str:
    *others, last = sorted(agreed, key=["video", "title", "address", "date"].index)
    return f"{', '.join(others)} and {last}" if others else last


def _percent(likeness: float) -> str:
    return "the same words" if likeness == 1 else f"{likeness:.0%} of the words in the same order"
