"""Which party of a clause is the subject: by order and commas, in languages that put it before or behind the verb."""

from __future__ import annotations

from collections.abc import Sequence

from digest.extract.prose.parties import Clauses, Party, Sort
from digest.extract.speechwords import Part

_PUNCTUATION = frozenset(",;:()—–[]/")
_LONGEST_INVERSION = 12  # tokens between a verb and its subject behind it
_LONGEST_SEGMENT = 60  # tokens between two commas


class Subjects:
    """Finds the subjects of verbs and of sentences."""

    def __init__(self, clauses: Clauses) -> None:
        self.clauses, self.narration, self.speech = clauses, clauses.narration, clauses.speech
        self.forms = clauses.forms

    def topic(self, begin: int, end: int, parties: Sequence[Party]) -> Party | None:
        """Which of the parties of a sentence it is about: the subject of its main clause, as far as its order tells."""
        start = begin
        opens = begin < end and self._is_fronted(begin)
        if opens and "," in self.forms[begin:end]:
            start = self.forms.index(",", begin, end) + 1
        for at in (start, begin):
            if found := self._first([party for party in parties if party.first >= at]):
                return found
        return None

    def _is_fronted(self, begin: int) -> bool:
        """Whether a sentence begins with something else than its main clause: "When …,", "Asked whether …,", "Son of …,"."""
        bare = self.clauses.parts[begin] is Part.ROLE and self.forms[begin] not in self.speech.somebody
        return (
            bare or self.forms[begin] in self.clauses.leading or bool(self.speech.verbs.at(self.forms, begin))
        )

    def subject(self, verb: int, size: int, begin: int, end: int) -> Party | None:
        """The subject of the verb at tokens ``[verb, verb + size)`` in the clause ``[begin, end)``, if one is found."""
        close = self._right_before(verb, begin)
        if close and not self._shares_subject(close, verb, begin):
            return close
        behind = self.behind(verb, size, end)
        apart = self._before_inserts(verb, begin)
        if apart and (not behind or (self._begins_clause(verb, begin) and self._stands_alone(apart))):
            return apart
        return behind or apart or close

    def _shares_subject(self, close: Party, verb: int, begin: int) -> bool:
        """Whether what stands before a verb is the object of another: "Der Wirt, Jan Roth, las den Brief und sagte"."""
        start = self._segment(verb, begin)
        second = self.forms[verb - 1] in self.speech.and_ and close.sort in (Sort.ROLE, Sort.SOMEBODY)
        return second and begin < start < close.first and self.clauses.parts[start] is Part.OTHER

    def _segment(self, i: int, begin: int) -> int:
        """Where the part of a sentence begins that ends before token ``i``."""
        begin = max(begin, i - _LONGEST_SEGMENT)
        while i > begin and self.forms[i - 1] not in _PUNCTUATION and self.forms[i - 1] != "\x02":
            i -= 1
        return i

    def _right_before(self, verb: int, begin: int) -> Party | None:
        """The subject in the same part of the sentence: no comma stands between it and the verb."""
        start = self._segment(verb, begin)
        if relative := self._antecedent(verb, start, begin):
            return relative
        found = self._of_clause(start, verb)
        able = [party for party in found if not party.governed and not party.owner]
        if (
            len(able) > 1
            and able[-1].joined
            and able[-1].end >= verb - 1
            and able[0].end < able[-1].first - 1
        ):
            return able[-1]  # "Dana Orlo asked and Tomas Reyl replied"
        return self._repeated(able, start, begin) or self._first(able)

    def _of_clause(self, start: int, verb: int) -> Sequence[Party]:
        """The parties of the innermost clause before a verb: "he" in "as he once remarked", where "once" begins none."""
        for i in range(verb - 1, start - 1, -1):
            opens = self.forms[i] in self.speech.subordinate and i not in self.clauses.people.at
            if opens and (found := self.clauses.parties(i + 1, verb)):
                return found
        return self.clauses.parties(start, verb)

    def _repeated(self, able: Sequence[Party], start: int, begin: int) -> Party | None:
        """The name that a pronoun repeats: "La Fédération, elle, dénonce"."""
        if (
            len(able) != 1
            or able[0].first != start
            or able[0].sort not in (Sort.HE, Sort.SHE)
            or start <= begin
        ):
            return None
        before = self.clauses.parties(self._segment(start - 1, begin), start - 1)
        last = before[-1] if before else None
        ends = last is not None and last.end == start - 1 and not last.governed
        return last if ends and last is not None and last.mention else None

    def _first(self, parties: Sequence[Party]) -> Party | None:
        """The first that can be a subject; two that "and" joins are nobody in particular."""
        able = [party for party in parties if not party.governed and not party.owner]
        if len(able) > 1 and able[1].joined and able[0].sort is Sort.NAME and able[1].sort is Sort.NAME:
            return able[0]._replace(sort=Sort.THEY)
        return able[0] if able else None

    def _antecedent(self, verb: int, start: int, begin: int) -> Party | None:
        """Who "who" stands for, where the verb follows it: "a neighbour who said"."""
        near = range(verb - 1, max(start, verb - 3) - 1, -1)
        for i in (*near, *((start,) if start < verb else ())):
            if self._is_relative(i):
                inside = self.clauses.parties(i + 1, verb)
                if inside and inside[0].first == i + 1:
                    return None
                before = self.clauses.parties(max(begin, start - 12), i)
                return before[-1] if before else None
        return None

    def _is_relative(self, i: int) -> bool:
        """Whether a word begins a relative clause; German ones look like articles, and stand behind a comma."""
        form, speech = self.forms[i], self.speech
        if form not in speech.relatives or form in speech.subordinate:
            return False
        return form not in speech.articles or (i > 0 and self.forms[i - 1] == ",")

    def relative(self, verb: int, begin: int) -> bool:
        """Whether a verb stands in a relative clause that has another subject: "the thing that I wrote"."""
        start = max(begin, verb - 4)
        found = self.clauses.parties(start, verb)
        last = found[-1] if found else None
        return (
            last is not None
            and last.end >= verb - 1
            and last.first > begin
            and self.forms[last.first - 1] in self.speech.relatives
        )

    def _before_inserts(self, verb: int, begin: int) -> Party | None:
        """The subject before an apposition or a relative clause: "Ilse Varnhagen, who runs the ferry, said"."""
        end = self._segment(verb, begin)
        while end > begin:
            end -= 1  # the comma
            start = self._segment(end, begin)
            bracketed = self.forms[end] in {")", "]"}
            inserted = self._is_inserted(start, end) and not self._is_main(start, begin)
            if start < end and not bracketed and not inserted:
                able = [
                    party
                    for party in self.clauses.parties(start, end)
                    if not party.governed and not party.owner
                ]
                return self._repeated(able, start, begin) or self._first(able)
            end = start
        return None

    def _is_main(self, start: int, begin: int) -> bool:
        """Whether a part with an article follows one that a main clause must follow: "Asked why, a spokesman …"."""
        form, speech = self.forms[start], self.speech
        before = self._segment(start - 1, begin) if start > begin else start
        fronted = before < start and before in self.narration.openings and self._is_fronted(before)
        return fronted and (form in speech.articles or form in speech.a)

    def _is_inserted(self, start: int, end: int) -> bool:
        """Whether a part between commas only tells more of what stands before it."""
        form, speech = self.forms[start], self.speech
        small = form in speech.relatives or form in speech.prepositions or form in speech.a or form.isdigit()
        if small or form in speech.articles or form in speech.subordinate or form in speech.and_:
            return not (form in speech.articles and self._is_whole(start))
        return not self._first(self.clauses.parties(start, end)) or self.clauses.is_role(self.forms[start])

    def _is_whole(self, start: int) -> bool:
        """Whether a phrase with an article is all that stands before the comma, at the start of its sentence."""
        return start in self.narration.openings or self.forms[start - 1] in {"\x02", ":"}

    def _stands_alone(self, party: Party) -> bool:
        """Whether a party has no verb of its own before the next comma: "Reyl, 54, sagte", but "Man sei dabei, sagte"."""
        form = self.forms[party.end]
        return form in _PUNCTUATION or form in self.speech.prepositions

    def _begins_clause(self, verb: int, begin: int) -> bool:
        start = self._segment(verb, begin)
        return start > begin and self.forms[start - 1] == "," and not self.clauses.parties(start, verb)

    def behind(self, verb: int, size: int, end: int) -> Party | None:
        """Who stands behind a verb: the subject where it is inverted ("said Tomas Reyl"), or who is cited by it."""
        if self.forms[verb] in self.speech.telling:
            return None
        stop = verb + size
        while stop < min(end, verb + size + _LONGEST_INVERSION) and self.forms[stop] not in _PUNCTUATION:
            form = self.forms[stop]
            that = form in self.speech.relatives  # "aseguró que el consistorio", but "sagte dann Reyl"
            if form in self.speech.subordinate and (that or stop > verb + size):
                break
            stop += 1
        return self._first([party for party in self.clauses.parties(verb + size, end) if party.first < stop])
