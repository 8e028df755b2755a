"""The words by which parts of a web page are known that are not its text, in all languages at once.

They come from ``templates/pages/LANG.toml``, one file per language, so that a language is added without code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from digest.errors import TemplateError

_LISTS = ("pager", "by", "notices", "colophon")
_LONGEST_NOTICE = 60  # characters
_FIRST = re.compile(r"[\s←«‹]*+([^\s:]++)\s*+:?\s*+")


@dataclass(frozen=True, slots=True)
class PageWords:
    """Words in small letters; without any, a page is read by its structure alone."""

    pager: frozenset[str] = frozenset()  # with which a link to the post before or after begins
    pager_begun: tuple[str, ...] = ()  # beginnings of such words
    by: frozenset[str] = frozenset()  # before the name of an author
    notices: frozenset[str] = frozenset()  # in short lines that only say something of the page: "5 min read"
    colophon: frozenset[str] = frozenset()  # in the last lines of a page, under a rule: "last updated"

    @classmethod
    def merge(cls, languages: Mapping[str, Mapping[str, object]]) -> Self:
        """Words from what each language's file says: language (BCP 47 primary tag) → its lists.

        Raises:
            TemplateError: a list has an unknown name, or is no list of strings.
        """
        files = [_lists(f"templates/pages/{language}.toml", lists) for language, lists in languages.items()]
        pager = frozenset(word for lists in files for word in lists.get("pager", ()))
        begun = tuple(sorted(word[:-1] for word in pager if word.endswith("*") and word != "*"))
        by = frozenset(word for lists in files for word in lists.get("by", ()))
        notices = frozenset(word for lists in files for word in lists.get("notices", ()))
        colophon = frozenset(word for lists in files for word in lists.get("colophon", ()))
        return cls(frozenset(word for word in pager if not word.endswith("*")), begun, by, notices, colophon)

    def opens_pager(self, text: str) -> bool:
        """Whether a text begins as links to the post before or after do, an arrow before it or not."""
        match = _FIRST.match(text)
        word = match[1].casefold() if match else ""
        return word in self.pager or word.startswith(self.pager_begun)

    def is_notice(self, text: str) -> bool:
        """Whether a text is short and says how long the page takes to read, or whose rights are reserved."""
        short = text.casefold() if len(text) <= _LONGEST_NOTICE else ""
        return any(words in short for words in self.notices)

    def is_colophon(self, text: str) -> bool:
        """Whether the last lines of a page tell of the page: when it was last updated, how many have visited it."""
        folded = text.casefold()
        return any(words in folded for words in self.colophon)

    def name(self, byline: str) -> str:
        """A byline without the "by" before the name."""
        match = _FIRST.match(byline)
        has_name = match and match.end() < len(byline) and match[1].casefold() in self.by
        return byline[match.end() :] if match and has_name else byline


NO_WORDS = PageWords()


def _lists(name: str, said: Mapping[str, object]) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for key, words in said.items():
        if key not in _LISTS:
            raise TemplateError(f"{name}: {key} is unknown; en.toml shows the lists there are.")
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise TemplateError(f'{name}: {key} must be a list of texts, like ["one", "two"].')
        lists[key] = [word.casefold() for word in words]
    return lists
