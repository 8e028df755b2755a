"""Key themes that a post lists itself, "Title: description", and those its labels give where it lists none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from digest.extract.headings import bulleted, lead
from digest.extract.marks import opens
from digest.extract.sections import Row, Section
from digest.extract.words import Words, fold
from digest.model import KeyTheme, ThemeOrigin
from digest.text.html import Document, Line
from digest.text.language import normalise

MOST_THEMES = 50
_LONGEST_TITLE = 120
_MOST_TITLE_WORDS = 14
_ITEMS = frozenset({"li", "dt", "dd", "td"})
_SEPARATOR = re.compile(r"\s*[:：](?=\s|$)\s*|\s+[–—-]+\s+|(?<=\w)—(?=\w)")
_COLON = re.compile(r"\s*[:：](?=\s|$)\s*")
_EDGES = " \u00a0:：–—-;"
_MOST_WORDS_BETWEEN_COMMAS = 5
_FEWEST_ENUMERATED = 3  # in a paragraph of its own
_COMMA = re.compile(r"\s*[,،、]\s*")
_NUMBER = re.compile(r"(?:^|(?<=\s))\(?\d{1,2}\)\s+")
_LIST = re.compile(r"\s*[;•·|]\s*")


def listed_themes(document: Document, sections: Iterable[Section], words: Words) -> tuple[KeyTheme, ...]:
    """The themes under headings of key themes, in order, each title once."""
    found: dict[str, tuple[str, str]] = {}
    for section in sections:
        for title, description in _themes(document, section, words):
            found.setdefault(title.casefold(), (title, description))
    themes = list(found.values())[:MOST_THEMES]
    return tuple(KeyTheme(title, description, ThemeOrigin.LISTED) for title, description in themes)


def derived_themes(labels: Iterable[str]) -> tuple[KeyTheme, ...]:
    """The labels of a post as themes."""
    titles = dict.fromkeys(title for label in labels if (title := normalise(label)))
    return tuple(KeyTheme(title, "", ThemeOrigin.DERIVED) for title in list(titles)[:MOST_THEMES])


def _themes(document: Document, section: Section, words: Words) -> Iterator[tuple[str, str]]:
    items = list(_items(document, section))
    first = section.rows[0].line if section.rows else section.heading
    behind = section.heading.start < first.start < section.heading.end
    if len(items) <= 1 and (behind or _is_enumeration(document, items, words)):
        yield from _enumerated(document.words(first), words)
        return
    for item in items:
        title, description = _theme(document, item)
        if title:
            yield title, description


def _is_enumeration(document: Document, items: Sequence[Sequence[Row]], words: Words) -> bool:
    """Whether the only paragraph of a section is a list of three themes or more, and no sentence."""
    rows = items[0] if items else ()
    if len(rows) != 1 or _ITEMS.intersection(rows[0].line.path) or rows[0].rank is not None:
        return False
    text = document.words(rows[0].line).rstrip()
    if len(_NUMBER.findall(text)) > 1:
        return True
    return len(_parts(text, words)) >= _FEWEST_ENUMERATED and not _COLON.search(text)


def _parts(text: str, words: Words) -> list[str]:
    """ "1) The dykes 2) the press", "the dykes; the press", "dykes, press and water" in parts.

    Commas part only where few words stand between them.
    """
    if len(_NUMBER.findall(text)) > 1:
        return _NUMBER.split(text)[1:]
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
    rows = [row for row in section.rows if row.line.start < row.line.end and "th" not in row.line.path]
    listed = any(_is_item(document, row) for row in rows)
    item: list[Row] = []
    for row in rows:
        if item and _continues(document, item, row):
            item.append(row)
            continue
        if listed and not _is_item(document, row) and row.rank is None:
            if item:
                break
            continue
        if not listed and not _may_be_theme(document, row):
            break
        if not listed or _is_item(document, row):
            yield from ([item] if item else [])
            item = [row]
    if item:
        yield item


def _is_item(document: Document, row: Row) -> bool:
    return bool(_ITEMS.intersection(row.line.path)) or bulleted(document.words(row.line))


def _continues(document: Document, item: Sequence[Row], row: Row) -> bool:
    """Whether a row says more of the theme before it: a deeper list, the next cell, a paragraph under its heading."""
    first, last = item[0], item[-1]
    if "dd" in row.line.path and "dt" in first.line.path:
        return True
    if row.line.block == first.line.block and bulleted(document.words(first.line)):
        return not bulleted(document.words(row.line))
    if row.line.depth > first.line.depth and _ITEMS.intersection(first.line.path):
        return True
    if "tr" in row.line.path or "li" in row.line.path or "dd" in row.line.path:
        innermost = {"tr", "li", "dd"} & set(row.line.path)
        shared = row.line.path[: row.shared(last.line)]
        return bool(innermost.intersection(shared)) and not bulleted(document.words(row.line))
    heads = last is first and first.rank is not None
    return heads and row.rank is None and not bulleted(document.words(row.line))


def _may_be_theme(document: Document, row: Row) -> bool:
    """A plain paragraph is a theme if it is a heading, has a title with a colon, or is no sentence."""
    text = document.words(row.line)
    if opens(text):
        return False
    if row.rank is not None or (row.line.bolds and row.line.bolds[0][0] == row.line.start):
        return True
    _, description = _split(text)
    return bool(description) or (len(text.split()) <= _MOST_TITLE_WORDS and text.rstrip()[-1] not in ".!?…")


# ── title and description ────────────────────────────────────────────────────────────────────────


def _theme(document: Document, item: Sequence[Row]) -> tuple[str, str]:
    first = item[0].line
    more = normalise(" ".join(document.words(row.line)[lead(document.words(row.line)) :] for row in item[1:]))
    if more and (item[0].rank is not None or not _splits(document, first)):
        return _plain(document.words(first)), more
    title, description = _bold_title(document, first) or _split(document.words(first))
    return title, f"{description} {more}".strip()


def _splits(document: Document, line: Line) -> bool:
    return bool((_bold_title(document, line) or _split(document.words(line)))[1])


def _bold_title(document: Document, line: Line) -> tuple[str, str] | None:
    """The bold words at the start of a line are the title, whatever stands between it and the description."""
    if not line.bolds or line.bold:
        return None
    start, end = line.bolds[0]
    if start - line.start > lead(document.words(line)) or end >= line.end:
        return None
    title = _plain(document.text[start:end]).removesuffix(".")
    inside = _COLON.search(title)
    if inside or not title:
        return None
    return title, normalise(document.text[end : line.end]).lstrip(_EDGES + ".").strip()


def _split(text: str) -> tuple[str, str]:
    """ "Title: description" at its first colon, else at its first dash; no separator, no description."""
    words = normalise(text[lead(text) :])
    for separator in (_COLON, _SEPARATOR):
        match = separator.search(words)
        if (
            match
            and 0 < match.start() <= _LONGEST_TITLE
            and len(words[: match.start()].split()) <= _MOST_TITLE_WORDS
        ):
            return words[: match.start()].strip(_EDGES), words[match.end() :].strip()
    return words.strip(_EDGES), ""


def _plain(text: str) -> str:
    words = normalise(text)
    return words[lead(words) :].strip(_EDGES)
