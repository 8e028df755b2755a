"""Signatures and speech verbs: who is named beside a quotation."""

from __future__ import annotations

import re
from itertools import pairwise

from digest.extract.listed.names import MOST_WORDS_OF_ROLE, looks_like_name, names_first, person
from digest.extract.words import Words, fold, tokens
from digest.text.language import normalise

_MOST_WORDS_OF_CASELESS = 3
_AROUND_NAME = " \u00a0,.:،—–"
_DASHES = "—–-―‒−~"
_SIGNED_IN_BRACKETS = re.compile(r"\(([^()]{3,90})\)\.?$")


def signed(text: str, words: Words, *, sure: bool = False) -> str:
    """The name in a signature ("— Ilse Varga, marine biologist", "(Käte Solms)"), or ``""`` if it is none.

    Args:
        text: what may be a signature.
        words: of all languages.
        sure: the markup says that it is one (cite, footer, figcaption), so it needs no dash.
    """
    stripped = normalise(text)
    dashed = stripped[:1] in _DASHES and stripped[:1] != ""
    in_brackets = stripped[:1] == "(" and stripped.rstrip(".")[-1:] == ")"
    inside = stripped.strip(_DASHES + " ") if not in_brackets else stripped.rstrip(".").strip("() ")
    if not (dashed or in_brackets or sure) or not inside or len(inside.split()) > MOST_WORDS_OF_ROLE:
        return ""
    if in_brackets and not _names_somebody(inside, words):
        return ""
    if tokens(inside)[:1] and tokens(inside)[0].folded in words.grammar.said:
        return attributed(inside, words)  # "– said Jo Brask", but "– said with a smile"
    if ends_sentence(inside):
        return ""
    return person(inside, words)


def ends_sentence(text: str) -> bool:
    """Whether a text ends as sentences do, and not with an initial: "Jo B."."""
    return text[-1:] in set("!?…:;") or (text[-1:] == "." and not re.search(r"\b\w\.$", text))


def _names_somebody(text: str, words: Words) -> bool:
    """Whether words in brackets can be a signature: not "(from the steps, at noon)", not "(laughs)"."""
    found = tokens(text)
    if not found:
        return False
    grammar = words.grammar
    if found[0].folded in grammar.until and found[0].folded not in grammar.articles:
        return False
    initials = [text[token.start] for token in found]
    if not initials[0].isalpha():
        return False  # a time, a page
    pairs = pairwise(initials)
    return not initials[0].islower() or any(a.isupper() and b.isupper() for a, b in pairs)


def attributed(text: str, words: Words) -> str:
    """The name next to a verb of speech, as in ", said Mira Halden," and "Jo Brask said"; ``""`` for a pronoun."""
    found = tokens(text)
    verbs = [i for i, token in enumerate(found) if token.folded in words.grammar.said]
    if not verbs or len(found) > MOST_WORDS_OF_ROLE:
        return ""
    first, last = verbs[0], verbs[-1]
    sides = [side.strip(_AROUND_NAME) for side in (text[found[last].end :], text[: found[first].start])]
    if not any(map(str.isupper, text)) and not any(map(str.islower, text)):  # a script without capitals
        return next((side for side in sides if looks_like_name(side, words, cased=False)), "")
    names = (person(side, words) for side in sides if any(map(str.isupper, side)))
    return next(
        (name for name in names if name[:1].isupper() and fold(name) not in words.grammar.fillers), ""
    )


def _may_sign(text: str, words: Words) -> bool:
    """Whether words behind a dash begin with a name; of a script without capitals only a few can."""
    short = len(text.split()) <= _MOST_WORDS_OF_CASELESS and not ends_sentence(text)
    return names_first(text, words) or (short and names_first(text, words, cased=False))


def signed_end(text: str, words: Words) -> tuple[int, str]:
    """Where the words of a quotation without marks end, and the name behind: "It is patient — Mira Halden".

    The whole length and ``""`` where no name stands at its end.
    """
    for dash in ("—", "–", "―", " - "):
        head, found, tail = text.rpartition(dash)
        if found and head.strip() and _may_sign(tail.strip(), words) and (name := signed(f"—{tail}", words)):
            return len(head.rstrip()), name
    match = _SIGNED_IN_BRACKETS.search(text, max(0, len(text) - 95))
    if match and match.start() and names_first(match[1], words) and (name := signed(match.group(), words)):
        return len(text[: match.start()].rstrip()), name
    return len(text), ""
