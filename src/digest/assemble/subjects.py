"""The vocabulary of common subjects, and what an editor's theme borrows of it.

Ten terms seldom stand in a post that is about them. The files ``templates/subjects/LANG.toml`` list the words of
what news and blogs write about; a theme whose terms come from one of these subjects borrows its words as weak hints.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from digest.assemble.likeness import COMPOUNDING
from digest.model import Theme
from digest.text.similar import stem, stems, words

LEAST_SHARE = 0.3  # of a theme's words that a subject has, so that the theme may borrow its words
BESIDE_BEST = 0.5  # and of what its best subject has
SHORTEST_HEAD = 5  # letters of the word at the end of a compound ("Bundesligatrainer") that stands for it

Hints = Mapping[str, float]  # stem → how telling it is, 1 where no other subject has it


@dataclass(frozen=True, slots=True)
class Subject:
    """The words of one subject in one language."""

    name: str
    hints: Hints


Subjects = Mapping[str, Sequence[Subject]]  # by language, a BCP 47 primary tag
NO_SUBJECTS: Subjects = MappingProxyType({})


def read(files: Mapping[str, Mapping[str, object]]) -> Subjects:
    """Subjects from what the files say: language → subject → its words. What is no text is passed over."""
    return {
        language: _subjects(language, {name: said for name, said in file.items() if isinstance(said, str)})
        for language, file in sorted(files.items())
    }


def _subjects(language: str, said: Mapping[str, str]) -> tuple[Subject, ...]:
    stemmed = {
        name: sorted({stem(word, language) for word in words(text)}) for name, text in sorted(said.items())
    }
    shared = Counter(word for found in stemmed.values() for word in found)
    return tuple(Subject(name, {word: 1 / shared[word] for word in found}) for name, found in stemmed.items())


def joined(subjects: Sequence[Subject]) -> Subject:
    """Several subjects as one."""
    hints: dict[str, float] = {}
    for each in subjects:
        for word, value in each.hints.items():
            hints[word] = min(1.0, hints.get(word, 0.0) + value)
    return Subject(" ".join(each.name for each in subjects), hints)


def borrowed(theme_terms: Sequence[str], language: str, subjects: Sequence[Subject]) -> list[Subject]:
    """The subjects that a theme's terms come from, most telling first; none where they come from nowhere."""
    own = {word for term in theme_terms for word in stems(term, language)}
    shares = {each.name: len(own & each.hints.keys()) / max(len(own), 1) for each in subjects}
    least = max(LEAST_SHARE, BESIDE_BEST * max(shares.values(), default=0.0))
    found = [each for each in subjects if shares[each.name] >= least]
    return sorted(found, key=lambda each: (-shares[each.name], each.name))


def terms_of(theme: Theme, language: str) -> tuple[str, ...]:
    """A theme's title and terms, with those of a language, or of all languages where it is unknown."""
    local = [
        term
        for tag, terms in theme.terms_by_language
        if not language or tag.partition("-")[0] == language
        for term in terms
    ]
    return (theme.title, *theme.terms, *local)


def hinted(
    vocabulary: Iterable[str], language: str, fields: Sequence[Subject]
) -> dict[str, list[tuple[int, float]]]:
    """Which of the subjects each stem hints at, by number, and how much; stems that hint at none are left out.

    Where a language joins words, one that no subject knows hints at what the head of the compound does.
    """
    known: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, each in enumerate(fields):
        for word, value in each.hints.items():
            known[word].append((number, value))
    compounds = language in COMPOUNDING
    found = {}
    for word in vocabulary:
        head = word if word in known or not compounds else _head(word, known)
        if head in known:
            found[word] = known[head]
    return found


def _head(word: str, known: Container[str]) -> str:
    """The longest known word at the end of a compound, or ""."""
    heads = (word[start:] for start in range(SHORTEST_HEAD - 1, len(word) - SHORTEST_HEAD + 1))
    return next((head for head in heads if head in known), "")
