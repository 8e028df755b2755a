"""The themes of a post that lists none: its labels, and phrases that come back in its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from digest.extract.keyphrases import key_phrases
from digest.extract.listed.sections import Outline
from digest.extract.owntext import prose
from digest.extract.words import Words
from digest.model import KeyTheme, ThemeOrigin
from digest.text.language import normalise
from digest.text.similar import trail

_MOST_LABELS = 50


def derived_themes(
    outline: Outline,
    words: Words,
    *,
    title: str,
    language: str,
    labels: Iterable[str],
    names: Iterable[str],
) -> tuple[KeyTheme, ...]:
    """The labels of a post, then at most five phrases that occur verbatim in it and say something else.

    Args:
        outline: of the post.
        words: of all languages.
        title: of the post.
        language: of the post (BCP 47 primary tag), or ``""``.
        labels: of the post; of several casings of one, the first is kept.
        names: of who speaks and writes, who are no theme.
    """
    known = _by_stems(labels, language)
    text = "\n".join(prose(outline))
    phrases = key_phrases(text, title=title, words=words, language=language, names=names)
    titles = [*list(known.values())[:_MOST_LABELS], *_new(phrases, known, language)]
    return tuple(KeyTheme(title, "", ThemeOrigin.DERIVED) for title in titles)


def _by_stems(labels: Iterable[str], language: str) -> dict[str, str]:
    """The labels by what they have in common in any casing or number."""
    known: dict[str, str] = {}
    for label in map(normalise, labels):
        if label:
            known.setdefault(trail(label, language) or label.casefold(), label)
    return known


def _new(phrases: Iterable[str], known: Iterable[str], language: str) -> Iterator[str]:
    """The phrases that neither repeat a label, nor stand in one, nor have one in them."""
    said = tuple(known)
    for phrase in phrases:
        own = trail(phrase, language)
        if not any(own in other or other in own for other in said):
            yield phrase
