"""The words by which the parts of a post are known, in every language at once.

They come from ``templates/words/LANG.toml``, one file per language, so that a language is added without code. A
heading may be in any of them, whatever the language of the post, but it is in one: a word of one language is a name
in another. Topics ("On …:") are in the post's language or in English, because the prepositions of one language are
the articles of another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Self

from digest.errors import TemplateError
from digest.extract import keywords, speechwords
from digest.extract.keywords import KeyWords
from digest.extract.speechwords import Speech

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


class Token(NamedTuple):
    """A word where it stands: offsets into the text it was read from, and its folded form."""

    start: int
    end: int
    folded: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """How headings of one kind are worded (templates/words/en.toml explains the lists)."""

    nouns: frozenset[str]
    marks: frozenset[str]
    alone: frozenset[Phrase]
    phrases: frozenset[Phrase]
    gaps: frozenset[tuple[Phrase, Phrase]] = frozenset()  # what stands around a name: "what … said"
    owned: frozenset[Phrase] = frozenset()  # what stands behind whose it is: "Mira Halden's own words"


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
    talks: frozenset[str]  # nouns for what somebody gives or takes part in: "speech", "interview"
    speaks: frozenset[str]  # verbs behind the name of who speaks, in titles
    media: frozenset[str]  # what asks somebody and is nobody: "radio"
    leading: frozenset[str]  # what leads on from the name of a section: by, with, until
    slight: frozenset[str]  # what may stand before it: articles, fillers
    nameless: frozenset[str]  # what stands in no name


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language."""

    lexicons: Mapping[Kind, Lexicon]
    grammar: Grammar
    speech: Speech
    key: KeyWords


Heading = tuple[int, Kind, str]  # order among all, kind, language


@dataclass(frozen=True, slots=True)
class Naming:
    """Which kinds of headings in which languages a heading's words may tell: a quick look before a careful one."""

    told_by: frozenset[str]  # words, of which one stands in every heading that tells anything
    nouns: Mapping[Phrase, tuple[Heading, ...]]  # by a word anywhere
    begun: Mapping[Phrase, tuple[Heading, ...]]  # by the first word or two of a phrase
    alone: Mapping[Phrase, tuple[Heading, ...]]  # by the only word
    ended: Mapping[
        Phrase, tuple[Heading, ...]
    ]  # by the last two words, for quotes: "Mira Halden in her own words"

    @classmethod
    def of(cls, languages: Mapping[str, Language]) -> Self:
        """The headings of these languages by their words."""
        indexes: tuple[dict[Phrase, list[Heading]], ...] = ({}, {}, {}, {})
        for order, (name, kind) in enumerate((name, kind) for name in languages for kind in Kind):
            lexicon = languages[name].lexicons[kind]
            long = {phrase[:2] for phrase in lexicon.phrases | lexicon.alone if len(phrase) > 1}
            keys: tuple[Iterable[Phrase], ...] = (
                {(word,) for word in lexicon.nouns | _telling(lexicon)},
                long | {phrase for phrase in lexicon.phrases if len(phrase) == 1},
                {phrase for phrase in lexicon.alone if len(phrase) == 1},
                {phrase[-2:] for phrase in lexicon.phrases if kind is Kind.QUOTES and len(phrase) > 1},
            )
            for index, told in zip(indexes, keys, strict=True):
                for words in told:
                    index.setdefault(words, []).append((order, kind, name))
        told_by = frozenset(max(key, key=len) for index in indexes for key in index)
        return cls(told_by, *({key: tuple(headings) for key, headings in index.items()} for index in indexes))

    def told(self, folded: Phrase) -> list[tuple[Kind, str]]:
        """Kinds and languages that may be meant, in the order of the languages; an article may stand first."""
        found = {heading for word in folded for heading in self.nouns.get((word,), ())}
        for start in folded[:1], folded[:2], folded[1:2], folded[1:3]:
            found.update(self.begun.get(start, ()))
        found.update(self.ended.get(folded[-2:], ()))
        if len(folded) <= 2:
            found.update(heading for word in folded for heading in self.alone.get((word,), ()))
        return [(kind, language) for _, kind, language in sorted(found)]


@dataclass(frozen=True, slots=True, eq=False)  # by identity, so that what is read with them can be remembered
class Words:
    """The words of all languages, and the small words of all of them together."""

    languages: Mapping[str, Language]
    grammar: Grammar
    naming: Naming
    hinting: Mapping[str, Mapping[str, frozenset[Kind]]]  # by language: what ``hints`` gives
    speech_of_all: Speech
    key_of_all: KeyWords

    @classmethod
    def merge(cls, languages: Mapping[str, Mapping[str, object]]) -> Self:
        """Words from what each language's file says: language (BCP 47 primary tag) → its tables.

        Raises:
            TemplateError: a table or list has an unknown name, or is no list of strings.
        """
        files = {language: _File(language, tables) for language, tables in languages.items()}
        known = {language: _language(file) for language, file in files.items()}
        speech = Speech.merge(language.speech for language in known.values())
        key = KeyWords.merge(language.key for language in known.values())
        return cls(known, _grammar(files.values()), Naming.of(known), _hinting_in(known), speech, key)

    def is_alone(self, kind: Kind, word: str) -> bool:
        """Whether a word by itself is a heading of that kind in any language."""
        return any((word,) in language.lexicons[kind].alone for language in self.languages.values())

    def is_noun(self, kind: Kind, word: str) -> bool:
        """Whether a word is a noun for sections of that kind, or a heading by itself, in any language."""
        lexicons = [language.lexicons[kind] for language in self.languages.values()]
        return any(word in lexicon.nouns or (word,) in lexicon.alone for lexicon in lexicons)

    def hints(self, language: str) -> Mapping[str, frozenset[Kind]]:
        """Word → the sections at which it hints wherever it stands in a heading of a post in that language.

        Its own and English words, since "lecture" is to read in one language and to listen in another; all of them
        where the language is unknown.
        """
        return self.hinting.get(language, self.hinting[""])

    def announcing(self, language: str) -> Iterator[tuple[Grammar, frozenset[str]]]:
        """The small words and the nouns for themes in that language and in English; none where it is unknown."""
        for name in dict.fromkeys((language, "en")):
            if name in self.languages and language:
                known = self.languages[name]
                yield known.grammar, known.lexicons[Kind.THEMES].nouns

    def topics(self, *languages: str) -> tuple[Grammar, ...]:
        """The grammars in which a post in these languages may word its topics: its own and English, or all."""
        if languages[0] not in self.languages:
            return (self.grammar,)
        names = dict.fromkeys((*languages, "en"))
        return tuple([self.languages[name].grammar for name in names if name in self.languages])

    def speech(self, language: str) -> Speech:
        """The words around direct speech in that language; where it is unknown, what all share."""
        return self.languages[language].speech if language in self.languages else self.speech_of_all

    def key(self, language: str) -> KeyWords:
        """The words by which key quotes and phrases are known in that language; where it is unknown, in any."""
        return self.languages[language].key if language in self.languages else self.key_of_all


# ── reading a words file ─────────────────────────────────────────────────────────────────────────

_LISTS = ("nouns", "marks", "alone", "phrases", "asks", "tells")
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
    "talks",
    "speaks",
    "media",
)


class _File:
    """The checked tables of one language."""

    def __init__(self, language: str, tables: Mapping[str, object]) -> None:
        self.name = f"templates/words/{language}.toml"
        self.speech = speechwords.read(self.name, tables.get("speech", {}))
        self.key = keywords.read(self.name, tables.get("key", {}))
        headed = {name: table for name, table in tables.items() if name not in {"speech", "key"}}
        self.tables = {name: self._table(name, table) for name, table in headed.items()}

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
    return Language(lexicons, _grammar([file]), file.speech, file.key)


_FEWEST_LETTERS = 4  # of a word that hints
_HINTED = (Kind.QUOTES, Kind.VIDEOS, Kind.POSTS, Kind.THEMES)


def _hinting_in(languages: Mapping[str, Language]) -> dict[str, dict[str, frozenset[Kind]]]:
    """By language, and for ``""``."""
    near = {name: [languages[near] for near in {name, "en"} if near in languages] for name in languages}
    return {name: _hinting(known) for name, known in near.items()} | {"": _hinting(languages.values())}


def _hinting(languages: Iterable[Language]) -> dict[str, frozenset[Kind]]:
    """The nouns of sections; for themes only words that are headings by themselves: "points" mean much else."""
    found: dict[str, frozenset[Kind]] = {}
    for language in languages:
        for kind in _HINTED:
            lexicon = language.lexicons[kind]
            single = {phrase[0] for phrase in lexicon.alone if len(phrase) == 1}
            for word in single if kind is Kind.THEMES else single | lexicon.nouns:
                if len(word) >= _FEWEST_LETTERS:
                    found[word] = found.get(word, frozenset()) | {kind}
    return found


def _lexicon(file: _File, kind: Kind) -> Lexicon:
    lists = {name: _merged([file], kind, name) for name in _LISTS}
    small = _single(_merged([file], "grammar", "fillers"))  # such as the plural of Persian nouns
    nouns, alone = _single(lists["nouns"]) - small, lists["alone"]
    clauses = frozenset(_clauses(kind, lists["asks"], lists["tells"], file.speech))
    phrases = lists["phrases"] | clauses
    gaps = frozenset(_gaps(phrases if kind is Kind.QUOTES else clauses, file.speech))
    owned = frozenset(_owned(phrases, file.speech) if kind is Kind.QUOTES else ())
    return Lexicon(nouns, _single(lists["marks"]), alone, phrases, gaps, owned)


def _telling(lexicon: Lexicon) -> set[str]:
    """A word of each turn that stands behind a name."""
    return {max(after, key=len) for after in (*(after for _, after in lexicon.gaps), *lexicon.owned)}


def _owned(phrases: Iterable[Phrase], speech: Speech) -> Iterator[Phrase]:
    """What stands behind "her" and "his", where a name in the genitive may stand, too."""
    possessives = {fold(word) for word in speech.possessives}
    for phrase in phrases:
        yield from (phrase[i + 1 :] for i in range(len(phrase) - 1) if phrase[i] in possessives)


def _clauses(kind: Kind, asks: Iterable[Phrase], tells: Iterable[Phrase], speech: Speech) -> Iterator[Phrase]:
    """ "What they talked about", "Things he said", "De qué habló"; what we said ourselves is no quotation."""
    others = speech.he | speech.she | speech.they
    pronouns = others if kind is Kind.QUOTES else others | speech.we | speech.i
    subjects = {(), *((fold(word),) for word in pronouns)}
    yield from ((*ask, *subject, *tell) for ask in asks for subject in subjects for tell in tells)


def _gaps(phrases: Iterable[Phrase], speech: Speech) -> Iterator[tuple[Phrase, Phrase]]:
    """What stands around a pronoun, where a name may stand, too: "What she said", "What Mira Halden said".

    A vowel that went before the pronoun is back: "ce qu'elle a dit", "ce que Mira Halden a dit".
    """
    pronouns = {fold(word) for word in speech.he | speech.she | speech.they}
    for phrase in phrases:
        for i in range(1, len(phrase) - 1):
            if phrase[i] in pronouns:
                yield phrase[:i], phrase[i + 1 :]
                yield (*phrase[: i - 1], f"{phrase[i - 1]}e"), phrase[i + 1 :]


def _grammar(files: Iterable[_File]) -> Grammar:
    lists = {name: _merged(files, "grammar", name) for name in _GRAMMAR}
    single = {name: _single(phrases) for name, phrases in lists.items()}
    return Grammar(
        fillers=single["fillers"],
        on=lists["on"],
        on_after=lists["on_after"],
        by=single["by"],
        with_=single["with"],
        until=single["until"],
        byline=lists["byline"],
        articles=single["articles"],
        said=single["said"],
        particles=single["particles"],
        and_=single["and"],
        polite=single["polite"],
        talks=single["talks"],
        speaks=single["speaks"],
        media=single["media"],
        leading=single["by"] | single["with"] | single["until"],
        slight=single["articles"] | single["fillers"],
        nameless=single["and"] | single["said"] | single["until"] | single["articles"],
    )


def _merged(files: Iterable[_File], table: str, name: str) -> frozenset[Phrase]:
    return frozenset(phrase for file in files for phrase in file.tables.get(table, {}).get(name, ()))


def _single(phrases: Iterable[Phrase]) -> frozenset[str]:
    """Each word by itself: Persian plurals and hyphenated words are several, and headings are read word by word."""
    return frozenset(word for phrase in phrases for word in phrase)


# ── words of a text ──────────────────────────────────────────────────────────────────────────────

# Letters and digits with the marks that combine with them; English and Dutch 's stays with its word.
_WORD = re.compile(
    r"(?:[^\W_]++[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0dff]*+)++(?:['’]s\b)?"
)

_ASCII_WORD = re.compile(r"[a-z0-9]++(?:'s\b)?")  # the same of a text in small ASCII letters

# Letters that Arabic and Persian keyboards spell differently and readers do not tell apart.
_SAME = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ۀ": "ه", "’": "'", "ё": "е"})


@lru_cache(maxsize=256)  # a line is read word by word as a heading, a topic, a name
def tokens(text: str) -> tuple[Token, ...]:
    """The words of a text in order."""
    if text.isascii():
        words = _ASCII_WORD.finditer(text.lower())
        return tuple([Token(match.start(), match.end(), match.group()) for match in words])
    return tuple([Token(*match.span(), fold(match.group())) for match in _WORD.finditer(text)])


def folded(text: str) -> Phrase:
    """The words of a text, folded."""
    return tuple(token.folded for token in tokens(text))


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """A word as headings are compared: no case, no accents, Arabic and Persian letters alike."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return bare.casefold().translate(_SAME)
