"""What a post says around its quotations: words and punctuation in order, each quotation standing as one token."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from digest.extract.prose.utterances import Utterance
from digest.extract.speechwords import Speech, plain

QUOTE = "\x02"  # the form of a token that stands for a quotation
BREAK = "\n"
_MOST_CHARACTERS = 64_000  # some ten thousand words; quotations behind them stay without a name
_LETTER = (
    r"[^\W_]|[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0dff]"
    r"|(?<=[cC])['’](?=h)|(?<=[\u0400-\u052f])['’](?=[\u0400-\u052f])"  # Breton "Floc'h", Ukrainian "Лук'ян"
)
_TOKEN = re.compile(rf"(?:{_LETTER})+|\n+|[^\w\s]|_")
_ENDS_SENTENCE = frozenset(".!?…。！？؟۔")
_CLOSING = frozenset(")]}”\"»“’'›")
_MAY_END = _ENDS_SENTENCE | _CLOSING | {QUOTE}


class Token(NamedTuple):
    """A word, a mark of punctuation, a break of the line or a quotation."""

    form: str  # ``speechwords.plain`` of a word, the mark itself, BREAK or QUOTE
    start: int  # offset into the text
    end: int
    big: bool = False  # begins with a capital
    utterance: int = -1  # which quotation this is a part of


@dataclass(frozen=True, slots=True)
class Narration:
    """A post as tokens. Sentences and lines are (start, end) ranges of tokens; a break belongs to none."""

    text: str
    tokens: Sequence[Token]
    forms: Sequence[str]
    sentences: Sequence[tuple[int, int]]
    starts: Sequence[int]  # of the sentences
    openings: frozenset[int]  # the same as a set

    def sentence(self, i: int) -> int:
        """The number of the sentence that token ``i`` stands in, or of the last one before it."""
        return max(0, bisect_right(self.starts, i) - 1)

    def at(self, offset: int) -> int:
        """The first token that starts at an offset or after it."""
        return bisect_left(self.tokens, offset, key=lambda token: token.start)

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
        """The hyphen or apostrophe between token ``i`` and the word before; ``""`` if they are apart."""
        return self.text[self.tokens[i - 1].end : self.tokens[i].start] if i else ""


def narrate(text: str, utterances: Sequence[Utterance], speech: Speech) -> Narration:
    """The tokens of a text. Hyphens and apostrophes inside a word part it and are no tokens."""
    tokens = _tokens(text[:_MOST_CHARACTERS], utterances)
    sentences = tuple(_sentences(text, tokens, speech))
    starts = tuple(start for start, _ in sentences)
    return Narration(text, tokens, [token.form for token in tokens], sentences, starts, frozenset(starts))


def _tokens(text: str, utterances: Sequence[Utterance]) -> list[Token]:
    found: list[Token] = []
    at = 0
    spans = sorted((*outer, i) for i, each in enumerate(utterances) for outer in each.outer)
    for start, end, utterance in spans:
        if at <= start and end <= len(text):
            _read(text, at, start, found)
            found.append(Token(QUOTE, start, end, utterance=utterance))
            at = end
    _read(text, at, len(text), found)
    return found


def _read(text: str, begin: int, stop: int, found: list[Token]) -> None:
    """Add the words and marks between two offsets."""
    for match in _TOKEN.finditer(text, begin, stop):
        word = match.group()
        start, end = match.span()
        if word[0].isalnum():
            found.append(Token(plain(word), start, end, word[0].isupper()))
        elif word[0] == BREAK:
            found.append(Token(BREAK, start, end))
        elif not _inside_word(text, start, end):
            found.append(Token(word, start, end))


def _inside_word(text: str, start: int, end: int) -> bool:
    return (
        text[start] in "-‐‑'’ʼ·\u200c"
        and text[start - 1 : start].isalnum()
        and (text[end : end + 1].isalnum())
    )


# ── sentences ────────────────────────────────────────────────────────────────────────────────────


def _sentences(text: str, tokens: Sequence[Token], speech: Speech) -> Iterator[tuple[int, int]]:
    begin = 0
    for i, token in enumerate(tokens):
        if token.form == BREAK:
            if begin < i:
                yield begin, i
            begin = i + 1
        elif token.form in _MAY_END and _ends(text, tokens, i, speech):
            end = i + 1
            yield begin, end
            begin = end
    if begin < len(tokens):
        yield begin, len(tokens)


def _ends(text: str, tokens: Sequence[Token], i: int, speech: Speech) -> bool:
    """Whether a sentence ends with token ``i``: a stop, or a quotation that ends in one, before a capital."""
    token = tokens[i]
    following = tokens[i + 1] if i + 1 < len(tokens) else None
    if following is None or following.form in _ENDS_SENTENCE or following.form in _CLOSING:
        return False
    starts_anew = following.big or following.form == QUOTE or not following.form[0].isalnum()
    if token.form == QUOTE:
        return following.big and _ends_with_stop(text, token)
    if token.form in _CLOSING and i and tokens[i - 1].form in _ENDS_SENTENCE:
        return starts_anew
    if token.form not in _ENDS_SENTENCE or not (starts_anew or following.form[0].isdigit()):
        return False
    if token.form == "." and text[token.end : token.end + 1].isalnum():
        return False
    return token.form != "." or not _is_abbreviation(tokens, i, speech)


def _ends_with_stop(text: str, token: Token) -> bool:
    inside = text[token.start : token.end].rstrip("”\"»“’'›«‹」』 \u00a0\u202f")
    return inside[-1:] in _ENDS_SENTENCE


def _is_abbreviation(tokens: Sequence[Token], i: int, speech: Speech) -> bool:
    """Whether a full stop belongs to the word before: "Dr.", "J. R.", "z. B."."""
    if not i:
        return False
    before = tokens[i - 1]
    if not before.form[0].isalpha() or before.end != tokens[i].start:
        return before.form.isdigit() and len(before.form) < 3 and not tokens[i + 1].big
    if len(before.form) == 1:
        return True
    known = (
        before.form in speech.titles
        or before.form in speech.courtesies_m
        or before.form in speech.courtesies_f
    )
    return known and before.big and len(before.form) < 6
