"""Which theme a post belongs to, and why.

A theme's terms are looked for as whole words in four places: the post's title, its labels, the key themes it
lists, and its text. What a post says of itself outweighs what is counted in its prose, and prose counts by its
density: one word in a long post is no subject.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from digest.assemble.subjects import terms_of
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
    told: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """How strongly a theme's terms claim a post: 0 for not at all, and ``refused`` where its *not* terms say no.

    ``told`` where the post files itself under the theme, by a label or a key theme that it lists.
    """

    theme: str
    score: float = 0.0
    why: str = ""
    told: bool = False
    refused: bool = False


def assign(post: Post, reading: Reading, themes: Sequence[Theme], rules: Iterable[Rule]) -> Assignment:
    """The theme that a rule or the themes' terms say; of equals the one that comes first in ``themes``.

    A standing rule for the post's source wins over everything the post says.
    """
    if found := ruled(post, themes, rules):
        return found
    best = max(claims(post, reading, themes), key=lambda claim: claim.score, default=None)
    return by_terms(best) if best and best.score >= LEAST else NO_THEME


def by_terms(claim: Claim) -> Assignment:
    """An assignment for the reason that a claim gives."""
    return Assignment(claim.theme, claim.why, claim.score)


def ruled(post: Post, themes: Sequence[Theme], rules: Iterable[Rule]) -> Assignment | None:
    """What a standing rule says of every post of this source, if there is one."""
    slugs = {
        rule.theme
        for rule in rules
        if rule.kind is RuleKind.SOURCE_THEME and not rule.retired and rule.subject == post.source
    }
    theme = next((theme for theme in themes if theme.slug in slugs and not theme.retired), None)
    if theme is None:
        return None
    return Assignment(theme.slug, f"A rule puts every post of this source under {theme.title}.", LEAST)


def claims(post: Post, reading: Reading, themes: Sequence[Theme]) -> list[Claim]:
    """What each theme's terms say of a post, in the order of ``themes``, those that are retired left out."""
    places = _places(post, reading)
    return [_judge(theme, places, post.language) for theme in themes if not theme.retired]


def _places(post: Post, reading: Reading) -> _Places:
    listed = [
        f"{theme.title} {theme.description}" for theme in reading.themes if theme.origin is ThemeOrigin.LISTED
    ]
    text = trail(post.text or post.summary, post.language)
    return _Places(
        trail(post.title, post.language),
        tuple(trail(label, post.language) for label in dict.fromkeys(post.labels)),
        tuple(trail(theme, post.language) for theme in listed),
        text,
        text.count("  ") + 1,
    )


def _judge(theme: Theme, places: _Places, language: str) -> Claim:
    """How strongly a theme claims a post. Each term counts in each place once, and in the text by density."""
    terms = _terms(theme, language)
    found = [finding for term in terms for finding in _told(term, _trail(term, language), places)]
    hits = {term: count for term in terms if (count := places.text.count(_trail(term, language)))}
    if _refused(theme, places, language, len(found) + sum(hits.values())):
        return Claim(theme.slug, refused=True)
    if hits:
        found.append(_in_text(hits, places.words))
    if not found:
        return Claim(theme.slug)
    score = theme.weight * sum(finding.value for finding in found)
    why = max(found, key=lambda finding: finding.value).why
    return Claim(theme.slug, round(score, 3), why, any(finding.told for finding in found))


def _terms(theme: Theme, language: str) -> tuple[str, ...]:
    """The theme's title and terms for a language, each once."""
    by_trail: dict[str, str] = {}
    for term in terms_of(theme, language):
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
            told=True,
        )
    if any(needle in theme for theme in places.key_themes):
        yield _Finding(KEY_THEME, f"It lists “{term}” among its key themes.", told=True)


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
