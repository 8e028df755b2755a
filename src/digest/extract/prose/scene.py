"""Who is on the scene of a post, sentence by sentence, and so whom a pronoun, a role or a bare verb means.

The model is that of centering (Grosz, Joshi and Weinstein, 1995) at its simplest: who was the subject of the sentence
before is meant first; else who was named last, if nobody else of that sex was on the scene as much.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from digest.extract.prose.entities import Entity, Sex
from digest.extract.prose.narration import BREAK
from digest.extract.prose.parties import Clauses, Party, Sort
from digest.extract.prose.people import People
from digest.extract.prose.subjects import Subjects
from digest.extract.prose.who import Link, Pick, Who
from digest.extract.speechwords import Part

_FADES = 1.2  # how fast somebody's presence fades with the distance in sentences: a power of it
_MEMORY = 60  # mentions that are remembered
_MOST_MAIN = 12  # names among which the one is sought whom a post is about
_FAR = 5.0  # sentences and paragraphs behind which even the only one is hardly meant by a bare verb
_AHEAD = 3  # sentences in which somebody may be introduced who has spoken already
_RECENT = 2.0  # sentences and paragraphs in which somebody is still the last
_CLEAR = 0.6  # how present the next one may be, against the one who is meant
_SUBJECT, _FRONTED, _NAMED = 1.0, 0.9, 0.6  # how present a mention makes somebody
_REACH = 12  # tokens from a subject to its verb
_NEAR = 1.0  # sentences from an organisation to "it"


class _Event(NamedTuple):
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
        self.learned: dict[str, Entity] = {}  # whom a role meant by which somebody spoke
        self.often = sorted(people.entities, key=lambda entity: -entity.count)[:_MOST_MAIN]
        self.events: list[_Event] = []
        self.known: dict[int, tuple[Sort, Who]] = {}  # whom subjects of sentences mean, by their first token
        self.spoke: set[Entity] = set()
        self.sentence = 0
        self.now = 0.0
        self.topic: Entity | None = None  # the subject of this sentence
        self.topic_at = 0  # its token
        self.by_name = False  # whether it is named there
        self.explicit = False  # whether the one before was
        self.before: Entity | None = None  # and of the one before, in the same paragraph
        self.thing: Entity | None = None  # the name that is its subject, of a person or not
        self.thing_before: Entity | None = None

    def enter(self, sentence: int) -> None:
        """Read a sentence. A pronoun as its subject keeps whom it means on the scene."""
        begin, end = self.narration.sentences[sentence]
        anew = begin > 0 and self.narration.forms[begin - 1] == BREAK
        self.now += 1.0 + anew
        self.before, self.sentence = None if anew else self.topic, sentence
        self.explicit = self.before is not None and self.by_name
        parties = self.clauses.parties(begin, end)
        subject = self.subjects.topic(begin, end, parties)
        self.thing_before = None if anew else self.thing
        named = subject.mention if subject and subject.sort is Sort.NAME else None
        self.thing = named.entity if named and named.entity.trusted else None
        self.topic = None
        there: set[Entity] = set()
        for party in parties:
            entity = self._present(party, subject, end)
            if entity and self._is_there(entity, leads=party is subject):
                there.add(entity)
                if party is subject:
                    self.topic, self.topic_at, self.by_name = entity, party.first, party.sort is Sort.NAME
        if self.topic is None and self._drops_subject(begin, parties):
            self.topic, self.topic_at, self.by_name = self.before, end, False
        elif self.topic is None and len(there) == 1:
            self.topic, self.topic_at, self.by_name = there.pop(), end, False

    def _drops_subject(self, begin: int, parties: Sequence[Party]) -> bool:
        """Whether a sentence goes on about the one before by its verb alone, with which it begins: "Contó que …"."""
        if not self.speech.drops_subject or self.before is None:
            return False
        return self.clauses.parts[begin] is Part.OTHER and not any(party.first == begin for party in parties)

    def speaks(self, who: Who, party: Party | None = None) -> None:
        """Remember who speaks, and the role by which."""
        if not who.entity:
            return
        if party and party.sort is Sort.ROLE and self.clauses.is_role(party.head):
            self.learned.setdefault(party.head, who.entity)
        who.entity.person = not who.entity.organisation
        self.spoke.add(who.entity)
        self._remember(who.entity, _SUBJECT)

    def _is_there(self, entity: Entity, *, leads: bool) -> bool:
        """Whether a name may be a person's: not of one word that is never the subject of anything, as of places."""
        if entity.is_governed and " " not in entity.shown:
            return False
        return entity.person or (leads and self._may_be_person(entity))

    def _may_be_person(self, entity: Entity) -> bool:
        """A name of several words that no preposition ever governs: enough for the pronoun in the next sentence."""
        return " " in entity.name and not entity.governed and not entity.organisation

    def _acts(self, entity: Entity, subject: Party, end: int) -> bool:
        """Whether the subject of a sentence is shown as a person: by a pronoun elsewhere, or a verb of speech here."""
        if " " not in entity.name or entity.governed:
            return False
        forms, speech = self.narration.forms, self.speech
        rest = range(subject.end, min(end, subject.end + _REACH))
        told = max(entity.man, entity.woman) >= 1
        return told or any(speech.verbs.at(forms, i) or speech.calling.at(forms, i) for i in rest)

    def _present(self, party: Party, subject: Party | None, end: int) -> Entity | None:
        """Who a party is, remembered."""
        entity = party.mention.entity if party.mention and party.sort is Sort.NAME else None
        if entity and party.mention and self.clauses.has_role(party.first, party.mention.first):
            entity.person = not entity.organisation
        if entity and party is subject and entity.trusted and not entity.organisation:
            entity.person = entity.person or self._acts(entity, party, end)
        elif entity is None and party is subject:
            entity = self._meant_by_subject(party)
        elif entity is None and party.sort is Sort.SOMEBODY and not self._is_attribute(party):
            entity = self._stranger(party)
        vague = entity is not None and not entity.name and entity.sex is Sex.UNKNOWN
        if entity and not vague and (entity.trusted or entity.person):
            fronted = subject is not None and party.end <= subject.first
            self._remember(entity, _SUBJECT if party is subject else _FRONTED if fronted else _NAMED)
        return entity

    def _meant_by_subject(self, party: Party) -> Entity | None:
        """Whom the subject of a sentence means; a role of somebody long past may as well be another's, who has no name."""
        who = self.meant(party)
        self.known[party.first] = party.sort, who
        if who.entity and who.link is Link.ROLE and who.pick is Pick.EARLIER:
            self._remember(who.entity, _NAMED)
            return self._stranger(party, subject=True)
        return who.entity if who.pick is not Pick.UNCLEAR else None

    def _is_attribute(self, party: Party) -> bool:
        """Whether a role without an article behind a preposition only tells of what kind something is: "cocina de autor"."""
        return party.governed and self.clauses.parts[party.first] is Part.ROLE

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

    def meant(self, party: Party, barred: Collection[Entity] = (), *, speaks: bool = False) -> Who:
        """Whom a party of this sentence means.

        ``barred`` are those who cannot be meant; of the subject of a verb of speech it is known that it ``speaks``.
        """
        sort, known = self.known.get(party.first, (None, None))
        settled = known is not None and (known.entity is not None or not speaks)
        if (
            known
            and settled
            and sort is party.sort
            and known.entity not in barred
            and not self._is_open(known, barred)
        ):
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
            return self._in_role(party, words, barred, speaks=speaks)
        stranger = self._stranger(party, subject=True) if party.sort is Sort.SOMEBODY else None
        return Who(stranger, Link.ROLE, Pick.UNNAMED, words)

    def _is_open(self, who: Who, barred: Collection[Entity]) -> bool:
        """Whether it may become clear who is meant by who is not."""
        return bool(barred) and who.pick in (Pick.EARLIER, Pick.UNCLEAR)

    def recall(self, sex: Sex, barred: Collection[Entity], at: int = 0) -> tuple[Entity | None, Pick]:
        """The person who fits best of those on the scene, and how clearly; ``at`` is the token that means one."""
        if self.topic and self.topic_at < at and self.topic not in barred and self.topic.may_be(sex) > 0.5:
            return self.topic, Pick.SUBJECT
        centre = self.before
        if centre and not centre.organisation and centre not in barred and centre.may_be(sex) > 0.5:
            return centre, Pick.SUBJECT
        present = self._persons_present(sex, barred)
        ranked = sorted(
            (entity for entity in present if present[entity]), key=present.__getitem__, reverse=True
        )
        if not ranked:
            return self._only_name(sex, barred)
        entity = ranked[0]
        last = next(event.time for event in reversed(self.events) if event.entity is entity)
        fits = entity.may_be(sex)
        if len(ranked) > 1:
            return entity, self._pick(entity, fits, present[ranked[1]] / present[entity], self.now - last)
        if fits <= 0.5:
            return entity, Pick.UNCLEAR
        near = self.now - last <= _FAR or (
            at > 0 and fits == 1
        )  # a pronoun tells more than a role or a bare verb
        return entity, Pick.ONLY if near else Pick.EARLIER

    def _pick(self, entity: Entity, fits: float, rival: float, distance: float) -> Pick:
        """How clearly one of several on the scene is meant: how present the next one is against this, how long ago."""
        if rival >= _CLEAR:
            return Pick.UNCLEAR
        if distance <= _RECENT:
            return Pick.LAST
        return Pick.MAIN if fits == 1 and self._is_main(entity) else Pick.EARLIER

    def _is_main(self, entity: Entity) -> bool:
        """Whether a post names nobody else as often."""
        persons = (each for each in self.often if each.person and not each.organisation)
        return bool(entity.name) and all(each is entity or each.count < entity.count for each in persons)

    def _persons_present(self, sex: Sex, barred: Collection[Entity]) -> dict[Entity, float]:
        """How much each person is on the scene: less with every sentence, more who is named often in the post."""
        near: dict[Entity, float] = {}
        for time, entity, weight in self.events[-_MEMORY:]:
            faded = weight / (1 + self.now - time) ** _FADES
            if faded > near.get(entity, 0.0):
                near[entity] = faded
        persons = (each for each in near if each.person and not each.organisation and each not in barred)
        return {each: near[each] * each.may_be(sex) * self._share(each) for each in persons}

    def _share(self, entity: Entity) -> float:
        share = 1.0 if entity.headline else entity.count / self.most
        return 0.6 + 0.4 * share

    def _only_name(self, sex: Sex, barred: Collection[Entity]) -> tuple[Entity | None, Pick]:
        """Where nobody is shown as a person, whom a pronoun means if only one name can be one's."""
        named = {event.entity for event in self.events if self._may_be_person(event.entity)} - set(barred)
        fit = [entity for entity in named if entity.may_be(sex) > 0.5]
        return (fit[0], Pick.ONLY) if len(fit) == 1 and sex is not Sex.UNKNOWN else (None, Pick.UNNAMED)

    def _ahead(self, sex: Sex, barred: Collection[Entity]) -> tuple[Entity | None, Pick]:
        """Whom the next sentences introduce, where a post begins with what somebody says."""
        for begin, end in self.narration.sentences[self.sentence + 1 : self.sentence + 1 + _AHEAD]:
            party = self.subjects.topic(begin, end, self.clauses.parties(begin, end))
            entity = party.mention.entity if party and party.mention and party.sort is Sort.NAME else None
            if entity and not entity.organisation and entity.may_be(sex) and entity not in barred:
                return entity, Pick.AHEAD
        return None, Pick.UNNAMED

    def _words(self, party: Party) -> str:
        return self.narration.written(party.first, party.end)

    # ── roles and organisations ──────────────────────────────────────────────────────────────────

    def _in_role(self, party: Party, words: str, barred: Collection[Entity], *, speaks: bool) -> Who:
        if party.head in self.speech.latter:
            return Who(*self._latter(self.clauses.gender(party), barred), words)
        called = tuple(self._called(party, barred))
        if len(called) > 1:
            recent = {event.entity: event.time for event in self.events}
            called = (max(called, key=lambda entity: recent.get(entity, -1)),)
        if called:
            return Who(called[0], Link.ROLE, Pick.NAMED, words)
        if party.head in self.speech.organisations:
            return self._organisation(party, words, barred)
        sex, is_role = self.clauses.gender(party), self.clauses.is_role(party.head)
        if party.head in self.speech.works or not (sex is not Sex.UNKNOWN or is_role or speaks):
            return Who(None, Link.ROLE, Pick.UNNAMED, words)
        entity, pick = self.recall(sex, barred)
        if pick is not Pick.SUBJECT and (not is_role or self._is_of_another(party)):
            return Who(None, Link.ROLE, Pick.UNNAMED, words)
        return Who(entity, Link.ROLE, pick, words)

    def _may_be_institution(self, entity: Entity) -> bool:
        """Whether nothing but what it does shows a name as a person's."""
        roles = any(self.clauses.is_role(role) for role in entity.roles)
        return entity.organisation or not (entity.title or roles or entity.sex is not Sex.UNKNOWN)

    def _called(self, party: Party, barred: Collection[Entity]) -> Iterator[Entity]:
        """Those of whom a role is known, by what the post says beside their names or by whom it has meant before."""
        known = self.people.called(party.head)
        learned = self.learned.get(party.head)
        for entity in known or ([learned] if learned else []):
            fits = entity.may_be(self.clauses.sex(party.head)) > 0
            if fits and entity not in barred and self._has_office(entity, party):
                yield entity

    def _has_office(self, entity: Entity, party: Party) -> bool:
        """Whether somebody's role may be that one: "the Vale manager" is not who is the Brindle manager."""
        inside = (self.people.at.get(i) for i in range(party.first, party.end))
        named = {word for mention in inside if mention for word in mention.entity.words}
        own = {role for role in entity.roles if role in self.people.by_word}
        return not (named and own) or not named.isdisjoint(own)

    def _latter(self, sex: Sex, barred: Collection[Entity]) -> tuple[Entity | None, Link, Pick]:
        """Who was named last, whom "the latter" means."""
        for event in reversed(self.events[-_MEMORY:]):
            entity = event.entity
            if entity.name and entity not in barred and not entity.organisation and entity.may_be(sex) > 0.5:
                return entity, Link.ROLE, Pick.LAST
        return None, Link.ROLE, Pick.UNNAMED

    def _is_of_another(self, party: Party) -> bool:
        """ "The mother of the miner" is none who was named before; German "der Zeitung" may be who is told."""
        forms = self.narration.forms
        if "s" in forms[party.first : party.end]:
            return True  # "the miller’s mother"
        behind = forms[party.end : party.end + 1]
        return bool(behind) and behind[0] in self.speech.of and not self.speech.capital_nouns

    def _organisation(self, party: Party, words: str, barred: Collection[Entity]) -> Who:
        """ "the union" is the Harbour Union; "das Umweltministerium" and "le ministère de l'Intérieur" are names."""
        own = self.narration.forms.index(party.head, party.first, party.end)
        if any(self.narration.big[own + 1 : party.end]) or self._is_compound(party.head):
            name = self.narration.written(own, party.end)
            entity = self.organisations.setdefault(name, Entity(name, (party.head,), True, party.first, True))
            return Who(entity, Link.NAME, Pick.NAMED, words)
        known: Sequence[Entity] = [*self.organisations.values(), *self.people.entities]
        same = [each for each in known if each.organisation and party.head in each.words]
        if same:
            return Who(same[0], Link.ROLE, Pick.NAMED, words)
        return Who(*self._institution(barred, words))

    def _is_compound(self, head: str) -> bool:
        """Whether one word names an organisation: "Umweltministerium", but not "Ministerium"."""
        organisations = self.speech.organisations
        return self.speech.capital_nouns and organisations.ends(head) and head not in organisations.endings

    def _institution(self, barred: Collection[Entity], words: str) -> tuple[Entity | None, Link, Pick, str]:
        """The organisation that "it" or "the organisation" means: one that has spoken, or was named just before."""
        centre = self.thing_before
        if centre and centre not in barred and self._may_be_institution(centre):
            return centre, Link.ROLE, Pick.SUBJECT, words
        for event in reversed(self.events[-_MEMORY:]):
            near = event.entity in self.spoke or self.now - event.time <= _NEAR
            if event.entity.organisation and event.entity not in barred and near:
                return event.entity, Link.ROLE, Pick.LAST, words
        return None, Link.ROLE, Pick.UNNAMED, words
