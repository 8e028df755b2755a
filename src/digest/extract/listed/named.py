"""Whom a heading of key quotes names, and the one person whom a post is about."""

from __future__ import annotations

from collections.abc import Sequence

from digest.extract.listed.fullnames import inflected, resolve
from digest.extract.listed.names import is_article, is_particle, name_at
from digest.extract.listed.titlenames import interviewee
from digest.extract.listed.titles import Title
from digest.extract.words import Grammar, Token, Words, tokens
from digest.text.html import Document

_MOST_WORDS_OF_DESCRIPTION = 5  # words, the name's first included
_FEWEST_WORDS = 8  # of a line that is a paragraph
_BEGINNING = 100  # characters of it, in which the name stands
_INTRODUCES = frozenset(":–—-(,|")


def named_by(title: Title, words: Words, text: str) -> str:
    """The speaker whom a heading of key quotes names, or ``""``.

    "of X in …", "from the interview with X", "X's key quotes", "Interview with X: key quotes"; in languages that
    put no word before the name, what follows the heading where the post names that person elsewhere too.
    """
    return _without_caseless_title(
        _named_after(title.after, words, text) or _named_before(title.before, words, text), text
    )


def _without_caseless_title(name: str, text: str) -> str:
    """Where a script has no capitals, the part of a name that the post repeats, without "the talk of" before it."""
    if not name or name[0].isupper() or text.count(name) > 1:
        return name
    parts = name.split()
    tails = (" ".join(parts[i:]) for i in range(1, len(parts) - 1))
    return next((tail for tail in tails if text.count(tail) > 1), name)


def _named_after(after: str, words: Words, text: str) -> str:
    found = tokens(after)
    grammar = words.grammar
    if name := _owner(found, after, words):
        return name
    name = name_at(found, 0, after, words)
    if name and (after[:1] in _INTRODUCES or _known(name, text) or _is_caseless(name, after)):
        return name
    starts = [
        i + 1
        for connectors in (grammar.by, grammar.with_)
        for i in _where(found, connectors)
        if not _is_inside(found, i, after, words)
    ]
    names = [name for i in starts if (name := name_at(found, i, after, words))]
    if name := next(
        (name for name in names if " " in name and _known(name, text)), _any_known(found, after, words, text)
    ):
        return name
    if names:
        return names[0]
    described = (_described(found, i, after, words) for i in (*starts, 0))
    return next((name for name in described if " " in name or _is_surname(name, words, text)), "")


def _is_surname(name: str, words: Words, text: str) -> bool:
    """Whether one word is a name: the post has a full name that ends with it. "Zitate des Abends" has none."""
    return bool(name) and resolve(name, text, words) != name


def _any_known(found: Sequence[Token], after: str, words: Words, text: str) -> str:
    """A full name anywhere that the post uses elsewhere: "aus dem Vortrag von Ruprecht Sandkuhl"."""
    names = (name_at(found, i, after, words) for i in range(len(found)))
    return next((name for name in names if " " in name and name[0].isupper() and _known(name, text)), "")


def _is_caseless(name: str, after: str) -> bool:
    """Whether a name in a script without capitals is all that follows."""
    return name == after and 2 <= len(name.split()) <= 3 and not name[0].isupper() and not name[0].islower()


def _where(found: Sequence[Token], these: frozenset[str]) -> list[int]:
    return [i for i, token in enumerate(found) if token.folded in these]


def _described(found: Sequence[Token], first: int, text: str, words: Words) -> str:
    """A name behind an article or a description: "of the Prime Minister", "de la maestra Pilar Ordás"."""
    grammar = words.grammar
    for i in range(first, min(len(found), first + _MOST_WORDS_OF_DESCRIPTION)):
        if found[i].folded in grammar.leading and found[i].folded not in grammar.articles:
            return ""
        if name := "" if is_article(found, i, words) else name_at(found, i, text, words):
            return name
    return ""


def _owner(found: Sequence[Token], after: str, words: Words) -> str:
    """ "from Radio Osterfell's interview with X" is about X, "from X's talk" about X."""
    owned = next((i for i, token in enumerate(found) if token.folded.endswith("'s")), None)
    if owned is None:
        return ""
    later = (i for i in _where(found, words.grammar.with_) if i > owned)
    return next((name for i in later if (name := name_at(found, i + 1, after, words))), "")


def _named_before(before: str, words: Words, text: str) -> str:
    """The name at the start, behind "of" or "with", or anywhere: best one that the post uses elsewhere, too."""
    before = before.rstrip(" :–—-|,")
    found = tokens(before)
    connected = [i + 1 for i in sorted(_where(found, words.grammar.by) + _where(found, words.grammar.with_))]
    begun = [i for i in connected if not _is_inside(found, i - 1, before, words)]
    starts = dict.fromkeys((*reversed(begun), *range(len(found))))
    names = [name for i in starts if (name := name_at(found, i, before, words))]
    known = (name for name in names if " " in name and _known(name, text))
    full = (name for name in names if " " in name)
    return next(known, next(full, names[0] if names and _known(names[0], text) else ""))


def _is_inside(found: Sequence[Token], i: int, text: str, words: Words) -> bool:
    """Whether a small word stands inside a name: "Nora de Witt", "Nora Della Vite"."""
    if not i or i + 1 >= len(found) or not text[found[i - 1].start].isupper():
        return False
    return text[found[i].start].isupper() or is_particle(found[i], text, words)


def subject(document: Document, title: str, words: Words, language: str) -> str:
    """The one person whom a post is about, or ``""``.

    Whom the title asks or quotes; else the only name in the first paragraph that the title has, too; else the only
    one there, if the paragraph begins with it: "The retired judge Mira Halden has …".
    """
    if asked := interviewee(title, words, document.text, language):
        return asked
    names = _first_names(document, words, language)
    shared = {tail for name in names if (tail := _shared(name, title))}
    if len(shared) == 1:
        return shared.pop()
    alone = len({name for name in names if not any(name in other for other in names if name != other)}) == 1
    first = next(iter(names), "")
    return first if alone and names[first] and _joins_none(first, words) else ""


def _first_names(document: Document, words: Words, language: str) -> dict[str, bool]:
    """The full names near the beginning of the first paragraph but those of places, and whether they are persons'.

    "The Upper House" is none, as no article stands right before a person; "Odde Harbour Council" is left out.
    """
    texts = (document.words(line) for line in document.lines)
    lead = next((text for text in texts if len(text.split()) >= _FEWEST_WORDS), "")[:_BEGINNING]
    found = tokens(lead)
    grammar, small = words.topics(language)[0], words.key(language).stop
    people = (
        i
        for i, token in enumerate(found)
        if token.folded not in small and not _follows_preposition(found, i, grammar)
    )
    names = {name_at(found, i, lead, words): found[i - 1 : i] for i in people}
    bodies = words.speech(language).organisations
    return {
        name: all(token.folded not in grammar.articles for token in before)
        for name, before in names.items()
        if " " in name and name[0].isupper() and not any(word in bodies for word in name.lower().split())
    }


def _shared(name: str, title: str) -> str:
    """The longest end of a name, of two words at least, that a title has: "Mira Halden" of "Engineer Mira Halden"."""
    parts = name.split()
    tails = (" ".join(parts[i:]) for i in range(len(parts) - 1))
    return next((tail for tail in tails if tail in title), "")


def _follows_preposition(found: Sequence[Token], i: int, grammar: Grammar) -> bool:
    """Whether a name is likely that of a place, or of what somebody is of: "in Port Almeda", "of the Upper Sarn"."""
    before = [token.folded for token in found[max(0, i - 2) : i]]
    if before[-1:] and before[-1] in grammar.articles:
        before = before[:-1]
    return not ((grammar.until | grammar.by) - grammar.and_).isdisjoint(before[-1:])


def _joins_none(name: str, words: Words) -> bool:
    return words.grammar.and_.isdisjoint(token.folded for token in tokens(name))


def _known(name: str, text: str) -> bool:
    """Whether the post names the person elsewhere, perhaps in another case of the language."""
    return text.count(name) > 1 or bool(inflected(name, text))
