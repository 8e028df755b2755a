"""Who is named in a post: persons and organisations, their short names, their roles, and what tells men and women.

An entity is known by the fullest name that the post gives it. Everything is taken from the grammar around names and
from the text itself; there is no list of names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from digest.extract.prose.appositions import apposition, described, has_age, is_somebody, neighbours
from digest.extract.prose.entities import Entity, Mention, Sex, vote
from digest.extract.prose.namings import NameReader, Run, without_adverbs, without_roles, without_verbs
from digest.extract.prose.narration import QUOTE, Narration
from digest.extract.speechwords import Speech, plain
from digest.extract.words import Words
from digest.model import Span

_OPENING = frozenset("“„«‹‘\"'")
_MOST_ROLES = 500
_MOST_OF_A_NAME = 40  # people with one surname that are compared


@dataclass(frozen=True, slots=True)
class People:
    """All who are named, and where."""

    entities: Sequence[Entity]
    at: Mapping[int, Mention]  # by its first token
    mentions: Sequence[Mention]
    by_word: Mapping[str, Sequence[Entity]]
    roles: Mapping[str, Sequence[Entity]]
    by_role: dict[str, tuple[Entity, ...]] = field(default_factory=dict)  # what was looked for

    def called(self, role: str) -> tuple[Entity, ...]:
        """Those whom the post gives a role: "the minister" after "Energy Minister Mirela Dovann"."""
        if role not in self.by_role:
            same = [own for own in self.roles if _same_role(role, own)]
            self.by_role[role] = tuple(dict.fromkeys(each for own in same for each in self.roles[own]))
        return self.by_role[role]

    def named(self, words: Iterable[str]) -> Iterator[Entity]:
        """Those of whose names one of these words is a part."""
        return (entity for word in words for entity in self.by_word.get(word, ()))


def _same_role(role: str, own: str) -> bool:
    if role == own:
        return True
    short, long = sorted((role, own), key=len)
    return len(short) > 4 and (
        long.endswith(short) or (long.startswith(short) and len(long) - len(short) < 3)
    )


# ── entities ─────────────────────────────────────────────────────────────────────────────────────


def people(
    narration: Narration, words: Words, language: str, *, title: str, works: Collection[Span] = ()
) -> People:
    """All who are named in a post, each by one entity. Linear in the length of the text.

    Args:
        narration: of the post.
        words: of all languages.
        language: of the post, a BCP 47 primary tag.
        title: of the post; who is named in it is who the post is about.
        works: what stands in italics, as titles do; no person is first named there.
    """
    speech = words.speech(language)
    reader = NameReader(narration, words, speech, language)
    runs = [run for run in reader.runs() if not (speech.capital_nouns and _is_noun(run, speech))]
    if speech.drops_subject:
        runs = list(without_verbs(runs))
    inside = {i for start, end in works for i in range(narration.at(start), narration.at(end))}
    runs = [run for run in runs if run.first not in inside]
    runs = list(
        without_roles(runs, narration.forms, speech)
        if speech.capital_nouns
        else without_adverbs(runs, speech)
    )
    registry = _Registry(speech, set(_words_of(title)), tuple(_words_of(title.partition(":")[0])))
    for run in runs:
        if " " in run.text:
            registry.full(run)
    registry.close()
    mentions = [mention for run in runs if (mention := registry.mention(run, narration))]
    mentions = [mention for mention in mentions if not _is_doubtful(mention, narration, speech)]
    _tell_apart(mentions, narration, speech)
    by_word: dict[str, list[Entity]] = defaultdict(list)
    roles: dict[str, list[Entity]] = defaultdict(list)
    for entity in registry.entities:
        for word in set(entity.words):
            by_word[word].append(entity)
        for role in entity.roles:
            roles[role].append(entity)
    at = {mention.first: mention for mention in mentions}
    return People(tuple(registry.entities), at, mentions, by_word, dict(islice(roles.items(), _MOST_ROLES)))


def _is_doubtful(mention: Mention, narration: Narration, speech: Speech) -> bool:
    """Whether one word at the start of a sentence is hardly a name: "Somewhere", but perhaps "Mira" in "Mira says"."""
    if mention.entity.trusted or mention.first not in narration.openings:
        return False
    return mention.end >= len(narration.forms) or narration.forms[mention.end] not in speech.verbs.heads


def _words_of(title: str) -> Iterable[str]:
    return (
        plain(word.strip("“”\"'‘’«»„,.:;!?()")).removesuffix("'s").removesuffix("’s")
        for word in title.split()
    )


def _is_noun(run: Run, speech: Speech) -> bool:
    """Whether a capital tells nothing: "die Sprecherin" and "der Ärztliche Direktor" in German."""
    described = len(run.words) == 2 and run.words[-1] in speech.people
    single = len(run.words) == 1 and not run.text.isupper()
    return run.article and not run.titles and (single or described)


class _Registry:
    """Entities by their words."""

    def __init__(self, speech: Speech, headline: set[str], quoted: tuple[str, ...] = ()) -> None:
        self.speech, self.headline, self.quoted = speech, headline, quoted
        self.entities: list[Entity] = []
        self.by_words: dict[tuple[str, ...], Entity] = {}
        self.by_last: dict[str, list[Entity]] = defaultdict(list)
        self.by_first: dict[str, list[Entity]] = defaultdict(list)
        self.firms: dict[tuple[str, ...], Entity] = {}

    def full(self, run: Run) -> None:
        """A name of two words or more."""
        if run.words in self.by_words:
            return
        organisation = self._is_organisation(run)
        entity = Entity(run.text, run.words, organisation, run.first, trusted=True)
        self.by_words[run.words] = entity
        self.entities.append(entity)

    def _is_organisation(self, run: Run) -> bool:
        if run.titles:
            return False
        known = any(word in self.speech.organisations for word in run.words)
        return known or run.article or (run.text.isupper() and len(run.text) > 1)

    def close(self) -> None:
        """Names that are parts of others become these: "J. Feld" and "Jonas Feld", "Mirela Dovann" and "Mirela A. Dovann"."""
        for entity in self.entities:
            self.by_last[entity.words[-1]].append(entity)
        for entity in sorted(self.entities, key=lambda entity: len(entity.words)):
            others = self.by_last[entity.words[-1]][:_MOST_OF_A_NAME]
            longer = next((other for other in others if _shortens(entity, other)), None)
            if longer:
                self.by_words[entity.words] = self.by_words[longer.words]
        kept = {id(entity) for entity in self.by_words.values()}
        self.entities = [entity for entity in self.entities if id(entity) in kept]
        self.by_last.clear()
        for entity in self.entities:
            entity.headline = self.headline.issuperset(entity.words)
            entity.person = entity.person or (entity.words == self.quoted and not entity.organisation)
            self._guess(entity)
            self.by_last[entity.words[-1]].append(entity)
            self.by_first[entity.words[0]].append(entity)

    def _guess(self, entity: Entity) -> None:
        """What the ending of a given name suggests, as long as nothing else tells."""
        if not entity.organisation:
            woman = entity.words[0].endswith(tuple(self.speech.women))
            man = entity.words[0].endswith(tuple(self.speech.men))
            vote(entity, Sex.WOMAN if woman else Sex.MAN if man else Sex.UNKNOWN, 0.4)

    def mention(self, run: Run, narration: Narration) -> Mention | None:
        full = self.by_words.get(run.words) if " " in run.text else None
        entity = full or self._firm(run, narration) or self._short(run, narration)
        if entity is None:
            return None
        short = run.words[-1] == entity.words[-1] and run.words != entity.words and not run.article
        entity.person = entity.person or (short and not entity.organisation)
        entity.count += 1
        entity.governed += run.first > 0 and narration.forms[run.first - 1] in self.speech.prepositions
        forms = [narration.forms[i] for i in run.titles]
        self._title(entity, run, forms, narration)
        return Mention(run.first, run.end, entity)

    def _firm(self, run: Run, narration: Narration) -> Entity | None:
        """An organisation that has somebody's surname, which the noun before it tells: "Klavierbaufirma Reyl"."""
        titles = [narration.forms[i] for i in run.titles]
        if not any(title in self.speech.organisations and not self._is_role(title) for title in titles):
            return None
        if run.words not in self.firms:
            self.firms[run.words] = Entity(run.text, run.words, True, run.first, trusted=True)
            self.entities.append(self.firms[run.words])
        return self.firms[run.words]

    def _short(self, run: Run, narration: Narration) -> Entity | None:
        """Who is meant by one word: a surname, a given name, or somebody with no other name."""
        word = run.words[-1]
        found = (
            self.by_last.get(word) or self.by_first.get(word) or self.by_last.get(word.removesuffix("s"), [])
        )
        wanted = self._sex_of([narration.forms[i] for i in run.titles])
        if wanted is not Sex.UNKNOWN:
            found = [each for each in found if each.sex in (Sex.UNKNOWN, wanted)]
        if found:
            meant = max(found, key=lambda each: (each.headline, each.count, -each.first))
            placed = run.first > 0 and narration.forms[run.first - 1] in self.speech.prepositions
            known = meant.words[-1] == word or not placed
            meant.person = meant.person or (known and not (meant.organisation or run.article))
            return meant
        if self.speech.capital_nouns and not (run.titles or self._stands_alone(run, narration)):
            return None
        organisation = self._is_organisation(run)
        known = any(word in self.speech.organisations for word in run.words)
        sure = known or (self.speech.capital_nouns and not run.opens and self._says(run, narration))
        entity = Entity(
            run.text, run.words, organisation or known, run.first, sure, headline=word in self.headline
        )
        self.by_last[word].append(entity)
        self.entities.append(entity)
        return entity

    def _says(self, run: Run, narration: Narration) -> bool:
        """Whether a verb of speech in the singular stands beside a name."""
        if run.first and narration.forms[run.first - 1] in self.speech.according.heads:
            return True
        return any(
            form in self.speech.verbs.heads and not form.endswith("en") for form in neighbours(narration, run)
        )

    def _stands_alone(self, run: Run, narration: Narration) -> bool:
        """Whether a capital means a name where every noun has one: beside a verb of speech, an acronym, a known word."""
        spoken = any(form in self.speech.verbs.heads for form in neighbours(narration, run))
        spoken = spoken or (run.first > 0 and narration.forms[run.first - 1] in self.speech.according.heads)
        known = any(word in self.speech.organisations for word in run.words)
        return spoken or known or (run.text.isupper() and len(run.text) > 1)

    def _sex_of(self, forms: Sequence[str]) -> Sex:
        speech = self.speech
        for form in forms:
            if form in speech.courtesies_f or form in speech.roles_f:
                return Sex.WOMAN
            if form in speech.courtesies_m or form in speech.roles_m:
                return Sex.MAN
        return Sex.UNKNOWN

    def _title(self, entity: Entity, run: Run, forms: Sequence[str], narration: Narration) -> None:
        """What stands around a name says of who has it."""
        acronym = run.text.isupper() and len(run.text) > 1
        again = entity.count > 1 and not run.article and not run.opens
        sure = bool(run.titles) or acronym or again or not (run.opens or self.speech.capital_nouns)
        entity.trusted = entity.trusted or sure
        owned = (
            run.first > 0 and narration.forms[run.first - 1] in self.speech.possessives
        )  # "seine Frau Mia"
        if run.titles and not (entity.title or owned) and self._is_shown(forms[-1]):
            entity.title = narration.text[
                narration.starts[run.titles[0]] : narration.starts[run.name]
            ].strip()
        before = described(narration, run, self.speech)
        behind = apposition(narration, run.end, self.speech)
        if beside := [*forms, *before, *behind]:
            entity.roles.update(beside)
            vote(entity, self._sex_of(beside), 2.0)
        if (
            before
            and not run.titles
            and before[0] in self.speech.organisations
            and not self._is_role(before[0])
        ):
            entity.organisation = True  # "l’association Grand Large"
        if run.titles or before:
            apart = run.first > 0 and narration.forms[run.first - 1] == ","  # "la maire, Ada Roux"
            vote(entity, self._sex_by_article(narration.forms, run.first - 1 - len(before) - apart), 1.0)
        told = bool(run.titles or before) or any(map(self._is_role, behind))
        if not entity.organisation and (told or self._lives(run, narration)):
            entity.person = True

    def _sex_by_article(self, forms: Sequence[str], i: int) -> Sex:
        """What the article before a role tells: "la juge X"; German ones tell little, for their cases look alike."""
        if i < 0 or self.speech.capital_nouns:
            return Sex.UNKNOWN
        if forms[i] in self.speech.the_f:
            return Sex.WOMAN
        return Sex.MAN if forms[i] in self.speech.the_m else Sex.UNKNOWN

    def _is_shown(self, title: str) -> bool:
        """Whether a title is printed before a surname: "Frau Orlo", but not the "Mann" of "ihr Mann Paul"."""
        speech = self.speech
        courtesy = title in speech.courtesies_m or title in speech.courtesies_f or title in speech.titles
        return courtesy or not speech.capital_nouns

    def _lives(self, run: Run, narration: Narration) -> bool:
        """Whether a name has an age, "who" behind it, or a verb of speech beside it."""
        before = narration.forms[run.first - 1] if run.first else ""
        if before in _OPENING:
            return False
        if has_age(narration, run.end) or is_somebody(narration, run.end, self.speech):
            return True
        spoken = any(form in self.speech.verbs.heads for form in neighbours(narration, run))
        return spoken and before not in self.speech.prepositions

    def _is_role(self, form: str) -> bool:
        return form in self.speech.people


def _shortens(entity: Entity, other: Entity) -> bool:
    """Whether a name is another with words left out or as initials."""
    if entity is other or len(entity.words) > len(other.words) or entity.organisation != other.organisation:
        return False
    rest = iter(other.words[:-1])
    fits = all(
        any(word == own or (len(word) == 1 and own.startswith(word)) for own in rest)
        for word in entity.words[:-1]
    )
    initials = any(len(word) == 1 for word in entity.words)
    return fits and (len(entity.words) < len(other.words) or initials) and entity.words != other.words


# ── men and women ────────────────────────────────────────────────────────────────────────────────


def _tell_apart(mentions: Sequence[Mention], narration: Narration, speech: Speech) -> None:
    """Let pronouns vote on the only person they can mean: in the same sentence, or at the start of the next."""
    by_sentence: dict[int, list[Mention]] = defaultdict(list)
    for mention in mentions:
        if (
            not mention.entity.organisation
            and mention.entity.trusted
            and not (mention.entity.is_governed and not mention.entity.person)
        ):
            by_sentence[narration.sentence(mention.first)].append(mention)
    for sentence, found in by_sentence.items():
        if len({id(mention.entity) for mention in found}) > 1:
            continue
        begin, end = narration.sentences[sentence]
        forms = list(narration.forms[found[0].end : end])
        if sentence + 1 < len(narration.sentences) and sentence + 1 not in by_sentence:
            after, stop = narration.sentences[sentence + 1]
            speaks = QUOTE in narration.forms[begin:end] and QUOTE in narration.forms[after:stop]
            forms += [] if speaks else narration.forms[after : min(stop, after + 5)]
        _by_pronouns(found[0].entity, forms, speech)


def _by_pronouns(entity: Entity, forms: Sequence[str], speech: Speech) -> None:
    found = set(forms)
    he, she = found & (speech.he | speech.his), found & (speech.she | speech.her)
    if bool(he) is not bool(she) and (he | she) - speech.they:  # German "sie" may be "they"
        vote(entity, Sex.MAN if he else Sex.WOMAN, 1.0)
