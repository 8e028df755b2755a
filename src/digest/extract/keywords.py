"""The words by which a quotation in prose is known to be key, and a phrase to say what a post is about.

They are the table ``[key]`` of ``templates/words/LANG.toml``; en.toml explains each list. Words keep their accents,
and an apostrophe parts two: "j'ai" is "j" and "ai", "it's" is "it" and "s".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Self

from digest.errors import TemplateError
from digest.extract.speechwords import Phrases, plain_text

# Letters and digits with the marks that combine with them, and the joint of Persian words.
WORD = re.compile(r"[^\W_]++(?:[\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0dff\u200c]++[^\W_]*+)*+")


@dataclass(frozen=True, slots=True)
class KeyWords:
    """The lists of one language."""

    first: frozenset[str] = frozenset()
    second: frozenset[str] = frozenset()
    dangling: Phrases = field(default_factory=Phrases)
    courtesies: Phrases = field(default_factory=Phrases)
    stop: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()

    @classmethod
    def merge(cls, languages: Iterable[KeyWords]) -> Self:
        """For a text in an unknown language: what is no key phrase in any; other small words mean too much."""
        known = tuple(languages)
        return cls(
            stop=frozenset().union(*(words.stop for words in known)),
            dates=frozenset().union(*(words.dates for words in known)),
        )


_LISTS = frozenset(each.name for each in fields(KeyWords))


def read(name: str, table: object) -> KeyWords:
    """The key words of one words file.

    Args:
        name: of the file, for the error.
        table: ``[key]`` as TOML gives it.

    Raises:
        TemplateError: a list has an unknown name, or is no list of strings.
    """
    if not isinstance(table, Mapping):
        raise TemplateError(f"{name}: [key] is no table of a words file; en.toml shows which there are.")
    for key, value in table.items():
        if key not in _LISTS:
            raise TemplateError(f"{name}: [key] {key} is unknown; en.toml shows the lists there are.")
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise TemplateError(f'{name}: [key] {key} must be a list of texts, like ["one", "two"].')
    return KeyWords(
        first=_single(table, "first"),
        second=_single(table, "second"),
        dangling=_phrases(table, "dangling"),
        courtesies=_phrases(table, "courtesies"),
        stop=_single(table, "stop"),
        dates=_single(table, "dates"),
    )


def _single(table: Mapping[str, list[str]], name: str) -> frozenset[str]:
    return frozenset(word for entry in table.get(name, ()) for word in spoken(entry))


def _phrases(table: Mapping[str, list[str]], name: str) -> Phrases:
    return Phrases(frozenset(phrase for entry in table.get(name, ()) if (phrase := spoken(entry))))


def spoken(text: str) -> tuple[str, ...]:
    """The words of a text as the lists have them."""
    return tuple(WORD.findall(plain_text(text)))
