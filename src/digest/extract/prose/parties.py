"""Who a clause speaks of: names, pronouns, roles and unknown people, and which of them is the subject of a verb."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from digest.extract.prose.entities import Mention, Sex
from digest.extract.prose.narration import Narration
from digest.extract.prose.people import People
from digest.extract.speechwords import Part, Speech

_LONGEST_PHRASE = 6  # words between an article and its noun
_LONGEST_RELATIVE = 12  # words of a relative clause before a name
_LONGEST_TIME = 4  # words: "a few days ago"


class Sort(Enum):
    """What stands for somebody."""

    NAME = auto()
    HE = auto()
    SHE = auto()
    THEY = auto()
    I = auto()  # noqa: E741  # the pronoun
    WE = auto()
    IT = auto()
    ROLE = auto()  # "the minister", "her lawyer": somebody whom the post may name elsewhere
    SOMEBODY = auto()  # "a neighbour", "residents": somebody whom it does not
    NOBODY = auto()  # "people who", "anybody": nobody in particular


class Party(NamedTuple):  # made for every clause of a post: a third of the time of a dataclass
    """Somebody in a clause: tokens ``[first, end)``."""

    sort: Sort
    first: int
    end: int
    mention: Mention | None = None
    head: str = ""  # of a role
    governed: bool = False  # behind a preposition, so no subject
    joined: bool = False  # behind "and"
    owner: bool = False  # "Halden's", "her": whose something is
    own: Sort | None = None  # "her answer": by whose it is


class Clauses:
    """Reads the parties of a post's clauses."""

    def __init__(self, narration: Narration, people: People, speech: Speech) -> None:
        self.narration, self.people, self.speech = narration, people, speech
        self.forms = narration.forms
        self.words = speech.parts_of(self.forms)
        self.parts = list(self.words)  # the same, but for names
        for i in people.at:
            self.parts[i] = Part.NAME
        nothing = Part.OTHER
        self.telling = [i for i, part in enumerate(self.parts) if part is not nothing]
        self.opening = speech.articles | (speech.a if speech.the_f else frozenset())
        self.aged = {phrase[-1] for phrase in speech.aged.all}
        self.leading = speech.subordinate | speech.prepositions
        self.ending = self.leading | speech.relatives | speech.and_ | (speech.pronouns - speech.articles)
        self.pronouns = dict.fromkeys(speech.they, Sort.THEY) | dict.fromkeys(speech.it, Sort.IT)
        self.pronouns |= dict.fromkeys(speech.she, Sort.SHE) | dict.fromkeys(speech.he, Sort.HE)
        self.pronouns |= dict.fromkeys(speech.i, Sort.I) | dict.fromkeys(speech.we, Sort.WE)

    # ── noun phrases ─────────────────────────────────────────────────────────────────────────────

    def parties(self, begin: int, end: int) -> tuple[Party, ...]:
        """All parties between two tokens, in order."""
        return tuple(self._parties(begin, end))

    def first(self, begin: int, end: int) -> Party | None:
        """The first of them."""
        return next(self._parties(begin, end), None)

    def _parties(self, begin: int, end: int) -> Iterator[Party]:
        of = self.speech.of if self.speech.capital_nouns else ()
        governed = joined = False
        past = begin
        for n in range(bisect_left(self.telling, begin), bisect_left(self.telling, end)):
            i = self.telling[n]
            if i < past:
                continue
            if i > begin and self.forms[i] in of and self.parts[i - 1] is not Part.TIME:
                governed = True  # "eine Mitteilung der Behörde"
            kind = self.parts[i]
            if kind is Part.MARK:
                governed = joined = False
            elif kind is Part.PREPOSITION:
                governed, joined = True, False
            elif kind is Part.AND:
                joined = True
            elif kind is Part.CLAUSE:
                governed = self._is_predicate(i)
                joined = False
            elif kind is Part.TIME:
                governed = False  # "sagte am Montag der Verband"
            elif kind is Part.DETERMINER and (time := self._time(i, end)):
                governed, joined, past = False, False, time
            elif party := self._party(i, end, kind, governed=governed):
                yield party._replace(governed=governed, joined=joined) if governed or joined else party
                governed, joined, past = governed and party.owner, False, party.end

    def _is_predicate(self, i: int) -> bool:
        """Whether "as" and a bare role tell what somebody is instead of who: "Als Zeugin tritt Ada Roth auf"."""
        return self.forms[i] in self.speech.like and self.parts[i + 1 : i + 2] == [Part.ROLE]

    def _time(self, i: int, end: int) -> int:
        """The end of a phrase that tells when: "one evening", "una vez"; 0 for any other."""
        for at in range(i + 1, min(end, i + _LONGEST_TIME)):
            if self.parts[at] is Part.TIME:
                if self.speech.aged.at(self.forms, at):
                    return 0
                return at + 1 if at + 1 >= end or self.parts[at + 1] is not Part.ROLE else 0
            if self.parts[at] is not Part.OTHER or not self.forms[at][0].isalpha():
                return 0
        return 0

    def _party(self, i: int, end: int, kind: Part, *, governed: bool) -> Party | None:
        if kind is Part.NAME:
            return self._named(self.people.at[i], end)
        form = self.forms[i]
        if kind is Part.PRONOUN and not (form in self.speech.articles and self._starts_noun(i, end)):
            return Party(self.pronouns[form], i, i + 1)
        if kind is Part.NOBODY:
            return Party(Sort.NOBODY, i, i + 1)
        if kind is Part.ROLE:
            return self._apposed(Party(Sort.SOMEBODY, i, i + 1, head=form), end)
        return self._noun(i, end, governed=governed)

    def is_role(self, form: str) -> bool:
        """Whether a word says what somebody is."""
        return form in self.speech.people or form in self.speech.demonyms.words or form in self.aged

    def has_role(self, begin: int, end: int) -> bool:
        """Whether one of these tokens says what somebody is."""
        return any(self.parts[i] is Part.ROLE for i in range(begin, end))

    def sex(self, form: str) -> Sex:
        """What a role tells of a man or a woman."""
        if form in self.speech.roles_f:
            return Sex.WOMAN
        return Sex.MAN if form in self.speech.roles_m else Sex.UNKNOWN

    def gender(self, party: Party) -> Sex:
        """What a role or its article tells of a man or a woman, where it is the subject."""
        sex, article = self.sex(party.head), self.forms[party.first]
        if sex is not Sex.UNKNOWN:
            return sex
        if article in self.speech.the_f:
            return Sex.WOMAN
        if article in self.speech.the_m:
            return Sex.MAN
        return Sex.WOMAN if party.head.endswith(tuple(self.speech.women)) else Sex.UNKNOWN

    def _starts_noun(self, i: int, end: int) -> bool:
        """Whether a word that is article and pronoun is an article here: "die Sprecherin", not "sagt die"."""
        return (
            i + 1 < end
            and self.forms[i + 1][0].isalpha()
            and self.forms[i + 1] not in self.speech.prepositions
        )

    def _named(self, mention: Mention, end: int, *, known: bool = False) -> Party:
        following = mention.end
        if self._is_possessive(following, end):
            return Party(Sort.NAME, mention.first, following + 1, mention, owner=True)
        while following < end and self._is_role(following) and not self.narration.big[following]:
            following += 1
        if following == mention.end:
            return Party(Sort.NAME, mention.first, following, mention)
        sort = Sort.ROLE if known else Sort.SOMEBODY
        return self._apposed(Party(sort, mention.first, following, head=self.forms[following - 1]), end)

    def _is_possessive(self, i: int, end: int) -> bool:
        return i < end and self.forms[i] == "s" and self.narration.joined(i) in {"'", "’"}

    def _is_role(self, i: int) -> bool:
        return self.words[i] is Part.ROLE

    def _noun(self, i: int, end: int, *, governed: bool) -> Party | None:
        """The phrase that an article or possessive begins: "the minister", "one long-serving manager"."""
        speech = self.speech
        name, head, at = self._phrase(i, end, governed=governed)
        if name:
            return self._named_behind(i, name, end)
        if not head:
            return self._owner(i) if self.forms[i] in speech.possessives else None
        if self._is_possessive(at, end):
            return self._owned(i, at, end)
        if head in speech.organisations:
            at = self._complement(at, end)
        sort = Sort.ROLE if self.forms[i] in speech.articles else Sort.SOMEBODY
        own = self._owner(i)
        return self._apposed(Party(sort, i, at, head=head, own=own.sort if own else None), end)

    def _phrase(self, i: int, end: int, *, governed: bool) -> tuple[Mention | None, str, int]:
        """The name in a phrase, if it has one, its last noun, and where it ends."""
        head, at = "", i + 1
        while at < min(end, i + _LONGEST_PHRASE) and self.forms[at][0].isalnum():
            if name := self.people.at.get(at):
                joins = not governed or at == i + 1 or self._is_role(at - 1)
                return name if joins else None, head, at
            noun = self.forms[at] in self.speech.signs or (at == i + 1 and self._is_role(at))
            another = governed and at > i + 1 and self.forms[at] in self.opening  # "at one point the author"
            if (self._ends_phrase(at) and not noun) or another:
                break
            if self.aged and (size := self.speech.aged.at(self.forms, at)):
                return None, self.forms[at + size - 1], at + size  # "the 54-year-old"
            head, at = self.forms[at], at + 1
            if self._is_head(at - 1) and not (at < end and (at in self.people.at or self._is_head(at))):
                return self._behind_adjective(i, at, end), head, at
        return None, head, at

    def _is_head(self, i: int) -> bool:
        """Whether a noun is one that surely is the head of its phrase."""
        return self._is_role(i) or self._is_noun(i) or self.forms[i] in self.speech.things

    def _behind_adjective(self, begin: int, at: int, end: int) -> Mention | None:
        """The name in "la députée écologiste Sara Pont": an adjective is between where no verb of this clause can be.

        That is so where the verb stands before the phrase, or another behind the name.
        """
        speech = self.speech
        name = self.people.at.get(at + 1)
        if not speech.the_f or speech.capital_nouns or name is None or self.parts[at] is not Part.OTHER:
            return None
        if self._ends_phrase(at) or not self.forms[at][0].isalpha() or name.end > end:
            return None
        inverted = begin > 0 and self.forms[begin - 1] in speech.verbs.heads
        goes_on = name.end < end and self.parts[name.end] is Part.OTHER and self.forms[name.end][0].isalpha()
        return name if inverted or goes_on else None

    def _complement(self, at: int, end: int) -> int:
        """The end of "ministère de l'Intérieur": what an organisation is of, where it has a capital."""
        i = at
        while i < end and (
            self.forms[i] in self.speech.of or (i > at and self.forms[i] in self.speech.articles)
        ):
            i += 1
        mention = self.people.at.get(i)
        return mention.end if at < i < end and mention else at

    def _owned(self, first: int, possessive: int, end: int) -> Party:
        """ "The mayor's office": what belongs to a role is nobody that the post names."""
        at = possessive + 1
        while (
            at < min(end, possessive + _LONGEST_PHRASE)
            and self.forms[at][0].isalpha()
            and not self._ends_phrase(at)
        ):
            if at in self.people.at:
                return self._named_behind(first, self.people.at[at], end)
            at += 1
        return Party(Sort.SOMEBODY, first, at, head=self.forms[at - 1])

    def _is_noun(self, i: int) -> bool:
        return self.speech.capital_nouns and self.narration.big[i]

    def _ends_phrase(self, i: int) -> bool:
        return self.forms[i] in self.ending or bool(self.speech.verbs.at(self.forms, i))

    def _named_behind(self, first: int, mention: Mention, end: int) -> Party:
        known = self.forms[first] in self.speech.articles
        return self._named(mention, end, known=known)._replace(first=first)

    def _owner(self, i: int) -> Party | None:
        form, speech = self.forms[i], self.speech
        if form in speech.his or form in speech.her:
            return Party(Sort.HE if form in speech.his else Sort.SHE, i, i + 1, owner=True)
        return None

    def _behind_place(self, party: Party, end: int) -> int:
        """The end of a role with what it is for: "the member for Calder Vale"."""
        at = party.end
        known = party.sort is Sort.ROLE or self.is_role(party.head)
        if at >= end or self.parts[at] is not Part.PREPOSITION or not known:
            return at
        stop = min(end, at + _LONGEST_PHRASE)
        behind = next((i for i in range(at, stop) if not self.forms[i][0].isalnum()), at)
        verb = any(self.forms[i] in self.speech.verbs.heads for i in range(at, behind))
        return at if verb else behind

    def _apposed(self, party: Party, end: int) -> Party:
        """The name behind a role, where one follows: "the mayor, Mirela Dovann,", "harbour master Tomas Reyl"."""
        at = party.end
        at += self.speech.named.at(self.forms, at) if at < end else 0
        if at in self.people.at and at < end and (party.head in self.speech.people or at > party.end):
            return self._named_behind(party.first, self.people.at[at], end)
        at = self._behind_place(party, end)
        if at < end and self.forms[at] in self.speech.relatives and self.is_role(party.head):
            near = range(at, min(end, at + _LONGEST_RELATIVE))
            at = next((i for i in near if self.forms[i] == ","), at)  # "the surgeon who leads it, Ada Roth,"
        if at + 1 < end and self.forms[at] == "," and at + 1 in self.people.at:
            mention = self.people.at[at + 1]
            closes = mention.end >= end or not self.forms[mention.end][0].isalnum()
            if closes and not mention.entity.organisation:
                return self._named(mention, end)._replace(first=party.first)
        return party
