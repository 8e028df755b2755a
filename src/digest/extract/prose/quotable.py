"""Which of the words in marks somebody says.

The text says so ("she said"), or the marks do (“A,” … “b.”), or the words can be nothing else: sentences that stand by
themselves, or words that the reporter weaves into a sentence on a person. Titles, names and signs are said by nobody.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property

from digest.extract.prose.clauses import (
    COMMAS,
    SENTENCE_ENDS,
    forms_of,
    inverted,
    last_sentence,
    sentence_break,
    speaks,
)
from digest.extract.prose.parts import FEWEST_OF_FRAGMENT, NO_TITLE, word_count
from digest.extract.prose.speakers import Attribution
from digest.extract.prose.utterances import Utterance
from digest.extract.prose.works import names_something
from digest.extract.speechwords import Speech, plain, plain_text
from digest.text.html import Document, Line

_FEWEST_WORDS = 2  # of a sentence that somebody says
_FEWEST_OF_BLOCK = 4
_FEWEST_UNREPORTED = 6  # of words of which the text does not say that somebody says them
_LONGEST_WORD = 20
_CORNERS = "「『"
_SAID = re.compile(r"、?と(?!いう|書か|呼ば|名付|題)")  # Japanese: the particle of what is said or thought
_LONGEST_CLAUSE = 120  # characters
_CLAUSE = re.compile(r"[,;:،]\s")
_LONGEST_SENTENCE = 300  # characters of the reporter's sentence, before and behind
_NAME = re.compile(r"(?<=[^\W_] )[^\W\d_]\w+|(?<=[^\W_][,;] )[^\W\d_]\w+")


class Judge:
    """Decides which candidates are quotations."""

    def __init__(self, document: Document, speech: Speech, candidates: Sequence[Utterance]) -> None:
        self._text = document.text
        self._speech = speech
        self._lines = [line for line in document.lines if line.start < line.end]
        self._starts = [line.start for line in self._lines]
        self._talks = any(each.dash and self._is_told(each) for each in candidates)

    def is_quotation(self, utterance: Utterance, found: Attribution) -> bool:
        """Whether somebody says these words: the text says so, or they can be nothing else."""
        size = sum(word_count(self._text[start:end]) for start, end in utterance.spans)
        if utterance.block:
            return found.reported and size >= _FEWEST_OF_BLOCK
        if utterance.dash:
            return self._talks and size >= _FEWEST_WORDS
        if found.denied or self._names_something(utterance) or self._is_unsaid(utterance):
            return False
        if found.reported or self._is_attributed(utterance) or self._stands_by_itself(utterance):
            return size >= (FEWEST_OF_FRAGMENT if utterance.fragment else _FEWEST_WORDS)
        if self._text[utterance.outer[0][0]] in _CORNERS:
            return size >= FEWEST_OF_FRAGMENT and self._is_said_in_japanese(utterance)
        return size >= _FEWEST_UNREPORTED and self._reads_as_speech(utterance, size)

    def _line(self, at: int) -> Line:
        return self._lines[bisect_right(self._starts, at) - 1]

    def _is_told(self, utterance: Utterance) -> bool:
        """Whether the narrator has a word in dialogue after a dash; else it may be a list."""
        start, end = utterance.spans[0][0], utterance.spans[-1][1]
        return len(utterance.spans) > 1 or self._line(start).end - end > 1

    def _names_something(self, utterance: Utterance) -> bool:
        if len(utterance.spans) > 1:
            return False
        outer, inner = utterance.outer[0], utterance.spans[0]
        return names_something(self._text, self._line(outer[0]), outer, inner, self._speech)

    def _is_unsaid(self, utterance: Utterance) -> bool:
        """Whether the clause around says that nobody said it: "if he had said “…”", "why do we say “…”?"."""
        if len(utterance.spans) > 1:
            return False
        start, end = utterance.outer[0]
        before = self._text[max(self._line(start).start, start - _LONGEST_CLAUSE) : start]
        asked = self._text[end : end + 2].lstrip()[:1] in {"?", "؟"}
        if not asked and self._speech.unsaid.heads.isdisjoint(forms_of(before)):
            return False
        clause = _CLAUSE.split(last_sentence(before, self._speech).rstrip(" ,:"))[-1]
        forms = forms_of(clause)
        return bool(forms) and (asked or any(self._speech.unsaid.at(forms, i) for i in range(len(forms))))

    def _is_attributed(self, utterance: Utterance) -> bool:
        """Whether marks and commas alone say that words are somebody's: “A,” … “b.”, or „…“, so Reyl."""
        end = utterance.spans[-1][1]
        comma = self._text[end : end + 1] in COMMAS
        if len(utterance.spans) > 1 or (comma and not utterance.fragment):
            return True
        behind = self._text[utterance.outer[-1][1] : utterance.outer[-1][1] + _LONGEST_CLAUSE]
        if not (comma or behind[:1] in COMMAS):
            return False
        forms = forms_of(behind)
        return inverted(behind.lstrip(", "), self._speech) or (
            bool(forms) and self._speech.according.at(forms, 0) > 0
        )

    def _stands_by_itself(self, utterance: Utterance) -> bool:
        """Whether whole sentences in marks stand between sentences or behind a colon: "She laughed. “Ask my dog.”" """
        start, end = utterance.outer[0][0], utterance.spans[-1][1]
        before = self._text[max(0, start - 2) : start].strip()
        ended = not before or before[-1] in SENTENCE_ENDS + ':：”»“"’'
        return not utterance.fragment and ended and self._text[end - 1] in SENTENCE_ENDS + "—–"

    def _is_said_in_japanese(self, utterance: Utterance) -> bool:
        """Whether the particle of speech follows, or the words stand between sentences."""
        start, end = utterance.outer[0][0], utterance.outer[-1][1]
        before, behind = self._text[max(0, start - 1) : start].strip(), self._text[end : end + 1]
        alone = (not before or before in SENTENCE_ENDS) and not behind.isalnum()
        return alone or _SAID.match(self._text, end) is not None

    def _reads_as_speech(self, utterance: Utterance, size: int) -> bool:
        """Whether words that nobody is said to say are no title: a whole sentence, or words in one on a person."""
        start, end = utterance.spans[0][0], utterance.spans[-1][1]
        first = next(filter(str.isalnum, self._text[start:end]))
        if not utterance.fragment:
            return self._text[end - 1] in SENTENCE_ENDS or first.lower() == first.upper()
        if self._is_epithet(utterance) or (size < NO_TITLE and first.isupper()):
            return False
        return self._is_on_person(utterance) or (self._speech.capital_nouns and size >= NO_TITLE)

    def _is_epithet(self, utterance: Utterance) -> bool:
        """Whether words stand for a noun: 'a "take it or leave it" offer', 'a debate on "the state of our roads"'."""
        start, end = utterance.outer[0][0], utterance.outer[-1][1]
        before = forms_of(self._text[max(0, start - _LONGEST_WORD) : start])[-1:]
        if before and before[0] in self._speech.determiners:
            return self._text[end : end + 2].strip().isalpha()
        return bool(before) and before[0] in self._speech.prepositions

    def _is_on_person(self, utterance: Utterance) -> bool:
        """Whether the sentence around the words has a verb of speech, a name, a role, or "he" or "she"."""
        speech, text = self._speech, self._text
        start, end = utterance.outer[0][0], utterance.outer[-1][1]
        line = self._line(start)
        before = last_sentence(text[max(line.start, start - _LONGEST_SENTENCE) : start], speech)
        behind = text[end : min(line.end, end + _LONGEST_SENTENCE)]
        behind = behind[: sentence_break(behind, speech)]
        persons = speech.i | speech.he | speech.she | speech.his | speech.her
        around = plain_text(f"{before} {behind}")
        whole = (word.strip(",.") for word in around.split())  # "porte-parole" is one role
        found = {*forms_of(around), *whole}
        kinds = (persons, speech.people, self._names)
        if speaks(before, speech):  # "Laut Reyl ist der Damm „…“"
            return True
        return not persons or any(form in kind for form in found for kind in kinds)

    @cached_property
    def _names(self) -> frozenset[str]:
        """Words with a capital within sentences; not where every noun has one."""
        if self._speech.capital_nouns:
            return frozenset()
        return frozenset(plain(name) for name in _NAME.findall(self._text) if name[0].isupper())
