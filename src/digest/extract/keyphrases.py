"""Phrases that come back in a text and say what it is about.

A phrase is two or three words that stand beside each other, or are joined by a small word ("freedom of the press"),
and that come back in the text or in its title; a single word must stand in the title and come back in the text. They
are ordered by their C-value (Frantzi, Ananiadou and Mima, "Automatic recognition of multi-word terms: the C-value/NC-value
method", 2000): how often a phrase stands by itself and not within a longer one, times the logarithm of its length. As
in YAKE (Campos et al., "YAKE! Keyword extraction from single documents using multiple local features", 2020) what
comes early counts for more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log2

from digest.extract.keywords import WORD, spoken
from digest.extract.speechwords import plain
from digest.extract.words import Words
from digest.text.similar import extent, fold, stem

MOST_PHRASES = 5
_MOST_TEXT = 20_000  # characters: what a post is about it says before
_MOST_WORDS = 3
_FEWEST = 2  # times that a phrase stands in text and title, or a single word in the text
_SHORTEST = 4  # letters of a word, in a language of which the small words are not known
_CAPITALS = 0.42  # a language that writes nouns with a capital has more, one that does not has fewer, …
_FEWEST_TELLING = 20  # … of so many words that begin no sentence
_UNSPACED = "\u0e00"  # from here on there are scripts that part no words
_IN_TITLE = 2.0
_EARLY = 0.5  # what a phrase in the first sentence gains over one in the last
_HYPHENS = frozenset({"-", "\u2010", "\u2011"})
_JOINTS = _HYPHENS | {" ", "\u00a0", "'", "’"}
_ENDS = re.compile(r"[.!?…:;؟۔。\n\"“”„«»‹›「」]")
_PARTS = re.compile(f"({WORD.pattern})")

Stems = tuple[str, ...]


@dataclass(slots=True)
class _Phrase:
    """A phrase in the text, by how it is written."""

    words: int  # without those that join
    first: int  # which word of the text it begins with first
    forms: Counter[str] = field(default_factory=Counter)
    inner: Counter[str] = field(default_factory=Counter)  # of them, those that do not open a sentence
    within: list[int] = field(default_factory=list)  # how often each longer phrase around it comes back

    @property
    def count(self) -> int:
        return self.forms.total()

    @property
    def form(self) -> str:
        """How it is mostly written; the capital at the beginning of a sentence is not its own, nor those of a dateline."""
        forms = self.inner or self.forms
        quiet = Counter({form: count for form, count in self.forms.items() if not form.isupper()})
        return (quiet if quiet and forms.most_common(1)[0][0].isupper() else forms).most_common(1)[0][0]


def key_phrases(
    text: str, *, title: str, words: Words, language: str, names: Iterable[str] = ()
) -> tuple[str, ...]:
    """At most five phrases, the most telling first, as they stand in the text. Linear in its length.

    Args:
        text: the prose of a post, a paragraph a line.
        title: of the post.
        words: of all languages.
        language: BCP 47 primary tag, or ``""``.
        names: of who speaks and writes; they are no subject by themselves.
    """
    lexicon = _Lexicon(words, language)
    prose, heading = _Text(text[:_MOST_TEXT], lexicon), _Text(title, lexicon)
    titled = {stems for i in heading.telling() for stems, _ in heading.phrases(i)}
    phrases = _counted(prose, titled)
    judge = _Judge(
        lexicon,
        titled,
        capitals=prose.writes_capitals(),
        names=[frozenset((*said, *map(lexicon.stem, said))) for said in map(spoken, names)],
        length=len(prose.words),
    )
    telling = {stems: judge.worth(stems, phrase) for stems, phrase in phrases.items()}
    return tuple(_chosen(phrases, telling))


class _Lexicon:
    """Which words begin and end phrases, and which join them, in one language."""

    def __init__(self, words: Words, language: str) -> None:
        known = words.languages.get(language)
        grammar = known.grammar if known else words.grammar
        self._language = language
        self._by, self._articles = grammar.by, grammar.articles
        speech = words.speech(language)
        verbs = {verb[0] for verb in speech.verbs.all if len(verb) == 1}
        self._no_phrase = words.key(language).stop | words.key(language).dates | verbs
        self._roles = speech.people
        self.known = known is not None

    def stem(self, word: str) -> str:
        """The stem of a word; ``""`` of one with which no phrase begins or ends."""
        form = plain(word)
        if len(form) < 2 or form in self._no_phrase or (not form.isalpha() and any(map(str.isdigit, form))):
            return ""
        if form[0] >= _UNSPACED and extent(form)[1]:  # what stands between two marks there is no word
            return ""
        return _stemmed(form, self._language)

    def is_role(self, word: str) -> bool:
        """Whether a word says what somebody is: "minister" alone is no subject."""
        return plain(word) in self._roles

    def joins(self, word: str, *, goes_on: bool) -> bool:
        """Whether a small word joins two others: "of"; and where another does already, "the"."""
        form = plain(word)
        return form in self._by or (goes_on and form in self._articles)


@lru_cache(maxsize=50_000)
def _stemmed(form: str, language: str) -> str:
    return stem(fold(form.replace("\u200c", "")), language)


class _Text:
    """The words of a text, their stems, and what stands before each."""

    def __init__(self, text: str, lexicon: _Lexicon) -> None:
        parts = _PARTS.split(text)
        self._lexicon = lexicon
        self._parts = parts
        self.gaps, self.words = parts[0::2], parts[1::2]
        stems = {word: lexicon.stem(word) for word in set(self.words)}
        self.stems = [stems[word] for word in self.words]

    def telling(self) -> Iterator[int]:
        """The words with which a phrase may begin."""
        return (i for i, stem in enumerate(self.stems) if stem and not self._is_joined(i))

    def _is_joined(self, i: int) -> bool:
        """Whether a hyphen joins a word to the one before: no phrase begins or ends within "Saint-Avre-les-Eaux"."""
        return i > 0 and self.gaps[i] in _HYPHENS

    def phrases(self, i: int, often: Mapping[str, int] | None = None) -> Iterator[tuple[Stems, int]]:
        """The phrases of at most three words that begin at a word, each with the word behind it.

        With ``often``, only those whose words all come back.
        """
        found: Stems = (self.stems[i],)
        if not self._is_joined(i + 1):
            yield found, i + 1
        size, joining = 1, False
        for j in range(i + 1, len(self.words)):
            stem = self.stems[j]
            if self.gaps[j] not in _JOINTS or (stem and often is not None and often[stem] < _FEWEST):
                return
            if stem:
                size, joining, found = size + 1, False, (*found, stem)
                if size > _MOST_WORDS:
                    return
                if not self._is_joined(j + 1):
                    yield found, j + 1
            elif self._is_joined(j) or self._lexicon.joins(self.words[j], goes_on=joining):
                joining, found = True, (*found, self.words[j])
            else:
                return

    def form(self, i: int, end: int) -> str:
        """The words from one to another, as they are written."""
        return " ".join("".join(self._parts[2 * i + 1 : 2 * end]).split())

    def opens(self, i: int) -> bool:
        """Whether a sentence begins with a word."""
        return i == 0 or _ENDS.search(self.gaps[i]) is not None

    def writes_capitals(self) -> bool:
        """Whether the text's language writes nouns with a capital."""
        inner = [
            word[0].isupper()
            for word, stem, gap in zip(self.words, self.stems, self.gaps, strict=False)
            if stem and gap == " "
        ]
        return len(inner) >= _FEWEST_TELLING and sum(inner) > _CAPITALS * len(inner)


def _counted(text: _Text, titled: Collection[Stems]) -> dict[Stems, _Phrase]:
    """Every phrase that comes back, in the text or in the title, with how often longer ones stand around it."""
    often = Counter(text.stems)
    often.update(stem for stems in titled for stem in set(stems))
    found: dict[Stems, _Phrase] = {}
    for i in text.telling():
        if often[text.stems[i]] >= _FEWEST:
            for stems, end in text.phrases(i, often):
                phrase = found.get(stems)
                if phrase is None:
                    phrase = found[stems] = _Phrase(sum(map(bool, text.stems[i:end])), i)
                form = text.form(i, end)
                phrase.forms[form] += 1
                if not text.opens(i):
                    phrase.inner[form] += 1
    found = {stems: each for stems, each in found.items() if each.count + (stems in titled) >= _FEWEST}
    for stems, phrase in found.items():
        for part in _parts(stems):
            if part in found:
                found[part].within.append(phrase.count)
    return found


def _parts(stems: Stems) -> Iterator[Stems]:
    """The shorter phrases within a phrase."""
    for size in range(1, len(stems)):
        for i in range(len(stems) - size + 1):
            yield stems[i : i + size]


@dataclass(frozen=True, slots=True)
class _Judge:
    """What a phrase is worth in one text."""

    lexicon: _Lexicon
    titled: Collection[Stems]
    capitals: bool  # nouns begin with one
    names: Sequence[frozenset[str]]
    length: int

    def worth(self, stems: Stems, phrase: _Phrase) -> float:
        """Its C-value, more where it comes early or stands in the title; 0 for what is no key phrase."""
        told = any((stem,) in self.titled for stem in stems)
        if not self._may_be_key(stems, phrase, told):
            return 0.0
        longer = sum(phrase.within) / len(phrase.within) if phrase.within else 0.0
        c_value = log2(1 + phrase.words) * (phrase.count + (stems in self.titled) - longer)
        return c_value * (1 + _EARLY * (1 - phrase.first / self.length)) * (_IN_TITLE if told else 1.0)

    def _may_be_key(self, stems: Stems, phrase: _Phrase, told: bool) -> bool:
        form = phrase.form
        if any(name.issuperset(stems) for name in self.names):
            return False
        if self.capitals and not form.split()[-1][0].isupper():  # no noun
            return False
        if not self.lexicon.known and not (told and all(len(stem) >= _SHORTEST for stem in stems)):
            return False
        return phrase.words > 1 or (told and phrase.count >= _FEWEST and not self.lexicon.is_role(form))


def _chosen(phrases: Mapping[Stems, _Phrase], telling: Mapping[Stems, float]) -> Iterator[str]:
    """The best, none of them within another."""
    taken: list[set[str]] = []
    for stems in sorted(telling, key=lambda stems: (-telling[stems], phrases[stems].first, stems)):
        if len(taken) == MOST_PHRASES or telling[stems] <= 0:
            return
        own = set(stems)
        if not any(own <= other or other <= own for other in taken):
            taken.append(own)
            yield phrases[stems].form
