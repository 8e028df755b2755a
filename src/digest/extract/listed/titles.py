"""Which section the words of a heading name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from digest.extract.headings import COLONS, LONGEST, bare
from digest.extract.words import Grammar, Kind, Language, Lexicon, Phrase, Token, Words, tokens

_MOST_WORDS = 22
_MOST_MORE_WORDS = dict.fromkeys(Kind, 3) | {
    Kind.QUOTES: 8,
    Kind.THEMES: 8,
}  # "Key themes discussed there"
_ENDS_SENTENCE = ".!?…。！？؟"
_TALKATIVE = frozenset({Kind.QUOTES, Kind.THEMES})
_NAME_NEAR = 7  # words of a heading, among which the name must begin: "Quotes from the long interview with X"
_MOST_WORDS_OF_NAME = 5
_CONNECTED = 3  # words, of which one leads on: "Key quotes taken from …"
_AFTER_NAME = COLONS + "–—-(,|・·"
_BEFORE_NAME = COLONS + "–—|"


@dataclass(frozen=True, slots=True)
class Title:
    """A heading that names a section: its kind, and what else it says before and after the name."""

    kind: Kind
    words: str  # the heading without ornaments and colon
    name: tuple[int, int]  # the words that name the section, as offsets into ``words``
    others: tuple[
        str, ...
    ] = ()  # languages in which other words of it name the same: "Key quotes / Citations clés"

    @property
    def before(self) -> str:
        """What stands before the name: "Mira Halden's" in "Mira Halden's Key Quotes"."""
        return self.words[: self.name[0]].strip()

    @property
    def after(self) -> str:
        """What stands after the name: "of Mira Halden in …"."""
        return self.words[self.name[1] :].strip()


def title(text: str, words: Words, *, exact: bool) -> Title | None:
    """The section that a heading's words name, or None.

    Args:
        text: the words of the heading.
        words: of all languages.
        exact: little but the name may stand in the heading, as it must where a line does not look like one.
    """
    return _title(text, words, exact) if len(text) <= LONGEST else None


@lru_cache(maxsize=512)  # a blog heads its sections alike from post to post
def _title(text: str, words: Words, exact: bool) -> Title | None:
    heading = bare(text)
    found = tokens(heading)
    if words.naming.told_by.isdisjoint([token.folded for token in found]):  # as in most lines
        return None
    read = _Heading.of(heading, found)
    if len(read.words) > _MOST_WORDS:
        return None
    told = words.naming.told(read.folded)
    names: dict[Name, str] = {}
    for kind, language in told:
        for name in _names(kind, read, words.languages[language], exact=exact):
            names.setdefault(name, language)
    if not names:
        return None if exact else behind_colon(heading, words)
    kind, first, last = max(names, key=lambda name: (name[2] - name[1], not name[1]))
    others = [
        language for (same, a, b), language in names.items() if same is kind and (a < first or b > last)
    ]
    if kind in {Kind.POSTS, Kind.VIDEOS} and _is_of_both(read, words, {language for _, language in told}):
        kind = Kind.LINKS
    return Title(kind, heading, (read.words[first].start, read.words[last - 1].end), tuple(others))


class _Heading(NamedTuple):
    """A heading while its words are read."""

    text: str
    words: tuple[Token, ...]  # without counts: "Comments (3)"
    folded: Phrase

    @classmethod
    def of(cls, text: str, found: tuple[Token, ...]) -> _Heading:
        words = tuple([token for token in found if not token.folded.isdecimal()])
        return cls(text, words, tuple([token.folded for token in words]))

    def between(self, i: int) -> str:
        """What stands between a word and the one before it."""
        return self.text[self.words[i - 1].end : self.words[i].start]


_HINTED = (Kind.QUOTES, Kind.VIDEOS, Kind.POSTS, Kind.THEMES)  # the first of them wins


def hint(text: str, words: Words, language: str) -> Title | None:
    """The section at which a heading's words only hint: one of its nouns stands somewhere in them.

    The word for themes must be one that is a heading by itself, since "points" and "issues" mean much else. Whether
    the heading opens the section must be confirmed by what follows it.
    """
    heading, known = bare(text), words.hints(language)
    hints = [
        (_HINTED.index(kind), token) for token in tokens(heading) for kind in known.get(token.folded, ())
    ]
    if not hints:
        return None
    first, token = min(hints)
    return Title(_HINTED[first], heading, (token.start, token.end))


def announced(text: str, words: Words, language: str) -> Title | None:
    """ "Her three points, as I understood them:", "Points of contention": a noun for themes, which a list must confirm."""
    heading = bare(text)
    found = tokens(heading)
    for grammar, nouns in words.announcing(language):
        at = next((i for i, word in enumerate(found) if not _is_slight(word.folded, grammar)), len(found))
        known = at < len(found) and found[at].folded in nouns
        compound = len(found) == 1 and found[0].folded.endswith(tuple(nouns))  # "Streitpunkte"
        leads = at + 1 < len(found) and found[at + 1].folded in grammar.by
        if (known and (at or leads)) or (compound and not known):
            return Title(Kind.THEMES, heading, (found[0].start, found[min(at, len(found) - 1)].end))
    return None


def _is_slight(word: str, grammar: Grammar) -> bool:
    return word in grammar.slight or word.isdecimal()


def behind_colon(heading: str, words: Words) -> Title | None:
    """ "What it was about: the main topics": the section that is named behind a colon or a dash."""
    cut = max(map(heading.rfind, _BEFORE_NAME))
    found = title(heading[cut + 1 :], words, exact=True) if cut > 0 else None
    if found is None:
        return None
    shift = heading.rindex(found.words)
    return Title(found.kind, heading, (found.name[0] + shift, found.name[1] + shift))


Name = tuple[Kind, int, int]


def _names(kind: Kind, heading: _Heading, words: Language, *, exact: bool) -> Iterator[Name]:
    """Every run of words at either end that names a section of that kind, as (kind, first, last + 1)."""
    folded, lexicon = heading.folded, words.lexicons[kind]
    size = _run(folded, lexicon, words.grammar)
    if size and _follows(kind, heading, size, words, exact=exact):
        yield kind, 0, size
    if not exact and (start := _at_end(kind, heading, words)):
        yield kind, start, len(folded)
    forms = (folded, folded if kind is Kind.STOP else _without_article(folded, words.grammar))
    if any(form in lexicon.alone or form in lexicon.phrases for form in forms):
        yield kind, 0, len(folded)
    elif (size := _phrase(folded, lexicon.phrases)) and (
        kind is Kind.STOP or _follows(kind, heading, size, words, exact=exact)
    ):
        yield kind, 0, size
    elif not exact and _noun_alone(kind, heading, words):
        yield kind, 0, 1
    elif not exact and (around := _around_name(heading, lexicon)):
        yield kind, *around


def _at_end(kind: Kind, heading: _Heading, words: Language) -> int:
    """Where a name at the end of a heading begins, behind what may stand before it; or 0."""
    folded, lexicon = heading.folded, words.lexicons[kind]
    backward = _run(folded[::-1], lexicon, words.grammar) or _last_words(kind, folded, lexicon)
    if not backward:
        return 0
    start = _before_fillers(folded, len(folded) - backward, words.grammar)
    return start if _precedes(heading, start, words.grammar) else 0


def _run(folded: Phrase, lexicon: Lexicon, grammar: Grammar) -> int:
    """How many words at the start are nouns, marks and fillers, with at least one noun and one mark; or 0."""
    size = noun = mark = 0
    for i, word in enumerate(folded):
        if word in lexicon.nouns or word in lexicon.marks:
            noun |= word in lexicon.nouns
            mark |= word in lexicon.marks
            size = i + 1
        elif word not in grammar.fillers:
            break
    enough = noun and mark and size >= 2
    return size if enough else 0


def _last_words(kind: Kind, folded: Phrase, lexicon: Lexicon) -> int:
    """How many words at the end are a phrase for quotes, as in "Mira Halden in her own words"; or 0."""
    sizes = range(min(len(folded) - 1, 6), 1, -1) if kind is Kind.QUOTES else ()
    return next((size for size in sizes if folded[-size:] in lexicon.phrases), 0)


def _before_fillers(folded: Phrase, start: int, grammar: Grammar) -> int:
    """Where a name at the end begins with its fillers: "Most Striking Quotes"."""
    while start > 0 and folded[start - 1] in grammar.fillers:
        start -= 1
    return start


def _without_article(folded: Phrase, grammar: Grammar) -> Phrase:
    """ "The topics" without "the"."""
    return folded[1:] if len(folded) > 1 and folded[0] in grammar.slight else folded


def _phrase(folded: Phrase, phrases: frozenset[Phrase]) -> int:
    """The longest phrase that the words begin with, in words; or 0."""
    return next((size for size in range(min(len(folded) - 1, 6), 0, -1) if folded[:size] in phrases), 0)


def _follows(kind: Kind, heading: _Heading, size: int, words: Language, *, exact: bool) -> bool:
    """Whether what stands after a name at the start can follow one: nothing, "of …", "in …", a colon."""
    if size == len(heading.words):
        return True
    small = words.grammar.leading
    leads = heading.folded[size] in small
    if exact:
        return leads and heading.text[-1] not in _ENDS_SENTENCE and heading.text[0].isupper()
    punctuated = any(character in _AFTER_NAME for character in heading.between(size))
    leading = heading.folded[size : size + _CONNECTED] if kind in _TALKATIVE else ()
    few = len(heading.words) - size <= _MOST_MORE_WORDS[kind]
    return punctuated or leads or few or not small.isdisjoint(leading)


def _precedes(heading: _Heading, size: int, grammar: Grammar) -> bool:
    """Whether what stands before a name at the end can: "Mira Halden's …", "Interview with X: …", "Voigts …"."""
    if not 0 < size <= 8:
        return False
    between = heading.between(size)
    if heading.folded[size - 1].endswith("'s") or any(
        character in _AFTER_NAME + "'’" for character in between
    ):
        return True
    before = heading.folded[:size]
    return size <= 4 and grammar.leading.isdisjoint(before) and grammar.fillers.isdisjoint(before)


def _around_name(heading: _Heading, lexicon: Lexicon) -> tuple[int, int] | None:
    """Where the first words of "What Mira Halden said" stand, or the last ones of "Mira Halden's own words".

    The first ones stand at the beginning or within: "The best of what …".
    """
    for own in lexicon.owned:
        start = len(heading.folded) - len(own)
        if start > 0 and heading.folded[start:] == own and heading.folded[start - 1].endswith("'s"):
            return start, len(heading.folded)
    for before, after in lexicon.gaps:
        for i in range(len(heading.folded) - len(before) - len(after)):
            gap = i + len(before)
            if heading.folded[i:gap] != before or heading.text[heading.words[gap].start].islower():
                continue
            ends = range(gap + 1, min(gap + _MOST_WORDS_OF_NAME, len(heading.folded) - len(after)) + 1)
            if any(heading.folded[end : end + len(after)] == after for end in ends):
                return i, gap
    return None


def _noun_alone(kind: Kind, heading: _Heading, words: Language) -> bool:
    """Whether a noun without a mark names a section by what follows it."""
    lexicon = words.lexicons[kind]
    if kind is Kind.THEMES:
        return _stands_before(heading.folded, lexicon, words.grammar)
    return kind is Kind.QUOTES and heading.folded[0] in lexicon.nouns and _by_name(heading, words.grammar)


def _stands_before(folded: Phrase, lexicon: Lexicon, grammar: Grammar) -> bool:
    """ "Topics of the evening": a word that is a heading by itself, and what may follow one."""
    leads = len(folded) > 2 and (folded[1] in grammar.leading or folded[1] in grammar.articles)
    return leads and folded[:1] in lexicon.alone


def _by_name(heading: _Heading, grammar: Grammar) -> bool:
    """ "Quotes of Mira Halden": a noun alone names a section where a person follows it."""
    folded = heading.folded
    if len(folded) < 3 or not (folded[1] in grammar.by or folded[1] in grammar.articles):
        return False
    return any(heading.text[token.start].isupper() for token in heading.words[2:_NAME_NEAR])


def _is_of_both(heading: _Heading, words: Words, languages: Iterable[str]) -> bool:
    """ "Related posts and videos" are links of both kinds."""
    lexicons = (words.languages[language].lexicons for language in languages)
    return any(
        all(not each[kind].nouns.isdisjoint(heading.folded) for kind in (Kind.POSTS, Kind.VIDEOS))
        for each in lexicons
    )
