"""What a set of posts is about: for each its theme, what it belongs together with, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from statistics import median

from digest.assemble.grouping import Cluster, clusters
from digest.assemble.linking import Pair, linked
from digest.assemble.meanings import NO_MEANINGS, Meanings
from digest.assemble.placing import place
from digest.assemble.stories import tellings
from digest.assemble.subjects import Subjects
from digest.assemble.themes import Assignment
from digest.assemble.window import Material
from digest.model import Theme

FULL_OF_STORIES = 0.3  # the share of posts that tell what another one tells, from which stories are groups, …
STAND_APART = 2.6  # … if each is, at the median, so many times nearer to such a post than to any other


@dataclass(frozen=True, slots=True)
class Outlined:
    """One post. Two belong together when their ``group`` is equal, and tell one story when their ``story`` is."""

    post: str  # key
    theme: str  # slug, or ""
    group: str  # the theme's slug, else a name that is like no slug
    label: str  # what people would call the group, or "" for a post that is like no other
    why: str
    story: str


def outline(
    material: Sequence[Material],
    themes: Sequence[Theme],
    subjects: Subjects,
    undated: Collection[str] = (),
    meanings: Meanings = NO_MEANINGS,
) -> tuple[Outlined, ...]:
    """The posts in their order: those of a theme by it, the others by what they are about.

    Without themes, and where many posts clearly tell what another one tells, the stories are the groups.

    Args:
        undated: keys of posts whose day is not known.
        meanings: of posts and terms (``meanings.texts``); what is lacking goes by words.
    """
    told, clear = _stories(material, undated, meanings)
    if clear and not themes:
        return tuple(_by_story(each, told[each.post.key]) for each in material)
    placed = place(material, themes, (), subjects, meanings)
    rest = clusters([each for each in material if not placed[each.post.key].theme], subjects, meanings)
    grouped = {key: cluster for cluster in rest for key in cluster.keys}
    titles = {theme.slug: theme.title for theme in themes}
    found = []
    for each in material:
        key = each.post.key
        story = _name("story", told[key][0])
        if key in grouped:
            found.append(_by_likeness(each, grouped[key], story))
        else:
            found.append(_by_theme(each, placed[key], titles, story))
    return tuple(found)


def _stories(
    material: Sequence[Material], undated: Collection[str], meanings: Meanings
) -> tuple[dict[str, tuple[Material, ...]], bool]:
    """For each post, by key, all that tell its story, in the order of their keys; and whether that is clear of most."""
    ordered = sorted(material, key=lambda each: each.post.key)
    likely = tellings([each.post for each in ordered], undated, meanings)
    found = linked(len(ordered), likely, 1.0)
    told = {
        ordered[number].post.key: tuple(ordered[other] for other in numbers)
        for numbers in found
        for number in numbers
    }
    return told, _stand_apart(found, likely)


def _stand_apart(found: Sequence[Sequence[int]], likely: Mapping[Pair, float]) -> bool:
    """Whether many posts tell a story with others, and are much nearer to these than to the rest."""
    number = {post: cluster for cluster, posts in enumerate(found) for post in posts}
    inside: dict[int, float] = defaultdict(float)
    outside: dict[int, float] = defaultdict(float)
    for pair, likeness in likely.items():
        nearest = inside if number[pair[0]] == number[pair[1]] else outside
        for post in pair:
            nearest[post] = max(nearest[post], likeness)
    times = [value / max(outside[post], 1e-9) for post, value in inside.items()]
    return len(times) >= FULL_OF_STORIES * len(number) and median(times or [0.0]) >= STAND_APART


def _name(kind: str, first: Material) -> str:
    """A name for a group, from its first post: the same whenever the same posts come."""
    return f"{kind}:{sha256(first.post.key.encode()).hexdigest()[:12]}"


def _by_story(each: Material, telling: Sequence[Material]) -> Outlined:
    story = _name("story", telling[0])
    others = [other.post.title for other in telling if other is not each]
    if not others:
        return Outlined(each.post.key, "", story, "", "No other post tells what it tells.", story)
    why = f"It tells the same as “{others[0]}”."
    return Outlined(each.post.key, "", story, telling[0].post.title, why, story)


def _by_theme(each: Material, found: Assignment, titles: Mapping[str, str], story: str) -> Outlined:
    return Outlined(each.post.key, found.theme, found.theme, titles[found.theme], found.why, story)


def _by_likeness(each: Material, cluster: Cluster, story: str) -> Outlined:
    group = f"group:{cluster.name}" if cluster.name else _name("group", cluster.members[0])
    others = len(cluster.members) - 1
    why = "It is like no other post."
    if others:
        posts = "another post" if others == 1 else f"{others} other posts"
        why = f"It is like {posts}; what they say most is “{cluster.label}”."
    return Outlined(each.post.key, "", group, cluster.label, why, story)
