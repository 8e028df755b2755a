"""Every post of a batch under its theme: first what a rule and the themes' terms say, then what it reads like.

A theme's ten terms stand in half of its posts. What the other half reads like is learned from the batch (``learning``),
beginning with the posts that terms and the words of common subjects (``subjects``) place. The subjects that no theme
borrows compete for the posts: what goes to one of them, or nowhere clearly, has no theme. Each language is learned on
its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, fsum

import numpy as np

from digest.assemble.learning import Learned, learn
from digest.assemble.likeness import counted, parted, weighed
from digest.assemble.linking import Table
from digest.assemble.meanings import NO_MEANINGS, Meanings, about, closest
from digest.assemble.subjects import Subject, Subjects, borrowed, hinted, joined, terms_of
from digest.assemble.themes import LEAST, NO_THEME, Assignment, Claim, by_terms, claims, ruled
from digest.assemble.window import Material
from digest.model import Post, Rule, Theme
from digest.text.similar import Vector, stem, words

TEXT_READ = 2_000  # characters of a post: what it is about shows by then
TERM = 0.5  # log-odds that one point of a claim by terms is worth, …
MOST_CLAIMED = 4.0  # … and so many points at most
OTHERWISE = 4.0  # log-odds that a subject of no theme must be ahead by
HINTS = 7.0  # words of a subject that would fill a post with it
MEANT = 1.0  # times as much as hints of words what a post means counts, …
LEAST_MEANT = 0.05  # … beyond what a post about something else has
MOST_BY_LIKENESS = 3.0  # the score of an assignment that rests on likeness alone
REASONS = 3  # words that an explanation gives


@dataclass(frozen=True, slots=True)
class _Read:
    """A post, ready to be compared."""

    post: Post
    counts: Vector
    claims: list[Claim]
    surface: str  # title and text, to explain with


@dataclass(frozen=True, slots=True)
class _Words:
    """What the words of a language say: for each stem the fields it hints at, by number, and how much."""

    language: str
    hints: Mapping[str, Sequence[tuple[int, float]]]
    fields: int

    def row(self, vector: Vector) -> list[float]:
        """How far the words of a post hint at each field."""
        row = [0.0] * self.fields
        for word, value in vector.items():
            for number, telling in self.hints.get(word, ()):
                row[number] += value * telling / HINTS
        return row

    def hint(self, word: str, field: int) -> float:
        """How far one word hints at one field."""
        return sum(telling for number, telling in self.hints.get(word, ()) if number == field) / HINTS


def place(
    material: Iterable[Material],
    themes: Sequence[Theme],
    rules: Iterable[Rule],
    subjects: Subjects,
    meanings: Meanings = NO_MEANINGS,
) -> dict[str, Assignment]:
    """The theme of each post, by post key. The order of the posts does not matter.

    A rule decides, then a label or key theme by which the post files itself, then its words: a post that a theme's
    terms claim goes to the theme it is most like; one that none claims only where it clearly belongs.

    Args:
        material: the open posts and, to learn from, older ones.
        subjects: the words of common subjects, by language.
        meanings: of posts and terms (``meanings.texts``); what is lacking goes by words.
    """
    live = [theme for theme in themes if not theme.retired]
    ordered = sorted(material, key=lambda each: each.post.key)
    if not live:
        return {each.post.key: NO_THEME for each in ordered}
    rules = tuple(rules)
    decided: dict[str, Assignment] = {}
    by_language: dict[str, list[_Read]] = defaultdict(list)
    for each in ordered:
        read = _read(each, live)
        by_language[each.post.language].append(read)
        if found := ruled(each.post, live, rules) or _filed(read.claims):
            decided[each.post.key] = found
    learned = [_placed(posts, live, subjects, decided, meanings) for _, posts in sorted(by_language.items())]
    return {key: assignment for found in learned for key, assignment in found.items()} | decided


def _read(each: Material, themes: Sequence[Theme]) -> _Read:
    post = each.post
    text = (post.text or post.summary)[:TEXT_READ]
    counts = counted(post.title, text, post.language)
    said = claims(post, each.reading, themes)
    return _Read(post, counts, said, f"{post.title} {text}")


def _filed(found: Sequence[Claim]) -> Assignment | None:
    """The theme that a post's terms say, if it files itself under one by a label or a key theme."""
    if not any(claim.told and claim.score >= LEAST for claim in found):
        return None
    return by_terms(max(found, key=lambda claim: claim.score))


def _placed(
    posts: Sequence[_Read],
    themes: Sequence[Theme],
    subjects: Subjects,
    decided: Mapping[str, Assignment],
    meanings: Meanings,
) -> dict[str, Assignment]:
    """The assignments of posts of one language; of those that are ``decided`` the others learn."""
    language = posts[0].post.language
    fields = _fields(themes, language, subjects.get(language, ()))
    vectors = weighed(parted([each.counts for each in posts], language))
    vocabulary = {word for vector in vectors for word in vector}
    said = _Words(language, hinted(vocabulary, language, fields), len(fields))
    number = {theme.slug: place for place, theme in enumerate(themes)}
    certain = {
        place: number[decided[each.post.key].theme]
        for place, each in enumerate(posts)
        if each.post.key in decided
    }
    worded = np.array([said.row(vector) for vector in vectors])
    meant = _meant([each.post for each in posts], themes, subjects, meanings)
    prior = np.array([_prior(each, len(fields)) for each in posts])
    hints = worded + np.pad(meant, ((0, 0), (0, len(fields) - len(themes))))
    learned = learn(vectors, hints, prior, len(themes), certain)
    assigned = {}
    for place, each in enumerate(posts):
        row = learned.scores[place].tolist()
        best = _best(each.claims, row)
        if best is None:
            assigned[each.post.key] = NO_THEME
        elif each.claims[best].score >= LEAST:
            assigned[each.post.key] = by_terms(each.claims[best])
        else:
            if meant[place, best] > worded[place, best]:
                why = _why_meant(each.post, themes[best], meanings)
            else:
                why = _why(each, themes[best], _telling(vectors[place], best, said, learned))
            odds = fsum(exp(min(value - row[best], 0.0)) for value in row[: len(themes)])
            assigned[each.post.key] = Assignment(themes[best].slug, why, round(MOST_BY_LIKENESS / odds, 3))
    return assigned


def _telling(vector: Vector, theme: int, said: _Words, learned: Learned) -> Vector:
    """How much each word of a post speaks for a theme."""
    return {
        word: value * (learned.telling(word, theme) + said.hint(word, theme))
        for word, value in vector.items()
    }


def _meant(posts: Sequence[Post], themes: Sequence[Theme], subjects: Subjects, meanings: Meanings) -> Table:
    """How far what each post means hints at each theme, or against it; 0 where its meaning is not known."""
    near = about(posts, themes, subjects, meanings)
    return MEANT * np.where(near == 0, 0.0, near - LEAST_MEANT)


def _fields(themes: Sequence[Theme], language: str, subjects: Sequence[Subject]) -> list[Subject]:
    """The words of the subjects that each theme borrows, then the subjects that none borrows."""
    taken = [borrowed(terms_of(theme, language), language, subjects) for theme in themes]
    names = {each.name for found in taken for each in found}
    return [*map(joined, taken), *(each for each in subjects if each.name not in names)]


def _prior(post: _Read, fields: int) -> list[float]:
    by_terms = [TERM * min(claim.score, MOST_CLAIMED) for claim in post.claims]
    return [*by_terms, *([-OTHERWISE] * (fields - len(by_terms)))]


def _best(found: Sequence[Claim], row: Sequence[float]) -> int | None:
    """The number of the theme with the best score.

    None where a post that no terms claim is more like a subject of no theme, or scores below 0.
    """
    open_to = [number for number, claim in enumerate(found) if not claim.refused]
    if not open_to:
        return None
    best = max(open_to, key=lambda number: row[number])
    claimed = any(found[number].score >= LEAST for number in open_to)
    return best if claimed or (row[best] > 0 and row[best] == max(row)) else None


def _why(post: _Read, theme: Theme, telling: Mapping[str, float]) -> str:
    """The words of a post that speak most for a theme, as the post writes them."""
    best = sorted((word for word in telling if telling[word] > 0), key=lambda word: (-telling[word], word))
    spelled = _spellings(post, best[:REASONS])
    named = ", ".join(f"“{spelled[word]}”" for word in best[:REASONS] if word in spelled)
    return (
        f"It reads like the posts under {theme.title}: {named}." if named else f"It reads like {theme.title}."
    )


def _why_meant(post: Post, theme: Theme, meanings: Meanings) -> str:
    """The terms of a theme that a post comes nearest to, where it has none of them."""
    named = " and ".join(f"“{term}”" for term in closest(post, theme, meanings))
    return f"It reads like the posts under {theme.title}: what it says is close to {named}."


def _spellings(post: _Read, wanted: Sequence[str]) -> dict[str, str]:
    """Stems as the words of the post that have them."""
    found: dict[str, str] = {}
    for surface in dict.fromkeys(post.surface.split()):
        for word in words(surface):
            stemmed = stem(word, post.post.language)
            if stemmed in wanted:
                found.setdefault(stemmed, surface.strip(".,;:!?()[]{}\"'«»“”„‘’…–—-"))
    return found
