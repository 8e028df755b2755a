"""The words around direct speech: who says, by which verb, and what is no speech at all.

They are the table ``[speech]`` of ``templates/words/LANG.toml``; en.toml explains each list. Unlike the words of
headings they keep their accents, because "a" and "à" or "el" and "él" are different words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum, auto
from functools import lru_cache
from typing import Self

from digest.errors import TemplateError

Phrase = tuple[str, ...]

_SAME = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ۀ": "ه", "ё": "е"})  # what keyboards spell differently
_LONGEST = 4  # words of a phrase
_PUNCTUATION = frozenset(",;:()—–[]/")


@lru_cache(maxsize=8192)
def plain(word: str) -> str:
    """A word as it is compared here: without case, with its accents."""
    return word.lower() if word.isascii() else word.casefold().translate(_SAME)


@dataclass(frozen=True, slots=True)
class Terms:
    """Nouns, some of them known only by how they end, as in languages that write compounds as one word."""

    words: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()

    def __contains__(self, word: str) -> bool:
        return word in self.words or bool(self.endings and word.endswith(self.endings))

    def __or__(self, other: Terms) -> Terms:
        return Terms(self.words | other.words, (*self.endings, *other.endings))


@dataclass(frozen=True, slots=True)
class Phrases:
    """Turns of speech of one to four words; found by their first word."""

    all: frozenset[Phrase] = frozenset()
    heads: frozenset[str] = frozenset()

    def at(self, forms: Sequence[str], i: int) -> int:
        """How many words the longest of these phrases has that stands at ``forms[i]``; 0 if none does."""
        if forms[i] not in self.heads:
            return 0
        sizes = range(min(_LONGEST, len(forms) - i), 0, -1)
        return next((size for size in sizes if tuple(forms[i : i + size]) in self.all), 0)

    def __contains__(self, phrase: object) -> bool:
        return phrase in self.all

    def __or__(self, other: Phrases) -> Phrases:
        return Phrases(self.all | other.all, self.heads | other.heads)


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
    drops_subject: bool = False  # "dijo" alone means that he or she said
    inside: bool = False  # an attribution may stand inside the marks: « A, dit-elle, b. »
    capital_nouns: bool = False  # every noun has a capital, so that it tells no name

    pronouns: frozenset[str] = field(init=False)  # all that stand as a subject
    relatives: frozenset[str] = field(init=False)
    articles: frozenset[str] = field(init=False)  # definite ones, of every gender
    people: Terms = field(init=False)  # all that says what somebody is

    parts: Mapping[str, Part] = field(init=False)  # of all small words and roles

    def __post_init__(self) -> None:
        pronouns = self.i | self.we | self.he | self.she | self.they | self.it
        object.__setattr__(self, "pronouns", pronouns)
        object.__setattr__(self, "relatives", self.who | self.which)
        object.__setattr__(self, "articles", self.the | self.the_m | self.the_f)
        object.__setattr__(self, "people", self.roles | self.roles_m | self.roles_f)
        object.__setattr__(self, "parts", self._parts())

    def _parts(self) -> dict[str, Part]:
        determiners = self.articles | self.a | self.possessives
        kinds = (
            (Part.ROLE, self.people.words),
            (Part.DETERMINER, determiners),
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
        if known is None:
            return Part.ROLE if self.people.endings and form.endswith(self.people.endings) else Part.OTHER
        return known

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
    kinds = {each.name.rstrip("_"): each for each in fields(Speech) if each.init}
    given: dict[str, Phrases | Terms | frozenset[str] | bool] = {}
    for key, value in table.items():
        if key not in kinds:
            raise TemplateError(f"{name}: [speech] {key} is unknown; en.toml shows the lists there are.")
        given[kinds[key].name] = _value(f"{name}: [speech] {key}", str(kinds[key].type), value)
    return Speech(**given)  # type: ignore[arg-type]  # each kind was made by the type of its field


def _value(where: str, kind: str, value: object) -> Phrases | Terms | frozenset[str] | bool:
    if kind == "bool":
        if not isinstance(value, bool):
            raise TemplateError(f"{where} must be true or false.")
        return value
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise TemplateError(f'{where} must be a list of texts, like ["one", "two"].')
    if kind == "Phrases":
        phrases = frozenset(_phrase(entry) for entry in value if entry.strip())
        return Phrases(phrases, frozenset(phrase[0] for phrase in phrases))
    if kind == "Terms":
        endings = tuple(plain(entry[1:]) for entry in value if len(entry) > 1 and entry[0] == "-")
        return Terms(frozenset(plain(entry) for entry in value if entry[:1] != "-"), endings)
    return frozenset(map(plain, value))


def _phrase(entry: str) -> Phrase:
    """Its words as a text has them: an apostrophe or a hyphen parts two."""
    return tuple(plain(entry).replace("'", " ").replace("’", " ").replace("-", " ").split())
