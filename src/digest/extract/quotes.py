"""Key quotes that a post lists itself: the words verbatim, who said them, and under which topic.

The rows of a section are read one after the other. Each is a topic ("On corruption:"), a person, a signature, a
quotation (or the next paragraph of one), or prose, which is passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from digest.extract.headings import BOLD, COLON, bare, bulleted, lead
from digest.extract.marks import Quoted, opens, quoted
from digest.extract.names import (
    attributed,
    interviewee,
    looks_like_name,
    named_by,
    names_first,
    person,
    resolve,
    signed,
    speaker_on,
    topic,
)
from digest.extract.quotations import (
    ITEMS,
    SIGNATURES,
    Shape,
    end_of_open,
    end_of_words,
    goes_on,
    may_be_unmarked,
    outside,
    parts,
    same_item,
    shape,
)
from digest.extract.sections import Row, Section, in_row
from digest.extract.words import Words, folded
from digest.model import SPAN_JOINT, Quote, QuoteOrigin, Span
from digest.text.html import Document, Line
from digest.text.language import normalise
from digest.text.links import text_fragment

MOST_QUOTES = 200
_MOST_ROWS = 2_000
_LONGEST_NAME = 80
_SURE, _NAMELESS = 1.0, 0.9  # confidence of a listed quote with and without a named speaker
_LONGEST_TOPIC = 14  # words
_MOST_PARAGRAPHS = 8
_NEAR = 6  # rows, of which some may be pictures and players


@dataclass(slots=True)
class _Draft:
    """A quote while it is read."""

    spans: list[Span]
    speaker: str
    topics: list[str]
    line: Line
    open: bool = False  # its closing mark has not come yet
    marked: bool = True
    signed: bool = False
    paragraphs: int = 1


def listed_quotes(
    document: Document, sections: Iterable[Section], words: Words, *, title: str, language: str, url: str
) -> tuple[Quote, ...]:
    """The quotes under headings of key quotes, in order; the same words under two topics are one quote.

    Args:
        document: of the post.
        sections: those of kind ``QUOTES``.
        words: of all languages.
        title: of the post, which may say whose interview it is.
        language: of the post (BCP 47 primary tag), or ``""``.
        url: of the post, for the links to the words in it.
    """
    drafts: list[_Draft] = []
    lines = Counter(
        bare(document.words(line)) for line in document.lines if line.end - line.start <= _LONGEST_NAME
    )
    for section in sections:
        drafts += _Reader(document, section, words, language, lines).read()
    drafts = drafts[:MOST_QUOTES]
    post = f"{title}\n{document.text}"
    names = {name: resolve(name, post, words) if name else "" for name in {d.speaker for d in drafts}}
    asked = interviewee(title, words, document.text)
    if not set(names.values()) - {"", asked}:  # nobody else speaks
        names[""] = asked
    return _as_quotes(document, drafts, names, url)


def _as_quotes(
    document: Document, drafts: Sequence[_Draft], names: Mapping[str, str], url: str
) -> tuple[Quote, ...]:
    by_words: dict[str, _Draft] = {}
    for draft in drafts:
        words = _joined(document, draft.spans)
        if not any(map(str.isalpha, words)):
            continue
        first = by_words.setdefault(words.casefold(), draft)
        first.topics = list(dict.fromkeys([*first.topics, *draft.topics]))
        first.speaker = first.speaker or draft.speaker
    return tuple(_quote(document, draft, names[draft.speaker], url) for draft in by_words.values())


def _quote(document: Document, draft: _Draft, speaker: str, url: str) -> Quote:
    return Quote(
        text=_joined(document, draft.spans),
        speaker=speaker,
        topics=tuple(draft.topics),
        spans=tuple(draft.spans),
        origin=QuoteOrigin.LISTED,
        confidence=_SURE if draft.speaker else _NAMELESS,
        link=text_fragment(url, [document.text[start:end] for start, end in draft.spans]) if url else "",
    )


def _joined(document: Document, spans: Iterable[Span]) -> str:
    return SPAN_JOINT.join(normalise(document.text[start:end]) for start, end in spans)


@dataclass(slots=True)
class _Reader:
    """Reads one section, row by row."""

    document: Document
    section: Section
    words: Words
    language: str
    lines: Counter[str]  # of the post, without ornaments: a name that stands only by itself is a topic
    drafts: list[_Draft] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    speaker: str = ""
    over: bool = False  # prose came after the last quotation: what is not wholly in marks is none any more
    shape: Shape = Shape.MARKED

    def read(self) -> list[_Draft]:
        self.speaker = named_by(self.section.title, self.words, self.document.text)
        self.shape = shape(self.document, self.section.rows)
        for i, row in enumerate(self.section.rows[:_MOST_ROWS]):
            if row.line.start == row.line.end:
                continue
            if "th" in row.line.path and in_row(self.section.rows, i):
                continue  # the header of a column
            if not (self._continues(row) or self._signs(row) or self._heads(i, row) or self._quotes(i, row)):
                self.over = bool(self.drafts)
        return self.drafts

    @property
    def _last(self) -> _Draft | None:
        return self.drafts[-1] if self.drafts else None

    def _text(self, row: Row) -> str:
        return self.document.words(row.line)

    # ── the next paragraph of a quotation ────────────────────────────────────────────────────────

    def _continues(self, row: Row) -> bool:
        last = self._last
        if not last or (row.rank is not None and row.rank < COLON) or last.paragraphs >= _MOST_PARAGRAPHS:
            return False
        if last.open:
            return self._continue_open(last, row)
        text = self._text(row)
        if last.marked or last.signed or not same_item(row, last.line):
            return False
        if opens(text) or bulleted(text) or self._signature(row, last):
            return False
        self._lengthen(last, row, row.line.start, row.line.end)
        return True

    def _continue_open(self, last: _Draft, row: Row) -> bool:
        """The paragraph that ends a quotation opened in an earlier one, or the next, which opens anew."""
        text = self._text(row)
        found = quoted(text)
        if found and found[0].start == lead(text):
            last.open = not found[0].closed
            self._add(last, row, found[0])
            return True
        end = end_of_open(text)
        last.open = end is None
        self._lengthen(last, row, row.line.start, row.line.start + (len(text) if end is None else end))
        if end is not None:
            self._sign(last, text[end + 1 :])
        return True

    def _add(self, last: _Draft, row: Row, part: Quoted) -> None:
        last.spans.append((row.line.start + part.inner_start, row.line.start + part.inner_end))
        last.line, last.paragraphs = row.line, last.paragraphs + 1
        self._sign(last, self._text(row)[part.end :])

    def _lengthen(self, last: _Draft, row: Row, start: int, end: int) -> None:
        """One span over both paragraphs: nothing stands between them but a break."""
        if self.document.text[last.spans[-1][1] : start].strip():
            last.spans.append((start, end))
        else:
            last.spans[-1] = (last.spans[-1][0], end)
        last.line, last.paragraphs = row.line, last.paragraphs + 1

    # ── signatures ───────────────────────────────────────────────────────────────────────────────

    def _signs(self, row: Row) -> bool:
        last = self._last
        if not last or last.signed or self.over:
            return False
        if row.rank is not None and row.rank <= BOLD and not ITEMS.intersection(row.line.path):
            return False
        name = self._signature(row, last)
        if not name:
            return False
        last.speaker, last.signed = name, True
        return True

    def _signature(self, row: Row, last: _Draft) -> str:
        text = self._text(row)
        if opens(text[lead(text) :]):
            return ""
        cited = bool(row.line.cites) and row.line.cites[0][0] <= row.line.start + lead(text)
        sure = cited or bool(SIGNATURES.intersection(row.line.path))
        if name := signed(text, self.words, sure=sure):
            return name if sure or self._is_person(text) else ""
        near = (
            row.line.block == last.line.block or same_item(row, last.line) or self._same_card(row, last.line)
        )
        return person(text, self.words) if near and names_first(text, self.words) else ""

    def _same_card(self, row: Row, earlier: Line) -> bool:
        """Whether two lines share an element, such as a card or a row of a table, that the heading stands outside of."""
        return row.shared(earlier) > max(0, row.shared(self.section.heading))

    def _is_person(self, text: str) -> bool:
        """A dash before a line of a dashed list is no signature unless a name follows it."""
        return names_first(text[lead(text) :].strip("() "), self.words, cased=False)

    def _sign(self, draft: _Draft, rest: str, cited: bool = False) -> None:
        """Take the name from what stands behind a closing mark: "— X", "(X, minister)"."""
        rest = rest.strip(" \u00a0.,;")
        if name := signed(rest, self.words, sure=cited):
            draft.speaker, draft.signed = name, True

    # ── topics and people as headings ────────────────────────────────────────────────────────────

    def _heads(self, i: int, row: Row) -> bool:
        text = self._text(row)
        heading = bare(text)
        if not heading or len(heading.split()) > _LONGEST_TOPIC or opens(text[lead(text) :]):
            return False
        said = topic(text, self.words, self.language)
        if said != heading and self._may_be_topic(i, heading):
            return self._begin(topic=said)
        if row.rank is not None and self._heads_topics(i) and (name := self._person(heading)):
            return self._begin(speaker=name)
        if not self._leads(i) or (row.rank is None and not self._is_cell(i) and not self._is_nested(i)):
            return False
        if name := self._person(heading):
            return self._begin(speaker=name)
        if both := speaker_on(heading, self.words, self.language, self.document.text):
            self._begin(speaker=both[0])
            return self._begin(topic=both[1])
        if row.rank == COLON and self._introduces(heading):
            return True
        return self._begin(topic=heading)

    def _begin(self, topic: str = "", speaker: str = "") -> bool:
        if topic:
            self.topics = [topic]
        else:
            self.speaker, self.topics = speaker, []
        self.over = False
        return True

    def _may_be_topic(self, i: int, heading: str) -> bool:
        """ "On corruption" on a line of its own; "On the other hand, we wait." is a sentence."""
        row = self.section.rows[i]
        if row.rank is not None or self._is_nested(i):
            return True
        listed = "li" in row.line.path or "dd" in row.line.path or "blockquote" in row.line.path
        return not listed and heading[-1] not in ".!?…" and not quoted(heading[:-1])

    def _leads(self, i: int) -> bool:
        """Whether a quotation follows a heading: in marks, or set as one."""
        rows = self.section.rows[i + 1 : i + _NEAR]
        following = next((row for row in rows if row.line.start < row.line.end), None)
        if following is None or following.rank is not None:
            return False
        text = self._text(following)
        return opens(text[lead(text) :]) or self.shape is not Shape.MARKED

    def _heads_topics(self, i: int) -> bool:
        """Whether a smaller heading follows, as the topics of a person do."""
        ranks = [row.rank for row in self.section.rows[i : i + 2]]
        return len(ranks) == 2 and ranks[0] is not None and ranks[1] is not None and ranks[0] < ranks[1]

    def _is_nested(self, i: int) -> bool:
        """Whether a line is the item of a list that has a list of its own."""
        lines = [row.line for row in self.section.rows[i : i + 2]]
        return len(lines) == 2 and "li" in lines[0].path and lines[0].depth < lines[1].depth

    def _is_cell(self, i: int) -> bool:
        """Whether a line is the cell before a quotation in a row of a table."""
        rows = self.section.rows
        return i + 1 < len(rows) and "tr" in rows[i + 1].path_shared(rows[i])

    def _person(self, heading: str) -> str:
        """A heading that is a name: two words or more with capitals that stand in running text, too."""
        name = heading.partition(",")[0].strip()
        if not looks_like_name(name, self.words):
            return ""
        role = "," in heading
        return name if role or self.document.text.count(name) > self.lines[name] else ""

    def _introduces(self, heading: str) -> bool:
        """ "Asked about the dykes, she said:" leads to a quotation and names no topic."""
        found = folded(heading)
        return bool(set(found) & self.words.grammar.said) or len(found) > 6

    # ── quotations ───────────────────────────────────────────────────────────────────────────────

    def _quotes(self, i: int, row: Row) -> bool:
        text = self._text(row)
        if found := parts(text, wholly=self.over, introduction=self._introduction(row)):
            return self._marked(i, row, found)
        if self.over or not may_be_unmarked(row, text, self.shape):
            return False
        start = row.line.start + lead(text)
        self.drafts.append(
            _Draft([(start, row.line.end)], self.speaker, [*self.topics], row.line, marked=False)
        )
        self._split_signature(self.drafts[-1])
        return True

    def _introduction(self, row: Row) -> int:
        """How much of a line is a heading in bold before its quotation: "**On dogs.** “…”"."""
        start, end = row.line.bolds[0] if row.line.bolds and not row.line.bold else (0, 0)
        text = self._text(row)
        leads = end and start - row.line.start <= lead(text) and not quoted(text[: end - row.line.start])
        return end - row.line.start if leads else 0

    def _marked(self, i: int, row: Row, found: Sequence[Quoted]) -> bool:
        text, start = self._text(row), row.line.start
        spans = [(start + part.inner_start, start + end_of_words(text, part)) for part in found]
        draft = _Draft([span for span in spans if span[0] < span[1]], self.speaker, [*self.topics], row.line)
        if not draft.spans:
            return False
        self.drafts.append(draft)
        last = found[-1]
        draft.open = not last.closed and goes_on(self.document, self.section.rows, i)
        introduced = text[lead(text) : found[0].start]
        self._introduced(draft, introduced, bold=bool(self._introduction(row)))
        for words in outside(text, found):
            self._attributed(draft, words)
        if last.closed:
            cited = any(cite[0] >= start + last.end for cite in row.line.cites)
            self._sign(draft, text[last.end :], cited)
        return True

    def _attributed(self, draft: _Draft, words: str) -> None:
        """Take the name from ", said Mira Halden," around or between the parts of a quotation."""
        name = "" if draft.signed else attributed(words, self.words)
        if name and (
            " " in name or resolve(name, self.document.text, self.words) != name
        ):  # a word alone may be "She"
            draft.speaker, draft.signed = name, True

    def _introduced(self, draft: _Draft, words: str, *, bold: bool) -> None:
        """ "On trust: “…”" and "Mira Halden: “…”" say topic and speaker on the quotation's own line."""
        heading = bare(words)
        if not heading or not (bold or words.rstrip().endswith((":", "–", "—"))):
            return
        heading = heading.rstrip(".") if bold else heading
        said = topic(heading, self.words, self.language)
        if said != heading:
            draft.topics = [said]
        elif both := speaker_on(heading, self.words, self.language, self.document.text):
            draft.speaker, draft.signed, draft.topics = both[0], True, [both[1]]
        elif looks_like_name(heading.partition(",")[0], self.words):
            draft.speaker, draft.signed = person(heading, self.words), True

    def _split_signature(self, draft: _Draft) -> None:
        """Cut "— Tomas Brenn" from the end of a quotation without marks."""
        start, end = draft.spans[0]
        text = self.document.text[start:end]
        for dash in ("—", "–", " - "):
            head, found, tail = text.rpartition(dash)
            if (
                found
                and head.strip()
                and names_first(tail.strip(), self.words)
                and (name := signed(f"—{tail}", self.words))
            ):
                draft.spans = [(start, start + len(head.rstrip()))]
                draft.speaker, draft.signed = name, True
                return
