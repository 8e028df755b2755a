"""Which words of a post are names: runs of capitalised words, with the titles before them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from digest.extract.prose.narration import Narration
from digest.extract.speechwords import Speech
from digest.extract.words import Words

_MOST_RUNS = 4_000
_LONGEST_NAME = 6  # words, particles included
_LONGEST_GENITIVE = 2  # words of what an organisation is of, in languages without a word for "of"
_LONGEST_TITLE = 6  # letters of what may be shortened by a full stop: "Prof."


@dataclass(frozen=True, slots=True)
class Run:
    first: int  # the first token, titles included
    name: int  # the first token of the name
    end: int
    titles: tuple[int, ...]  # tokens before the name
    text: str
    words: tuple[str, ...]
    opens: bool  # begins a sentence, so that its capital tells nothing
    article: bool  # behind an article


class NameReader:
    """Finds names in the tokens of a text."""

    def __init__(self, narration: Narration, words: Words, speech: Speech, language: str) -> None:
        self.narration, self.speech = narration, speech
        self.forms, self.tokens = narration.forms, narration.tokens
        small = speech.articles | speech.a | speech.pronouns | speech.and_ | speech.subordinate
        small |= speech.anybody
        self.small = small | speech.prepositions | speech.possessives | speech.relatives
        own = words.languages[language].grammar.particles if language in words.languages else frozenset()
        self.particles = (own | (words.grammar.particles - self.small)) - speech.and_
        if (
            speech.capital_nouns
        ):  # "sagte Kallenbach zum Abschied", but "Ursula von Ahn" as in "laut Angaben von"
            of = {phrase[-1] for phrase in speech.according.all}
            self.particles -= speech.prepositions - of
        self.lower = {token.form for token in self.tokens if not token.big}

    def runs(self) -> Iterator[Run]:
        """All names in order, at most 4,000."""
        end = found = 0
        for i, token in enumerate(self.tokens):
            if i < end or not token.big or not self._may_begin(i):
                continue
            end = self._end(i)
            if run := self._run(i, end):
                found += 1
                yield run
            if found == _MOST_RUNS:
                return

    def _may_begin(self, i: int) -> bool:
        token = self.tokens[i]
        if token.form in self.speech.dates or (i and self.speech.according.at(self.forms, i - 1) > 1):
            return False
        if token.form not in self.small or not (self._opens(i) or len(token.form) < 4):
            return True
        return (
            token.form in self.particles and not self._opens(i) and self._next_part(i + 1, False) is not None
        )

    def _opens(self, i: int) -> bool:
        """Whether any word would have a capital here."""
        return i in self.narration.openings or self.forms[i - 1] in {
            "\x02",
            ":",
            "(",
            "“",
            "„",
            "«",
            "»",
            "—",
            "–",
            "¿",
            "¡",
        }

    def _end(self, i: int) -> int:
        end = i + 1
        organisation = self.forms[i] in self.speech.organisations
        while end < len(self.tokens) and end - i < _LONGEST_NAME + 4:
            after = self._next_part(end, organisation)
            if after is None or (after - end > 1 and not organisation and self._is_other(i, end, after)):
                break
            organisation = organisation or self.forms[after - 1] in self.speech.organisations
            end = after
        complete = organisation and not self.speech.capital_nouns and bool(self.speech.prepositions)
        return self._complement(end) if complete else end

    def _complement(self, end: int) -> int:
        """The end of an organisation's name with what it is of: "Fédération des pêcheurs", "Администрация района"."""
        at = end
        while at < len(self.forms) and (
            self.forms[at] in self.speech.of or (at > end and self._is_article(at))
        ):
            at += 1
        if at == end and self.speech.of:
            return end
        stop = min(len(self.forms), at + (1 if self.speech.of else _LONGEST_GENITIVE))
        while at < len(self.forms) and (at < stop or self.tokens[at].big) and self._goes_on(at):
            at += 1
        return end if at > end and not self._goes_on(at - 1) else at

    def _goes_on(self, i: int) -> bool:
        """Whether a word may belong to the name before it."""
        form = self.forms[i]
        verb = form in self.speech.verbs.heads or form in self.speech.calling.heads
        word = form[0].isalpha() and form not in self.small and not verb
        return word and self.narration.joined(i) in {" ", "\u00a0", "’", "'"}

    def _is_article(self, i: int) -> bool:
        return self.forms[i] in self.speech.articles

    def _next_part(self, end: int, organisation: bool) -> int | None:
        """The end of the name when the word at ``end`` still belongs to it: "Mirela| van der Berg", "J|. Feld"."""
        at = end
        if self.forms[at] == "." and self._is_short(at - 1):
            at += 1
        links = 0
        while (
            at < len(self.tokens) and not self.tokens[at].big and links < 3 and self._links(at, organisation)
        ):
            at, links = at + 1, links + 1
        if at >= len(self.tokens) or not self.tokens[at].big or self.forms[at] in self.speech.dates:
            return None
        between = self.narration.joined(at)
        apart = between not in {" ", "-", "’", "'", "\u00a0", "‑", "‐", "", "\u202f"} or (
            between == "" and at == end
        )
        return None if apart or not self._may_go_on(at) else at + 1

    def _may_go_on(self, i: int) -> bool:
        """Whether a capitalised word may be a part of a name, as "Le" is in "Maryvonne Le Bihan"."""
        if self.forms[i] not in self.small or len(self.forms[i]) == 1:
            return True
        return i + 1 < len(self.tokens) and self.tokens[i + 1].big and self.narration.joined(i + 1) == " "

    def _is_other(self, first: int, end: int, after: int) -> bool:
        """Whether what a particle links is another name: "vom Institut", "Roman von Mina Kastellan"."""
        if self.forms[after - 1] in self.speech.organisations:
            return True
        longer = after < len(self.tokens) and self.tokens[after].big and self.narration.joined(after) == " "
        return self.speech.capital_nouns and end - first == 1 and longer

    def _is_short(self, i: int) -> bool:
        form = self.forms[i]
        if len(form) == 1:
            return True
        known = (
            form in self.speech.titles or form in self.speech.courtesies_m or form in self.speech.courtesies_f
        )
        return known and len(form) < _LONGEST_TITLE

    def _links(self, i: int, organisation: bool) -> bool:
        if self.narration.joined(i) not in {" ", "\u00a0", "’", "'", "-"}:
            return False
        form = self.forms[i]
        if self.forms[i - 1] in self.speech.roles or self.forms[i - 1] in self.speech.titles:
            return False
        joins = form in self.speech.prepositions or form in self.speech.articles or form in self.speech.and_
        return form in self.particles or (organisation and joins and form not in {"in", "at"})

    def _run(self, first: int, end: int) -> Run | None:
        name = first
        opens = self._opens(first)
        if opens and self._is_ordinary(first):
            first = name = first + 1
            opens = False
        if first == end:
            return None
        for i in range(first, end - 1):
            if self._is_title(i):
                name = i + 2 if self.forms[i + 1] == "." else i + 1
        while end - name > 2 and self._is_letters(end - 1):
            end -= 1
        if end - name > 2 and self.forms[name] in self.lower and not self._is_organisation(name, end):
            name += 1
        if name >= end or not self.tokens[name].big or self._is_part(end):
            return None
        if (
            name == first
            and end - name == 1
            and (self._is_title(name) or self.forms[name] in self.speech.dates)
        ):
            return None
        words = tuple(self.forms[i] for i in range(name, end) if self.forms[i] != ".")
        initial = len(self.forms[end - 1]) == 1 and end - name > 1 and self.forms[end : end + 1] == ["."]
        text = self.narration.text[self.tokens[name].start : self.tokens[end - 1 + initial].end]
        if first == name and first and self.forms[first - 1] in self.speech.possessives and end - name == 1:
            return None  # "His Honour"
        article = self._has_article(first)
        titles = tuple(i for i in range(first, name) if self.forms[i] != ".")
        return Run(first, name, end, titles, text, words, opens, article)

    def _has_article(self, first: int) -> bool:
        """Whether an article stands before a name; where nouns have capitals, also with an adjective between."""
        if self._is_determiner(first - 1):
            return True
        between = first > 1 and not self.tokens[first - 1].big and self.forms[first - 1][0].isalpha()
        between = between and self.forms[first - 1] not in self.speech.verbs.heads
        return self.speech.capital_nouns and between and self._is_determiner(first - 2)

    def _is_determiner(self, i: int) -> bool:
        form = self.forms[i] if i >= 0 else ""
        return form in self.speech.articles or form in self.speech.a or form in self.speech.possessives

    def _is_part(self, end: int) -> bool:
        """Whether a word in small letters is joined to a name: "Vell-born"."""
        return (
            end < len(self.tokens)
            and not self.tokens[end].big
            and self.narration.joined(end) in {"-", "‑", "‐"}
        )

    def _is_letters(self, i: int) -> bool:
        """Letters behind a name: "Beatriz Solano KC"."""
        token = self.tokens[i]
        written = self.narration.text[token.start : token.end]
        return (
            1 < len(written) < 4
            and written.isupper()
            and not self.narration.text[: token.start].endswith("-")
        )

    def _is_organisation(self, first: int, end: int) -> bool:
        return any(form in self.speech.organisations for form in self.forms[first:end])

    def _is_ordinary(self, i: int) -> bool:
        """Whether the first word of a sentence is one that has a capital only there: "Yesterday Halden"."""
        form = self.forms[i]
        speech = self.speech
        if form in speech.verbs.heads or form in speech.according.heads or form in self.small:
            return True
        return form in self.lower and form not in self.particles and not speech.capital_nouns

    def _is_title(self, i: int) -> bool:
        form, speech = self.forms[i], self.speech
        return (
            form in speech.titles
            or form in speech.courtesies_m
            or form in speech.courtesies_f
            or form in speech.people
        )


def without_verbs(runs: Sequence[Run]) -> Iterator[Run]:
    """Names without the verb that begins a sentence in languages that leave the subject out: "Inseguivo Basilio Lindi"."""
    inside = {run.words for run in runs if not run.opens}
    surnames = {words[-1] for words in inside if len(words) > 1}
    for run in runs:
        long = run.text.count(" ") > 1 or (" " in run.text and run.words[-1] in surnames)
        if run.opens and not run.titles and long and run.words not in inside:
            _, _, text = run.text.partition(" ")
            if text[0].islower():
                continue
            yield replace(run, first=run.first + 1, name=run.name + 1, text=text, words=run.words[1:])
        else:
            yield run


def without_roles(runs: Sequence[Run], speech: Speech) -> Iterator[Run]:
    """Names without the noun between them and their article, if the surname also stands alone: "die Imkerin Mia Roth"."""
    alone = {run.words[0] for run in runs if len(run.words) == 1 and not run.article}
    for run in runs:
        known = any(word in speech.organisations for word in run.words)
        if (
            run.article
            and run.first == run.name
            and len(run.words) > 2
            and run.words[-1] in alone
            and not known
        ):
            _, _, text = run.text.partition(" ")
            yield replace(run, name=run.name + 1, titles=(run.first,), text=text, words=run.words[1:])
        else:
            yield run
