"""Which words of a post are names: runs of capitalised words, with the titles before them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from digest.extract.prose.narration import Narration
from digest.extract.speechwords import Speech
from digest.extract.words import Words

_MOST_RUNS = 4_000
_LONGEST_NAME = 6  # words, particles included
_LONGEST_GENITIVE = 2  # words of what an organisation is of, in languages without a word for "of"
_MOST_WORDS = 3  # of a name without a particle
_LONG_NOUN = 12  # letters of a word that is no given name
_LONGEST_OF = 3  # letters of "de", which has no article in it as "des" has
_LONGEST_TITLE = 6  # letters of what may be shortened by a full stop: "Prof."


class Run(NamedTuple):  # made for every name of a post: a third of the time of a dataclass
    """A run of words with a capital that may be a name."""

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
        self.forms, self.big = narration.forms, narration.big
        small = speech.articles | speech.a | speech.pronouns | speech.and_ | speech.subordinate
        small |= speech.anybody | speech.somebody | speech.adverbs.words
        self.small = small | speech.prepositions | speech.possessives | speech.relatives
        own = words.languages[language].grammar.particles if language in words.languages else frozenset()
        self.particles = (own | (words.grammar.particles - self.small)) - speech.and_
        if (
            speech.capital_nouns
        ):  # "sagte Kallenbach zum Abschied", but "Ursula von Ahn" as in "laut Angaben von"
            of = {phrase[-1] for phrase in speech.according.all}
            self.particles -= speech.prepositions - of
        self.joining = (speech.prepositions | speech.articles | speech.and_) - {"in", "at"}
        self.lower = {form for form, big in zip(self.forms, self.big, strict=True) if not big}
        self.capitals = {form for form, big in zip(self.forms, self.big, strict=True) if big}
        self.nouns = set(self._nouns())

    def _nouns(self) -> Iterator[str]:
        """What the text shows to be a noun by the determiner before it; no name stands behind it."""
        capital = self.speech.capital_nouns
        for i in range(1, len(self.forms)):
            if self.forms[i - 1] in self.speech.determiners and self.big[i] is capital:
                named = capital and i + 1 < len(self.forms) and self.big[i + 1]
                if not named:
                    yield self.forms[i]

    def runs(self) -> Iterator[Run]:
        """All names in order, at most 4,000."""
        end = found = 0
        for i, big in enumerate(self.big):
            if not big or i < end or not self._may_begin(i):
                continue
            end = self._end(i)
            if run := self._run(i, end):
                found += 1
                yield run
            if found == _MOST_RUNS:
                return

    def _may_begin(self, i: int) -> bool:
        form = self.forms[i]
        if (
            form in self.speech.dates
            or self._is_demonym(i)
            or (i and self.speech.according.at(self.forms, i - 1) > 1)
        ):
            return False
        if form not in self.small or not (self._opens(i) or len(form) < 4):
            return True
        return form in self.particles and not self._opens(i) and self._next_part(i + 1, False) is not None

    def _is_demonym(self, i: int) -> bool:
        """Whether a capital tells only where somebody is from: "the Irishman", "la Nantaise"."""
        alone = i + 1 >= len(self.forms) or not self.big[i + 1]
        return alone and self.forms[i] in self.speech.demonyms and self._is_determiner(i - 1)

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
        while end < len(self.forms) and end - i < _LONGEST_NAME + 4:
            after = self._next_part(end, organisation)
            if after is None or (after - end > 1 and not organisation and self._is_other(i, end, after)):
                break
            organisation = organisation or self.forms[after - 1] in self.speech.organisations
            end = after
        complete = organisation and not self.speech.capital_nouns and bool(self.speech.prepositions)
        return self._complement(end) if complete else end

    def _complement(self, end: int) -> int:
        """The end of an organisation's name with what it is of: "Fédération des pêcheurs", "Администрация района"."""
        first = self._of_which(end)
        return self._of_which(first) if first > end and self._is_bare(first) else first

    def _is_bare(self, end: int) -> bool:
        """Whether a noun without an article follows "of": "Syndicat des gens de mer", but "la Fédération de la pêche"."""
        forms = self.forms[end : end + 2]
        return (
            len(forms) == 2
            and forms[0] in self.speech.of
            and forms[1] not in self.small
            and len(forms[0]) < _LONGEST_OF
        )

    def _of_which(self, end: int) -> int:
        at = end
        while at < len(self.forms) and (
            self.forms[at] in self.speech.of or (at > end and self._is_article(at))
        ):
            at += 1
        if at == end and self.speech.of:
            return end
        stop = min(len(self.forms), at + (1 if self.speech.of else _LONGEST_GENITIVE))
        while at < len(self.forms) and (at < stop or self.big[at]) and self._goes_on(at):
            at += 1
        return end if at > end and not self._goes_on(at - 1) else at

    def _goes_on(self, i: int) -> bool:
        """Whether a word may belong to the name before it."""
        form = self.forms[i]
        verb = form in self.speech.verbs.heads or form in self.speech.calling.heads
        small = form in self.small and form not in self.speech.anybody  # "Syndicat des gens de mer"
        word = form[0].isalpha() and not small and not verb
        return word and self.narration.joined(i) in {" ", "\u00a0", "’", "'"}

    def _is_article(self, i: int) -> bool:
        return self.forms[i] in self.speech.articles

    def _next_part(self, end: int, organisation: bool) -> int | None:
        """The end of the name when the word at ``end`` still belongs to it: "Mirela| van der Berg", "J|. Feld"."""
        at = end
        if self.forms[at] == "." and self._is_short(at - 1):
            at += 1
        links = 0
        while at < len(self.forms) and not self.big[at] and links < 3 and self._links(at, organisation):
            at, links = at + 1, links + 1
        if at >= len(self.forms) or not self.big[at] or self.forms[at] in self.speech.dates:
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
        return i + 1 < len(self.forms) and self.big[i + 1] and self.narration.joined(i + 1) == " "

    def _is_other(self, first: int, end: int, after: int) -> bool:
        """Whether what a particle links is another name: "vom Institut", "Roman von Mina Kastellan"."""
        if self.forms[after - 1] in self.speech.organisations:
            return True
        longer = after < len(self.forms) and self.big[after] and self.narration.joined(after) == " "
        return self.speech.capital_nouns and end - first == 1 and longer

    def _is_short(self, i: int) -> bool:
        form = self.forms[i]
        if len(form) == 1:
            return True
        return form in self.speech.honorifics and len(form) < _LONGEST_TITLE

    def _links(self, i: int, organisation: bool) -> bool:
        form = self.forms[i]
        if form not in self.particles and not (organisation and form in self.joining):
            return False
        if self.forms[i - 1] in self.speech.roles or self.forms[i - 1] in self.speech.titles:
            return False
        return self.narration.joined(i) in {" ", "\u00a0", "’", "'", "-"}

    def _run(self, first: int, end: int) -> Run | None:
        name = first
        opens = self._opens(first)
        if opens and self._is_ordinary(first) and not self._heads_name(first, end):
            first = name = first + 1
            opens = False
        if first == end:
            return None
        for i in range(first, end - 1):
            if self._is_title(i):
                name = i + 2 if self.forms[i + 1] == "." else i + 1
        name = self._without_nouns(name, end)
        while end - name > 2 and self._is_letters(end - 1):
            end -= 1
        if end - name > 2 and self.forms[name] in self.lower and not self._is_organisation(name, end):
            name += 1
        if name >= end or not self.big[name] or self._is_part(end):
            return None
        if (
            name == first
            and end - name == 1
            and (self._is_title(name) or self.forms[name] in self.speech.dates)
        ):
            return None
        words = tuple([form for form in self.forms[name:end] if form != "."])
        initial = len(self.forms[end - 1]) == 1 and end - name > 1 and self.forms[end : end + 1] == ["."]
        text = self.narration.written(name, end + initial)
        if first == name and first and self.forms[first - 1] in self.speech.possessives and end - name == 1:
            return None  # "His Honour"
        article = self._has_article(first)
        titles = tuple([i for i in range(first, name) if self.forms[i] != "."])
        return Run(first, name, end, titles, text, words, opens, article)

    def _has_article(self, first: int) -> bool:
        """Whether an article stands before a name; where nouns have capitals, also with an adjective between."""
        if self._is_determiner(first - 1):
            return True
        between = first > 1 and not self.big[first - 1] and self.forms[first - 1][0].isalpha()
        between = between and self.forms[first - 1] not in self.speech.verbs.heads
        return self.speech.capital_nouns and between and self._is_determiner(first - 2)

    def _is_determiner(self, i: int) -> bool:
        return i >= 0 and self.forms[i] in self.speech.determiners

    def _is_part(self, end: int) -> bool:
        """Whether a word in small letters is joined to a name: "Vell-born"."""
        return end < len(self.forms) and not self.big[end] and self.narration.joined(end) in {"-", "‑", "‐"}

    def _is_letters(self, i: int) -> bool:
        """Letters behind a name: "Beatriz Solano KC"."""
        written = self.narration.written(i, i + 1)
        return 1 < len(written) < 4 and written.isupper() and not self.narration.joined(i).endswith("-")

    def _is_organisation(self, first: int, end: int) -> bool:
        return any(form in self.speech.organisations for form in self.forms[first:end])

    def _is_ordinary(self, i: int) -> bool:
        """Whether the first word of a sentence is one that has a capital only there: "Yesterday Halden"."""
        form = self.forms[i]
        speech = self.speech
        if form in speech.verbs.heads or form in speech.according.heads or form in self.small:
            return True
        return form in self.lower and form not in self.particles and not speech.capital_nouns

    def _without_nouns(self, name: int, end: int) -> int:
        """Where a name begins behind nouns, where they have capitals, too: "Seehafens Wirt Jonas Feld"; a given name is left."""
        if not self.speech.capital_nouns or self._is_organisation(name, end):
            return name
        if end - name > 2 and self._owns(name):
            return end - 2
        while end - name > 2 and self.forms[name] in self.nouns:
            name += 1
        return name

    def _owns(self, i: int) -> bool:
        """Whether a word is the genitive of a name in the text: "Seehafens" where "Seehafen" is spoken of."""
        return self.forms[i].endswith("s") and self.forms[i][:-1] in self.capitals

    def _heads_name(self, first: int, end: int) -> bool:
        """Whether a noun of the text begins a name: "Radio Meridional" where "the radio" is spoken of."""
        return end - first > 1 and self.forms[first] in self.nouns and self.forms[first] not in self.small

    def _is_title(self, i: int) -> bool:
        return self.forms[i] in self.speech.honorifics or self.forms[i] in self.speech.people


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
            yield run._replace(first=run.first + 1, name=run.name + 1, text=text, words=run.words[1:])
        else:
            yield run


def without_adverbs(runs: Sequence[Run], speech: Speech) -> Iterator[Run]:
    """Names without the adverb that begins their sentence: "Eventually Halden" beside "Mira Halden", but "Emily Halden".

    An ending tells little, so the word must stand nowhere else, and somebody with that surname have another given name.
    """
    times = Counter(word for run in runs for word in run.words)
    given = {run.words[-1] for run in runs if len(run.words) > 1 and run.words[0] not in speech.adverbs}
    for run in runs:
        adverb = run.opens and len(run.words) > 1 and not run.titles and run.words[0] in speech.adverbs
        if adverb and times[run.words[0]] == 1 and run.words[-1] in given:
            yield _later(run, 1)._replace(first=run.first + 1, titles=(), opens=False)
        else:
            yield run


def without_roles(runs: Sequence[Run], forms: Sequence[str], speech: Speech) -> Iterator[Run]:
    """Names without the nouns before them, if the surname also stands alone: "die Imkerin Mia Roth", "Coach Jan Roth"."""
    short = [run for run in runs if len(run.words) == 1 + bool(run.titles) and not run.article]
    alone = {
        run.words[-1] for run in short if not (run.first and forms[run.first - 1] in speech.prepositions)
    }
    often = Counter(run.words for run in runs)
    for run in runs:
        known = run.words[-1] in alone and run.first == run.name
        nouns = _nouns_before(run, often[run.words], speech) if known else 0
        yield _later(run, nouns) if nouns else run


def _nouns_before(run: Run, times: int, speech: Speech) -> int:
    """How many of a name's words are nouns: a given name and a surname are left, or a surname behind a long noun."""
    words = run.words
    if not all(map(str.isalpha, run.text.split())) or words[-1] in speech.organisations:
        return 0
    if len(words) == 2:
        return int(len(words[0]) >= _LONG_NOUN)
    organisation = any(word in speech.organisations for word in words)
    described = run.article or len(words) > _MOST_WORDS or times == 1
    return len(words) - 2 if described and not organisation else 0


def _later(run: Run, words: int) -> Run:
    """A name without its first words, which are its titles then."""
    text = run.text.split(" ", words)[-1]
    titles = tuple(range(run.first, run.first + words))
    return run._replace(name=run.name + words, titles=titles, text=text, words=run.words[words:])
