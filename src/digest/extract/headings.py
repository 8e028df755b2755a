"""Headings: which lines of a post are headings, whatever the markup, and which section their words name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.extract.marks import opens
from digest.extract.words import Grammar, Kind, Language, Lexicon, Phrase, Token, Words, tokens
from digest.text.html import Document, Line

# How loudly a line says that it is a heading. Lower ranks stand above higher ones; h1 to h6 are 1 to 6.
CELL, TERM, BOLD, COLON = 7, 7, 8, 9

_TAG_RANKS = {f"h{level}": level for level in range(1, 7)} | {
    "summary": 3,
    "caption": 6,
    "th": CELL,
    "dt": TERM,
}
_LONGEST = 160  # characters of a heading
_MOST_WORDS = 22
_MOST_MORE_WORDS = dict.fromkeys(Kind, 3) | {
    Kind.QUOTES: 8,
    Kind.THEMES: 8,
}  # "Key themes discussed there"
_ENDS_SENTENCE = ".!?…。！？؟"
_COLONS = ":：﹕"
# A sentence of six words or more, and another: prose that happens to end in a colon. Fewer may end in "Prof.".
_AFTER_SENTENCE = re.compile(r"(?:\S+\s+){5,40}\S*\w[.!?…。！？؟][\"'”’»)]*\s+\S")
_PERMALINK = "#¶§"  # what blog systems put behind a heading as a link to it
_AFTER_NAME = _COLONS + "–—-(,|・·"
_BEFORE_NAME = _COLONS + "–—|"
_BULLET = re.compile(
    r"(?:#{1,6}|\d{1,3}(?:[.):/-]|️?⃣)|[\u2460-\u2473\u2776-\u277f]|\(\d{1,3}\)|[a-zA-Z]\)|[ivxIVX]{1,4}[.)])(?=\s|$|[^\w\s])\s*"
)
_BULLETS = frozenset("-–—−*•·▪▫◦‣⁃►▸»›+~○●■□◆◇☐→⇒")
_NO_ORNAMENTS = frozenset("©®℗°")  # symbols to Unicode, words to a reader


def lead(text: str) -> int:
    """How many characters at the beginning are bullets, dashes, emoji and numbering, with the spaces after them."""
    at = 0
    while at < len(text):
        if text[at].isspace() or _is_ornament(text, at):
            at += 1
        elif match := _BULLET.match(text, at):
            at = match.end()
        else:
            return at
    return at


def _is_ornament(text: str, at: int) -> bool:
    character = text[at]
    if character in "»›" and not text[at + 1 : at + 2].isspace():
        return False  # a quotation mark
    if character in _NO_ORNAMENTS:
        return False
    return character in _BULLETS or unicodedata.category(character) in {"So", "Sk", "Cf", "Me", "Mn"}


def bulleted(text: str) -> bool:
    """Whether a text begins with a bullet, a dash or a number."""
    return 0 < lead(text) < len(text)


def rank(document: Document, line: Line) -> int | None:
    """How far up a line stands as a heading, or None if it is no heading by its looks.

    Tags come first, then lines that are bold from end to end, then short ones that end in a colon.
    """
    words = document.words(line)
    if not words.strip() or len(words) > _LONGEST or opens(words[lead(words) :]):
        return None
    if tag := next((_TAG_RANKS[tag] for tag in reversed(line.path) if tag in _TAG_RANKS), None):
        return tag
    if line.bold and not is_link(line):
        return BOLD
    announces = words.rstrip()[-1] in _COLONS and not bulleted(words) and not _AFTER_SENTENCE.match(words)
    return COLON if announces else None


def is_link(line: Line) -> bool:
    """Whether a line is a link from end to end, give or take a bullet."""
    linked = sum(anchor.end - anchor.start for anchor in line.anchors)
    return linked > 0 and linked >= 0.8 * (line.end - line.start)


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


def bare(words: str) -> str:
    """A heading's words without ornaments at the start and without the colon at the end."""
    return words[lead(words) :].strip().rstrip(_COLONS + _PERMALINK + " \u00a0–—-").strip()


def title(text: str, words: Words, *, exact: bool) -> Title | None:
    """The section that a heading's words name, or None.

    Args:
        text: the words of the heading.
        words: of all languages.
        exact: little but the name may stand in the heading, as it must where a line does not look like one.
    """
    if len(text) > _LONGEST:
        return None
    heading = bare(text)
    found = _heading_tokens(heading)
    if len(found) > _MOST_WORDS:
        return None
    folded = frozenset(token.folded for token in found)
    languages = [language for language in words.languages.values() if not folded.isdisjoint(language.telling)]
    names = [name for language in languages for name in _names(found, heading, language, exact=exact)]
    if not names:
        return None if exact else _behind_colon(heading, words)
    kind, first, last = max(names, key=lambda name: (name[2] - name[1], not name[1]))
    if any(_is_of_both(folded, language) for language in languages) and kind in {Kind.POSTS, Kind.VIDEOS}:
        kind = Kind.LINKS
    return Title(kind, heading, (found[first].start, found[last - 1].end))


def _behind_colon(heading: str, words: Words) -> Title | None:
    """ "What it was about: the main topics": the section that is named behind a colon or a dash."""
    cut = max(map(heading.rfind, _BEFORE_NAME))
    found = title(heading[cut + 1 :], words, exact=True) if cut > 0 else None
    if found is None:
        return None
    shift = heading.rindex(found.words)
    return Title(found.kind, heading, (found.name[0] + shift, found.name[1] + shift))


def _heading_tokens(heading: str) -> tuple[Token, ...]:
    """Words of a heading; counts ("Comments (3)") are none."""
    return tuple(token for token in tokens(heading) if not token.folded.isdecimal())


Name = tuple[Kind, int, int]


def _names(found: Sequence[Token], heading: str, words: Language, *, exact: bool) -> Iterator[Name]:
    """Every run of words at either end that names a section, as (kind, first, last + 1)."""
    folded = tuple(token.folded for token in found)
    for kind, lexicon in words.lexicons.items():
        if lexicon.telling.isdisjoint(folded):
            continue
        size = _run(folded, lexicon, words.grammar)
        if size and _follows(kind, found, size, heading, words, exact=exact):
            yield kind, 0, size
        backward = _run(folded[::-1], lexicon, words.grammar) or _last_words(kind, folded, lexicon)
        start = _before_fillers(folded, len(folded) - backward, words.grammar)
        if backward and not exact and _precedes(found, start, heading, words):
            yield kind, start, len(folded)
        forms = (folded, _without_article(folded, words.grammar))
        if any(form in lexicon.alone or form in lexicon.phrases for form in forms):
            yield kind, 0, len(folded)
        elif (size := _phrase(folded, lexicon.phrases)) and (
            kind is Kind.STOP or _follows(kind, found, size, heading, words, exact=exact)
        ):
            yield kind, 0, size
        elif not exact and _noun_alone(kind, found, heading, words):
            yield kind, 0, 1


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
    small = grammar.articles | grammar.fillers
    return folded[1:] if len(folded) > 1 and folded[0] in small else folded


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
    small = words.grammar.by | words.grammar.with_ | words.grammar.until
    if exact:
        return following.folded in small and heading[-1] not in _ENDS_SENTENCE and heading[0].isupper()
    between = heading[found[size - 1].end : following.start]
    punctuated = any(character in _AFTER_NAME for character in between)
    return punctuated or following.folded in small or len(found) - size <= _MOST_MORE_WORDS[kind]


def _precedes(found: Sequence[Token], size: int, heading: str, words: Language) -> bool:
    """Whether what stands before a name at the end can: "Mira Halden's …", "Interview with X: …", "Voigts …"."""
    if not 0 < size <= 8:
        return False
    last = found[size - 1]
    between = heading[last.end : found[size].start]
    if last.folded.endswith("'s") or any(character in _AFTER_NAME + "'’" for character in between):
        return True
    grammar = words.grammar
    small = grammar.by | grammar.with_ | grammar.until | grammar.fillers
    return size <= 4 and not any(token.folded in small for token in found[:size])


def _noun_alone(kind: Kind, found: Sequence[Token], heading: str, words: Language) -> bool:
    """Whether a noun without a mark names a section by what follows it."""
    lexicon = words.lexicons[kind]
    if kind is Kind.THEMES:
        return _stands_before(found, lexicon, words.grammar)
    return kind is Kind.QUOTES and found[0].folded in lexicon.nouns and _by_name(found, heading, words)


def _stands_before(found: Sequence[Token], lexicon: Lexicon, grammar: Grammar) -> bool:
    """ "Topics of the evening": a word that is a heading by itself, and what may follow one."""
    small = grammar.by | grammar.with_ | grammar.until | grammar.articles
    return len(found) > 2 and (found[0].folded,) in lexicon.alone and found[1].folded in small


def _by_name(found: Sequence[Token], heading: str, words: Language) -> bool:
    """ "Quotes of Mira Halden": a noun alone names a section where a person follows it."""
    if len(found) < 3 or found[1].folded not in words.grammar.by | words.grammar.articles:
        return False
    return heading[found[2].start].isupper()


def _is_of_both(folded: frozenset[str], words: Language) -> bool:
    """ "Related posts and videos" are links of both kinds."""
    return all(folded & words.lexicons[kind].nouns for kind in (Kind.POSTS, Kind.VIDEOS))
