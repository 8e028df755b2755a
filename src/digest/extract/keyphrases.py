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
from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log2

from digest.extract.keywords import WORD, spoken
from digest.extract.speechwords import plain
from digest.extract.words import Words
from digest.model import Span
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
    titled = {stems for stems, _, _ in heading.phrases({*heading.stems} - {""})}
    phrases = _phrases(prose, titled)
    if not phrases:
        return ()
    judge = _Judge(
        lexicon,
        titled,
        capitals=prose.writes_capitals(),
        names=[frozenset((*said, *map(lexicon.stem, said))) for said in map(spoken, names)],
        length=len(prose.words),
    )
    return tuple(phrase.form for phrase in _chosen({phrase: judge.worth(phrase) for phrase in phrases}))


class _Lexicon:
    """Which words begin and end phrases, and which join them, in one language."""

    def __init__(self, words: Words, language: str) -> None:
        known = words.languages.get(language)
        grammar = known.grammar if known else words.grammar
        self._language = language
        speech, key = words.speech(language), words.key(language)
        self._by, self._articles = grammar.by, grammar.articles
        self._stop, self._dates, self._verbs = key.stop, key.dates, speech.verbs.single
        self._roles = speech.people
        self.known = known is not None

    def stem(self, word: str) -> str:
        """The stem of a word; ``""`` of one with which no phrase begins or ends."""
        form = plain(word)
        if len(form) < 2 or form in self._stop or form in self._dates or form in self._verbs:
            return ""
        if not form.isalpha() and any(map(str.isdigit, form)):
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
        self._joining = {
            word for word, stem in stems.items() if not stem and lexicon.joins(word, goes_on=False)
        }

    def phrases(self, often: Container[str]) -> Iterator[tuple[Stems, int, int]]:
        """All phrases of at most three words that are in ``often``: their stems, where they begin, the word behind them."""
        for i, begun in enumerate(self.stems):
            if begun in often and not (i and self.gaps[i] in _HYPHENS):
                if self.gaps[i + 1] not in _HYPHENS:
                    yield (begun,), i, i + 1
                if self._goes_on(i + 1, often):
                    yield from self._longer(i, often)

    def _goes_on(self, i: int, often: Container[str]) -> bool:
        """Whether a phrase may go on with a word."""
        if i == len(self.words) or self.gaps[i] not in _JOINTS:
            return False
        stem = self.stems[i]
        return stem in often if stem else self.gaps[i] in _HYPHENS or self.words[i] in self._joining

    def _longer(self, i: int, often: Container[str]) -> Iterator[tuple[Stems, int, int]]:
        """The phrases of two and three words that begin at a word.

        A hyphen joins: no phrase begins or ends within "Saint-Avre-les-Eaux".
        """
        found: Stems = (self.stems[i],)
        size, joining = 1, False
        for j in range(i + 1, len(self.words)):
            stem, gap = self.stems[j], self.gaps[j]
            if gap not in _JOINTS:
                return
            if stem:
                size, joining, found = size + 1, False, (*found, stem)
                if size > _MOST_WORDS or stem not in often:
                    return
                if self.gaps[j + 1] not in _HYPHENS:
                    yield found, i, j + 1
            elif gap in _HYPHENS or self._lexicon.joins(self.words[j], goes_on=joining):
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
        each = zip(self.words, self.stems, self.gaps, strict=False)
        inner = [word for word, stem, gap in each if stem and gap == " "]
        capitals = sum(word[0].isupper() for word in inner)
        return len(inner) >= _FEWEST_TELLING and capitals > _CAPITALS * len(inner)


@dataclass(frozen=True, eq=False, slots=True)
class _Phrase:
    """A phrase that comes back in a text."""

    stems: Stems
    text: _Text
    places: Sequence[Span]  # its words, from one to another
    titled: bool  # it stands in the title, too
    within: list[int] = field(default_factory=list)  # how often each longer phrase around it comes back

    @property
    def words(self) -> int:
        """How many words it has, without those that join."""
        return sum(map(bool, self.text.stems[slice(*self.places[0])]))

    @property
    def count(self) -> int:
        """How often it stands in the text."""
        return len(self.places)

    @property
    def form(self) -> str:
        """How it is mostly written; the capital at the beginning of a sentence is not its own, nor those of a dateline."""
        written = [self.text.form(*place) for place in self.places]
        forms = Counter(written)
        inner = Counter(
            form for form, (begin, _) in zip(written, self.places, strict=True) if not self.text.opens(begin)
        )
        quiet = Counter({form: count for form, count in forms.items() if not form.isupper()})
        best, _ = (inner or forms).most_common(1)[0]
        return quiet.most_common(1)[0][0] if quiet and best.isupper() else best


def _phrases(text: _Text, titled: Collection[Stems]) -> Collection[_Phrase]:
    """Every phrase that comes back, in the text or in the title, with how often longer ones stand around it."""
    counts = Counter(text.stems)
    counts.update(stem for stems in titled for stem in set(stems))
    often = {stem for stem, count in counts.items() if stem and count >= _FEWEST}
    places: defaultdict[Stems, list[Span]] = defaultdict(list)
    for stems, begin, end in text.phrases(often):
        if len(stems) > 1 or stems in titled:
            places[stems].append((begin, end))
    found = {
        stems: _Phrase(stems, text, spans, stems in titled)
        for stems, spans in places.items()
        if len(spans) + (stems in titled) >= _FEWEST
    }
    for stems, phrase in found.items():
        for part in _parts(stems):
            if part in found:
                found[part].within.append(phrase.count)
    return found.values()


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

    def worth(self, phrase: _Phrase) -> float:
        """Its C-value, more where it comes early or stands in the title; 0 for what is no key phrase."""
        told = any((stem,) in self.titled for stem in phrase.stems)
        if not self._may_be_key(phrase, told):
            return 0.0
        longer = sum(phrase.within) / len(phrase.within) if phrase.within else 0.0
        c_value = log2(1 + phrase.words) * (phrase.count + phrase.titled - longer)
        early = 1 - phrase.places[0][0] / self.length
        return c_value * (1 + _EARLY * early) * (_IN_TITLE if told else 1.0)

    def _may_be_key(self, phrase: _Phrase, told: bool) -> bool:
        single = len(phrase.stems) == 1
        if single and not (told and phrase.count >= _FEWEST):
            return False
        if any(name.issuperset(phrase.stems) for name in self.names):
            return False
        if not self.lexicon.known and not (told and all(len(stem) >= _SHORTEST for stem in phrase.stems)):
            return False
        if self.capitals and not phrase.form.split()[-1][0].isupper():  # no noun
            return False
        return not (single and self.lexicon.is_role(phrase.form))


def _chosen(worth: Mapping[_Phrase, float]) -> Iterator[_Phrase]:
    """The best, none of them within another."""
    taken: list[set[str]] = []
    telling = (phrase for phrase in worth if worth[phrase] > 0)
    for phrase in sorted(telling, key=lambda each: (-worth[each], each.places[0], each.stems)):
        own = set(phrase.stems)
        if not any(own <= other or other <= own for other in taken):
            taken.append(own)
            yield phrase
        if len(taken) == MOST_PHRASES:
            return
