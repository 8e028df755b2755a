"""What a post says around its quotations: words and punctuation in order, each quotation standing as one token."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from digest.extract.prose.utterances import Utterance
from digest.extract.speechwords import Speech, plain

QUOTE = "\x02"  # the form of a token that stands for a quotation
BREAK = "\n"
_MOST_CHARACTERS = 64_000  # some ten thousand words; quotations behind them stay without a name
_ACCENT = r"[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0dff]"
_JOINT = (
    r"['’](?:(?<=[cC].)(?=h)|(?<=[\u0400-\u052f].)(?=[\u0400-\u052f]))"  # Breton "Floc'h", Ukrainian "Лук'ян"
)
_WORD = rf"[^\W_]++(?:(?:{_ACCENT}|{_JOINT})++[^\W_]*+)*+"
_HYPHEN = r"(?<=[^\W_])[-‐‑'’ʼ·\u200c](?=[^\W_])"  # inside a word; it parts two and is no token
_TOKEN = re.compile(rf"({_WORD}|\n+|(?!{_HYPHEN})[^\w\s]|_)")
_ENDS_SENTENCE = frozenset(".!?…。！？؟۔")
_CLOSING = frozenset(")]}”\"»“’'›")
_MAY_END = _ENDS_SENTENCE | _CLOSING | {QUOTE, BREAK}
_CLOSING_MARKS = "”\"»“’'›«‹」』 \u00a0\u202f"
_LONGEST_TITLE = 5  # letters of what a full stop shortens: "Prof."


@dataclass(frozen=True, slots=True)
class Narration:
    """A post as tokens: words, marks of punctuation, breaks of the line and quotations, a column for each fact.

    Sentences and lines are (start, end) ranges of tokens; a break belongs to none.
    """

    text: str
    forms: Sequence[str]  # ``speechwords.plain`` of a word, the mark itself, BREAK or QUOTE
    starts: Sequence[int]  # offsets into the text
    ends: Sequence[int]
    big: Sequence[bool]  # whether it begins with a capital
    quotes: Mapping[int, int]  # token → which utterance it is a part of
    sentences: Sequence[tuple[int, int]]
    openings: frozenset[int]  # the tokens with which they begin

    def sentence(self, i: int) -> int:
        """The number of the sentence that token ``i`` stands in, or of the last one before it."""
        return max(0, bisect_right(self.sentences, (i, len(self.forms))) - 1)

    def at(self, offset: int) -> int:
        """The first token that starts at an offset or after it."""
        return bisect_left(self.starts, offset)

    def line(self, i: int) -> tuple[int, int]:
        """The tokens between the two breaks around token ``i``."""
        begin = i
        while begin and self.forms[begin - 1] != BREAK:
            begin -= 1
        end = i
        while end < len(self.forms) and self.forms[end] != BREAK:
            end += 1
        return begin, end

    def joined(self, i: int) -> str:
        """What stands between token ``i`` and the one before: a space, a hyphen, an apostrophe, nothing."""
        return self.text[self.ends[i - 1] : self.starts[i]] if i else ""

    def written(self, first: int, end: int) -> str:
        """The tokens ``[first, end)`` as they stand in the text."""
        return self.text[self.starts[first] : self.ends[end - 1]]

    def said(self, i: int) -> str:
        """What the quotation at token ``i`` says, without the mark that closes it."""
        return self.text[self.starts[i] : self.ends[i]].rstrip(_CLOSING_MARKS)


def narrate(text: str, utterances: Sequence[Utterance], speech: Speech) -> Narration:
    """The tokens of a text. Hyphens and apostrophes inside a word part it and are no tokens."""
    found = _Columns(text[:_MOST_CHARACTERS])
    for start, end, i in sorted((*outer, i) for i, each in enumerate(utterances) for outer in each.outer):
        found.quote(start, end, i)
    found.read(len(found.text))
    forms = {word: _form(word) for word in set(found.tokens)}
    capitals = {word for word in forms if word[0].isupper()}
    tokens = [forms[token] for token in found.tokens]
    big = [token in capitals for token in found.tokens]
    sentences = tuple(_Sentences(text, tokens, found.starts, found.ends, big, speech).read())
    openings = frozenset(begin for begin, _ in sentences)
    return Narration(text, tokens, found.starts, found.ends, big, found.quotes, sentences, openings)


def _form(token: str) -> str:
    return plain(token) if token[0].isalnum() else token[0]


class _Columns:
    """The tokens of a text as they are written, and where, while it is read from quotation to quotation."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.quotes: dict[int, int] = {}
        self._at = 0

    def read(self, stop: int) -> None:
        """The words and marks up to an offset."""
        pieces = _TOKEN.split(self.text[self._at : stop])  # what is between two tokens, a token, what is …
        edges = list(accumulate(map(len, pieces), initial=self._at))
        self.tokens += pieces[1::2]
        self.starts += edges[1:-1:2]
        self.ends += edges[2::2]
        self._at = stop

    def quote(self, start: int, end: int, utterance: int) -> None:
        """The words up to a quotation, and itself; one that overlaps the last or is cut off is none."""
        if self._at <= start and end <= len(self.text):
            self.read(start)
            self.quotes[len(self.tokens)] = utterance
            self.tokens.append(QUOTE)
            self.starts.append(start)
            self.ends.append(end)
            self._at = end


# ── sentences ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Sentences:
    """Tells where sentences end, by the columns of a ``Narration``."""

    text: str
    forms: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]
    big: Sequence[bool]
    speech: Speech

    def read(self) -> Iterator[tuple[int, int]]:
        """The sentences in order."""
        begin = 0
        for i, form in enumerate(self.forms):
            if form not in _MAY_END:
                continue
            if form == BREAK:
                if begin < i:
                    yield begin, i
                begin = i + 1
            elif self._ends(i):
                yield begin, i + 1
                begin = i + 1
        if begin < len(self.forms):
            yield begin, len(self.forms)

    def _ends(self, i: int) -> bool:
        """Whether a sentence ends with token ``i``: a stop, or a quotation that ends in one, before a capital."""
        form = self.forms[i]
        following = self.forms[i + 1] if i + 1 < len(self.forms) else BREAK
        if following == BREAK or following in _ENDS_SENTENCE or following in _CLOSING:
            return False
        if form == QUOTE:
            return self.big[i + 1] and self._ends_with_stop(i)
        starts_anew = self.big[i + 1] or not following[0].isalnum()
        if form in _CLOSING and i and self.forms[i - 1] in _ENDS_SENTENCE:
            return starts_anew
        if form not in _ENDS_SENTENCE or not (starts_anew or following[0].isdigit()):
            return False
        return form != "." or not (self._is_inside(i) or self._is_abbreviation(i))

    def _ends_with_stop(self, i: int) -> bool:
        inside = self.text[self.starts[i] : self.ends[i]].rstrip(_CLOSING_MARKS)
        return inside[-1:] in _ENDS_SENTENCE

    def _is_inside(self, i: int) -> bool:
        """Whether a full stop stands within a word: "odde.example"."""
        return self.text[self.ends[i] : self.ends[i] + 1].isalnum()

    def _is_abbreviation(self, i: int) -> bool:
        """Whether a full stop belongs to the word before: "Dr.", "J. R.", "z. B."."""
        if not i:
            return False
        form = self.forms[i - 1]
        if not form[0].isalpha() or self.ends[i - 1] != self.starts[i]:
            return form.isdigit() and len(form) < 3 and not self.big[i + 1]
        if len(form) == 1:
            return True
        return form in self.speech.honorifics and self.big[i - 1] and len(form) <= _LONGEST_TITLE
