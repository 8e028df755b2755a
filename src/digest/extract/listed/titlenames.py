"""Whom a post's title names as the one who speaks: "Interview with X", "The speech of X", "X speaks at …", "X: …".

A name counts only if the post itself uses it, and not as that of a place, an institution or a radio station: a wrong name
is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from digest.extract.listed.fullnames import inflected, resolve
from digest.extract.listed.names import looks_like_name, name_at
from digest.extract.words import Words, tokens

_NEAR_MEDIUM = 3  # words behind a preposition, among which "radio" stands
_MOST_WORDS_OF_DESCRIPTION = 4  # the name's first included
_LONGEST = 300  # characters of a title that are read
_NAMES_IN_TEXT = 50_000  # characters of a text in which a name is looked for
_BEFORE = 30  # characters of the text right before or behind a name


def interviewee(title: str, words: Words, text: str, language: str = "") -> str:
    """The person whom a title names as speaking or asked, in full, or ``""``.

    Args:
        title: of the post.
        words: of all languages.
        text: of the whole post.
        language: of the post (BCP 47 primary tag), or ``""``.
    """
    reader = _TitleReader(title[:_LONGEST], words, text[:_NAMES_IN_TEXT], language)
    asked = (name for name in reader.asked() if " " in name and not reader.is_medium(name))
    named = (name if name in reader.text else inflected(name, reader.text) for name in asked)
    return next(filter(None, named), "") or next(
        filter(None, map(reader.speaker, dict.fromkeys(reader.speaking()))), ""
    )


class _TitleReader:
    def __init__(self, title: str, words: Words, text: str, language: str) -> None:
        self.title = title
        self.found = tokens(title)
        self.words = words
        self.text = text
        self.grammar = words.topics(language)[0]
        self.bodies = words.speech(language).organisations
        self.capital_nouns = words.speech(language).capital_nouns

    def asked(self) -> Iterator[str]:
        """Who stands behind "with", or before a colon; "Signalwoman Ottoline Marsh" is Ottoline Marsh in the text."""
        for i, token in enumerate(self.found):
            if token.folded in self.words.grammar.with_:
                yield name_at(self.found, i + 1, self.title, self.words)
        head = self.title.partition(":")[0].strip()
        if head != self.title.strip() and looks_like_name(head, self.words, cased=False):
            parts = head.split()
            yield from (" ".join(parts[i:]) for i in range(len(parts) - 1))

    def speaking(self) -> Iterator[str]:
        """Whoever the title may say speaks: before a verb, around the word for a talk, before a radio station."""
        for i, token in enumerate(self.found):
            if token.folded in self.grammar.talks:
                yield from self._around_talk(i)
            if i and (self._speaks(i) or self._leads_to_medium(i)):
                yield self._ending_at(i)
            elif i and self._is_on(i) and self._acts(name := self._ending_at(i)):
                yield name

    def _around_talk(self, i: int) -> Iterator[str]:
        """ "The speech of X", "X's winter lecture", "X ile söyleşi", and with nothing between in «گفت‌وگوی X با رادیو»."""
        found = self.found
        if i + 1 < len(found) and found[i + 1].folded in self.grammar.by | self.grammar.articles:
            yield self._described(i + 2)
        with_ = next((k for k in range(i + 2, len(found)) if found[k].folded in self.grammar.with_), 0)
        if with_ and self._leads_to_medium(with_):
            yield self.title[found[i + 1].start : found[with_ - 1].end]
        for last in range(i, 1, -1):
            if found[last - 1].folded.endswith("'s") or found[last].folded in self.grammar.with_:
                yield name_at(found[:last], 0, self.title, self.words)
        genitive = name_at(found[:i], 0, self.title, self.words)
        if genitive.endswith("s") and tokens(genitive) == found[:i]:  # German: "Mira Haldens Rede"
            yield genitive.removesuffix("s")

    def _described(self, first: int) -> str:
        """The name behind "of", or behind what its bearer is: "de la bouchère X"."""
        for i in range(first, min(len(self.found), first + _MOST_WORDS_OF_DESCRIPTION)):
            name = name_at(self.found, i, self.title, self.words)
            if " " in name and not self.title[self.found[i].start].islower():
                return name
            if self.found[i].folded in self.grammar.leading - self.grammar.articles:
                return ""
        return ""

    def _speaks(self, i: int) -> bool:
        """Whether a word is a verb of speech, and nobody else whom the text names behind it: "Jo Brask talks to X"."""
        if self.found[i].folded not in self.grammar.speaks:
            return False
        behind = range(i + 1, len(self.found))
        return not any(map(self.speaker, (name_at(self.found, k, self.title, self.words) for k in behind)))

    def _ending_at(self, end: int) -> str:
        """The name that ends right before a word, unless it tells where or of what somebody is: "children of Sarn"."""
        found = self.found[:end]
        for i in range(end):
            name = name_at(found, i, self.title, self.words)
            if name and name[0].isupper() and self.title[found[i].start : found[-1].end] == name:
                led = i > 0 and found[i - 1].folded in self.grammar.leading
                return "" if led else name
        return ""

    def _leads_to_medium(self, i: int) -> bool:
        """Whether "at", "on" or "with" stands before a radio station or a magazine."""
        near = self.found[i + 1 : i + 1 + _NEAR_MEDIUM]
        leads = self.found[i].folded in self.grammar.leading
        return leads and any(token.folded in self.grammar.media for token in near)

    def _is_on(self, i: int) -> bool:
        """Whether a word is "on", and what follows a topic: "X on peat", but not "X on Tuesday"."""
        behind = self.found[i + 1 : i + 2]
        small = all(self.title[token.start].islower() for token in behind)
        return (self.found[i].folded,) in self.grammar.on and bool(behind) and (small or self.capital_nouns)

    def speaker(self, name: str) -> str:
        """The name in full, if the text has it and it is a person's, or ``""``."""
        if not name or self.is_medium(name) or any(word in self.bodies for word in name.lower().split()):
            return ""
        parts = name.split()
        tails = (" ".join(parts[i:]) for i in range(len(parts) - 1))
        full = next((tail for tail in tails if tail in self.text), "") or self._in_full(parts)
        return full if full and self._is_person(full) else ""

    def _in_full(self, parts: Sequence[str]) -> str:
        """ "Professor Jory Tennant" for "Prof. Tennant"."""
        full = resolve(parts[-1], self.text, self.words)
        before, found, _ = self.text.partition(full)
        if " " not in full or not found:
            return ""
        title = before.split()[-1:]
        spelled_out = title and len(parts) > 1 and title[0].startswith(parts[0].rstrip("."))
        return f"{title[0]} {full}" if spelled_out else full

    def is_medium(self, name: str) -> bool:
        """Whether a name is that of a radio station or a newspaper."""
        return not self.grammar.media.isdisjoint(token.folded for token in tokens(name))

    def _is_person(self, name: str) -> bool:
        """Whether the text never puts "in" or the like before the name, nor always an article: that is for places."""
        before = [tokens(part[-_BEFORE:])[-1:] for part in self.text.split(name)[:-1]]
        words = [token.folded for found in before for token in found]
        placed = self.grammar.until - self.grammar.with_ - self.grammar.by
        articled = bool(words) and all(word in self.grammar.articles for word in words)
        return placed.isdisjoint(words) and not articled

    def _acts(self, name: str) -> bool:
        """Whether the text tells what somebody of that name is or says: "X, a farmer, …", "X told me …"."""
        if not name:
            return False
        verbs = self.grammar.said | self.grammar.speaks
        behind = [part[:_BEFORE] for part in self.text.split(name)[1:]]
        first = (token.folded for part in behind for token in tokens(part)[:1])
        return any(part[:2].strip()[:1] in {",", "(", "،"} for part in behind) or not verbs.isdisjoint(first)
