"""Openings: the lines of a post with which a section begins.

A line that looks like a heading opens a section by its words. The less it looks like one, or the less its words say,
the more what follows must confirm it: quotations, a list, links.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from digest.extract.headings import BOLD, COLON, LONGEST, bare, bulleted, is_link, itemised, lead
from digest.extract.listed.names import looks_like_name
from digest.extract.listed.titles import Title, announced, behind_colon, hint, title
from digest.extract.listed.topics import topic
from digest.extract.marks import opens, quoted
from digest.extract.rows import ITEMS, Row, heads_column, in_row, is_mark, worded
from digest.extract.words import Kind, Words, tokens
from digest.text.html import Document, Line
from digest.text.links import video

LINKED = frozenset({Kind.POSTS, Kind.VIDEOS, Kind.LINKS})
_LONGEST_RUN_IN = 600  # characters of a line that begins with its heading
_LONGEST_HEAD = 80  # of them
_SHORT = 12  # words; a plain line that names a section or the end of the post has no more
_SHORTER = 8  # words; one that only hints at a section has no more
_NEAR = 5  # rows, in which what a heading names must show
_ENDS_SENTENCE = ".!?…。！？؟,;"
_FEWEST_WORDS = 4  # of an item of a list that may be a quotation
_ADDRESS = re.compile(r"https?://\S")
_NUMBER = re.compile(r"\(?(\d{1,3})([.):])(?=\s)")
_EDGES = " :–—-\u00a0"


@dataclass(frozen=True, slots=True)
class Opening:
    """The heading of a section, and what stands behind it on the same line."""

    title: Title
    rank: int
    rest: Line | None
    sure: bool = True  # by its own words; else what follows had to confirm them


class Openings:
    """Which rows of a post open a section."""

    def __init__(self, document: Document, rows: Sequence[Row], words: Words, language: str) -> None:
        self.document = document
        self.rows = rows
        self.words = words
        self.language = language

    def at(self, i: int) -> Opening | None:
        """What row ``i`` opens, or None."""
        row = self.rows[i]
        text = row.text
        if _is_prose(row) or opens(text[lead(text) :]) or self._is_column(i):
            return None
        looks = row.rank is not None and self._may_head(i, row)
        alone = row.rank is None and self._stands_alone(i, text)
        rank = COLON if row.rank is None else row.rank
        if found := self._title(i, text, looks=looks, alone=alone):
            return Opening(found, rank, None)
        if behind := self._run_in(row.line, text):
            return behind
        weak = self._weak_title(i, text, looks=looks) if looks or alone else None
        return Opening(weak, rank, None, sure=False) if weak else None

    def _title(self, i: int, text: str, *, looks: bool, alone: bool) -> Title | None:
        """What the line names by its words, which may say the more, the more it looks like a heading."""
        if looks:
            return title(text, self.words, exact=False)
        if alone:
            return title(text, self.words, exact=True) or behind_colon(bare(text), self.words)
        line = self.rows[i].line
        if (
            line.anchors and is_link(line) and "li" not in line.path
        ):  # "Subscribe to our letter" ends a list of links
            found = title(text, self.words, exact=True)
            return found if found and found.kind is Kind.STOP else None
        return None

    def _weak_title(self, i: int, text: str, *, looks: bool) -> Title | None:
        """What a line names whose looks or words are not enough, so that what follows must confirm it."""
        confirmed = (
            self._of_players(i, text) or self._announced(i, text) if looks else self._confirmed(i, text)
        )
        return confirmed or self._hinted(i, text)

    def _may_head(self, i: int, row: Row) -> bool:
        """A bold item of a list heads a section only where a deeper list follows it."""
        if row.rank not in {BOLD, COLON} or "li" not in row.line.path:
            return True
        return i + 1 < len(self.rows) and self.rows[i + 1].line.depth > row.line.depth

    def _is_column(self, i: int) -> bool:
        """Whether a line is one of several cells of which a header is one: it heads a column or a row, no section."""
        header = "th" in self.rows[i].line.path and in_row(self.rows, i)
        return header or heads_column(self.rows, i)

    def _stands_alone(self, i: int, text: str) -> bool:
        """Whether a line that does not look like a heading may still be one: short, no item of a list, no link."""
        line = self.rows[i].line
        if len(text) > LONGEST or len(text.split()) > _SHORT or "li" in line.path or is_link(line):
            return False
        return not itemised(text) or "td" in line.path or not self._has_siblings(i, text)

    def _has_siblings(self, i: int, text: str) -> bool:
        """Whether the line before or after has such a bullet, or the number before or after, so that they are a list."""
        near = (
            self.rows[k].text for k in (i - 1, i + 1) if 0 <= k < len(self.rows) and not is_mark(self.rows[k])
        )
        numbered = _NUMBER.match(text)
        if numbered is None:
            return any(other[:1] == text[:1] and itemised(other) for other in near)
        number, sign = int(numbered[1]), numbered[2]
        return any(self._number(k) == (number + k - i, sign) for k in (i - 1, i + 1))

    def _number(self, i: int) -> tuple[int, str] | None:
        found = _NUMBER.match(self.rows[i].text) if 0 <= i < len(self.rows) else None
        return (int(found[1]), found[2]) if found else None

    # ── what follows confirms ────────────────────────────────────────────────────────────────────

    def _of_players(self, i: int, text: str) -> Title | None:
        """ "Watch the testimony", "The testimony (video)": a word for videos heads a player that follows."""
        following = self.rows[i + 1].line.anchors if i + 1 < len(self.rows) else ()
        if not any(video(anchor.url) for anchor in following[:1]):
            return None
        heading = bare(text)
        found = tokens(heading)
        names = (found[:1], found[-1:])
        known = any(self.words.is_alone(Kind.VIDEOS, token.folded) for name in names for token in name)
        return Title(Kind.VIDEOS, heading, (0, len(heading))) if known else None

    def _announced(self, i: int, text: str) -> Title | None:
        """ "Her three points:" over a list."""
        following = next(worded(self.rows, i + 1, 1), None)
        if following is None or following.rank is not None or not self._is_item(following):
            return None
        return announced(text, self.words, self.language)

    def _confirmed(self, i: int, text: str) -> Title | None:
        """A plain line whose words name a section loosely, if what it names follows."""
        if len(tokens(text)) > _SHORT or text[-1] in _ENDS_SENTENCE:
            return None
        found = title(text, self.words, exact=False)
        listed = found and found.kind in LINKED and any(map(self._is_item, worded(self.rows, i + 1, 1)))
        return found if found and (listed or self._follows(i, found.kind)) else None

    def _is_item(self, row: Row) -> bool:
        return "li" in row.line.path or itemised(row.text)

    def _hinted(self, i: int, text: str) -> Title | None:
        """A heading with a word for a section somewhere in it, if what it names follows: "Quotes worth keeping"."""
        found = hint(text, self.words, self.language)
        most = _SHORTER if self.rows[i].rank is None else _SHORT
        if found is None or not self._may_be_heading(found, most):
            return None
        is_topic = topic(text, self.words, self.language) != found.words
        return found if not is_topic and self._follows(i, found.kind) else None

    def _may_be_heading(self, hinted: Title, most: int) -> bool:
        """Whether a line is short, begins like a heading, and tells of no speech but by the word that hints."""
        text, found = hinted.words, tokens(hinted.words)
        said = any(
            token.folded in self.words.grammar.said and token.start != hinted.name[0] for token in found
        )
        short = 0 < len(found) <= most and text.rstrip()[-1:] not in set(_ENDS_SENTENCE)
        return short and not text[found[0].start].islower() and not said

    def _follows(self, i: int, kind: Kind) -> bool:
        confirms = _CONFIRMS.get(kind)
        if confirms is None:
            return False
        if kind in LINKED:
            return any(confirms(row) for row in self._up_to_prose(i + 1))
        return any(confirms(row) for row in worded(self.rows, i + 1, _NEAR))

    def _up_to_prose(self, first: int) -> Iterator[Row]:
        """The next rows, the first that is a sentence being the last; the title of a player is none."""
        for row in self.rows[first : first + _NEAR]:
            yield row
            if row.text[-1:] in set(_ENDS_SENTENCE) - {"?", "!", "…"}:
                return

    # ── on the same line ─────────────────────────────────────────────────────────────────────────

    def _run_in(self, line: Line, text: str) -> Opening | None:
        """A heading with its content on the same line: "**Key themes** one; two", "Related posts: …"."""
        if "li" in line.path or bulleted(text):
            return None
        for end, loudness in self._heads(line, text):
            head, rest = text[:end], text[end:]
            found = title(head, self.words, exact=loudness == COLON)
            if found and loudness == COLON and text[end - 1] != ":" and found.kind not in LINKED:
                continue
            if found and found.kind is Kind.QUOTES and looks_like_name(rest.strip(_EDGES), self.words):
                heading = bare(text)
                return Opening(Title(found.kind, heading, found.name), loudness, None)
            if found and rest.strip(_EDGES):
                start = line.start + end + len(rest) - len(rest.lstrip(_EDGES))
                return Opening(found, loudness, line._replace(start=start, bold=False))
        return None

    def _heads(self, line: Line, text: str) -> Iterator[tuple[int, int]]:
        """Where a heading at the start of a line may end: after bold words, a colon, or before a link."""
        if line.bolds and line.bolds[0][0] - line.start <= lead(text):
            yield line.bolds[0][1] - line.start, BOLD
        colon = text.find(":")
        if 0 < colon <= _LONGEST_HEAD:
            yield colon + 1, COLON
        elif line.anchors and line.anchors[-1].end == line.end:  # "Read also THE LINK"
            yield min(line.anchors[0].start - line.start, _LONGEST_HEAD), COLON


def _is_prose(row: Row) -> bool:
    """Whether a line is too long for a heading and has nothing at its start that may be one: most lines are."""
    line, text = row.line, row.text
    if line.bolds or line.anchors or ":" in text[:_LONGEST_HEAD]:
        return not text or len(text) > _LONGEST_RUN_IN
    return not text or len(text) > LONGEST or (row.rank is None and text.count(" ") >= _SHORT)


# ── what confirms a heading ──────────────────────────────────────────────────────────────────────


def _is_quotation(row: Row) -> bool:
    if ITEMS.intersection(row.line.path):
        return True
    text = row.text
    if is_mark(row):
        return True
    if itemised(text) and len(text.split()) >= _FEWEST_WORDS:
        return True
    return any(part.inner_end - part.inner_start >= len(text) // 3 for part in quoted(text))


def _is_theme(row: Row) -> bool:
    text = row.text
    listed = "blockquote" not in row.line.path and (ITEMS | {"dt", "th"}).intersection(row.line.path)
    if row.rank is not None and not opens(text):
        return True
    return bool(listed) or bulleted(text) or bool(row.line.bolds) or ": " in text[:_LONGEST_HEAD]


def _is_linked(row: Row) -> bool:
    text = row.text
    if "://" in text and _ADDRESS.search(text):
        return True
    return bool(row.line.anchors) and (is_link(row.line) or len(text.split()) <= _SHORT or bulleted(text))


_CONFIRMS: Mapping[Kind, Callable[[Row], bool]] = {
    Kind.QUOTES: _is_quotation,
    Kind.THEMES: _is_theme,
    **dict.fromkeys(LINKED, _is_linked),
}
