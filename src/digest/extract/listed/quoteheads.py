"""What the lines over and before listed quotations name: people, topics, or both.

A line that looks like a name may be one ("Mira Halden") or a topic in capitals ("Press Freedom"). It is a person if the
post names that person in its prose, or if lines that are set like it are people.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from digest.extract.headings import COLON, bare, lead
from digest.extract.listed.names import looks_like_name, person
from digest.extract.listed.quotations import Shape, introduction
from digest.extract.listed.topics import speaker_on, topic
from digest.extract.marks import opens, quoted
from digest.extract.rows import ITEMS, Row, cells, is_mark, worded
from digest.extract.words import Words, fold, folded, tokens
from digest.text.html import Document

_LONGEST_NAME = 80
_NAMES_IN_TEXT = 50_000  # characters in which a name is looked for
_ROLE = re.compile(
    r"\s*[,،(]"
)  # begins what somebody is: "Ilse Varga, marine biologist", "Ilse Varga (biologist)"
_INLINE = "before the quotation"  # where a head may stand, other than on a line of its own
_LONGEST_CASELESS = 3  # words of a name in a script without capitals
_LONGEST_TOPIC = 14  # words
_LONGEST_INLINE_TOPIC = 8
_NEAR = 6  # rows, of which some may be pictures and players


def apart_from_role(text: str) -> tuple[str, str]:
    """A name and what stands behind it: "Ilse Varga, marine biologist", "Ilse Varga (biologist)"."""
    parts = _ROLE.split(text, maxsplit=1)
    return parts[0].strip(), "".join(parts[1:])


@dataclass(frozen=True, slots=True)
class Head:
    """What a line names; neither, where it only leads to a quotation: "Asked about the dykes, she said:"."""

    speaker: str = ""
    topic: str = ""


class Post:
    """What a whole post says about a name: whether its prose uses it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.beginning = document.text[:_NAMES_IN_TEXT]

    @cached_property
    def heads(self) -> Counter[str]:
        """What stands on short lines of their own and before colons, and how often."""
        texts = [self.document.words(line) for line in self.document.lines]
        heads = Counter(bare(text) for text in texts if len(text) <= _LONGEST_NAME)
        before = (text.partition(":") for text in texts)
        heads.update(bare(head) for head, _, rest in before if rest and len(head) <= _LONGEST_NAME)
        return heads

    def names(self, name: str, own: str = "") -> bool:
        """Whether a name stands in running text too: not only on lines of its own, before colons, or in ``own``."""
        return self.beginning.count(name) > max(self.heads[name], own.count(name))


class Heads:
    """Reads the heads of one section.

    Args:
        post: that the section is of.
        rows: of the section.
        shape: how its quotations are set.
        words: of all languages.
        languages: of the post, then others that the section's heading is in.
        owned: whether the section's own heading names the speaker, so that what is unknown is a topic.
    """

    def __init__(
        self,
        post: Post,
        rows: Sequence[Row],
        shape: Shape,
        words: Words,
        languages: tuple[str, ...],
        *,
        owned: bool,
    ) -> None:
        self.post = post
        self.document = post.document
        self.rows = rows
        self.shape = shape
        self.words = words
        self.languages = languages
        self.owned = owned
        self.people = frozenset() if owned else frozenset(self._people())

    @cached_property
    def plain(self) -> frozenset[int]:
        """Short plain lines that are topics all the same: each leads to a quotation in marks, and one begins the list.

        Names are none, unless the section's heading says who speaks: a name may sign the quotation above it.
        """
        found = [i for i in range(len(self.rows)) if self._may_be_plain_topic(i)]
        begun = found and next(worded(self.rows, 0, _NEAR), None) is self.rows[found[0]]
        return frozenset(found) if begun and len(found) > 1 else frozenset()

    def _may_be_plain_topic(self, i: int) -> bool:
        row = self.rows[i]
        text = row.text
        if row.rank is not None or not text or len(text.split()) > _LONGEST_INLINE_TOPIC or row.line.anchors:
            return False
        if (
            not text[-1].isalnum()
            or not text[0].isupper()
            or not ITEMS.isdisjoint(row.line.path)
            or quoted(text)
        ):
            return False
        following = next(worded(self.rows, i + 1, 1), None)
        leads = following is not None and opens(following.text[lead(following.text) :])
        return leads and (self.owned or not looks_like_name(text, self.words, cased=False))

    # ── a line of its own ────────────────────────────────────────────────────────────────────────

    def at(self, i: int) -> Head | None:
        """What row ``i`` names, or None if it heads nothing."""
        row = self.rows[i]
        text = row.text
        heading = bare(text)
        if not heading or len(heading.split()) > _LONGEST_TOPIC or opens(text[lead(text) :]):
            return None
        said = self.topic(text)
        if said != heading and self._may_be_topic(i, heading):
            return Head(topic=said)
        name = self.person(heading)
        if name and row.rank is not None:
            return Head(speaker=name)
        plain = row.rank is None and not (name and self._is_bold_name(row, name))
        set_apart = not plain or self._is_cell(i) or self._is_nested(i) or i in self.plain
        if not set_apart or not self._leads(i):
            return None
        if name:
            return Head(speaker=name)
        if both := speaker_on(heading, self.words, self.document.text, *self.languages):
            return Head(*both)
        return Head() if row.rank == COLON and self._introduces(heading) else Head(topic=heading)

    def is_topic(self, text: str) -> bool:
        """Whether a line begins as topics do: "Zum Nachwuchs" is nobody's name."""
        return self.topic(text) != bare(text)

    def topic(self, text: str) -> str:
        """A line without "On" before it."""
        return topic(text, self.words, *self.languages)

    def _may_be_topic(self, i: int, heading: str) -> bool:
        """ "On corruption" on a line of its own; "On the other hand, we wait." is a sentence."""
        row = self.rows[i]
        if row.rank is not None or self._is_nested(i):
            return True
        listed = "li" in row.line.path or "dd" in row.line.path or "blockquote" in row.line.path
        return not listed and heading[-1] not in ".!?…" and not quoted(heading[:-1])

    def _leads(self, i: int) -> bool:
        """Whether a quotation follows a heading: in marks, or set as one."""
        following = next(worded(self.rows, i + 1, _NEAR), None)
        if following is None or following.rank is not None:
            return False
        text = following.text
        marked = opens(text[lead(text) :]) or bool(introduction(self.document, following))
        return marked or self.shape is not Shape.MARKED

    def _is_bold_name(self, row: Row, name: str) -> bool:
        """Whether a line is a name in bold with a role behind it: "**Ilse Varga** (biologist)"."""
        start, end = row.line.bolds[0] if row.line.bolds else (0, 0)
        short = len(row.text) <= _LONGEST_NAME and row.text[-1] not in ".!?…"
        return short and not quoted(row.text) and bare(self.document.text[start:end]).rstrip(",") == name

    def _is_nested(self, i: int) -> bool:
        """Whether a line is the item of a list that has a list of its own."""
        lines = [row.line for row in self.rows[i : i + 2]]
        return len(lines) == 2 and "li" in lines[0].path and lines[0].depth < lines[1].depth

    def _is_cell(self, i: int) -> bool:
        """Whether a line is a cell before a quotation in a row of a table, which is marked or the longest cell."""
        shared = self.rows[i + 1].path_shared(self.rows[i]) if i + 1 < len(self.rows) else ()
        if shared[-1:] != ("tr",):
            return False
        row = cells(self.rows, i)
        longest = max(row, key=lambda cell: len(cell.text))
        behind = row[row.index(self.rows[i]) + 1 :]
        return longest in behind or any(
            opens(cell.text[lead(cell.text) :]) and not is_mark(cell) for cell in behind
        )

    def _introduces(self, heading: str) -> bool:
        """ "Asked about the dykes, she said:" leads to a quotation and names no topic."""
        found = folded(heading)
        return bool(set(found) & self.words.grammar.said) or len(found) > 6

    # ── on the line of the quotation ─────────────────────────────────────────────────────────────

    def before(self, words: str, *, bold: bool) -> Head | None:
        """What stands before a quotation on its own line names: "On trust: “…”", "Mira Halden: “…”"."""
        heading = bare(words)
        if not heading or not (bold or words.rstrip().endswith((":", "：", "–", "—"))):
            return None
        heading = heading.rstrip(".") if bold else heading
        said = self.topic(heading)
        if said != heading:
            return Head(topic=said)
        if both := speaker_on(heading, self.words, self.document.text, *self.languages):
            return Head(*both)
        if name := self.person(heading):
            return Head(speaker=name)
        if bold and len(heading.split()) <= _LONGEST_INLINE_TOPIC and not self._introduces(heading):
            return Head(topic=heading)
        return None

    # ── people ───────────────────────────────────────────────────────────────────────────────────

    def person(self, heading: str) -> str:
        """The name in a line that is a person, with or without a role behind a comma; else ``""``."""
        name = apart_from_role(heading)[0]
        if not looks_like_name(name, self.words, cased=False):
            return ""
        cased = looks_like_name(name, self.words)
        described = cased and (
            name != heading or fold(name.split()[0].rstrip(".")) in self.words.grammar.polite
        )
        if cased and (described or name in self.people or self.post.names(name, heading)):
            return person(heading, self.words)
        caseless = self.is_caseless(name) and (name in self.people or self.post.names(name, heading))
        return name if caseless else ""

    def _people(self) -> Iterator[str]:
        """The names in lines that are set alike, where all look like names and something tells that they are.

        The post knows one of them, or they stand before their quotations, or there are several in a language that
        writes no topic in capitals.
        """
        for how, group in self._groups():
            known = sum(map(self.post.names, group))
            told = known or how == _INLINE or (len(group) > 1 and self._tells_names())
            cased = told and all(map(self._may_be_name, group))
            if cased or (2 * known > len(group) and all(map(self.is_caseless, group))):
                yield from group

    def _may_be_name(self, words: str) -> bool:
        """Whether words look like a name and not like a topic: "Der Hafen", "Geld und Boote"."""
        grammar = self.words.topics(*self.languages)[0]
        found = folded(words)
        topical = found[:1] and (found[0] in grammar.articles or not grammar.and_.isdisjoint(found))
        return not topical and looks_like_name(words, self.words)

    def is_caseless(self, name: str) -> bool:
        """Two or three words of a script without capitals, and no small ones."""
        found = folded(name)
        small = self.words.grammar.nameless
        short = looks_like_name(name, self.words, cased=False) and len(found) <= _LONGEST_CASELESS
        return short and not looks_like_name(name, self.words) and small.isdisjoint(found)

    def _tells_names(self) -> bool:
        """Whether a title in capitals would be a name: English writes topics so, too."""
        return self.languages[0] not in {"en", ""}

    def _groups(self) -> Iterator[tuple[object, set[str]]]:
        """The words of lines that may head quotations, by how they are set."""
        groups: dict[object, set[str]] = {}
        for i, row in enumerate(self.rows):
            text = row.text
            if introduced := bare(introduction(self.document, row)):
                groups.setdefault(_INLINE, set()).add(apart_from_role(introduced)[0])
            elif self._may_head(i, row, text) or self._may_sign(row, text):
                groups.setdefault(row.form, set()).add(apart_from_role(bare(text))[0])
        yield from groups.items()

    def _may_sign(self, row: Row, text: str) -> bool:
        """Whether a plain line is short and begins with what looks like a name."""
        name = apart_from_role(text)[0]
        return row.rank is None and len(text) <= _LONGEST_NAME and looks_like_name(name, self.words)

    def _may_head(self, i: int, row: Row, text: str) -> bool:
        if not text or opens(text[lead(text) :]) or len(tokens(text)) > _LONGEST_TOPIC:
            return False
        return row.rank is not None or self._is_cell(i)
