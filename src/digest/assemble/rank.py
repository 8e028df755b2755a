"""Which posts an issue picks, and in which order: an explainable sum, then caps that keep it diverse."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import exp2, log2

import numpy as np

from digest.assemble.meanings import NO_MEANINGS, Meanings
from digest.assemble.themes import Assignment
from digest.assemble.variety import Variety, variety
from digest.assemble.window import Material
from digest.model import ThemeOrigin
from digest.text.similar import extent

HALF_LIFE_DAYS = 7.0  # a post a week old is worth half as much as one of today
MOST_PER_SOURCE = 3
MOST_SHARE = 0.30  # of an issue, for one source
SOURCES_FOR_CAPS = 4  # with fewer sources the caps would only leave the issue empty
CLEAR_FIT = 6.0  # score of an assignment that leaves no doubt: more is no better
REPEATED = 2.0  # what a post loses that says no more than a pick does; in part where it says so in part
LONG_READ = 400  # words, or characters of scripts without spaces

Parts = Sequence[tuple[str, float]]  # what each part of a sum is called, and what it adds

_SAID = {
    "freshness": "for how new it is",
    "richness": "for its quotes, videos, key themes and length",
    "corroboration": "for the other sources that tell the same",
    "fit to theme": "for how well it fits its theme",
    "weight of theme": "for the weight that editors give its theme",
    "weight of source": "for the weight that editors give its source",
    "rarity of source": "for how seldom its source is heard",
}


@dataclass(frozen=True, slots=True)
class Score:
    """A sum that can be explained: what each part is called, and what it adds."""

    parts: Parts

    @property
    def total(self) -> float:
        """The sum, rounded so that it prints and compares alike everywhere."""
        return round(sum(value for _, value in self.parts), 4)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post that may be picked: its theme, what it scores, and who tells the same story."""

    material: Material
    assignment: Assignment
    score: Score
    also_told: tuple[Material, ...] = ()

    @property
    def source(self) -> str:
        """The slug that caps count by."""
        return self.material.source.slug


@dataclass(frozen=True, slots=True)
class Selection:
    """What an issue picks and what is cut, by caps or because it repeats a pick; each in order of rank."""

    picked: tuple[Candidate, ...]
    cut: tuple[Candidate, ...]
    repeats: Mapping[str, Candidate] = field(
        default_factory=dict
    )  # key of what is cut → the pick that it repeats


def score(
    material: Material,
    assignment: Assignment,
    *,
    theme_weight: float,
    source_posts: int,
    also_told: int,
    now: datetime,
) -> Score:
    """What a post is worth to an issue.

    Args:
        theme_weight: the editors' weight of its theme, 1 where it has none.
        source_posts: how many open posts its source has; a rare voice counts for more.
        also_told: how many other sources tell the same story.
    """
    return Score(
        (
            ("freshness", _freshness(material.post.published, now)),
            ("richness", _richness(material)),
            ("corroboration", round(0.2 * min(also_told, 3), 3)),
            ("fit to theme", round(0.5 * min(assignment.score / CLEAR_FIT, 1.0), 3)),
            ("weight of theme", round(log2(theme_weight), 3)),
            ("weight of source", round(log2(material.source.weight), 3)),
            ("rarity of source", round(0.5 / max(source_posts, 1), 3)),
        )
    )


def explained(parts: Parts) -> str:
    """The parts of a sum in one sentence, the greatest first; parts that add nothing are left out.

    Args:
        parts: those of a ``Score``, as stored: names that are no longer in use are told as they are.
    """
    told = sorted((part for part in parts if part[1]), key=lambda part: (-abs(part[1]), part[0]))
    total = round(sum(value for _, value in parts), 2)
    if not told:
        return f"It ranks by a score of {_signed(total)}: nothing speaks for it."
    reasons = ", ".join(
        f"{_signed(value, plus='+')} {_SAID.get(name, 'for ' + name)}" for name, value in told
    )
    return f"It ranks by a score of {_signed(total)}: {reasons}."


def _signed(value: float, plus: str = "") -> str:
    """A number as people read it, with a real minus."""
    return f"{'−' if value < 0 else plus}{abs(value):.2f}"


def _freshness(published: datetime, now: datetime) -> float:
    age = max((now - published).total_seconds(), 0.0) / 86_400
    return round(exp2(-age / HALF_LIFE_DAYS), 3)


def _richness(material: Material) -> float:
    """Up to 1.0: quotes with a name, something to watch, themes the post lists, more than a note."""
    reading = material.reading
    named = sum(1 for quote in reading.quotes if quote.speaker)
    videos = bool(reading.related_videos or reading.embedded_videos or material.post.videos)
    listed = any(theme.origin is ThemeOrigin.LISTED for theme in reading.themes)
    long_read = sum(extent(material.post.text)) >= LONG_READ
    return round(0.1 * min(named, 4) + 0.2 * videos + 0.2 * listed + 0.2 * long_read, 3)


def by_rank(candidate: Candidate) -> tuple[float, float, str]:
    """Sort key: the best first, of equals the newest, then by key."""
    post = candidate.material.post
    return -candidate.score.total, -post.published.timestamp(), post.key


def select(
    candidates: Collection[Candidate], max_picks: int | None, meanings: Meanings = NO_MEANINGS
) -> Selection:
    """At most ``max_picks``, with a place for each theme that has anything, and no source in the foreground.

    From four sources on, a source has at most three picks and 30 % of the issue (but always one). What repeats a pick
    gives way to what does not (maximal marginal relevance: Carbonell and Goldstein 1998). The order of ``candidates``
    does not matter. Without ``max_picks`` all are picked: an editor has chosen them.

    Args:
        meanings: of the posts; what is lacking goes by words.
    """
    ranked = sorted(candidates, key=by_rank)
    if max_picks is None:
        return Selection(tuple(ranked), ())
    cap = max_picks
    if len({candidate.source for candidate in ranked}) >= SOURCES_FOR_CAPS:
        cap = _source_cap(ranked, max_picks)
    compared = variety([each.material.post for each in ranked], meanings)
    picked = sorted(_fill(ranked, max_picks, cap, compared))
    cut = [place for place in range(len(ranked)) if place not in picked]
    return Selection(
        tuple(ranked[place] for place in picked),
        tuple(ranked[place] for place in cut),
        _repeats(ranked, picked, cut, cap, compared),
    )


def _repeats(
    ranked: Sequence[Candidate], picked: Sequence[int], cut: Sequence[int], cap: int, compared: Variety
) -> dict[str, Candidate]:
    """Which pick each post repeats that is cut although it ranks before another pick, and its source has room."""
    taken = Counter(ranked[place].source for place in picked)
    found = {}
    for place in cut:
        has_room = taken[ranked[place].source] < cap or cap >= len(picked)
        if has_room and place < max(picked, default=0):
            alike = compared.alike(place)
            nearest = max(picked, key=lambda pick: (alike[pick], -pick))
            if alike[nearest] > 0:
                found[ranked[place].material.post.key] = ranked[nearest]
    return found


def _source_cap(ranked: Sequence[Candidate], max_picks: int) -> int:
    """The most picks a source may have so that none exceeds its share of the issue that comes of it."""
    posts = Counter(candidate.source for candidate in ranked)
    for cap in range(MOST_PER_SOURCE, 1, -1):
        size = min(max_picks, sum(min(count, cap) for count in posts.values()))
        if cap <= MOST_SHARE * size:
            return cap
    return 1


def _fill(ranked: Sequence[Candidate], most: int, cap: int, compared: Variety) -> set[int]:
    """First a place for each theme, then by rank less what a candidate repeats, within the cap of each source."""
    picked: set[int] = set()
    taken: Counter[str] = Counter()
    repeats = np.zeros(len(ranked))  # how alike each candidate is to the pick that it is most like
    for turn in (*_themes_in_turn(ranked, most), *([range(len(ranked))] * min(most, len(ranked)))):
        free = [place for place in turn if place not in picked and taken[ranked[place].source] < cap]
        if free and len(picked) < most:
            best = max(
                free, key=lambda place: (ranked[place].score.total - REPEATED * repeats[place], -place)
            )
            picked.add(best)
            taken[ranked[best].source] += 1
            repeats = np.maximum(repeats, compared.alike(best))
    return picked


def _themes_in_turn(ranked: Sequence[Candidate], places: int) -> list[list[int]]:
    """The places of the candidates of each theme, as many themes as the issue has places, the best themes.

    Those that fewest sources write about choose first, so that a cap leaves them something.
    """
    by_theme: dict[str, list[int]] = defaultdict(list)
    for place, candidate in enumerate(ranked):
        if candidate.assignment.theme:
            by_theme[candidate.assignment.theme].append(place)
    best = list(by_theme.values())[:places]
    return sorted(best, key=lambda group: len({ranked[place].source for place in group}))
