"""Topics: what an "On …:" over quotes or before one names."""

from __future__ import annotations

from digest.extract.headings import bare
from digest.extract.listed.names import looks_like_name, person
from digest.extract.words import Phrase, Words, tokens

_MOST_WORDS = 6


def topic(text: str, words: Words, *languages: str) -> str:
    """A topic heading without ornaments and without "On": "corruption" of "On corruption:"."""
    heading = bare(text)
    found = tokens(heading)
    folded = tuple(token.folded for token in found)
    for grammar in words.topics(*languages):
        if size := _longest(folded, grammar.on):
            return heading[_before_quote(heading, found[size].start) :].strip()
        if size := _longest(folded[::-1], frozenset(phrase[::-1] for phrase in grammar.on_after)):
            return heading[: found[-size - 1].end].strip()
    return heading


def _before_quote(heading: str, start: int) -> int:
    """A topic that begins with a quotation mark keeps it: On "independence"."""
    return start if heading[start - 1].isspace() or heading[start - 1] in "'’" else start - 1


def _longest(folded: Phrase, phrases: frozenset[Phrase]) -> int:
    sizes = (size for size in range(min(len(folded) - 1, 5), 0, -1) if folded[:size] in phrases)
    return next(sizes, 0)


def speaker_on(text: str, words: Words, post: str, *languages: str) -> tuple[str, str] | None:
    """The person and the topic of "Mira Halden on the press", where the post names that person elsewhere too."""
    heading = bare(text)
    found = tokens(heading)
    for grammar in words.topics(*languages):
        for i in range(1, min(len(found), _MOST_WORDS)):
            before = heading[: found[i].start].strip()
            name = before.rstrip(",") if looks_like_name(before.rstrip(","), words) else person(before, words)
            if not (size := _longest(tuple(token.folded for token in found[i:]), grammar.on)):
                continue
            if looks_like_name(name, words) and (before.endswith(",") or post.count(name) > 1):
                return name, heading[found[i + size].start :].strip()
    return None
