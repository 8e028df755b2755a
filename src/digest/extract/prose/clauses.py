"""The reporter's own words around speech: is a stretch of text the attribution of what stands beside it?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from digest.extract.speechwords import Speech, plain, plain_text

COMMAS = frozenset(",،，")
SENTENCE_ENDS = ".!?…。！？؟۔"
_END_CLAUSE = ",.;،，—–"
_ENDS = frozenset(SENTENCE_ENDS)
_ENDED = _ENDS | frozenset("—–")
_WORD = re.compile(r"[^\W_]+")
_BREAK = re.compile(r"[.!?…۔؟。][\"'”’»“›)]{0,3}\s+(?P<marks>[\"'“„«‘‚»(¿¡]{0,3})(?=[^\W\d_])")
_DENSE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_LAST_WORD = re.compile(r"[^\W_]+$")
_VOWEL = re.compile(r"[aeiouyäöüáéíóúàèìòùâêîôûãõåæøœąęаеиоуыэюяё]|[^a-zà-ÿĀ-ſа-яё]")
_SHORTEST_VERB = 4  # letters, in a language without words: "sier", but not "på"
_NEAR = 3  # words: "told the council that"
_LONGEST_TITLE = 8
_LONGEST_CLIPPED = 4  # letters: "Prof."
_LONGEST_DENSE = 20  # characters of an attribution in a script without spaces
_LONGEST = 320  # characters of an attribution with its appositions
_LONGEST_INCISE = 10  # words of an attribution whose verb is unknown
_LATEST_VERB = 40  # words before the verb: "Ilse Varnhagen, who has run the ferry since …, said"
_MOST_BESIDE = 5  # words of an attribution that is a sentence by itself: "“A?” Reyl asked quietly. “B.”"


class Word(NamedTuple):  # made for many words of a post: half the time of a dataclass
    """A word where it stands: offsets into the text it was read from, and its form as ``Speech`` compares it."""

    start: int
    end: int
    form: str


def words_of(
    text: str, start: int = 0, end: int | None = None, *, most: int | None = None
) -> tuple[Word, ...]:
    """The (first) words of a part of a text in order. An apostrophe or a hyphen parts two."""
    found = islice(_WORD.finditer(text, start, len(text) if end is None else end), most)
    return tuple(Word(match.start(), match.end(), plain(match.group())) for match in found)


def forms_of(text: str) -> list[str]:
    """The forms of the words of a text, where it does not matter where they stand."""
    form = plain_text(text)
    if len(form) == len(text):
        return _WORD.findall(form)
    return [
        plain(word) for word in _WORD.findall(text)
    ]  # "İ" becomes two characters, which would part a word


def speaks(text: str, speech: Speech, *, most: int | None = None) -> bool:
    """Whether somebody speaks in the (first) words of a text: there is a verb of speech, or "according to"."""
    return _speaks_at(forms_of(text[:_LONGEST])[: most or _LATEST_VERB], speech) is not None


def _speaks_at(forms: Sequence[str], speech: Speech) -> tuple[int, int] | None:
    """Which of some words is the first of a verb of speech, and how many it has."""
    for i, form in enumerate(forms):
        if form in speech.speaking:
            size = speech.verbs.at(forms, i) or speech.according.at(forms, i) or speech.after.at(forms, i)
            if size:
                return i, size
    return None


def attributes(text: str, ended: str, speech: Speech) -> bool:
    """Whether what stands between two parts of speech is the attribution of the first and nothing else.

    ``“A,” she said, “b.”`` and ``“A,” she said. “B.”`` are one quotation each; ``“A.” She said: “B.”`` are two.

    Args:
        text: between the closing mark of the first part and the opening one of the second.
        ended: how the words of the first part end, its last character.
        speech: the words of the language.
    """
    between = text.strip()
    clause = between.strip(_END_CLAUSE + " ")
    if not clause or len(between) > _LONGEST or sentence_break(clause, speech) is not None:
        return False
    if _DENSE.search(clause):
        return _is_dense(between, ended)
    if between[-1] not in _END_CLAUSE:
        return _is_bare(clause, speech)
    if between[0] in SENTENCE_ENDS:
        return False
    follows = ended in COMMAS or between[0] in ",،，—–"
    verb = _verb(clause, speech)
    if verb is None:
        beat = ended in COMMAS and _is_beat(clause, speech)
        return follows and (inverted(clause, speech) or beat or _is_incise(clause, speech))
    return not _reports(clause, verb, speech) and (follows or _is_sentence_of(clause, ended, verb, speech))


def _is_sentence_of(clause: str, ended: str, verb: Word, speech: Speech) -> bool:
    """Whether an attribution follows without a comma: "“A?” she asked", "“A!” Reyl said", but not "“A?” She laughed"."""
    if clause[0].islower():
        return ended in _ENDED or _is_bare(clause, speech)
    words = words_of(clause)
    alone = ended == "." or words[0].form in speech.pronouns
    return not alone and len(words) <= _MOST_BESIDE and len(words_of(clause, verb.end)) <= 1


def _is_dense(between: str, ended: str) -> bool:
    """The same in Chinese, where a comma or a question tells it, and in Japanese, where the particle と does."""
    whole = not any(sign in between[:-1] for sign in SENTENCE_ENDS) and len(between) <= _LONGEST_DENSE
    return whole and (between[0] == "と" or ended in COMMAS or ended in {"？", "！"})


def _is_beat(clause: str, speech: Speech) -> bool:
    """Whether a name or a pronoun and a few words follow words that end in a comma: "“A,” Feld cut in. “B.”"."""
    found = words_of(clause, most=_MOST_BESIDE + 1)
    if not 2 <= len(found) <= _MOST_BESIDE:
        return False
    return clause[0].isupper() or found[0].form in speech.pronouns


def _is_incise(clause: str, speech: Speech) -> bool:
    """Whether a clause begins with a verb and its subject, whichever verb it is: "a révélé ce dernier", "musste ich zugeben".

    In German no noun is written small, so what may stand before the subject is a verb for sure: "stand auf der Karte".
    """
    found = words_of(clause, most=_LONGEST_INCISE + 1)
    if (
        not 2 <= len(found) <= _LONGEST_INCISE
        or not clause[0].islower()
        or "," in clause
        or not speech.pronouns
    ):
        return False
    if is_small(found[0].form, speech):
        return False
    for word in found[1:_NEAR]:
        if clause[word.start].isupper() or word.form in speech.pronouns | speech.determiners:
            return True
        if is_small(word.form, speech) and not speech.capital_nouns:
            return False
    return False


def _is_bare(clause: str, speech: Speech) -> bool:
    """Whether a clause is a verb of speech and its subject, without a comma: «Aspettiamo» dice Varn «e contiamo»."""
    found = words_of(clause, most=_LATEST_VERB)
    verb = _verb(clause, speech)
    if verb is None or not clause[0].islower() or verb.start > found[0].end + 1 or "," in clause:
        return False
    return not any(is_small(found[at].form, speech) for at in (0, -1)) and len(found) > 1


def _verb(text: str, speech: Speech) -> Word | None:
    """The verb of speech in a clause: from its first word to its last, with the form of the first."""
    place = _speaks_at(forms_of(text[:_LONGEST])[:_LATEST_VERB], speech)
    if place is None:
        return None
    found = words_of(text, most=sum(place))
    return Word(found[place[0]].start, found[-1].end, found[place[0]].form)


def inverted(clause: str, speech: Speech) -> bool:
    """Whether a clause begins with a word in small letters and a name, as no other clause does: "quipped Reyl".

    Of a language that has no words file a verb cannot be told from a role: "säger hamnkapten Torsten Reil".
    """
    found = words_of(clause, most=_NEAR + 1)
    if len(found) < 2 or not clause[0].islower() or is_small(found[0].form, speech):
        return False
    if not speech.pronouns:
        named = any(clause[word.start].isupper() for word in found[1:])
        return (named or len(found) < _NEAR) and found[0].end >= _SHORTEST_VERB
    first, second = found[:2]
    return clause[second.start].isupper() and clause[first.end : second.start] in {" ", "-"}


def _reports(clause: str, verb: Word, speech: Speech) -> bool:
    """Whether a verb of speech leads to more than it attributes: "she said that nobody had been asked"."""
    behind = words_of(clause, verb.end, most=_NEAR)
    that = (word for word in behind if word.form in speech.relatives and word.form in speech.subordinate)
    return any(clause[word.start - 2] != "," for word in that)


def is_small(form: str, speech: Speech) -> bool:
    """Whether a word begins another clause or phrase than an attribution: "which", "a", "to", "and"."""
    kinds = (
        speech.relatives,
        speech.articles,
        speech.a,
        speech.prepositions,
        speech.subordinate,
        speech.and_,
    )
    return any(form in kind for kind in kinds) or form in speech.pronouns or form in speech.possessives


def sentence_break(text: str, speech: Speech, start: int = 0) -> int | None:
    """Where the first sentence of a text ends, if another follows; a full stop after an abbreviation ends none."""
    for match in _BREAK.finditer(text, start):
        if text[match.end("marks")].isupper() and not abbreviated(text, match.start(), speech):
            return match.start() + 1
    return None


def last_sentence(text: str, speech: Speech) -> str:
    """The sentence that a text has begun and not ended, or ``""``."""
    text = text.rstrip()
    if text[-1:] in _ENDS and not abbreviated(text, len(text) - 1, speech):
        return ""
    at = 0
    while (end := sentence_break(text, speech, at)) is not None:
        at = end
    return text[at:].strip()


def abbreviated(text: str, at: int, speech: Speech) -> bool:
    """Whether the full stop there follows an initial or a title that is cut off: "J.", "Dr.", "Mrs.", "z. B."."""
    if text[at : at + 1] != ".":
        return False
    word = _LAST_WORD.search(text, max(0, at - _LONGEST_TITLE), at)
    form = plain(word.group()) if word else ""
    if len(form) < 2:
        return form.isalpha()
    if len(form) > _LONGEST_CLIPPED:
        return False
    return form in speech.honorifics or (
        form.isalpha() and _VOWEL.search(form) is None and text[at - len(form) + 1 : at].islower()
    )


def names_in(text: str) -> frozenset[str]:
    """Words with a capital in a clause: the names in it, and in German its nouns."""
    return frozenset(word.form for word in words_of(text) if text[word.start].isupper())


def same_speaker(first: str, second: str, speech: Speech) -> bool:
    """Whether two attributions can name one person: "said Reyl" and "he added", not "she said" and "Reyl said"."""
    names, others = names_in(first), names_in(second)
    pronouns = _pronouns(first, speech), _pronouns(second, speech)
    if others - {form for form in others if form in speech.pronouns}:
        return bool(names & others)
    return not (pronouns[0] and pronouns[1]) or bool(pronouns[0] & pronouns[1])


def _pronouns(text: str, speech: Speech) -> frozenset[str]:
    return frozenset(word.form for word in words_of(text)) & speech.pronouns
