"""The clause that frames a quotation: where the text says that somebody speaks, and who is its subject."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from digest.extract.prose.narration import BREAK, QUOTE, Narration
from digest.extract.prose.parties import Clauses, Party, Sort
from digest.extract.prose.subjects import Subjects
from digest.extract.speechwords import Part, Phrases, Speech

_INQUIT = 5  # tokens behind a quotation in which an unknown verb of speech has its subject
_ASKS = frozenset("?!…？！")
_DASHES = frozenset("—–-―")
_LONGEST_CLAUSE = 80  # tokens that are read on each side of a quotation
_MOST_VERBS = 12  # of speech in a clause
_LONGEST_SIGNATURE = 14  # tokens
_LONGEST_SUBJECT = 7  # tokens of who calls something so, with an apposition
_LONGEST_PUT = 8  # tokens of "as Reyl puts it"


@dataclass(frozen=True, slots=True)
class Frame:
    """What the text around a quotation says of who speaks.

    ``party`` is None where a verb of speech has no subject.
    """

    party: Party | None
    where: str  # "between its parts", "behind it", "before it", …
    verb: str  # as the text has it, or ""
    reported: bool = True


class Frames:
    """Finds the frames of quotations."""

    def __init__(self, narration: Narration, clauses: Clauses, subjects: Subjects, speech: Speech) -> None:
        self.narration, self.clauses, self.subjects, self.speech = narration, clauses, subjects, speech
        self.forms, self.big = narration.forms, narration.big

    def frame(self, parts: Sequence[int], *, fragment: bool) -> Frame | None:
        """The frame of the quotation whose parts stand at these tokens; None where nothing says who speaks."""
        if self._is_named(parts[0]):
            return Frame(None, "", "", reported=False)
        begin, end = self._before(parts[0], fragment), self._after(parts[-1])
        if self.forms[parts[0] - 1 : parts[0]] == ["("]:
            begin, end = parts[0], self._closing(parts[-1], end)
        behind = (parts[-1] + 1, end)
        tries: tuple[Callable[[], Frame | None], ...] = (
            lambda: self._between(parts),
            lambda: self._inquit(parts[-1], end),
            lambda: self._led(begin, parts[0], fragment) if self._leads(parts[0]) else None,
            lambda: self._said(behind, "behind it", fragment),
            lambda: self._around(begin, parts[0], behind),
            lambda: self._led(begin, parts[0], fragment),
            lambda: self._put(*behind),
            lambda: self._nominal(begin, parts[0]),
            lambda: self._nominal(*behind),
            lambda: None if fragment else self._unknown_verb(parts[-1], end),
            lambda: self._asked(parts[-1]),
            lambda: self._signature(parts[-1]),
        )
        vague: Frame | None = None
        for attempt in tries:
            found = attempt()
            if found and (found.party or not found.reported):
                return found
            vague = vague or found
        return vague or self._on_sign(begin, parts[0])

    def _on_sign(self, begin: int, first: int) -> Frame | None:
        """ "A sign on the door read “Closed”": what bears the words is the subject."""
        subject = next((party for party in self.clauses.parties(begin, first) if not party.governed), None)
        return self._judged(Frame(subject, "", "")) if subject and subject.head in self.speech.signs else None

    # ── where ────────────────────────────────────────────────────────────────────────────────────

    def _before(self, first: int, fragment: bool) -> int:
        """Where the clause before a quotation begins; where none is, a sentence that ends in a colon leads to it."""
        start = self.narration.sentences[self.narration.sentence(first)][0]
        begin = first
        while begin > start and (fragment or self.forms[begin - 1] != QUOTE):
            begin -= 1
        if begin < first or self.forms[first - 1] == QUOTE:
            return max(begin, first - _LONGEST_CLAUSE)
        at = first - 1
        while at > 0 and self.forms[at] == BREAK:
            at -= 1
        if at > 0 and self.forms[at] == ":":
            return max(self.narration.sentences[self.narration.sentence(at)][0], at - _LONGEST_CLAUSE)
        return max(begin, first - _LONGEST_CLAUSE)

    def _after(self, last: int) -> int:
        stop = self.narration.sentences[self.narration.sentence(last)][1]
        end = last + 1
        stop = min(stop, last + _LONGEST_CLAUSE)
        while end < stop and self.forms[end] != QUOTE:
            end += 1
        return end

    def _closing(self, last: int, end: int) -> int:
        """Where the bracket closes in which a quotation stands: nothing outside it frames the words."""
        return next((i for i in range(last + 1, end) if self.forms[i] == ")"), end)

    def _leads(self, first: int) -> bool:
        """Whether the words before a quotation lead straight to it: by a comma, a colon or a verb of speech and "that"."""
        at = first - 1
        while at > 0 and (self.forms[at] == BREAK or self.forms[at] in self.speech.subordinate):
            at -= 1
        if at < 0 or self.forms[at] in {":", ","}:
            return at >= 0
        return any(self.speech.verbs.at(self.forms, i) == at + 1 - i for i in range(max(0, at - 2), at + 1))

    # ── frames ───────────────────────────────────────────────────────────────────────────────────

    def _between(self, parts: Sequence[int]) -> Frame | None:
        for left, right in pairwise(parts):
            gap = (left + 1, right)
            if found := self._said(gap, "between its parts", False):
                return found
            if found := self._somebody(gap, "between its parts"):
                return found
        return None

    def _inquit(self, last: int, end: int) -> Frame | None:
        """A verb or its subject follows at once: ", said Tomas Reyl", ", Ilse Varnhagen, 54, said"."""
        begin = self._skipped(last + 1, end)
        if begin >= end:
            return None
        party = self.clauses.first(begin, end)
        starts = party is not None and party.first == begin and not party.governed
        if not (
            starts or self._verb(begin, self.speech.verbs) or self.speech.according.at(self.forms, begin)
        ):
            return None
        return self._said((begin, end), "behind it", False)

    def _skipped(self, i: int, end: int) -> int:
        while i < end and not self.forms[i][0].isalnum():
            i += 1
        return i

    def _led(self, begin: int, first: int, fragment: bool) -> Frame | None:
        clause = (begin, first)
        if found := self._said(clause, "before it", fragment, last=True):
            return found
        at = first - 1
        while at > begin and self.forms[at] == BREAK:
            at -= 1
        return self._somebody(clause, "before it, with a colon") if self.forms[at] == ":" else None

    def _said(
        self, clause: tuple[int, int], where: str, fragment: bool, *, last: bool = False
    ) -> Frame | None:
        """The frame by a verb of speech or "according to"; of several the first, or the last."""
        begin, end = clause
        if not last and begin < end and self.forms[begin] in self.speech.and_:
            return None  # "replied that “…” and announced a review": who speaks stands before
        found = list(islice(self._verbs(begin, end, fragment), _MOST_VERBS))
        vague: Frame | None = None
        for i, size, according in reversed(found) if last else found:
            if last and self.subjects.relative(i, begin) and not fragment:
                continue
            verb = self.narration.written(i, i + size)
            party = self._source(i + size, end) if according else self._speaker(i, size, begin, end)
            if party and (party.sort is not Sort.SOMEBODY or not according):
                return self._judged(Frame(party, where, verb))
            if party or not according:
                vague = vague or Frame(party, where, verb)
        return vague

    def _speaker(self, verb: int, size: int, begin: int, end: int) -> Party | None:
        """Who speaks by a verb: its subject, but the object of one that cites: "quotes Reyl", "cited Reyl as saying"."""
        if self.forms[verb - 1] in self.speech.like and verb > begin and not self._own_subject(verb):
            return self._named_last(begin, verb - 1)
        if self.forms[verb] in self.speech.citing:
            cited = self.subjects.behind(verb, size, end)
            return cited or self.subjects.subject(verb, size, begin, end)
        return self.subjects.subject(verb, size, begin, end)

    def _own_subject(self, verb: int) -> bool:
        """Whether the subject of "as" and a verb stands behind it: "comme disait Reyl"."""
        behind = self.clauses.first(verb + 1, min(len(self.forms), verb + 4))
        return behind is not None and behind.first == verb + 1

    def _named_last(self, begin: int, end: int) -> Party | None:
        """The last who is named before a token and is not behind a preposition; else the last at all."""
        able = [party for party in self.clauses.parties(begin, end) if not party.governed and not party.owner]
        named = [party for party in able if party.mention] or able
        return named[-1] if named else None

    def _put(self, begin: int, end: int) -> Frame | None:
        """A clause with "as" says whose words they are, whichever verb it has: "“…”, wie sie es ausdrückt"."""
        at = self._skipped(begin, end)
        if at >= end or self.forms[at] not in self.speech.like:
            return None
        party = self.clauses.first(at + 1, min(end, at + 1 + _INQUIT))
        if party is None or party.governed or party.sort is Sort.SOMEBODY:
            return None
        stop = next((i for i in range(party.end, end) if not self.forms[i][0].isalnum()), end)
        return Frame(party, "behind it", self.forms[at]) if stop - at <= _LONGEST_PUT else None

    def _nominal(self, begin: int, end: int) -> Frame | None:
        """A noun for what is said, and whose it is: "the claim by Reyl that “…”", "in her words", "Reyls Satz"."""
        for i in reversed(range(begin, end)):
            if self.forms[i] in self.speech.speeches:
                party = self._author(begin, i, end)
                return Frame(party, "beside it", self.forms[i]) if party else None
        return None

    def _author(self, begin: int, noun: int, end: int) -> Party | None:
        """Whose a noun is: by what stands right before it, or behind a preposition."""
        form = self.forms[noun - 1] if noun > begin else ""
        if form in self.speech.his or form in self.speech.her:
            return Party(Sort.HE if form in self.speech.his else Sort.SHE, noun - 1, noun)
        before = self.clauses.parties(begin, noun)
        if before and before[-1].owner and before[-1].end == noun:
            return before[-1]._replace(owner=False)
        behind = self.clauses.first(noun + 1, end)
        if behind is None or not behind.governed or not behind.mention:
            return None
        joint = self.forms[behind.first - 1]
        return behind._replace(governed=False) if joint in self.speech.of | self.speech.by else None

    def _judged(self, frame: Frame) -> Frame:
        """Signs and nobody in particular say nothing."""
        party = frame.party
        nobody = party is not None and (party.sort is Sort.NOBODY or party.head in self.speech.signs)
        return Frame(None, "", "", reported=False) if nobody else frame

    def _verbs(self, begin: int, end: int, fragment: bool) -> Iterator[tuple[int, int, bool]]:
        """Token, number of words, and whether it is "according to", of each that tells of speech."""
        i = begin
        while i < end:
            if size := self._according(i, begin):
                yield i, size, True
            elif size := self._tells(i, fragment):
                yield i, size, False
            i += size or 1

    def _tells(self, i: int, fragment: bool) -> int:
        """How many words a verb has that tells of speech, or leads to a few words of it."""
        if self.forms[i] in self.speech.citing:
            return int(not self._is_noun(i))
        return self._verb(i, self.speech.verbs) or (self._verb(i, self.speech.calling) if fragment else 0)

    def _verb(self, i: int, verbs: Phrases) -> int:
        size = verbs.at(self.forms, i)
        if not size or i in self.clauses.people.at or self._is_noun(i):
            return 0
        return size

    def _is_noun(self, i: int) -> bool:
        """Whether an article or a capital makes a noun of a verb: "her answer", "the old saying"."""
        if self.speech.capital_nouns and self.big[i]:
            return True
        reach = 2 if self.forms[i] in self.speech.signs else 1
        return any(self._makes_noun(j) for j in range(max(0, i - reach), i))

    def _makes_noun(self, i: int) -> bool:
        """Whether a determiner stands here; articles of Romance languages are pronouns before a verb."""
        form, speech = self.forms[i], self.speech
        if form in speech.articles:
            return not speech.the_f
        return form in speech.a or form in speech.possessives

    def _according(self, i: int, begin: int) -> int:
        """How many words "according to" has; a mere preposition ("pour") is one only at the start of its clause."""
        size = self.speech.according.at(self.forms, i)
        if size == 1 and (
            self.forms[i] in self.speech.prepositions or self.forms[i] in self.speech.subordinate
        ):
            return size if self._skipped(begin, i) == i else 0
        return size

    def _source(self, begin: int, end: int) -> Party | None:
        """Who stands behind "according to"."""
        if begin < end and self.forms[begin] in self.speech.to_him | self.speech.to_her:
            man = self.forms[begin] in self.speech.to_him
            return Party(Sort.HE if man else Sort.SHE, begin, begin + 1)
        found = self.clauses.first(begin, min(end, begin + 12))
        return found if found and found.first <= begin + 2 and not found.governed else None

    def _around(self, begin: int, first: int, behind: tuple[int, int]) -> Frame | None:
        """The verb right behind a quotation, its subject right before it: "Zabıta Ayla Koru, “…” dedi"."""
        verb = self._skipped(*behind)
        if not self.speech.drops_subject or verb >= behind[1] or not self._verb(verb, self.speech.verbs):
            return None
        found = self.clauses.parties(begin, first)
        before = found[-1] if found and found[-1].end >= first - 1 and not found[-1].governed else None
        return Frame(before, "around it", self.forms[verb]) if before and before.mention else None

    def _somebody(self, clause: tuple[int, int], where: str) -> Frame | None:
        """The subject of a clause without a known verb; else whose something is: "Reyl's answer:"."""
        found = self.clauses.parties(*clause)
        able = [party for party in found if not party.governed and not party.owner]
        able += [party for party in found if party.owner]
        if not able:
            return None
        whose = able[0].own
        return self._judged(Frame(able[0]._replace(sort=whose) if whose else able[0], where, ""))

    def _unknown_verb(self, last: int, end: int) -> Frame | None:
        """ ", growled the ferryman": the comma of a quotation says that what follows is a verb of speech."""
        begin = self._skipped(last + 1, end)
        comma = any(form == "," for form in self.forms[last + 1 : begin]) or self._ends_with(
            last, frozenset(",")
        )
        if not comma and not (self._ends_with(last, _ASKS) and begin < end and not self.big[begin]):
            return None
        found = self._somebody((begin, min(end, begin + _INQUIT)), "behind it")
        if found or begin >= end or not self.speech.drops_subject:
            return found
        verb = self.forms[begin]
        small = not self.big[begin] and verb not in self.clauses.leading
        bare = small and self.speech.part(verb) is Part.OTHER
        return Frame(None, "behind it", self.narration.written(begin, begin + 1)) if bare else None

    def _ends_with(self, quote: int, marks: frozenset[str]) -> bool:
        return self.narration.said(quote)[-1:] in marks

    def _asked(self, last: int) -> Frame | None:
        """ "“Is it?” Dovann asked.": behind a question a name begins no new sentence where a verb of speech follows."""
        if not self._ends_with(last, _ASKS) or last + 1 >= len(self.forms):
            return None
        begin, end = self.narration.sentences[self.narration.sentence(last + 1)]
        party = self.clauses.first(begin, end)
        if begin != last + 1 or party is None or party.first != begin or party.end >= end:
            return None
        size = self._verb(party.end, self.speech.verbs)
        after = party.end + size
        ends = (
            after >= end
            or not self.forms[after][0].isalnum()
            or self.forms[after] in self.speech.prepositions
        )
        return Frame(party, "behind it", self.forms[party.end]) if size and ends else None

    def _signature(self, last: int) -> Frame | None:
        """A name behind a dash, on the same line or the next: "— Mira Halden, poet"."""
        at = last + 1
        while at < len(self.forms) and self.forms[at] in {BREAK, "("}:
            at += 1
        if at >= len(self.forms) or self.forms[at] not in _DASHES:
            return None
        begin, end = self.narration.line(at)
        if end - begin > _LONGEST_SIGNATURE and begin > last:
            return None
        party = self.clauses.first(at + 1, end)
        named = party is not None and party.sort is Sort.NAME and party.first == at + 1
        return Frame(party, "in the line under it", "") if named else None

    def _calls(self, party: Party, verb: int) -> bool:
        """Whether somebody right before "called" calls something so: "what the mayor, Ada Roth, called “…”"."""
        apposed = party.mention is not None and party.end == verb - 1 and self.forms[party.end] == ","
        return (party.end == verb or apposed) and not party.governed

    def _is_named(self, first: int) -> bool:
        """Whether a title or a term stands between the marks: "a plan called “Second Spring”", "her book “Tides”"."""
        if not first:
            return False
        if self.forms[first - 1] in self.speech.works:
            return True
        for i in range(max(0, first - 3), first):
            if self.speech.named.at(self.forms, i) == first - i:
                before = self.clauses.parties(max(0, i - _LONGEST_SUBJECT), i)
                return not (before and self._calls(before[-1], i))
        return False
