"""What stands in quotation marks and was said by nobody: titles of works, names, the words of signs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.extract.prose.clauses import (
    COMMAS,
    SENTENCE_ENDS,
    forms_of,
    last_sentence,
    sentence_break,
    speaks,
    words_of,
)
from digest.extract.speechwords import Speech
from digest.model import Span
from digest.text.html import Line

_YEAR = re.compile(r"[”»“\"’]?,? \((?:[^()]{0,40}\D)?(?:1[5-9]|20)\d\d\b")
_PARTS = frozenset(SENTENCE_ENDS + ";)”»")
_LOOK = 120  # characters around the marks
_FEW = 3  # words
_NEAR = 50  # characters in which the words before a title stand
_FEWEST_CAPITALS = 2  # words with a capital behind the first: "Eleven Ways to Leave a Port"
_LONGEST_SMALL = 4  # letters of a word that a title writes small
_LONGEST_TITLE = 14  # words


def names_something(text: str, line: Line, outer: Span, inner: Span, speech: Speech) -> bool:
    """Whether words in marks are a title, a name or what is written on a thing, rather than speech.

    Args:
        text: of the whole post.
        line: on which they stand.
        outer: where they stand, with their marks.
        inner: where they stand, without them.
        speech: the words of the language.
    """
    before = text[max(line.start, outer[0] - _LOOK) : outer[0]]
    behind = text[outer[1] : min(line.end, outer[1] + _LOOK)]
    words = text[inner[0] : inner[1]]
    if not before.strip() and words[-1:] in SENTENCE_ENDS:
        return False
    if _is_on_sign(before, speech):
        return True
    if text[inner[1] : inner[1] + 1] in COMMAS or behind[:1] in COMMAS:
        ends = sentence_break(behind, speech)
        if speaks(behind[:ends], speech) and not _is_titled(words, speech):
            return False  # "In the film, “we wanted no heroes,” she says."
    if not words[:1].islower() and (_leads_to_title(before, words, speech) or _YEAR.match(behind)):
        return True
    return _is_titled(words, speech) or (
        _is_set_apart(line, outer, inner) and words[-1:] not in SENTENCE_ENDS
    )


def _leads_to_title(before: str, words: str, speech: Speech) -> bool:
    """Whether a noun that has a title, or "entitled", stands right before the mark, or before its comma or colon."""
    forms, sign = forms_of(before[-_NEAR:]), before.rstrip()[-1:]
    if not forms or sign in _PARTS:
        return False
    if sign == ":" and (words[-1:] in SENTENCE_ENDS or speaks(last_sentence(before, speech), speech)):
        return False
    near = range(max(0, len(forms) - (_FEW if sign in COMMAS or sign == ":" else 1)), len(forms))
    named = any(tuple(forms[-size:]) in speech.named for size in range(1, 5))
    return named or any(forms[i] in speech.works or speech.named.at(forms, i) for i in near)


def _is_on_sign(before: str, speech: Speech) -> bool:
    """Whether words stand on a thing: "a banner that read “…”", "had a sign above the till: “…”", "It reads “…”"."""
    forms = forms_of(before)
    if not any(form in speech.signs for form in forms):
        return False
    sentence = last_sentence(before, speech)
    found = forms_of(sentence)
    signs = [n for n in range(len(found)) if _bears_words(found, n, speech)]
    if not signs:
        return 0 < len(found) < _FEW and found[0] in speech.pronouns - _persons(speech)
    behind = set(found[signs[-1] + 1 :])
    near = len(behind) < _FEW and not behind & (_persons(speech) | speech.and_)
    return near or not speaks(sentence, speech)


def _bears_words(forms: Sequence[str], i: int, speech: Speech) -> bool:
    """Whether a word is a thing that bears words; a verb is one behind a determiner only: "as the old saying goes"."""
    if forms[i] not in speech.signs:
        return False
    verb = forms[i] in speech.verbs.heads
    return not verb or not speech.determiners.isdisjoint(forms[max(0, i - 2) : i])


def _persons(speech: Speech) -> frozenset[str]:
    return speech.i | speech.we | speech.he | speech.she


def _is_titled(words: str, speech: Speech) -> bool:
    """Whether words are written as the titles of works and programmes are in English: all but the small ones large."""
    if speech.capital_nouns or not _PARTS.isdisjoint(words):
        return False
    found = words_of(words, most=_LONGEST_TITLE + 1)
    if not 2 < len(found) <= _LONGEST_TITLE:
        return False
    large = [word for word in found if words[word.start].isupper()]
    small = [word for word in found if words[word.start].islower()]
    return (
        large[:1] == [found[0]]
        and large[-1] is found[-1]
        and len(large) > max(_FEWEST_CAPITALS, len(small))
        and all(word.end - word.start <= _LONGEST_SMALL for word in small)
    )


def _is_set_apart(line: Line, outer: Span, inner: Span) -> bool:
    """Whether the words, and nothing but them, are a link, a <cite> or in italics, as titles are."""
    links = ((anchor.start, anchor.end) for anchor in line.anchors)
    return any(
        outer[0] <= start <= inner[0] and inner[1] <= end <= outer[1]
        for start, end in (*links, *line.cites, *line.italics)
    )
