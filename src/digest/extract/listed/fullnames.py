"""One person, one name: short and inflected forms of a name → the name as the post gives it in full."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import takewhile

from digest.extract.listed.names import name_at
from digest.extract.words import Words, fold, tokens

_NAMES_IN_TEXT = 50_000
_MOST_OCCURRENCES = 200  # of a name: one that stands there more often is no name
_MOST_GIVEN = 3  # words before a surname
_MOST_BETWEEN = 2  # words between a title and a surname
_LONGEST_BEFORE = 100  # characters
_IS_WORD = re.compile(r"[^\W\d_](?:[\w'’-]{0,30}|\w{0,3}\.)")
_ENDING = re.compile(r"[^\W\d_]{0,4}\b")


def resolve(name: str, text: str, words: Words) -> str:
    """The name as the post gives it in full: "Mira Halden" for "Halden", "HALDEN" or "Haliny" → "Halina".

    Args:
        name: from a heading or a signature.
        text: of the whole post.
        words: of all languages.
    """
    text = text[:_NAMES_IN_TEXT]
    title, _, surname = name.partition(" ")
    if surname and " " not in surname and fold(title.rstrip(".")) in words.grammar.polite:
        return _in_full(surname, text, words.grammar.polite) or name
    if name.isupper() and len(name) > 3:
        name = _as_written(name, text)
    if " " not in name:
        return _in_full(name, text, words.grammar.polite) or name
    if full := _with_given_name(name, text):
        return full
    return name if text.count(name) > 1 else inflected(name, text) or name


def with_surname(given: str, text: str, words: Words, headings: str) -> str:
    """ "Mira Halden" for "Mira", "Sister Agathe Morrow" for "Sister Agathe": the most frequent name that begins so.

    More than one word must not stand by themselves anywhere in the text but in the headings of its quotations.
    """
    if not given[:1].isupper():
        return given
    counted: Counter[str] = Counter()
    apart = headings.count(given) if " " in given else _MOST_OCCURRENCES
    for at in _occurrences(given, text[:_NAMES_IN_TEXT]):
        line = text[at : at + _LONGEST_BEFORE].partition("\n")[0]
        name = name_at(tokens(line), 0, line, words)
        if len(name) > len(given) and " " in name and not _joins(name, words):
            counted[name] += 1
        elif apart:
            apart -= 1
        else:  # as most names, it is full
            return given
    return _commonest(counted) or given


def _joins(name: str, words: Words) -> bool:
    """Whether what looks like one name is two: "Mira Halden and Jo Brask"."""
    return not words.grammar.and_.isdisjoint(token.folded for token in tokens(name))


def _as_written(name: str, text: str) -> str:
    """A name in capitals as the text writes it, else with capital initials."""
    for match in re.finditer(re.escape(name), text, re.IGNORECASE):
        if not match.group().isupper():
            return match.group()
    return name.title()


def _in_full(surname: str, text: str, polite: Collection[str]) -> str:
    """The most frequent run of capitalised words in the text that ends with the surname, and not just "Ms" before it."""
    if not surname or not surname[0].isupper():
        return ""
    counted: Counter[str] = Counter()
    for at in _occurrences(surname, text):
        begin = max(text.rfind("\n", 0, at) + 1, at - _LONGEST_BEFORE)
        given = _capitalised(text[begin:at].rstrip(" ").split(" ")[-_MOST_GIVEN:])
        start = at - sum(len(word) + 1 for word in given)
        if given and _begins_sentence(text, start):
            del given[0]
        if given and fold(given[0].rstrip(".")) not in polite:
            counted[" ".join([*given, surname])] += 1
    return _commonest(counted)


def _capitalised(words: Sequence[str]) -> list[str]:
    """The last of these words, back to the first that has no capital."""
    found = list(takewhile(lambda word: word[:1].isupper() and _IS_WORD.fullmatch(word), reversed(words)))
    return found[::-1]


def _with_given_name(name: str, text: str) -> str:
    """ "Judge Adaeze Rowntree" for "Judge Rowntree": the same words with one or two capitalised ones in between."""
    first, _, last = name.rpartition(" ")
    if text.count(first) == text.count(name):  # as of most: nothing is ever in between
        return ""
    counted: Counter[str] = Counter()
    for at in _occurrences(first, text):
        behind = text[at + len(first) + 1 : at + len(first) + _LONGEST_BEFORE].split(" ", _MOST_BETWEEN + 1)
        between = list(takewhile(lambda word: word[:1].isupper() and _IS_WORD.fullmatch(word), behind))
        for size in range(1, min(_MOST_BETWEEN, len(between)) + 1):
            if size < len(behind) and _begins_with(behind[size], last):
                counted[" ".join([first, *behind[:size], last])] += 1
    return _commonest(counted)


def _commonest(counted: Counter[str]) -> str:
    return min(counted, key=lambda full: (-counted[full], len(full)), default="")


def _occurrences(words: str, text: str) -> Iterator[int]:
    """Where these words stand in a text, as whole words."""
    for at in _found(words, text):
        if not _is_letter(text[at - 1 : at]) and not _is_letter(text[at + len(words) : at + len(words) + 1]):
            yield at


def _found(words: str, text: str) -> Iterator[int]:
    at = text.find(words)
    for _ in range(_MOST_OCCURRENCES):
        if at < 0:
            return
        yield at
        at = text.find(words, at + len(words))


def _begins_with(text: str, word: str) -> bool:
    return text.startswith(word) and not _is_letter(text[len(word) : len(word) + 1])


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def _begins_sentence(text: str, at: int) -> bool:
    """Where any word has a capital, so that "Yesterday Halden" looks like a name."""
    return at <= 0 or text[at - 1] == "\n" or text[at - 2 : at - 1] in ".!?…:"


def inflected(name: str, text: str) -> str:
    """The same name in the case in which the post introduces it: "Halina Sowińska" for "Haliny Sowińskiej"."""
    stems = [part[: _stem(part)] for part in name.split()]
    if len(stems) < 2:
        return ""
    ends = ((at, _end_of_stems(text, at, stems)) for at in _found(stems[0], text))
    forms = (text[at:end] for at, end in ends if end)
    counted = Counter(form for form in forms if fold(form) != fold(name))
    return counted.most_common(1)[0][0] if counted else ""


def _end_of_stems(text: str, at: int, stems: Sequence[str]) -> int:
    """Where words that begin with these stems end, if few letters follow each; else 0."""
    end = at - 1
    for stem in stems:
        begun = text.startswith(stem, end + 1) and (end < at or text[end] == " ")
        ending = _ENDING.match(text, end + 1 + len(stem)) if begun else None
        if ending is None:
            return 0
        end = ending.end()
    return end


def _stem(word: str) -> int:
    return max(3, len(word) - 3)
