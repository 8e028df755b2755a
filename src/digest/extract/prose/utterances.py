"""Direct speech in prose: which words of a post stand in quotation marks, after a dash of dialogue, or in a block.

These are candidates, each put together from its parts: around "she said", over paragraphs, around incises. Which of
them are quotations is decided in ``speech``, who speaks in ``speakers``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from digest.extract.headings import is_link
from digest.extract.marks import Quoted
from digest.extract.prose.clauses import (
    COMMAS,
    SENTENCE_ENDS,
    attributes,
    last_sentence,
    same_speaker,
    speaks,
)
from digest.extract.prose.dialogue import later_dash, opening_dash, spoken
from digest.extract.prose.pairs import pairs, readable
from digest.extract.prose.parts import ASKS, grouped, is_fragment
from digest.extract.speechwords import Speech
from digest.extract.words import Words
from digest.model import Span
from digest.text.html import Document, Line

_NO_PROSE = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "pre", "th", "hr"})
_ITEMS = frozenset({"li", "td", "dd", "dt"})
_SIGNATURES = frozenset({"footer", "cite", "figcaption"})
_GUILLEMETS = frozenset("«»‹›")
_MOST_PARAGRAPHS = 8  # of one quotation
MOST_UTTERANCES = 400
_LONGEST_BLOCK = 40  # paragraphs
_MOST_MARKS = 2_400  # in a post: three for each of twice as many quotations as are read
_LONGEST_SIGNATURE = 80
_LONGEST_HEADING = 120
_LONGEST_SENTENCE = 400


@dataclass(frozen=True, slots=True)
class Utterance:
    """Direct speech that stands together: one quotation."""

    spans: tuple[Span, ...]  # the words, in order; offsets into document.text, code points
    outer: tuple[Span, ...]  # the same with their marks, one for each span
    fragment: bool  # words inside a sentence of the reporter's ("called it “a gift to nobody”")
    dash: bool  # dialogue after a dash
    block: bool  # a blockquote without marks


def utterances(document: Document, words: Words, language: str) -> tuple[Utterance, ...]:
    """What looks like direct speech in a post, in order, at most 400; no two overlap. Linear in its length.

    Args:
        document: of the post.
        words: of all languages.
        language: of the post (BCP 47 primary tag), or ``""``.
    """
    return tuple(islice(_Reader(document, words.speech(language)).read(), MOST_UTTERANCES))


@dataclass(slots=True)
class _Paragraph:
    """A line of prose and the groups of its quotations that belong together."""

    line: Line
    text: str
    apart: bool  # a heading or another item of a list stands before it: nothing goes on here
    groups: list[list[Quoted]]
    dash: int  # where dialogue after a dash begins in it, or its end
    stray: int | None = None

    @property
    def begins_quoted(self) -> bool:
        return bool(self.groups) and not self.text[: self.groups[0][0].start].strip()


@dataclass(slots=True)
class _Draft:
    """An utterance while it is put together."""

    spans: list[Span] = field(default_factory=list)
    outer: list[Span] = field(default_factory=list)

    def add(self, span: Span, outer: Span) -> None:
        self.spans.append(span)
        self.outer.append(outer)

    def lengthen(self, span: Span) -> None:
        """The last span goes on to the end of another paragraph: nothing but a break stands between them."""
        self.spans[-1] = self.spans[-1][0], span[1]
        self.outer[-1] = self.outer[-1][0], span[1]

    def utterance(self, *, fragment: bool = False, dash: bool = False, block: bool = False) -> Utterance:
        return Utterance(tuple(self.spans), tuple(self.outer), fragment, dash, block)


class _Reader:
    """Reads a post paragraph by paragraph."""

    def __init__(self, document: Document, speech: Speech) -> None:
        self._document = document
        self._speech = speech
        self._paragraphs = list(self._prose())

    def _prose(self) -> Iterator[_Paragraph]:
        apart = True
        reach = readable(self._document.text, _MOST_MARKS)
        for line in self._document.lines:
            if line.end > reach:
                return
            if _NO_PROSE.intersection(line.path) or self._is_heading(line) or is_link(line):
                apart = True
            elif line.start < line.end:
                yield self._paragraph(line, apart=apart or bool(_ITEMS.intersection(line.path)))
                apart = False

    def _is_heading(self, line: Line) -> bool:
        """Whether a short line in bold stands for a heading: it ends no sentence."""
        short = line.bold and line.end - line.start <= _LONGEST_HEADING
        return short and not any(
            sign in SENTENCE_ENDS for sign in self._document.text[line.end - 2 : line.end]
        )

    def _paragraph(self, line: Line, *, apart: bool) -> _Paragraph:
        text = self._document.words(line)
        found = pairs(text)
        parts = sorted([*found.found, *_set_as_quotes(line, found.found)], key=lambda part: part.start)
        dash = len(text) if "li" in line.path else _dialogue(text, parts, self._speech)
        parts = [part for part in parts if part.start < dash]
        return _Paragraph(line, text, apart, grouped(text, parts, self._speech), dash, found.stray)

    def read(self) -> Iterator[Utterance]:
        i = 0
        while i < len(self._paragraphs):
            block = self._block(i)
            if block:
                yield self._set_apart(i, block)
            else:
                yield from self._marked(i)
                yield from self._dashed(self._paragraphs[i])
            i += block or 1

    # ── in marks ─────────────────────────────────────────────────────────────────────────────────

    def _marked(self, i: int) -> Iterator[Utterance]:
        paragraph = self._paragraphs[i]
        for n, group in enumerate(paragraph.groups):
            draft = _Draft()
            self._add(draft, paragraph, group)
            if not group[-1].closed and n == len(paragraph.groups) - 1:
                self._continue(draft, i)
            if draft.spans:
                yield draft.utterance(fragment=is_fragment(paragraph.text, group[0], self._speech))

    def _add(self, draft: _Draft, paragraph: _Paragraph, group: Sequence[Quoted]) -> None:
        start, text = paragraph.line.start, paragraph.text
        for part in group:
            said = spoken(text, (part.inner_start, part.inner_end), self._speech, dashed=False)
            for n, span in enumerate(said):
                left = part.start if n == 0 else span[0]
                right = part.end if n == len(said) - 1 and span[1] >= part.inner_end - 1 else span[1]
                draft.add((start + span[0], start + span[1]), (start + left, start + right))

    def _continue(self, draft: _Draft, i: int) -> None:
        """Go on with a quotation that its paragraph does not close: in those that open anew, or up to the closing mark."""
        mark = self._paragraphs[i].text[self._paragraphs[i].groups[-1][-1].start]
        whole: list[_Paragraph] = []  # paragraphs without any mark
        for paragraph in self._paragraphs[i + 1 : i + _MOST_PARAGRAPHS]:
            if paragraph.apart or not paragraph.dash or not draft.spans:
                return
            if paragraph.begins_quoted and not whole:
                group = paragraph.groups[0]
                if not _reopens(mark, paragraph.text[group[0].start]):
                    return
                self._add(draft, paragraph, paragraph.groups.pop(0))
                if group[-1].closed:
                    return
            elif paragraph.stray is not None and mark not in "‘'":
                self._close(draft, [*whole, paragraph])
                return
            elif paragraph.groups:
                return
            else:
                whole.append(paragraph)

    def _close(self, draft: _Draft, paragraphs: Sequence[_Paragraph]) -> None:
        """The last of some paragraphs has the closing mark; what its own marks enclose before it was inside."""
        last = paragraphs[-1]
        assert last.stray is not None
        for paragraph in paragraphs[:-1]:
            draft.lengthen((paragraph.line.start, paragraph.line.end))
        closing = last.line.start + last.stray
        draft.lengthen((last.line.start, closing))
        draft.outer[-1] = draft.outer[-1][0], closing + 1
        last.groups = [group for group in last.groups if group[0].start > last.stray]
        if last.groups and attributes(
            last.text[last.stray + 1 : last.groups[0][0].start], last.text[last.stray - 1], self._speech
        ):
            self._add(draft, last, last.groups.pop(0))
        start, end = draft.spans[-1]
        draft.spans[-1] = start, end - (self._document.text[end - 1] in COMMAS)

    # ── after a dash ─────────────────────────────────────────────────────────────────────────────

    def _dashed(self, paragraph: _Paragraph) -> Iterator[Utterance]:
        text, start = paragraph.text[paragraph.dash :], paragraph.line.start + paragraph.dash
        begin = opening_dash(text)
        said = spoken(text, (begin, len(text)), self._speech, dashed=True) if begin else []
        ended = any(sign in text for sign in SENTENCE_ENDS)
        if not said or not (len(said) > 1 or ended or said[0][1] < len(text) - 1):
            return
        draft = _Draft()
        for n, span in enumerate(said):
            if n and self._is_answer(text, said, n):
                yield draft.utterance(dash=True)
                draft = _Draft()
            draft.add((start + span[0], start + span[1]), (start + (span[0] if n else 0), start + span[1]))
        yield draft.utterance(dash=True)

    def _is_answer(self, text: str, said: Sequence[Span], n: int) -> bool:
        """Whether words behind a question and its attribution have one of their own: "— А? — спросил я. — Да, — сказал он."."""
        asked, answer = said[n - 1], said[n]
        behind = text[answer[1] : said[n + 1][0] if n + 1 < len(said) else len(text)]
        other = any(map(str.isalpha, behind)) and not same_speaker(
            text[asked[1] : answer[0]], behind, self._speech
        )
        return text[asked[1] - 1] in ASKS and other

    # ── in a block ───────────────────────────────────────────────────────────────────────────────

    def _block(self, i: int) -> int:
        """How many paragraphs the blockquote without marks has that begins there; 0 where none does."""
        first = self._paragraphs[i]
        if "blockquote" not in first.line.path or first.begins_quoted or not first.dash:
            return 0
        size = 1
        for paragraph in self._paragraphs[i + 1 : i + _LONGEST_BLOCK]:
            if "blockquote" not in paragraph.line.path or paragraph.begins_quoted:
                break
            size += 1
        marked = any(paragraph.groups for paragraph in self._paragraphs[i : i + size])
        return size if not marked or self._introduced(i) else 0

    def _introduced(self, i: int) -> bool:
        """Whether the paragraph before leads to what follows: "X wrote:"."""
        before = self._paragraphs[i - 1].text.rstrip() if i else ""
        ended = before[-_LONGEST_SENTENCE:].rstrip(SENTENCE_ENDS)
        return before.endswith(":") or speaks(last_sentence(ended, self._speech), self._speech)

    def _set_apart(self, i: int, size: int) -> Utterance:
        """The block less its signature, and a letter less its salutation."""
        paragraphs = self._paragraphs[i : i + size]
        while len(paragraphs) > 1 and (_is_signature(paragraphs[-1]) or _names(paragraphs[-1])):
            paragraphs.pop()
        if len(paragraphs) > 1 and _names(paragraphs[0]):
            del paragraphs[0]
        span = paragraphs[0].line.start, paragraphs[-1].line.end
        return Utterance((span,), (span,), fragment=False, dash=False, block=True)


def _is_signature(paragraph: _Paragraph) -> bool:
    line, text = paragraph.line, paragraph.text
    if len(text) > _LONGEST_SIGNATURE:
        return False
    cited = bool(line.cites) and line.cites[0][0] - line.start <= 2
    return cited or bool(opening_dash(text)) or bool(_SIGNATURES.intersection(line.path))


def _names(paragraph: _Paragraph) -> bool:
    """Whether a line of a block is no sentence: "Dear neighbours,", "Yours sincerely,", a name and a role."""
    text = paragraph.text
    return len(text) <= _LONGEST_SIGNATURE and text[:1].isupper() and text[-1] not in SENTENCE_ENDS + ":"


def _set_as_quotes(line: Line, found: Sequence[Quoted]) -> Iterator[Quoted]:
    """The parts that are <q>, unless they have marks, too."""
    for start, end in line.quotes:
        left, right = start - line.start, end - line.start
        if not any(part.start < right and left < part.end for part in found):
            yield Quoted(left, right, left, right, closed=True)


def _reopens(mark: str, again: str) -> bool:
    """Whether a mark at the start of a paragraph goes on with what another opened; Spanish goes on with »."""
    return mark == again or (mark in _GUILLEMETS and again in _GUILLEMETS)


def _dialogue(text: str, parts: Sequence[Quoted], speech: Speech) -> int:
    """Where dialogue after a dash begins in a paragraph, or its end: not within a quotation in marks."""
    begin = opening_dash(text)
    at = 0 if begin else later_dash(text, speech)
    marked = any(part.start <= begin if begin else part.start < at < part.end for part in parts)
    return len(text) if marked else at
