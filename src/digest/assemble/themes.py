"""Which theme a post belongs to, and why.

A theme's terms are looked for as whole words in four places: the post's title, its labels, the key themes it
lists, and its text. What a post says of itself outweighs what is counted in its prose, and prose counts by its
density: one word in a long post is no subject.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from digest.model import Post, Reading, Rule, RuleKind, Theme, ThemeOrigin
from digest.text.similar import trail

TITLE, LABEL, KEY_THEME = 4.0, 3.0, 2.5  # what a term is worth where it stands
WHOLE = 2.0  # added where a label or key theme is the theme's title or a term, and nothing else
WORDS_PER_HIT = 200  # so many words of text a term must come back in to count 1
MOST_TEXT = 3.0  # what text can add, at most
LEAST = 1.0  # below this a post has no theme
CAPTION_WORDS = 120  # in so short a text one mention is enough


@dataclass(frozen=True, slots=True)
class Assignment:
    """The theme of a post: its slug or "", why in one sentence, and how strongly (0 where there is none)."""

    theme: str
    why: str
    score: float = 0.0


NO_THEME = Assignment("", "None of the themes' terms say what it is about.")


@dataclass(frozen=True, slots=True)
class _Places:
    """A post as trails of stems (``text.similar.trail``)."""

    title: str
    labels: tuple[str, ...]
    key_themes: tuple[str, ...]  # titles and descriptions
    text: str
    words: int

    def told(self) -> Iterator[str]:
        """What the post says of itself."""
        yield self.title
        yield from self.labels
        yield from self.key_themes


@dataclass(frozen=True, slots=True)
class _Finding:
    """One term in one place."""

    value: float
    why: str


def assign(post: Post, reading: Reading, themes: Sequence[Theme], rules: Iterable[Rule]) -> Assignment:
    """The theme a post belongs to; of equals the one that comes first in ``themes``.

    A standing rule for the post's source wins over everything the post says.
    """
    live = [theme for theme in themes if not theme.retired]
    ruled = _ruled(post, live, rules)
    if ruled:
        return Assignment(ruled.slug, f"A rule puts every post of this source under {ruled.title}.", LEAST)
    places = _places(post, reading)
    best = max((_judge(theme, places, post.language) for theme in live), key=_strength, default=NO_THEME)
    return best if best.score >= LEAST else NO_THEME


def _strength(assignment: Assignment) -> float:
    return assignment.score


def _ruled(post: Post, themes: Sequence[Theme], rules: Iterable[Rule]) -> Theme | None:
    slugs = sorted(
        rule.theme
        for rule in rules
        if rule.kind is RuleKind.SOURCE_THEME and not rule.retired and rule.subject == post.source
    )
    return next((theme for theme in themes if theme.slug in slugs), None)


def _places(post: Post, reading: Reading) -> _Places:
    listed = [
        f"{theme.title} {theme.description}" for theme in reading.themes if theme.origin is ThemeOrigin.LISTED
    ]
    derived = [theme.title for theme in reading.themes if theme.origin is ThemeOrigin.DERIVED]
    text = trail(post.text or post.summary, post.language)
    return _Places(
        trail(post.title, post.language),
        tuple(trail(label, post.language) for label in dict.fromkeys((*post.labels, *derived))),
        tuple(trail(theme, post.language) for theme in listed),
        text,
        text.count("  ") + 1,
    )


def _judge(theme: Theme, places: _Places, language: str) -> Assignment:
    """How strongly a theme claims a post. Each term counts in each place once, and in the text by density."""
    terms = _terms(theme, language)
    found = [finding for term in terms for finding in _told(term, _trail(term, language), places)]
    hits = {term: count for term in terms if (count := places.text.count(_trail(term, language)))}
    if _refused(theme, places, language, len(found) + sum(hits.values())):
        return NO_THEME
    if hits:
        found.append(_in_text(hits, places.words))
    if not found:
        return NO_THEME
    score = theme.weight * sum(finding.value for finding in found)
    return Assignment(theme.slug, max(found, key=lambda finding: finding.value).why, round(score, 3))


def _terms(theme: Theme, language: str) -> tuple[str, ...]:
    """The theme's title and terms, with those of the post's language, or of all where it is unknown."""
    local = [
        term
        for tag, terms in theme.terms_by_language
        if not language or tag.partition("-")[0] == language
        for term in terms
    ]
    by_trail: dict[str, str] = {}
    for term in (theme.title, *theme.terms, *local):
        by_trail.setdefault(_trail(term, language), term)
    by_trail.pop("", None)
    return tuple(by_trail.values())


@lru_cache(maxsize=10_000)
def _trail(term: str, language: str) -> str:
    return trail(term, language)


def _told(term: str, needle: str, places: _Places) -> Iterator[_Finding]:
    """Where the post says of itself that it is about the term."""
    if needle in places.title:
        yield _Finding(TITLE, f"“{term}” stands in its title.")
    if any(needle in label for label in places.labels):
        whole = needle in places.labels
        yield _Finding(
            LABEL + WHOLE * whole,
            f"It carries the label “{term}”." if whole else f"“{term}” stands in one of its labels.",
        )
    if any(needle in theme for theme in places.key_themes):
        yield _Finding(KEY_THEME, f"It lists “{term}” among its key themes.")


def _in_text(hits: dict[str, int], words: int) -> _Finding:
    mentions = sum(hits.values())
    value = float(min(mentions, MOST_TEXT)) if words <= CAPTION_WORDS else mentions * WORDS_PER_HIT / words
    telling = " and ".join(f"“{term}”" for term in sorted(hits, key=lambda term: -hits[term])[:2])
    times = "once" if mentions == 1 else f"{mentions} times"
    return _Finding(
        min(value, MOST_TEXT), f"{telling} {'stands' if len(hits) == 1 else 'stand'} in its text, {times}."
    )


def _refused(theme: Theme, places: _Places, language: str, hits: int) -> bool:
    """Whether the theme's *not* terms rule it out: said by the post of itself, or as frequent as its terms."""
    unwanted = [needle for term in theme.not_terms if (needle := _trail(term, language))]
    if any(needle in place for needle in unwanted for place in places.told()):
        return True
    return 0 < hits <= sum(places.text.count(needle) for needle in unwanted)
