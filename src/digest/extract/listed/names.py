"""Names: what in a line looks like one, and where it begins and ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from digest.extract.words import Token, Words, tokens
from digest.text.language import normalise

MOST_WORDS_OF_ROLE = 14  # "— Ilse Varga, marine biologist at the station of Port Almeda"
_MOST_WORDS = 6
_ENDS_NAME = re.compile(r"[,;:()\[\]|/•·“”„«»\"]|\s[–—-]\s|(?<=\w{5})\.\s")


def person(text: str, words: Words) -> str:
    """The person in "Minister Aldo Kress, health" or "marine biologist Ilse Varga": the first run of capitals.

    A description in small letters before the name goes, an article too; titles with a capital are part of the name
    as the post gives it. Where the capitals are only those of a place ("the harbour master of Port Almeda"), or there
    is none, the whole is returned, if it is short.
    """
    parts = [part.strip() for part in _ENDS_NAME.split(text.strip())[:3] if part.strip()]
    if not parts:
        return ""
    described = any(_is_small(token, parts[0], words) for token in tokens(parts[0]))
    named = (part for part in parts[1:] if described and looks_like_name(part, words))
    return _first_capitals(next(named, parts[0]), words)


def _is_small(token: Token, text: str, words: Words) -> bool:
    return text[token.start].islower() and token.folded not in words.grammar.particles


def _first_capitals(part: str, words: Words) -> str:
    """The first run of capitals; of one word before a description the next: "Rotary chairwoman Dilys Merrow"."""
    found = tokens(part)
    skipped = int(len(found) > 1 and is_article(found, 0, words))
    runs = list(_runs(found, skipped, part, words))
    if not runs or (runs[0][0] > skipped and _is_led(found, runs[0][0], words)):
        return part[found[skipped].start :] if 0 < len(found) <= _MOST_WORDS + skipped else ""
    full = (run for run in runs if run[1] - run[0] > 1 and not _is_led(found, run[0], words))
    first, last = runs[0] if runs[0][1] - runs[0][0] > 1 else next(full, runs[0])
    return _possessor(part[found[first].start : found[last - 1].end])


def _runs(found: Sequence[Token], first: int, part: str, words: Words) -> Iterator[tuple[int, int]]:
    """Where words with capitals and particles between them stand."""
    start: int | None = None
    for i in range(first, len(found) + 1):
        if i < len(found) and not _is_small(found[i], part, words):
            start = i if start is None and part[found[i].start].isupper() else start
        elif start is not None:
            last = i
            while part[found[last - 1].start].islower():
                last -= 1
            yield start, last
            start = None


def _is_led(found: Sequence[Token], i: int, words: Words) -> bool:
    """Whether a word is behind "of", "in" or the like."""
    before = {token.folded for token in found[max(0, i - 1) : i]}
    return not (words.grammar.by | words.grammar.until).isdisjoint(before)


def looks_like_name(text: str, words: Words, *, cased: bool = True) -> bool:
    """Two to five capitalised words and particles and nothing else: perhaps a person, perhaps a title.

    Without ``cased`` words of a script that has no capitals will do.
    """
    found = tokens(text)
    if not 2 <= len(found) <= 5 or _ENDS_NAME.search(text) or text.rstrip()[-1:] in ".!?…":
        return False
    initials = [text[token.start] for token in found]
    ends = (initials[0], initials[-1])
    if not all(
        initial.isupper() or (not cased and initial.isalpha() and not initial.islower()) for initial in ends
    ):
        return False
    return not any(_is_small(token, text, words) for token in found)


def names_first(text: str, words: Words, *, cased: bool = True) -> bool:
    """Whether a short line begins with a name: "Ilse Varga, marine biologist", "Gus Tolliver"."""
    name = text.partition(",")[0].strip(" .—–-")
    return looks_like_name(name, words, cased=cased) and len(text.split()) <= MOST_WORDS_OF_ROLE


def name_at(found: Sequence[Token], first: int, text: str, words: Words) -> str:
    """The name that begins at a word, or ``""``: capitalised words and particles, or words of a script without case."""
    last = first
    while last < min(len(found), first + _MOST_WORDS) and _may_stand(found, first, last, text, words):
        last += 1
    while last > first and is_particle(found[last - 1], text, words):
        last -= 1
    return _possessor(text[found[first].start : found[last - 1].end]) if last > first else ""


def _may_stand(found: Sequence[Token], first: int, i: int, text: str, words: Words) -> bool:
    """Whether word ``i`` can stand in a name that begins at word ``first``."""
    token = found[i]
    if not text[token.start].isalpha():
        return False
    if i > first:
        ended = _ENDS_NAME.search(text, found[i - 1].end, token.start + 1)
        if ended or found[i - 1].folded.endswith("'s"):
            return False
        if is_particle(token, text, words):
            return True
    is_initial = text[token.start].isupper() and text[token.start + 1 : token.start + 2] == "."
    return is_initial or not (text[token.start].islower() or token.folded in words.grammar.until)


def is_particle(token: Token, text: str, words: Words) -> bool:
    """Whether a word is a small one inside names, such as "von"."""
    return token.folded in words.grammar.particles and text[token.start].islower()


def _possessor(name: str) -> str:
    """The name without the mark of possession."""
    name = re.sub(r"['’][sS]$", "", normalise(name))
    return name.rstrip("'’")


def is_article(found: Sequence[Token], i: int, words: Words) -> bool:
    """Whether word ``i`` is an article of any language."""
    return i < len(found) and found[i].folded in words.grammar.articles
