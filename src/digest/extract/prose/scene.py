"""Who is on the scene of a post, sentence by sentence, and so whom a pronoun, a role or a bare verb means.

The model is that of centering (Grosz, Joshi and Weinstein, 1995) at its simplest: who was the subject of the sentence
before is meant first; else who was named last, if nobody else of that sex was on the scene as much.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from digest.extract.prose.narration import BREAK
from digest.extract.prose.parties import Clauses, Party, Sort
from digest.extract.prose.people import Entity, People, Sex
from digest.extract.prose.subjects import Subjects

_FADES = 1.2  # how fast somebody's presence fades with the distance in sentences: a power of it
_MEMORY = 60  # mentions that are remembered
_AHEAD = 3  # sentences in which somebody may be introduced who has spoken already
_RECENT = 2.0  # sentences and paragraphs in which somebody is still the last
_CLEAR = 0.6  # how present the next one may be, against the one who is meant
_SUBJECT, _FRONTED, _NAMED = 1.0, 0.9, 0.6  # how present a mention makes somebody
_REACH = 12  # tokens from a subject to its verb
_NEAR = 1.0  # sentences from an organisation to "it"


class Link(Enum):
    """What the text has in place of a name."""

    NAME = auto()
    PRONOUN = auto()
    ROLE = auto()
    VERB = auto()  # without a subject
    NOTHING = auto()  # a quotation without a frame


class Pick(Enum):
    """Why it means that person."""

    NAMED = "is {name}"
    DOUBTFUL = "may be no name"
    SUBJECT = "is {name}, the subject of the sentence before"
    ONLY = "is {name}, the only one whom it can mean"
    LAST = "is {name}, who was named last"
    EARLIER = "is {name}, who was named before"
    UNCLEAR = "may be {name} or somebody else"
    AHEAD = "is {name}, whom the next sentences introduce"
    AUTHOR = "is the author"
    UNNAMED = "is nobody whom the post names"
    GOES_ON = "goes on speaking"


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who is meant, and on what grounds."""

    entity: Entity | None
    link: Link
    pick: Pick
    words: str = ""  # by which
    name: str = ""  # of who is no entity

    @property
    def shown(self) -> str:
        """The name as it is printed, or ``""``."""
        return self.entity.shown if self.entity else self.name


@dataclass(frozen=True, slots=True)
class _Event:
    """Somebody was on the scene at a time, counted in sentences and paragraphs."""

    time: float
    entity: Entity
    weight: float


class Scene:
    """Reads a post sentence by sentence and remembers who is there."""

    def __init__(self, people: People, clauses: Clauses, subjects: Subjects, author: str) -> None:
        self.people, self.clauses, self.subjects = people, clauses, subjects
        self.narration, self.speech = clauses.narration, clauses.speech
        self.author = author
        self.most = max((entity.count for entity in people.entities), default=1)
        self.organisations: dict[str, Entity] = {}  # those that only a phrase with an article names
        self.events: list[_Event] = []
        self.known: dict[tuple[int, Sort], Who] = {}  # whom subjects of sentences mean, by their first token
        self.spoke: set[Entity] = set()
        self.sentence = 0
        self.now = 0.0
        self.topic: Entity | None = None  # the subject of this sentence
        self.topic_at = 0  # its token
        self.by_name = False  # whether it is named there
        self.explicit = False  # whether the one before was
        self.before: Entity | None = None  # and of the one before, in the same paragraph

    def enter(self, sentence: int) -> None:
        """Read a sentence. A pronoun as its subject keeps whom it means on the scene."""
        begin, end = self.narration.sentences[sentence]
        anew = begin > 0 and self.narration.forms[begin - 1] == BREAK
        self.now += 1.0 + anew
        self.before, self.sentence = None if anew else self.topic, sentence
        self.explicit = self.before is not None and self.by_name
        parties = self.clauses.parties(begin, end)
        subject = self.subjects.topic(begin, end, parties)
        self.topic = None
        there: set[Entity] = set()
        for party in parties:
            entity = self._present(party, subject, end)
            if entity and (entity.person or (party is subject and self._may_be_person(entity))):
                there.add(entity)
                if party is subject:
                    self.topic, self.topic_at, self.by_name = entity, party.first, party.sort is Sort.NAME
        if self.topic is None and len(there) == 1:
            self.topic, self.topic_at, self.by_name = there.pop(), end, False

    def speaks(self, who: Who) -> None:
        """Remember who speaks. A pronoun that meant somebody tells a man or a woman for what follows."""
        if not who.entity:
            return
        who.entity.person = not who.entity.organisation
        self.spoke.add(who.entity)
        self._remember(who.entity, _SUBJECT)

    def _may_be_person(self, entity: Entity) -> bool:
        """A name of several words that no preposition ever governs: enough for the pronoun in the next sentence."""
        return " " in entity.name and not entity.governed and not entity.organisation

    def _acts(self, entity: Entity, subject: Party, end: int) -> bool:
        """Whether the subject of a sentence is shown as a person: by a pronoun elsewhere, or a verb of speech here."""
        if " " not in entity.name or entity.governed:
            return False
        forms, speech = self.narration.forms, self.speech
        rest = range(subject.end, min(end, subject.end + _REACH))
        speaks = any(speech.verbs.at(forms, i) or speech.calling.at(forms, i) for i in rest)
        return speaks or max(entity.man, entity.woman) >= 1

    def _present(self, party: Party, subject: Party | None, end: int) -> Entity | None:
        """Who a party is, remembered."""
        entity = party.mention.entity if party.mention and party.sort is Sort.NAME else None
        if entity and party.mention and self.clauses.has_role(party.first, party.mention.first):
            entity.person = not entity.organisation
        if entity and party is subject and entity.trusted and not entity.organisation:
            entity.person = entity.person or self._acts(entity, party, end)
        elif entity is None and party is subject:
            who = self.known[party.first, party.sort] = self.meant(party)
            entity = who.entity if who.pick is not Pick.UNCLEAR else None
        elif entity is None and party.sort is Sort.SOMEBODY:
            entity = self._stranger(party)
        vague = entity is not None and not entity.name and entity.sex is Sex.UNKNOWN
        if entity and not vague and (entity.trusted or entity.person):
            fronted = subject is not None and party.end <= subject.first
            self._remember(entity, _SUBJECT if party is subject else _FRONTED if fronted else _NAMED)
        return entity

    def _stranger(self, party: Party, *, subject: bool = False) -> Entity | None:
        """Somebody without a name who is a man or a woman, whom a pronoun may mean: "her father", "one woman"."""
        sex = self.clauses.sex(party.head)
        unknown = sex is Sex.UNKNOWN and not (subject and self.clauses.is_role(party.head))
        if unknown or self.people.called(party.head):
            return None
        woman, man = float(sex is Sex.WOMAN), float(sex is Sex.MAN)
        return Entity("", (party.head,), False, party.first, person=True, man=man, woman=woman)

    def _remember(self, entity: Entity, weight: float) -> None:
        self.events.append(_Event(self.now, entity, weight))

    # ── who is meant ─────────────────────────────────────────────────────────────────────────────

    def meant(self, party: Party, barred: Collection[Entity] = ()) -> Who:
        """Whom a party of this sentence means; ``barred`` are those who cannot be meant."""
        known = self.known.get((party.first, party.sort))
        if known and known.entity not in barred:
            return known
        words = self._words(party)
        if party.sort is Sort.NAME and party.mention:
            named = party.mention.entity
            return Who(named, Link.NAME, Pick.NAMED if named.trusted else Pick.DOUBTFUL, words)
        if party.sort is Sort.HE or party.sort is Sort.SHE:
            sex = Sex.MAN if party.sort is Sort.HE else Sex.WOMAN
            entity, pick = self.recall(sex, barred, party.first)
            if entity is None:
                entity, pick = self._ahead(sex, barred)
            return Who(entity, Link.PRONOUN, pick, words)
        if party.sort is Sort.IT:
            return Who(*self._institution(barred, words))
        if party.sort is Sort.I:
            return Who(None, Link.PRONOUN, Pick.AUTHOR, words, self.author)
        theirs = party.sort is Sort.SOMEBODY and self.narration.forms[party.first] in self.speech.possessives
        if theirs and len(called := self.people.called(party.head)) == 1:
            return Who(called[0], Link.ROLE, Pick.NAMED, words)
        if party.sort is Sort.ROLE:
            return self._in_role(party, words, barred)
        stranger = self._stranger(party, subject=True) if party.sort is Sort.SOMEBODY else None
        return Who(stranger, Link.ROLE, Pick.UNNAMED, words)

    def recall(self, sex: Sex, barred: Collection[Entity], at: int = 0) -> tuple[Entity | None, Pick]:
        """The person who fits best of those on the scene, and how clearly; ``at`` is the token that means one."""
        if self.topic and self.topic_at < at and self.topic not in barred and self.topic.may_be(sex) > 0.5:
            return self.topic, Pick.SUBJECT
        centre = self.before
        if centre and not centre.organisation and centre not in barred and centre.may_be(sex) > 0.5:
            return centre, Pick.SUBJECT
        present: dict[Entity, float] = {}
        for event in self.events[-_MEMORY:]:
            if event.entity.person and not event.entity.organisation and event.entity not in barred:
                score = self._presence(event, sex)
                present[event.entity] = max(score, present.get(event.entity, 0.0))
        ranked = sorted(
            ((score, entity) for entity, score in present.items() if score), key=lambda each: -each[0]
        )
        if not ranked:
            return self._only_name(sex, barred)
        if len(ranked) == 1:
            return ranked[0][1], Pick.ONLY if ranked[0][1].may_be(sex) > 0.5 else Pick.UNCLEAR
        (most, entity), (next_most, _) = ranked[:2]
        if next_most >= _CLEAR * most:
            return entity, Pick.UNCLEAR
        last = max(event.time for event in self.events if event.entity is entity)
        return entity, Pick.LAST if self.now - last <= _RECENT else Pick.EARLIER

    def _only_name(self, sex: Sex, barred: Collection[Entity]) -> tuple[Entity | None, Pick]:
        """Where nobody is shown as a person, whom a pronoun means if only one name can be one's."""
        named = {event.entity for event in self.events if self._may_be_person(event.entity)} - set(barred)
        fit = [entity for entity in named if entity.may_be(sex) > 0.5]
        return (fit[0], Pick.ONLY) if len(fit) == 1 and sex is not Sex.UNKNOWN else (None, Pick.UNNAMED)

    def _presence(self, event: _Event, sex: Sex) -> float:
        """How much somebody is on the scene: less with every sentence, more who is named often in the post."""
        faded: float = event.weight / (1 + self.now - event.time) ** _FADES
        share = 1.0 if event.entity.headline else event.entity.count / self.most
        return faded * event.entity.may_be(sex) * (0.6 + 0.4 * share)

    def _ahead(self, sex: Sex, barred: Collection[Entity]) -> tuple[Entity | None, Pick]:
        """Whom the next sentences introduce, where a post begins with what somebody says."""
        for begin, end in self.narration.sentences[self.sentence + 1 : self.sentence + 1 + _AHEAD]:
            party = self.subjects.topic(begin, end, self.clauses.parties(begin, end))
            entity = party.mention.entity if party and party.mention and party.sort is Sort.NAME else None
            if entity and not entity.organisation and entity.may_be(sex) and entity not in barred:
                return entity, Pick.AHEAD
        return None, Pick.UNNAMED

    def _words(self, party: Party) -> str:
        tokens = self.narration.tokens
        return self.narration.text[tokens[party.first].start : tokens[party.end - 1].end]

    # ── roles and organisations ──────────────────────────────────────────────────────────────────

    def _in_role(self, party: Party, words: str, barred: Collection[Entity]) -> Who:
        called = tuple(entity for entity in self.people.called(party.head) if entity not in barred)
        if len(called) > 1:
            recent = {event.entity: event.time for event in self.events}
            called = (max(called, key=lambda entity: recent.get(entity, -1)),)
        if called:
            return Who(called[0], Link.ROLE, Pick.NAMED, words)
        if party.head in self.speech.organisations:
            return self._organisation(party, words, barred)
        sex, is_role = self.clauses.gender(party), self.clauses.is_role(party.head)
        if party.head in self.speech.works or (sex is Sex.UNKNOWN and not is_role):
            return Who(None, Link.ROLE, Pick.UNNAMED, words)
        entity, pick = self.recall(sex, barred)
        if pick is not Pick.SUBJECT and (not is_role or self._is_of_another(party)):
            return Who(None, Link.ROLE, Pick.UNNAMED, words)
        return Who(entity, Link.ROLE, pick, words)

    def _is_of_another(self, party: Party) -> bool:
        """ "The mother of the miner" is none who was named before; German "der Zeitung" may be who is told."""
        behind = self.narration.forms[party.end : party.end + 1]
        return bool(behind) and behind[0] in self.speech.of and not self.speech.capital_nouns

    def _organisation(self, party: Party, words: str, barred: Collection[Entity]) -> Who:
        """ "the union" is the Harbour Union; "das Umweltministerium" and "le ministère de l'Intérieur" are names."""
        tokens = self.narration.tokens[party.first : party.end]
        own = next(i for i, token in enumerate(tokens) if token.form == party.head)
        if any(token.big for token in tokens[own + 1 :]) or self._is_compound(party.head):
            name = self.narration.text[tokens[own].start : tokens[-1].end]
            entity = self.organisations.setdefault(name, Entity(name, (party.head,), True, party.first, True))
            return Who(entity, Link.NAME, Pick.NAMED, words)
        known: Sequence[Entity] = [*self.organisations.values(), *self.people.entities]
        same = [each for each in known if each.organisation and party.head in each.words]
        if same:
            return Who(same[0], Link.ROLE, Pick.NAMED, words)
        return Who(*self._institution(barred, words))

    def _is_compound(self, head: str) -> bool:
        """Whether one word names an organisation: "Umweltministerium", but not "Ministerium"."""
        endings = self.speech.organisations.endings
        return self.speech.capital_nouns and head.endswith(endings) and head not in endings

    def _institution(self, barred: Collection[Entity], words: str) -> tuple[Entity | None, Link, Pick, str]:
        """The organisation that "it" or "the organisation" means: one that has spoken, or was named just before."""
        for event in reversed(self.events[-_MEMORY:]):
            near = event.entity in self.spoke or self.now - event.time <= _NEAR
            if event.entity.organisation and event.entity not in barred and near:
                return event.entity, Link.ROLE, Pick.LAST, words
        return None, Link.ROLE, Pick.UNNAMED, words
