"""Who says what stands between quotation marks: the speaker of each quotation in prose, by his or her full name.

The clause that frames a quotation (``frames``) has a subject (``parties``); a surname, a pronoun or a role becomes the
person (``people``) who is on the scene there (``scene``). A quotation without a frame goes on where the last one ended.
What is not sure enough stays unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from digest.extract.prose.entities import Entity, Sex
from digest.extract.prose.frames import Frame, Frames
from digest.extract.prose.narration import BREAK, QUOTE, narrate
from digest.extract.prose.parties import Clauses, Party, Sort
from digest.extract.prose.people import people
from digest.extract.prose.scene import Scene
from digest.extract.prose.subjects import Subjects
from digest.extract.prose.utterances import MOST_UTTERANCES, Utterance
from digest.extract.prose.who import Link, Pick, Who
from digest.extract.speechwords import plain, plain_text
from digest.extract.words import Words
from digest.model import Span
from digest.text.html import Document

NAMED = 0.9  # from this confidence on a name is printed (docs/verbatim.md)
_BEHIND = 2_000  # characters behind the last of the most quotations
_SETTING = 25  # sentences before a quotation in which its speaker may be named
_LONGEST_BESIDE = 80  # tokens in which somebody is told
_LONGEST_TURN = 8  # tokens of a line of dialogue: its quotations, each one token, and "she said"
_CONVERSATION = 3  # quotations before that make a conversation
_AROUND = "“”„«»‹›\"‘’'.,;:!?…()–—-"
_BESIDE = ("behind it", "between its parts")  # where the subject of whichever verb is who speaks
_LEADS = frozenset(":—–-…") | {BREAK}  # what stands before a quotation that begins within a line

# How often each kind of attribution was right in the labelled posts (tests/labelled/prose), rounded; other kinds were
# right less often.
_SURE = {
    (Link.NAME, Pick.NAMED): 0.99,
    (Link.ROLE, Pick.NAMED): 0.98,
    (Link.PRONOUN, Pick.AUTHOR): 0.98,
    (Link.VERB, Pick.AUTHOR): 0.98,
    (Link.PRONOUN, Pick.LAST): 0.96,
    (Link.PRONOUN, Pick.SUBJECT): 0.95,
    (Link.ROLE, Pick.SUBJECT): 0.95,
    (Link.NOTHING, Pick.SUBJECT): 0.95,
    (Link.VERB, Pick.SUBJECT): 0.94,
    (Link.PRONOUN, Pick.ONLY): 0.9,
    (Link.PRONOUN, Pick.AHEAD): 0.9,
    (Link.PRONOUN, Pick.MAIN): 0.9,
    (Link.ROLE, Pick.MAIN): 0.9,
    (Link.NOTHING, Pick.MAIN): 0.9,
    (Link.VERB, Pick.ONLY): 0.9,
    (Link.NOTHING, Pick.ONLY): 0.9,
    (Link.ROLE, Pick.ONLY): 0.9,
    (Link.VERB, Pick.LAST): 0.9,
    (Link.NOTHING, Pick.LAST): 0.9,
    (Link.NOTHING, Pick.GOES_ON): 0.9,
    (Link.NOTHING, Pick.TURN): 0.9,
    (Link.ROLE, Pick.LAST): 0.9,
}
_UNSURE = 0.5


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who speaks, as far as the text tells.

    ``reported`` says whether it tells that somebody speaks at all, named or not; ``denied`` that nobody does (a sign, a
    title, "people who say"). ``why`` is a clause for an editor.
    """

    name: str
    confidence: float
    reported: bool
    why: str
    denied: bool = False


_NOBODY = Attribution("", 0.0, False, "nothing says that somebody speaks")
_DENIED = Attribution("", 0.0, False, "these are nobody’s words", denied=True)


def attribute(
    document: Document,
    utterances: Sequence[Utterance],
    words: Words,
    language: str,
    *,
    title: str,
    authors: Sequence[str],
) -> tuple[Attribution, ...]:
    """Who says each utterance; as many as there are utterances, in their order.

    Args:
        document: the post.
        utterances: in the order of the text.
        words: of all languages.
        language: BCP 47 primary tag of the post, or ``""``.
        title: of the post.
        authors: of the post: one who is alone says what "I" says.
    """
    if not utterances:
        return ()
    return _Story(document, utterances, words, language, title, authors).told()


def _told(text: str, utterances: Sequence[Utterance]) -> str:
    """The part of a text in which speakers are looked for: as good as all, unless it has more quotations than are read."""
    if len(utterances) < MOST_UTTERANCES:
        return text
    return text[: utterances[-1].outer[-1][1] + _BEHIND]


def _italic(document: Document) -> list[Span]:
    """What stands in italics within a line, as titles of works do."""
    return [span for line in document.lines if not line.italic for span in (*line.italics, *line.cites)]


class _Story:
    """A post read sentence by sentence, quotation by quotation."""

    def __init__(
        self,
        document: Document,
        utterances: Sequence[Utterance],
        words: Words,
        language: str,
        title: str,
        authors: Sequence[str],
    ) -> None:
        self.utterances, self.text = utterances, document.text
        self.speech = words.speech(language)
        self.narration = narrate(_told(document.text, utterances), utterances, self.speech)
        self.people = people(self.narration, words, language, title=title, works=_italic(document))
        self.clauses = Clauses(self.narration, self.people, self.speech)
        subjects = Subjects(self.clauses)
        self.frames = Frames(self.narration, self.clauses, subjects, self.speech)
        author = authors[0] if len(authors) == 1 else ""
        self.scene = Scene(self.people, self.clauses, subjects, author)
        self.speakers: dict[int, Who] = {}  # by utterance
        self.parts: dict[int, list[int]] = defaultdict(list)  # the tokens of each utterance
        for i, utterance in self.narration.quotes.items():
            self.parts[utterance].append(i)

    def told(self) -> tuple[Attribution, ...]:
        """The speakers of all utterances."""
        found = [_NOBODY] * len(self.utterances)
        read = 0
        for first, utterance in sorted((parts[0], utterance) for utterance, parts in self.parts.items()):
            sentence = self.narration.sentence(first)
            for each in range(max(read, sentence - _SETTING), sentence + 1):
                self.scene.enter(each)
            read = sentence + 1
            found[utterance] = self._attribution(utterance, sentence)
        return tuple(found)

    def _attribution(self, utterance: int, sentence: int) -> Attribution:
        frame = self.frames.frame(self.parts[utterance], fragment=self.utterances[utterance].fragment)
        if frame and not frame.reported:
            return _DENIED
        barred = self._barred(utterance, frame)
        who = self._framed(utterance, frame, barred) if frame else self._carried(utterance, sentence, barred)
        if who is None:
            return _NOBODY
        self.speakers[utterance] = who
        sure = _SURE.get((who.link, who.pick), _UNSURE)
        if sure < NAMED:
            return Attribution("", sure, True, self._why(frame, who))
        self.scene.speaks(who, frame.party if frame else None)
        return Attribution(who.shown, sure, True, self._why(frame, who))

    def _why(self, frame: Frame | None, who: Who) -> str:
        """One clause: "named behind it by ‘said’; ‘she’ is Mira Halden, the subject of the sentence before"."""
        means = who.pick.value.format(name=who.shown or "somebody without a name")
        if frame is None:
            return (
                f"no verb of speech; {means}"
                if who.pick is Pick.GOES_ON
                else f"no verb of speech; the one who speaks {means}"
            )
        by = f" by ‘{frame.verb}’" if frame.verb else ""
        said = f"named {frame.where}{by}" if frame.party else f"told {frame.where}{by}"
        return said if who.link is Link.NAME else f"{said}; ‘{who.words}’ {means}"

    # ── with a frame ─────────────────────────────────────────────────────────────────────────────

    def _framed(self, utterance: int, frame: Frame, barred: Collection[Entity]) -> Who:
        if frame.party:
            speaks = bool(frame.verb) or frame.where in _BESIDE
            who = self.scene.meant(frame.party, barred, speaks=speaks)
            return (
                who._replace(pick=Pick.UNCLEAR) if self._may_be_another(frame.party, who, utterance) else who
            )
        if plain(frame.verb) in self.speech.mine:
            return Who(None, Link.VERB, Pick.AUTHOR, frame.verb, self.scene.author)
        if not self.speech.drops_subject:
            return Who(None, Link.VERB, Pick.UNNAMED, frame.verb)
        return Who(*self._recalled(barred, Link.VERB), frame.verb)

    def _may_be_another(self, party: Party, who: Who, utterance: int) -> bool:
        """Whether a pronoun in a conversation may as well mean another who has just spoken: nothing tells their sex."""
        if party.sort not in (Sort.HE, Sort.SHE) or not who.entity or who.pick is Pick.UNCLEAR:
            return False
        if who.pick is Pick.SUBJECT and self.scene.explicit:
            return False
        sex = Sex.MAN if party.sort is Sort.HE else Sex.WOMAN
        before = [self.speakers[i] for i in range(utterance - _CONVERSATION, utterance) if i in self.speakers]
        others = {each.entity for each in before if each.entity} - {who.entity}
        fits = who.entity.may_be(sex)
        return fits < 1 and any(other.may_be(sex) >= fits for other in others) and len(before) > 1

    def _recalled(self, barred: Collection[Entity], link: Link) -> tuple[Entity | None, Link, Pick]:
        thing = self.scene.thing_before
        if thing and thing.organisation and thing not in barred and self.scene.before is None:
            return thing, link, Pick.SUBJECT
        entity, pick = self.scene.recall(Sex.UNKNOWN, barred)
        return entity, link, pick

    def _barred(self, utterance: int, frame: Frame | None) -> set[Entity]:
        """Who does not say this: who is named in it, who is told it, and who asked what is answered."""
        spans = self.utterances[utterance].spans
        said = (word for start, end in spans for word in plain_text(self.text[start:end]).split())
        barred = set(self.people.named(word.strip(_AROUND) for word in said))
        if frame and (frame.party is None or frame.party.sort in (Sort.HE, Sort.SHE)):
            barred.update(self._told_beside(utterance))
        previous = self.speakers.get(utterance - 1)
        answers = frame is None or plain(frame.verb) in self.speech.answering
        if answers and previous and previous.entity and self._answers(utterance):
            barred.add(previous.entity)
        return barred

    def _told_beside(self, utterance: int) -> Iterator[Entity]:
        """Those who are named behind the words in their sentence, and so not meant there: "she told Reyl", "le dijo a Ana"."""
        first = self.parts[utterance][0]
        _, end = self.narration.sentences[self.narration.sentence(first)]
        for i in range(first, min(end, first + _LONGEST_BESIDE)):
            if mention := self.people.at.get(i):
                yield mention.entity

    def _answers(self, utterance: int) -> bool:
        """Whether the quotation before is a question that this one, in the same or the next paragraph, may answer."""
        if utterance - 1 not in self.speakers or not self._follows(utterance):
            return False
        start, end = self.utterances[utterance - 1].spans[-1]
        return self.text[start:end].rstrip()[-1:] in {"?", "？", "؟"}

    def _follows(self, utterance: int) -> bool:
        """Whether a quotation stands in the same paragraph as the one before it, or in the next."""
        between = self.narration.forms[self.parts[utterance - 1][-1] : self.parts[utterance][0]]
        return between.count(BREAK) <= 1

    # ── without a frame ──────────────────────────────────────────────────────────────────────────

    def _carried(self, utterance: int, sentence: int, barred: Collection[Entity]) -> Who | None:
        """Who goes on speaking, or who acts in the sentence before."""
        first = self.parts[utterance][0]
        begin, end = self.narration.sentences[sentence]
        previous = self.speakers.get(utterance - 1)
        if previous and self.parts[utterance - 1][-1] >= begin:
            return previous
        if previous and self._is_hearsay(utterance, begin, end):
            return previous._replace(link=Link.NOTHING, pick=Pick.GOES_ON)
        if self.utterances[utterance].fragment or (
            first > begin and self.narration.forms[first - 1] not in _LEADS
        ):
            return None
        if any(party.sort is Sort.NAME for party in self.clauses.parties(begin, end)):
            return Who(None, Link.NOTHING, Pick.UNCLEAR)
        if beat := self._beat(sentence, first):
            return beat
        if self._takes_turns(utterance):
            return self.speakers[utterance - 2]._replace(link=Link.NOTHING, pick=Pick.TURN)
        if previous and self._goes_on(utterance, previous):
            return previous._replace(link=Link.NOTHING, pick=Pick.GOES_ON)
        if previous and previous.entity and self.utterances[utterance].dash:
            barred = {*barred, previous.entity}
        entity, pick = self.scene.recall(Sex.UNKNOWN, barred)
        if entity is None and not (previous and self._follows(utterance)):
            return None
        return Who(entity, Link.NOTHING, pick)

    def _is_hearsay(self, utterance: int, begin: int, end: int) -> bool:
        """Whether a sentence goes on reporting what was said just before: "Es gebe „keinen Grund zur Sorge“." """
        last = self.narration.sentence(self.parts[utterance - 1][-1])
        near = (
            self.narration.sentence(begin) - last <= 1
            and BREAK not in self.narration.forms[begin - 1 : begin]
        )
        return near and any(form in self.speech.hearsay for form in self.narration.forms[begin:end])

    def _goes_on(self, utterance: int, previous: Who) -> bool:
        """Whether nobody else can have begun to speak: no question was asked, and nobody else named since."""
        if not self._follows(utterance) or self._answers(utterance) or previous.pick is Pick.AUTHOR:
            return False
        said = self.narration.sentence(self.parts[utterance - 1][-1])
        if self.narration.sentence(self.parts[utterance][0]) - said > 1:
            return False
        if self.utterances[utterance].dash and self.utterances[utterance - 1].dash:
            return False
        between = self.clauses.parties(self.parts[utterance - 1][-1], self.parts[utterance][0])
        names = {party.mention.entity for party in between if party.mention}
        return not names - {previous.entity}

    def _takes_turns(self, utterance: int) -> bool:
        """Whether two speak by turns, a line each, and it is the turn of who spoke before the last.

        In news a line without a speaker often goes on with the one before; there each is named.
        """
        first, second = (self.speakers.get(i) for i in (utterance - 2, utterance - 1))
        if first is None or second is None or second.link is Link.NAME or second.pick is Pick.GOES_ON:
            return False
        begins = [self.parts[i][0] for i in range(utterance - 2, utterance + 1)]
        ends = [self._line_end(begin) for begin in begins]
        adjoin = all(end == begin - 1 for end, begin in zip(ends, begins[1:], strict=False))
        return adjoin and ends[-1] is not None and first.entity is not second.entity

    def _line_end(self, begin: int) -> int | None:
        """Where a line of dialogue ends that begins with a quotation and has a few words more at most."""
        forms = self.narration.forms
        if begin and forms[begin - 1] != BREAK:
            return None
        stop = min(len(forms), begin + _LONGEST_TURN)
        return next(
            (i for i in range(begin, stop) if forms[i] == BREAK), stop if stop == len(forms) else None
        )

    def _beat(self, sentence: int, first: int) -> Who | None:
        """Who is the subject of the sentence before, in the same paragraph: "Reyl shook his head. “No.”" """
        if not sentence or self.narration.sentences[sentence - 1][0] < self.narration.line(first)[0]:
            return None
        begin, end = self.narration.sentences[sentence - 1]
        previous = self.speakers.get(self.narration.quotes[first] - 1)
        other = previous is None or previous.entity is not self.scene.before
        if self.scene.before is None or (other and QUOTE in self.narration.forms[begin:end]):
            return None
        return Who(self.scene.before, Link.NOTHING, Pick.SUBJECT)
