"""Key themes that a post lists itself: "Title: description", in any markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from digest.extract.headings import bulleted, lead
from digest.extract.listed.sections import Section
from digest.extract.marks import opens
from digest.extract.rows import Row, heads_column
from digest.extract.words import Kind, Words, fold
from digest.model import KeyTheme, Span, ThemeOrigin
from digest.text.html import Document, Line
from digest.text.language import normalise

MOST_THEMES = 50
_LONGEST_TITLE = 120
_MOST_TITLE_WORDS = 14
_ITEMS = frozenset({"li", "dt", "dd", "td", "th"})
_COLON = re.compile(r"\s*[:：](?=\s|$)\s*")
_DASH = re.compile(r"\s+[–—-]+\s+|(?<=\w)—(?=\w)")
_SIGN = re.compile(r"\s*(?:→|⇒|➔|➜|←|⇐|=>|->|\|)\s*|\s+=\s+")
_STOP = re.compile(r"\.\s+(?=\S)")
_SEPARATORS = (_COLON, _SIGN, _DASH)
_SIGNS = frozenset(".:：–—-→⇒➔←⇐|")
_MOST_WORDS_BEFORE_STOP = 6
_FEWEST_ALIKE = 2
_EDGES = " \u00a0:：–—-;→⇒➔←⇐|"
_MOST_WORDS_BETWEEN_COMMAS = 5
_FEWEST_ENUMERATED = 3  # in a paragraph of its own
_ENDS_SENTENCE = ".!?…"
_FEWEST_OF_SENTENCE = 6  # words
_COMMA = re.compile(r"\s*[,،、]\s*")
_NUMBER = re.compile(r"(?:^|(?<=\s))\(?\d{1,2}\)\s+")
_COUNTER = re.compile(r"[\W_]*\d{1,3}[\W_]*")  # "01", "№ 3": all that some lines and cells say
_MOST_WORDS_OF_MORE = 60  # of a description in several paragraphs
_LIST = re.compile(r"\s*[;•·|]\s*")
_LABEL = re.compile(r"([^\W\d_]{3,20})\s+[#№]?\d{1,2}\s*[:：.)–—-]\s*(?=\S)")
_HASHTAG = re.compile(r"(?:^|\s)[#＃](?=\w)")


def listed_themes(document: Document, sections: Iterable[Section], words: Words) -> tuple[KeyTheme, ...]:
    """The themes under headings of key themes, in order, each title once."""
    found: dict[str, tuple[str, str]] = {}
    for section in sections:
        for title, description in _themes(document, section, words):
            found.setdefault(title.casefold(), (title, description))
    themes = list(found.values())[:MOST_THEMES]
    return tuple(KeyTheme(title, description, ThemeOrigin.LISTED) for title, description in themes)


def _themes(document: Document, section: Section, words: Words) -> Iterator[tuple[str, str]]:
    items = list(_items(document, section))
    first = section.rows[0].line if section.rows else section.heading
    behind = section.heading.start < first.start < section.heading.end
    if len(items) <= 1 and (behind or _is_enumeration(items, words)):
        yield from _enumerated(document.words(first if behind else items[0][0].line), words)
        return
    separators = _separators([item[0].text for item in items])
    for item in items:
        title, description = _theme(document, item, separators)
        if title := _without_label(title, words):
            yield title, description


def _without_label(title: str, words: Words) -> str:
    """ "The dykes" for "Theme 1: The dykes"."""
    label = _LABEL.match(title)
    known = label and words.is_noun(Kind.THEMES, fold(label[1]))
    return title[label.end() :] if label and known else title


def _is_enumeration(items: Sequence[Sequence[Row]], words: Words) -> bool:
    """Whether the only paragraph of a section is a list of three themes or more, and no sentence."""
    rows = items[0] if items else ()
    if len(rows) != 1 or _ITEMS.intersection(rows[0].line.path) or rows[0].rank is not None:
        return False
    text = rows[0].text.rstrip()
    if len(_NUMBER.findall(text)) > 1 or len(_HASHTAG.findall(text)) > 1:
        return True
    return len(_parts(text, words)) >= _FEWEST_ENUMERATED and not _COLON.search(text)


def _parts(text: str, words: Words) -> list[str]:
    """ "1) The dykes 2) the press", "the dykes; the press", "dykes, press and water" in parts.

    Commas part only where few words stand between them.
    """
    for sign in _NUMBER, _HASHTAG:
        if len(sign.findall(text)) > 1:
            return sign.split(text)[1:]
    parts = _LIST.split(text)
    if len(parts) > 1 or any(len(part.split()) > _MOST_WORDS_BETWEEN_COMMAS for part in text.split(",")):
        return parts
    parts = _COMMA.split(text)
    return [*parts[:-1], *_last_parts(parts[-1], words)] if len(parts) > 1 else parts


def _last_parts(text: str, words: Words) -> list[str]:
    """ "press and water", "and water" without the "and"."""
    found = text.split()
    at = next((i for i, word in enumerate(found) if fold(word) in words.grammar.and_), None)
    parts = [text] if at is None else [" ".join(found[:at]), " ".join(found[at + 1 :])]
    return [part for part in parts if part]


def _enumerated(text: str, words: Words) -> Iterator[tuple[str, str]]:
    """Themes behind their heading on one line: "Key themes: the dykes; the press", "dykes, press and water"."""
    for part in _parts(text, words):
        title, description = _split(part)
        if title:
            yield title if description else title.rstrip(" ."), description


# ── which rows are one item ──────────────────────────────────────────────────────────────────────


def _items(document: Document, section: Section) -> Iterator[list[Row]]:
    """The rows of each theme; ends where the list is over."""
    every = section.rows
    rows = [row for i, row in enumerate(every) if _says_something(row) and not heads_column(every, i)]
    listed = _is_listed(rows)
    last = {row.form: i for i, row in enumerate(rows)}
    item: list[Row] = []
    for i, (row, following) in enumerate(zip(rows, [*rows[1:], None], strict=False)):
        if item and (_continues(item, row) or (last[item[0].form] > i and _goes_on(item, row))):
            item.append(row)
        elif _begins(document, row, following, listed=listed):
            yield from ([item] if item else [])
            item = [row]
        elif item and not (listed and row.rank is not None):
            break
    if item:
        yield item


def _says_something(row: Row) -> bool:
    """Whether a line has words: not only a number, or an ornament."""
    return any(map(str.isalpha, row.text)) and not _COUNTER.fullmatch(row.text)


def _is_listed(rows: Sequence[Row]) -> bool:
    """Whether the themes of a section are items of a list: of what may be themes one line at most stands before it."""
    before = list(takewhile(lambda row: not _is_item(row), rows))
    return len(before) < len(rows) and sum(_may_be_theme(row) for row in before) < _FEWEST_ALIKE


def _begins(document: Document, row: Row, following: Row | None, *, listed: bool) -> bool:
    """Whether a row begins a theme: it is an item, or, where nothing is, a paragraph that may be one.

    A short line that a sentence follows heads a chapter of the post instead.
    """
    if listed:
        return _is_item(row)
    if _is_item(row) or not _may_be_theme(row):
        return False
    plain = row.rank is None and not _splits(document, row.line)
    return not (plain and following and following.rank is None and _is_sentence(following.text))


def _is_sentence(text: str) -> bool:
    return text[-1:] in set(_ENDS_SENTENCE) and len(text.split()) > _FEWEST_OF_SENTENCE


def _is_item(row: Row) -> bool:
    return bool(_ITEMS.intersection(row.line.path)) or bulleted(row.text)


def _continues(item: Sequence[Row], row: Row) -> bool:
    """Whether a row says more of the theme before it: a deeper list, the next cell, a paragraph under its heading."""
    first, last = item[0], item[-1]
    if "dd" in row.line.path and "dt" in first.line.path:
        return True
    if row.line.block == first.line.block and bulleted(first.text):
        return not bulleted(row.text)
    if _is_set(first.line) and _is_set(row.line) and not row.line.bold:
        return False
    if row.rank is not None and row.form == first.form and row.line.block != first.line.block:
        return False
    if row.line.depth > first.line.depth and _ITEMS.intersection(first.line.path):
        return True
    if "tr" in row.line.path or "li" in row.line.path or "dd" in row.line.path:
        innermost = {"tr", "li", "dd"} & set(row.line.path)
        shared = row.line.path[: row.shared(last.line)]
        return bool(innermost.intersection(shared)) and not bulleted(row.text)
    heads = last is first and first.rank is not None and not _ITEMS.intersection(first.line.path)
    return heads and row.rank is None and not bulleted(row.text)


def _goes_on(item: Sequence[Row], row: Row) -> bool:
    """Whether a row is another paragraph under the heading of a theme, which is for certain where one more follows."""
    heads = item[0].rank is not None and not _ITEMS.intersection(item[0].line.path)
    short = sum(len(each.text.split()) for each in (*item, row)) <= _MOST_WORDS_OF_MORE
    return heads and short and row.rank is None and not bulleted(row.text)


def _is_set(line: Line) -> bool:
    """Whether a line begins with bold words and goes on without: a title and its description."""
    return bool(line.bolds) and not line.bold and line.bolds[0][0] == line.start


def _may_be_theme(row: Row) -> bool:
    """A plain paragraph is a theme if it is a heading, has a title with a colon, or is no sentence."""
    text = row.text
    if opens(text):
        return False
    if row.rank is not None or (row.line.bolds and row.line.bolds[0][0] == row.line.start):
        return True
    _, description = _split(text)
    return bool(description) or (
        len(text.split()) <= _MOST_TITLE_WORDS and text.rstrip()[-1] not in _ENDS_SENTENCE
    )


# ── title and description ────────────────────────────────────────────────────────────────────────


def _separators(texts: Sequence[str]) -> Sequence[re.Pattern[str]]:
    """What parts title and description in a list, the most usual in it first: a list has one habit.

    A full stop does where it ends some very few words in at least two items and nothing else parts them.
    """
    counts = {
        separator: [cut for text in texts if (cut := _cut(text, separator))] for separator in _SEPARATORS
    }
    by_use = sorted(
        counts, key=lambda separator: (-len(counts[separator]), min(counts[separator], default=0))
    )
    if any(counts.values()) or sum(bool(_cut(text, _STOP)) for text in texts) < _FEWEST_ALIKE:
        return by_use
    return (_STOP,)


def _cut(text: str, separator: re.Pattern[str]) -> int:
    """Where a separator ends the title of an item, or 0."""
    words = normalise(text[lead(text) :])
    match = separator.search(words)
    title = words[: match.start()] if match else ""
    most = _MOST_WORDS_BEFORE_STOP if separator is _STOP else _MOST_TITLE_WORDS
    fits = title and len(title) <= _LONGEST_TITLE and len(title.split()) <= most
    return len(title) if fits else 0


def _theme(document: Document, item: Sequence[Row], separators: Sequence[re.Pattern[str]]) -> tuple[str, str]:
    first = item[0].line
    more = normalise(" ".join(row.text[lead(row.text) :] for row in item[1:]))
    if more and (item[0].rank is not None or not _splits(document, first)):
        return _plain(document.words(first)), more
    title, description = _set_title(document, first) or _split(document.words(first), separators)
    return title, f"{description} {more}".strip()


def _splits(document: Document, line: Line) -> bool:
    return bool((_set_title(document, line) or _split(document.words(line)))[1])


def _set_title(document: Document, line: Line) -> tuple[str, str] | None:
    """The bold words at the start of a line are the title, whatever parts them from the description; so are italic
    ones that a full stop or another sign follows."""
    if found := _leading(document, line, line.bolds, whole=line.bold):
        return found
    found = _leading(document, line, line.italics, whole=line.italic)
    behind = document.text[line.italics[0][1] : line.end].lstrip() if found else ""
    return found if behind[:1] in _SIGNS else None


def _leading(document: Document, line: Line, spans: Sequence[Span], *, whole: bool) -> tuple[str, str] | None:
    if not spans or whole:
        return None
    start, end = spans[0]
    if start - line.start > lead(document.words(line)) or end >= line.end:
        return None
    title = _plain(document.text[start:end]).removesuffix(".")
    inside = _COLON.search(title)
    if inside or not title:
        return None
    return title, normalise(document.text[end : line.end]).lstrip(_EDGES + ".,،").strip()


def _split(text: str, separators: Sequence[re.Pattern[str]] = ()) -> tuple[str, str]:
    """Title and description at the first of these separators that is there; none, no description."""
    words = normalise(text[lead(text) :])
    for separator in separators or _SEPARATORS:
        if cut := _cut(text, separator):
            match = separator.match(words, cut)
            return words[:cut].strip(_EDGES), words[match.end() if match else cut :].strip()
    return words.strip(_EDGES), ""


def _plain(text: str) -> str:
    words = normalise(text)
    return words[lead(words) :].strip(_EDGES)
