"""A section of key quotes, row by row.

Each row is the next paragraph of a quotation, a signature, a head (a topic, a person), a quotation, or prose, which is
passed over. After prose only what stands wholly in marks is still a quotation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from digest.extract.headings import BOLD, COLON, bare, bulleted, lead
from digest.extract.listed.fullnames import resolve
from digest.extract.listed.names import looks_like_name, names_first, person
from digest.extract.listed.quotations import (
    SIGNATURES,
    behind,
    bold_head,
    end_of_open,
    end_of_words,
    goes_on,
    introduction,
    may_be_unmarked,
    outside,
    parts,
    same_item,
    shape,
)
from digest.extract.listed.quoteheads import Head, Heads, Post, apart_from_role
from digest.extract.listed.sections import Section
from digest.extract.listed.signatures import attributed, ends_sentence, signed, signed_end
from digest.extract.marks import Quoted, opens, quoted
from digest.extract.rows import ITEMS, LISTS, Row, around_all, cells, heads_column, is_mark, worded
from digest.extract.words import Words, tokens
from digest.model import Span
from digest.text.html import Line

MOST_QUOTES = 200
_MOST_ROWS = 2_000
_MOST_PARAGRAPHS = 8
_BEGINNING = 4  # rows, of which the first may only lead to the quotations
_LONGEST_SURNAME = 40
_SURNAME = re.compile(r"\s*[—–―]\s*([^\W\d_][\w'’-]*)\.?$")  # "… — Brume"
_LONGEST_ROLE = 12  # words of a line that only says what the speaker is


@dataclass(slots=True)
class Draft:
    """A quote while it is read."""

    spans: list[Span]
    speaker: str
    topics: list[str]
    line: Line  # the last that belongs to it
    open: bool = False  # its closing mark has not come yet
    marked: bool = True
    signed: bool = False
    card: int = 0  # how many elements are around it and its signature, if that is a line of its own
    paragraphs: int = 1

    def sign(self, name: str) -> None:
        """Say who spoke, unless that is not known."""
        if name:
            self.speaker, self.signed = name, True

    def take(self, head: Head) -> None:
        """Speaker and topic from what stands before the quotation on its own line."""
        self.sign(head.speaker)
        if head.topic:
            self.topics = [head.topic]


@dataclass(slots=True)
class _Under:
    """The heads under which the next quotation stands."""

    speaker: str
    topics: list[str] = field(default_factory=list)

    def take(self, head: Head) -> None:
        if head.speaker:
            self.speaker, self.topics = head.speaker, []
        if head.topic:
            self.topics = [head.topic]


class QuoteList:
    """Reads one section.

    Args:
        post: that the section is of.
        section: of kind ``QUOTES``.
        words: of all languages.
        language: of the post.
        speaker: whom the section's heading names, or ``""``.
    """

    def __init__(self, post: Post, section: Section, words: Words, language: str, speaker: str) -> None:
        self.document = post.document
        self.section = section
        self.rows: Sequence[Row] = section.rows[:_MOST_ROWS]
        self.words = words
        self.shape = shape(self.document, self.rows, words)
        languages = (language, *section.title.others)
        self.heads = Heads(post, self.rows, self.shape, words, languages, owned=bool(speaker))
        self.under = _Under(speaker)
        self.drafts: list[Draft] = []
        self.around = around_all(section.heading, self.rows)
        self.outer = 0  # how many elements are around the whole section up to the row in hand
        self.mark = ""  # the last opening mark that was set apart
        self.over = False  # prose came after the last quotation
        self.names_below = self._begins_with_quotation()

    def read(self) -> list[Draft]:
        """The quotations of the section, in order."""
        for i, row in enumerate(self.rows):
            if len(self.drafts) == MOST_QUOTES:
                break
            self.outer = self.around[i]
            if row.line.start == row.line.end or heads_column(self.rows, i) or is_mark(row):
                continue
            if self._continues(row) or self._tells_topic(row) or self._says_role(row) or self._signs(row):
                continue
            if head := self.heads.at(i):
                self.under.take(head)
                self.over = False
            elif not self._quotes(i, row):
                self.over = bool(self.drafts)
        return self._without_prose()

    def _without_prose(self) -> list[Draft]:
        """Without plain sentences where the quotations are in cards that are signed."""
        depths = [len(draft.line.path) for draft in self.drafts if draft.card]
        if 2 * len(depths) < len(self.drafts) or not depths:
            return self.drafts
        return [draft for draft in self.drafts if draft.signed or len(draft.line.path) >= min(depths)]

    @property
    def _last(self) -> Draft | None:
        return self.drafts[-1] if self.drafts else None

    def _begins_with_quotation(self) -> bool:
        """Whether a quotation comes before any name, so that names on lines of their own follow theirs."""
        for row in worded(self.rows, 0, _BEGINNING):
            name = apart_from_role(row.text)[0] if row.line.bolds else row.text
            if row.rank is not None or looks_like_name(name, self.words, cased=False):
                return False
            if parts(row.text, wholly=False) or may_be_unmarked(row, row.text, self.shape):
                return True
        return False

    # ── the next paragraph of a quotation ────────────────────────────────────────────────────────

    def _continues(self, row: Row) -> bool:
        last = self._last
        if not last or (row.rank is not None and row.rank < COLON) or last.paragraphs >= _MOST_PARAGRAPHS:
            return False
        if last.open:
            return self._continue_open(last, row)
        text = row.text
        if last.marked or last.signed or not same_item(row, last.line):
            return False
        if opens(text) or bulleted(text) or self._signature(row, last):
            return False
        self._lengthen(last, row, row.line.start, row.line.end)
        return True

    def _continue_open(self, last: Draft, row: Row) -> bool:
        """The paragraph that ends a quotation opened in an earlier one, or the next, which opens anew."""
        text = row.text
        found = quoted(text)
        if found and found[0].start == lead(text):
            last.open = not found[0].closed
            self._add(last, row, found[0])
            return True
        end = end_of_open(text)
        last.open = end is None
        self._lengthen(last, row, row.line.start, row.line.start + (len(text) if end is None else end))
        if end is not None:
            last.sign(self._behind(text[end + 1 :]))
        return True

    def _add(self, last: Draft, row: Row, part: Quoted) -> None:
        last.spans.append((row.line.start + part.inner_start, row.line.start + part.inner_end))
        last.line, last.paragraphs = row.line, last.paragraphs + 1
        last.sign(self._behind(row.text[part.end :]))

    def _lengthen(self, last: Draft, row: Row, start: int, end: int) -> None:
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
        if row.rank is not None and row.rank < BOLD and not ITEMS.intersection(row.line.path):
            return False
        name = self._signature(row, last)
        if name:
            last.sign(name)
            shared = row.shared(last.line)
            last.card, last.line = shared if shared > self.outer else 0, row.line
        return bool(name)

    def _signature(self, row: Row, last: Draft) -> str:
        text = row.text
        if opens(text[lead(text) :]):
            return ""
        cited = bool(row.line.cites) and row.line.cites[0][0] <= row.line.start + lead(text)
        sure = cited or bool(SIGNATURES.intersection(row.line.path))
        if name := signed(text, self.words, sure=sure):
            return name if sure or self._is_person(text) else ""
        if ends_sentence(text) or self.heads.is_topic(text):
            return ""
        if self._is_near(row, last.line):
            return self._named(text)
        return self._below(bare(text)) if self.names_below else ""

    def _below(self, text: str) -> str:
        """The name on a line under a quotation, if names stand there: with its role it needs no other evidence."""
        name, role = apart_from_role(text)
        return name if role and self.heads.is_caseless(name) else self.heads.person(text)

    def _named(self, text: str) -> str:
        """A line beside a quotation that begins with a name, in a script without capitals one that may be one."""
        if names_first(text, self.words):
            return person(text, self.words)
        name = bare(text)
        return name if self.heads.is_caseless(name) else self.heads.person(name)

    def _is_near(self, row: Row, quotation: Line) -> bool:
        return (
            row.line.block == quotation.block or same_item(row, quotation) or self._same_card(row, quotation)
        )

    def _same_card(self, row: Row, earlier: Line) -> bool:
        """Whether two lines share an element, such as a card or a row of a table, that the heading stands outside of."""
        return bool(set(row.line.path[self.outer : row.shared(earlier)]) - LISTS)

    def _is_person(self, text: str) -> bool:
        """A dash before a line of a dashed list is no signature unless a name follows it."""
        return names_first(text[lead(text) :].strip("() "), self.words, cased=False)

    def _tells_topic(self, row: Row) -> bool:
        """Whether a cell behind a quotation in its row of a table says "On corruption"."""
        last = self._last
        if not last or "td" not in row.line.path or not self.heads.is_topic(row.text):
            return False
        in_row = row.line.path[: row.shared(last.line)][-1:] == ("tr",)
        if in_row:
            last.topics = [self.heads.topic(row.text)]
        return in_row

    def _says_role(self, row: Row) -> bool:
        """Whether a line under a signature only says what the speaker is: "harbour master of Odde"."""
        last = self._last
        if not last or row.rank is not None or len(row.text.split()) > _LONGEST_ROLE:
            return False
        in_card = last.card and row.shared(last.line) >= last.card
        in_row = "td" in row.line.path and row.line.path[: row.shared(last.line)][-1:] == ("tr",)
        return bool(in_card or (in_row and last.speaker)) and not opens(row.text[lead(row.text) :])

    def _behind(self, rest: str, *, cited: bool = False) -> str:
        """The name in what stands behind a closing mark: "— X", "(X, minister)"."""
        rest = rest.strip(" \u00a0.,;|·•")
        return signed(rest, self.words, sure=cited) or self._undashed(rest)

    def _undashed(self, rest: str) -> str:
        """The name in "“…” Mira Halden, engineer": nothing but a name and who it is."""
        if not rest or ends_sentence(rest) or any(t.folded in self.words.grammar.said for t in tokens(rest)):
            return ""
        if names_first(rest, self.words):
            return person(rest, self.words)
        name, _ = apart_from_role(rest)
        return name if self.heads.is_caseless(name) else self.heads.person(rest)

    # ── quotations ───────────────────────────────────────────────────────────────────────────────

    def _quotes(self, i: int, row: Row) -> bool:
        text = row.text
        if found := parts(text, wholly=self.over, introduction=bold_head(self.document, row)):
            return self._marked(i, row, found)
        apart = self._stands_between_marks(i)
        if not apart and (self.over or not may_be_unmarked(row, text, self.shape)):
            return False
        if "td" in row.line.path and any(len(cell.text) > len(text) for cell in self._other_cells(i)):
            return False  # a name, a role or a topic beside the quotation
        self._unmarked(row, text)
        return True

    def _stands_between_marks(self, i: int) -> bool:
        """Whether the line before is an opening mark by itself: not the one that closes the quotation before it."""
        if not i or not is_mark(self.rows[i - 1]):
            return False
        mark = self.rows[i - 1].text
        follows = i > 1 and self._last is not None and self._last.line == self.rows[i - 2].line
        if follows and (mark != self.mark or mark == '"'):
            return False
        self.mark = mark
        return True

    def _other_cells(self, i: int) -> Iterator[Row]:
        own = self.rows[i].line.block
        return (cell for cell in cells(self.rows, i) if cell.line.block != own)

    def _unmarked(self, row: Row, text: str) -> None:
        """A line that is a quotation but for what stands before it ("Mira Halden:") and its signature."""
        head = introduction(self.document, row)
        named = self.heads.before(head, bold=bool(bold_head(self.document, row))) if head else None
        start = row.line.start + (behind(text, len(head)) if named else lead(text))
        end, name = self._signed_end(self.document.text[start : row.line.end])
        speaker, topics = self.under.speaker, [*self.under.topics]
        draft = Draft([(start, start + end)], speaker, topics, row.line, marked=False)
        self.drafts.append(draft)
        draft.take(named or Head())
        draft.sign(name)

    def _signed_end(self, text: str) -> tuple[int, str]:
        """Where the words end, and who signs: a surname alone, too, if the post has the full name."""
        end, name = signed_end(text, self.words)
        surname = _SURNAME.search(text, max(0, len(text) - _LONGEST_SURNAME)) if not name else None
        if surname and resolve(surname[1], self.document.text, self.words) != surname[1]:
            return surname.start(), surname[1]
        return end, name

    def _marked(self, i: int, row: Row, found: Sequence[Quoted]) -> bool:
        text, start = row.text, row.line.start
        spans = [(start + part.inner_start, start + end_of_words(text, part)) for part in found]
        spans = [span for span in spans if span[0] < span[1]]
        if not spans:
            return False
        draft = Draft(spans, self.under.speaker, [*self.under.topics], row.line)
        self.drafts.append(draft)
        last = found[-1]
        draft.open = not last.closed and goes_on(self.rows, i)
        before = text[lead(text) : found[0].start]
        draft.take(self.heads.before(before, bold=bool(bold_head(self.document, row))) or Head())
        for words in outside(text, found):
            self._attributed(draft, words)
        if last.closed:
            cited = any(cite[0] >= start + last.end for cite in row.line.cites)
            draft.sign(self._behind(text[last.end :], cited=cited))
        return True

    def _attributed(self, draft: Draft, words: str) -> None:
        """Take the name from ", said Mira Halden," around or between the parts of a quotation."""
        name = "" if draft.signed else attributed(words, self.words)
        if " " in name or resolve(name, self.document.text, self.words) != name:  # a word alone may be "She"
            draft.sign(name)
