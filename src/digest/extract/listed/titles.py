"""Which section the words of a heading name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
_CONNECTED = 3  # words, of which one leads on: "Key quotes taken from …"
_AFTER_NAME = COLONS + "–—-(,|・·"
_BEFORE_NAME = COLONS + "–—|"


@dataclass(frozen=True, slots=True)
class Title:
    """A heading that names a section: its kind, and what else it says before and after the name."""

    kind: Kind
    words: str  # the heading without ornaments and colon
    name: tuple[int, int]  # the words that name the section, as offsets into ``words``

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
    if len(text) > LONGEST:
        return None
    heading = bare(text)
    found = _heading_tokens(heading)
    if len(found) > _MOST_WORDS:
        return None
    told = words.naming.told(tuple(token.folded for token in found))
    languages = [(kind, words.languages[language]) for kind, language in told]
    names = [
        name for kind, language in languages for name in _names(kind, found, heading, language, exact=exact)
    ]
    if not names:
        return None if exact else behind_colon(heading, words)
    kind, first, last = max(names, key=lambda name: (name[2] - name[1], not name[1]))
    if kind in {Kind.POSTS, Kind.VIDEOS} and any(_is_of_both(found, language) for _, language in languages):
        kind = Kind.LINKS
    return Title(kind, heading, (found[first].start, found[last - 1].end))


_HINTED = (Kind.QUOTES, Kind.VIDEOS, Kind.POSTS, Kind.THEMES)  # the first of them wins


def hint(text: str, words: Words) -> Title | None:
    """The section at which a heading's words only hint: one of its nouns stands somewhere in them.

    The word for themes must be one that is a heading by itself, since "points" and "issues" mean much else. Whether
    the heading opens the section must be confirmed by what follows it.
    """
    heading = bare(text)
    hints = [
        (_HINTED.index(kind), token)
        for token in tokens(heading)
        for kind in words.hinting.get(token.folded, ())
    ]
    if not hints:
        return None
    first, token = min(hints)
    return Title(_HINTED[first], heading, (token.start, token.end))


def behind_colon(heading: str, words: Words) -> Title | None:
    """ "What it was about: the main topics": the section that is named behind a colon or a dash."""
    cut = max(map(heading.rfind, _BEFORE_NAME))
    found = title(heading[cut + 1 :], words, exact=True) if cut > 0 else None
    if found is None:
        return None
    shift = heading.rindex(found.words)
    return Title(found.kind, heading, (found.name[0] + shift, found.name[1] + shift))


def _heading_tokens(heading: str) -> tuple[Token, ...]:
    """Words of a heading; counts ("Comments (3)") are none."""
    return tuple([token for token in tokens(heading) if not token.folded.isdecimal()])


Name = tuple[Kind, int, int]


def _names(
    kind: Kind, found: Sequence[Token], heading: str, words: Language, *, exact: bool
) -> Iterator[Name]:
    """Every run of words at either end that names a section of that kind, as (kind, first, last + 1)."""
    folded = tuple(token.folded for token in found)
    lexicon = words.lexicons[kind]
    size = _run(folded, lexicon, words.grammar)
    if size and _follows(kind, found, size, heading, words, exact=exact):
        yield kind, 0, size
    if not exact and (start := _at_end(kind, found, heading, words)):
        yield kind, start, len(folded)
    forms = (folded, folded if kind is Kind.STOP else _without_article(folded, words.grammar))
    if any(form in lexicon.alone or form in lexicon.phrases for form in forms):
        yield kind, 0, len(folded)
    elif (size := _phrase(folded, lexicon.phrases)) and (
        kind is Kind.STOP or _follows(kind, found, size, heading, words, exact=exact)
    ):
        yield kind, 0, size
    elif not exact and _noun_alone(kind, found, heading, words):
        yield kind, 0, 1


def _at_end(kind: Kind, found: Sequence[Token], heading: str, words: Language) -> int:
    """Where a name at the end of a heading begins, behind what may stand before it; or 0."""
    folded = tuple(token.folded for token in found)
    lexicon = words.lexicons[kind]
    backward = _run(folded[::-1], lexicon, words.grammar) or _last_words(kind, folded, lexicon)
    start = _before_fillers(folded, len(folded) - backward, words.grammar)
    return start if backward and _precedes(found, start, heading, words) else 0


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


def _follows(
    kind: Kind, found: Sequence[Token], size: int, heading: str, words: Language, *, exact: bool
) -> bool:
    """Whether what stands after a name at the start can follow one: nothing, "of …", "in …", a colon."""
    if size == len(found):
        return True
    following = found[size]
    small = words.grammar.leading
    if exact:
        return following.folded in small and heading[-1] not in _ENDS_SENTENCE and heading[0].isupper()
    between = heading[found[size - 1].end : following.start]
    punctuated = any(character in _AFTER_NAME for character in between)
    leading = found[size : size + _CONNECTED] if kind in _TALKATIVE else ()
    connected = any(token.folded in small for token in leading)
    return punctuated or following.folded in small or connected or len(found) - size <= _MOST_MORE_WORDS[kind]


def _precedes(found: Sequence[Token], size: int, heading: str, words: Language) -> bool:
    """Whether what stands before a name at the end can: "Mira Halden's …", "Interview with X: …", "Voigts …"."""
    if not 0 < size <= 8:
        return False
    last = found[size - 1]
    between = heading[last.end : found[size].start]
    if last.folded.endswith("'s") or any(character in _AFTER_NAME + "'’" for character in between):
        return True
    grammar = words.grammar
    small = any(token.folded in grammar.leading or token.folded in grammar.fillers for token in found[:size])
    return size <= 4 and not small


def _noun_alone(kind: Kind, found: Sequence[Token], heading: str, words: Language) -> bool:
    """Whether a noun without a mark names a section by what follows it."""
    lexicon = words.lexicons[kind]
    if kind is Kind.THEMES:
        return _stands_before(found, lexicon, words.grammar)
    return kind is Kind.QUOTES and found[0].folded in lexicon.nouns and _by_name(found, heading, words)


def _stands_before(found: Sequence[Token], lexicon: Lexicon, grammar: Grammar) -> bool:
    """ "Topics of the evening": a word that is a heading by itself, and what may follow one."""
    leads = len(found) > 2 and (found[1].folded in grammar.leading or found[1].folded in grammar.articles)
    return leads and (found[0].folded,) in lexicon.alone


def _by_name(found: Sequence[Token], heading: str, words: Language) -> bool:
    """ "Quotes of Mira Halden": a noun alone names a section where a person follows it."""
    grammar = words.grammar
    if len(found) < 3 or not (found[1].folded in grammar.by or found[1].folded in grammar.articles):
        return False
    return any(heading[token.start].isupper() for token in found[2:_NAME_NEAR])


def _is_of_both(found: Sequence[Token], words: Language) -> bool:
    """ "Related posts and videos" are links of both kinds."""
    folded = {token.folded for token in found}
    return all(folded & words.lexicons[kind].nouns for kind in (Kind.POSTS, Kind.VIDEOS))
