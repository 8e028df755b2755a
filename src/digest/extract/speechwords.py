"""The words around direct speech: who says, by which verb, and what is no speech at all.

They are the table ``[speech]`` of ``templates/words/LANG.toml``; en.toml explains each list. Unlike the words of
headings they keep their accents, because "a" and "à" or "el" and "él" are different words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum, auto
from functools import lru_cache
from typing import Self, get_type_hints

from digest.errors import TemplateError

Phrase = tuple[str, ...]

_SAME = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ۀ": "ه", "ё": "е"})  # what keyboards spell differently
_SPELLED = re.compile(f"[{''.join(map(chr, _SAME))}]")
_LONGEST = 4  # words of a phrase
_PUNCTUATION = frozenset(",;:()—–[]/")
_DIGITS_OF_YEAR = 4


def plain_text(text: str) -> str:
    """A text as it is compared here: without case, with its accents."""
    if text.isascii():
        return text.lower()
    folded = text.casefold()
    return folded.translate(_SAME) if _SPELLED.search(folded) else folded


@lru_cache(maxsize=8192)
def plain(word: str) -> str:
    """The same of a word, remembered."""
    return plain_text(word)


@dataclass(frozen=True, slots=True)
class Terms:
    """Nouns, some of them known only by how they end, as in languages that write compounds as one word."""

    words: frozenset[str] = frozenset()
    endings: frozenset[str] = frozenset()
    sizes: tuple[int, ...] = field(init=False)  # of the endings: one look-up each, however many there are
    tails: frozenset[str] = field(init=False)  # how they end, as far as the shortest goes

    def __post_init__(self) -> None:
        sizes = sorted({len(ending) for ending in self.endings})
        object.__setattr__(self, "sizes", tuple(sizes))
        object.__setattr__(self, "tails", frozenset(ending[-sizes[0] :] for ending in self.endings))

    def __contains__(self, word: str) -> bool:
        return word in self.words or (self.sizes != () and self.ends(word))

    def ends(self, word: str) -> bool:
        """Whether a word ends in one of the endings."""
        if not self.sizes or word[-self.sizes[0] :] not in self.tails:
            return False
        return any(word[-size:] in self.endings for size in self.sizes)

    def __or__(self, other: Terms) -> Terms:
        return Terms(self.words | other.words, self.endings | other.endings)


@dataclass(frozen=True, slots=True)
class Phrases:
    """Turns of speech of one to four words; found by their first word."""

    all: frozenset[Phrase] = frozenset()
    heads: frozenset[str] = field(init=False)
    single: frozenset[str] = field(init=False)  # those of one word
    longest: int = field(init=False)  # words of the longest

    def __post_init__(self) -> None:
        object.__setattr__(self, "heads", frozenset(phrase[0] for phrase in self.all))
        object.__setattr__(self, "longest", min(_LONGEST, max(map(len, self.all), default=0)))
        object.__setattr__(self, "single", frozenset(phrase[0] for phrase in self.all if len(phrase) == 1))

    def at(self, forms: Sequence[str], i: int) -> int:
        """How many words the longest of these phrases has that stands at ``forms[i]``; 0 if none does."""
        if forms[i] not in self.heads:
            return 0
        for size in range(min(self.longest, len(forms) - i), 1, -1):
            if tuple(forms[i : i + size]) in self.all:
                return size
        return int(forms[i] in self.single)

    def found(self, forms: Sequence[str]) -> bool:
        """Whether one of these phrases stands anywhere in some words."""
        return not self.heads.isdisjoint(forms) and any(self.at(forms, i) for i in range(len(forms)))

    def __contains__(self, phrase: object) -> bool:
        return phrase in self.all

    def __or__(self, other: Phrases) -> Phrases:
        return Phrases(self.all | other.all)


class Part(Enum):
    """What a word does in a clause, as far as it tells who is who."""

    NAME = auto()
    PREPOSITION = auto()
    AND = auto()
    MARK = auto()
    PRONOUN = auto()
    NOBODY = auto()
    DETERMINER = auto()
    ROLE = auto()
    CLAUSE = auto()  # "when", "what", "that": another clause begins
    TIME = auto()  # "Monday", "evening", "1989": nobody, and the end of "on Monday evening"
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Speech:
    """The words around direct speech in one language. ``_m`` and ``_f`` are what a man or a woman is called."""

    verbs: Phrases = field(default_factory=Phrases)
    calling: Phrases = field(default_factory=Phrases)
    according: Phrases = field(default_factory=Phrases)
    after: Phrases = field(default_factory=Phrases)
    named: Phrases = field(default_factory=Phrases)
    unsaid: Phrases = field(default_factory=Phrases)  # "if", "could have said": nobody said it
    works: Terms = field(default_factory=Terms)
    signs: Terms = field(default_factory=Terms)
    roles: Terms = field(default_factory=Terms)
    roles_m: Terms = field(default_factory=Terms)
    roles_f: Terms = field(default_factory=Terms)
    organisations: Terms = field(default_factory=Terms)
    adverbs: Terms = field(default_factory=Terms)
    demonyms: Terms = field(default_factory=Terms)
    telling: frozenset[str] = frozenset()
    hearsay: frozenset[str] = frozenset()
    mine: frozenset[str] = frozenset()
    answering: frozenset[str] = frozenset()
    i: frozenset[str] = frozenset()
    we: frozenset[str] = frozenset()
    he: frozenset[str] = frozenset()
    she: frozenset[str] = frozenset()
    they: frozenset[str] = frozenset()
    it: frozenset[str] = frozenset()
    his: frozenset[str] = frozenset()
    her: frozenset[str] = frozenset()
    to_him: frozenset[str] = frozenset()
    to_her: frozenset[str] = frozenset()
    women: frozenset[str] = frozenset()
    men: frozenset[str] = frozenset()
    possessives: frozenset[str] = frozenset()
    who: frozenset[str] = frozenset()
    which: frozenset[str] = frozenset()
    the: frozenset[str] = frozenset()
    the_m: frozenset[str] = frozenset()
    the_f: frozenset[str] = frozenset()
    a: frozenset[str] = frozenset()
    of: frozenset[str] = frozenset()
    prepositions: frozenset[str] = frozenset()
    subordinate: frozenset[str] = frozenset()
    and_: frozenset[str] = frozenset()
    courtesies_m: frozenset[str] = frozenset()
    courtesies_f: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    anybody: frozenset[str] = frozenset()
    somebody: frozenset[str] = frozenset()
    like: frozenset[str] = frozenset()
    times: frozenset[str] = frozenset()
    citing: frozenset[str] = frozenset()
    speeches: frozenset[str] = frozenset()
    by: frozenset[str] = frozenset()
    latter: frozenset[str] = frozenset()
    aged: Phrases = field(default_factory=Phrases)
    drops_subject: bool = False  # "dijo" alone means that he or she said
    inside: bool = False  # an attribution may stand inside the marks: « A, dit-elle, b. »
    capital_nouns: bool = False  # every noun has a capital, so that it tells no name

    pronouns: frozenset[str] = field(init=False)  # all that stand as a subject
    relatives: frozenset[str] = field(init=False)
    articles: frozenset[str] = field(init=False)  # definite ones, of every gender
    determiners: frozenset[str] = field(init=False)  # articles of both kinds and possessives
    honorifics: frozenset[str] = field(init=False)  # titles and courtesies
    people: Terms = field(init=False)  # all that says what somebody is
    things: Terms = field(init=False)  # nouns that head a phrase and are no people
    speaking: frozenset[str] = field(init=False)  # all words with which a turn begins that tells of speech

    parts: Mapping[str, Part] = field(init=False)  # of all small words and roles

    def __post_init__(self) -> None:
        pronouns = self.i | self.we | self.he | self.she | self.they | self.it
        object.__setattr__(self, "pronouns", pronouns)
        object.__setattr__(self, "relatives", self.who | self.which)
        object.__setattr__(self, "articles", self.the | self.the_m | self.the_f)
        object.__setattr__(self, "determiners", self.articles | self.a | self.possessives)
        object.__setattr__(self, "honorifics", self.titles | self.courtesies_m | self.courtesies_f)
        object.__setattr__(self, "people", self.roles | self.roles_m | self.roles_f)
        object.__setattr__(self, "things", self.signs | self.organisations)
        object.__setattr__(self, "speaking", self.verbs.heads | self.according.heads | self.after.heads)
        object.__setattr__(self, "parts", self._parts())

    def _parts(self) -> dict[str, Part]:
        kinds = (
            (Part.CLAUSE, self.subordinate | self.relatives),
            (Part.TIME, self.dates | self.times),
            (Part.ROLE, self.people.words | self.somebody),
            (Part.DETERMINER, self.determiners),
            (Part.NOBODY, self.anybody),
            (Part.PRONOUN, self.pronouns),
            (Part.MARK, _PUNCTUATION),
            (Part.AND, self.and_),
            (Part.PREPOSITION, self.prepositions),
        )
        return {word: part for part, words in kinds for word in words}

    def part(self, form: str) -> Part:
        """What a word does; a word that is several things is what tells most."""
        known = self.parts.get(form)
        if known is not None:
            return known
        if self.people.ends(form):
            return Part.ROLE
        return Part.TIME if len(form) == _DIGITS_OF_YEAR and form.isdecimal() else Part.OTHER

    def parts_of(self, forms: Sequence[str]) -> list[Part]:
        """What each of many words does; each distinct one is looked at once."""
        found = {form: self.part(form) for form in set(forms)}
        return [found[form] for form in forms]

    @classmethod
    def merge(cls, languages: Iterable[Speech]) -> Self:
        """For a text in an unknown language: verbs and nouns of all; small words mean too much elsewhere."""
        merged = cls()
        for speech in languages:
            shared = {name: getattr(merged, name) | getattr(speech, name) for name in _SHARED}
            merged = cls(**shared)
        return merged


_SHARED = ("verbs", "calling", "according", "after", "named", "works", "signs", "organisations")


def read(name: str, table: object) -> Speech:
    """The speech of one words file.

    Args:
        name: of the file, for the error.
        table: ``[speech]`` as TOML gives it.

    Raises:
        TemplateError: a list has an unknown name, or is no list of strings.
    """
    if not isinstance(table, Mapping):
        raise TemplateError(f"{name}: [speech] is no table of a words file; en.toml shows which there are.")
    names = {each.name.rstrip("_"): each.name for each in fields(Speech) if each.init}
    kinds = get_type_hints(Speech)
    given: dict[str, Phrases | Terms | frozenset[str] | bool] = {}
    for key, value in table.items():
        if key not in names:
            raise TemplateError(f"{name}: [speech] {key} is unknown; en.toml shows the lists there are.")
        given[names[key]] = _value(f"{name}: [speech] {key}", kinds[names[key]], value)
    return Speech(**given)  # type: ignore[arg-type]  # each kind was made by the type of its field


def _value(where: str, kind: type, value: object) -> Phrases | Terms | frozenset[str] | bool:
    if kind is bool:
        if not isinstance(value, bool):
            raise TemplateError(f"{where} must be true or false.")
        return value
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise TemplateError(f'{where} must be a list of texts, like ["one", "two"].')
    if kind is Phrases:
        return Phrases(frozenset(_phrase(entry) for entry in value if entry.strip()))
    if kind is Terms:
        endings = frozenset(plain(entry[1:]) for entry in value if len(entry) > 1 and entry[0] == "-")
        return Terms(frozenset(plain(entry) for entry in value if entry[:1] != "-"), endings)
    return frozenset(map(plain, value))


def _phrase(entry: str) -> Phrase:
    """Its words as a text has them: an apostrophe or a hyphen parts two."""
    return tuple(plain(entry).replace("'", " ").replace("’", " ").replace("-", " ").split())
