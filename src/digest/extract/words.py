"""The words by which the parts of a post are known, in every language at once.

They come from ``templates/words/LANG.toml``, one file per language, so that a language is added without code. A
heading may be in any of them, whatever the language of the post, but it is in one: a word of one language is a name
in another. Topics ("On …:") are in the post's language or in English, because the prepositions of one language are
the articles of another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from digest.errors import TemplateError

Phrase = tuple[str, ...]


class Kind(StrEnum):
    """What a section of a post holds; the names are the tables of a words file."""

    QUOTES = "quotes"
    THEMES = "themes"
    VIDEOS = "videos"
    POSTS = "posts"
    LINKS = "links"  # posts or videos, told apart link by link
    SUMMARY = "summary"
    STOP = "stop"  # comments, share buttons, labels: where the post has ended


@dataclass(frozen=True, slots=True)
class Token:
    """A word where it stands: offsets into the text it was read from, and its folded form."""

    start: int
    end: int
    folded: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """How headings of one kind are worded (templates/words/en.toml explains the four lists)."""

    nouns: frozenset[str]
    marks: frozenset[str]
    alone: frozenset[Phrase]
    phrases: frozenset[Phrase]
    telling: frozenset[str]  # no heading is of this kind without one of these words


@dataclass(frozen=True, slots=True)
class Grammar:
    """The small words around headings, topics and names."""

    fillers: frozenset[str]
    on: frozenset[Phrase]
    on_after: frozenset[Phrase]
    by: frozenset[str]
    with_: frozenset[str]
    until: frozenset[str]
    byline: frozenset[Phrase]
    articles: frozenset[str]
    said: frozenset[str]
    particles: frozenset[str]
    and_: frozenset[str]
    polite: frozenset[str]


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language."""

    lexicons: Mapping[Kind, Lexicon]
    grammar: Grammar
    telling: frozenset[str]  # no heading of this language names a section without one of these words


@dataclass(frozen=True, slots=True)
class Words:
    """The words of all languages, and the small words of all of them together."""

    languages: Mapping[str, Language]
    grammar: Grammar

    @classmethod
    def merge(cls, languages: Mapping[str, Mapping[str, object]]) -> Self:
        """Words from what each language's file says: language (BCP 47 primary tag) → its tables.

        Raises:
            TemplateError: a table or list has an unknown name, or is no list of strings.
        """
        files = {language: _File(language, tables) for language, tables in languages.items()}
        return cls({language: _language(file) for language, file in files.items()}, _grammar(files.values()))

    def is_alone(self, kind: Kind, word: str) -> bool:
        """Whether a word by itself is a heading of that kind in any language."""
        return any((word,) in language.lexicons[kind].alone for language in self.languages.values())

    def topics(self, language: str) -> tuple[Grammar, ...]:
        """The grammars in which a post of that language may word its topics: its own and English, or all."""
        if language not in self.languages:
            return (self.grammar,)
        return tuple(self.languages[name].grammar for name in (language, "en") if name in self.languages)


# ── reading a words file ─────────────────────────────────────────────────────────────────────────

_LISTS = ("nouns", "marks", "alone", "phrases")
_GRAMMAR = (
    "fillers",
    "on",
    "on_after",
    "by",
    "with",
    "until",
    "byline",
    "articles",
    "said",
    "particles",
    "and",
    "polite",
)


class _File:
    """The checked tables of one language."""

    def __init__(self, language: str, tables: Mapping[str, object]) -> None:
        self.name = f"templates/words/{language}.toml"
        self.tables = {name: self._table(name, table) for name, table in tables.items()}

    def _table(self, name: str, table: object) -> dict[str, tuple[Phrase, ...]]:
        known = _GRAMMAR if name == "grammar" else _LISTS if name in set(Kind) else None
        if known is None or not isinstance(table, Mapping):
            raise TemplateError(
                f"{self.name}: [{name}] is no table of a words file; en.toml shows which there are."
            )
        return {
            str(key): self._phrases(f"[{name}] {key}", key in known, value) for key, value in table.items()
        }

    def _phrases(self, where: str, known: bool, value: object) -> tuple[Phrase, ...]:
        if not known:
            raise TemplateError(f"{self.name}: {where} is unknown; en.toml shows the lists there are.")
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise TemplateError(f'{self.name}: {where} must be a list of texts, like ["one", "two"].')
        return tuple(phrase for entry in value if (phrase := folded(entry)))


def _language(file: _File) -> Language:
    lexicons = {kind: _lexicon(file, kind) for kind in Kind}
    telling = frozenset(word for lexicon in lexicons.values() for word in lexicon.telling)
    return Language(lexicons, _grammar([file]), telling)


def _lexicon(file: _File, kind: Kind) -> Lexicon:
    lists = {name: _merged([file], kind, name) for name in _LISTS}
    small = _single(_merged([file], "grammar", "fillers"))  # such as the plural of Persian nouns
    nouns, alone, phrases = _single(lists["nouns"]) - small, lists["alone"], lists["phrases"]
    telling = nouns | {phrase[-1] for phrase in alone | phrases}
    return Lexicon(nouns, _single(lists["marks"]), alone, phrases, telling)


def _grammar(files: Iterable[_File]) -> Grammar:
    lists = {name: _merged(files, "grammar", name) for name in _GRAMMAR}
    return Grammar(
        fillers=_single(lists["fillers"]),
        on=lists["on"],
        on_after=lists["on_after"],
        by=_single(lists["by"]),
        with_=_single(lists["with"]),
        until=_single(lists["until"]),
        byline=lists["byline"],
        articles=_single(lists["articles"]),
        said=_single(lists["said"]),
        particles=_single(lists["particles"]),
        and_=_single(lists["and"]),
        polite=_single(lists["polite"]),
    )


def _merged(files: Iterable[_File], table: str, name: str) -> frozenset[Phrase]:
    return frozenset(phrase for file in files for phrase in file.tables.get(table, {}).get(name, ()))


def _single(phrases: Iterable[Phrase]) -> frozenset[str]:
    """Each word by itself: Persian plurals and hyphenated words are several, and headings are read word by word."""
    return frozenset(word for phrase in phrases for word in phrase)


# ── words of a text ──────────────────────────────────────────────────────────────────────────────

# Letters and digits with the marks that combine with them; English and Dutch 's stays with its word.
_WORD = re.compile(
    r"(?:[^\W_]|[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0dff])+(?:['’]s\b)?"
)

# Letters that Arabic and Persian keyboards spell differently and readers do not tell apart.
_SAME = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ۀ": "ه", "’": "'", "ё": "е"})


def tokens(text: str) -> tuple[Token, ...]:
    """The words of a text in order."""
    return tuple(Token(match.start(), match.end(), fold(match.group())) for match in _WORD.finditer(text))


def folded(text: str) -> Phrase:
    """The words of a text, folded."""
    return tuple(token.folded for token in tokens(text))


def fold(word: str) -> str:
    """A word as headings are compared: no case, no accents, Arabic and Persian letters alike."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return bare.casefold().translate(_SAME)
