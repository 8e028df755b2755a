"""An entry and the page it leads to → the entry with the better text of the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from digest.collect.entries import distinct_videos
from digest.collect.stubs import is_cut
from digest.model import Entry
from digest.text.language import normalise
from digest.text.similar import words

LEAST_GAIN = 200  # code points that a page has to say more; a teaser with "Subscribe to read on" has fewer
_LEAST_ALONE = 400  # code points of a page that only its title speaks for
_RUN = 4  # words
_MOST_WORDS = 120  # of the stub that are looked for on the page
_FEWEST_WORDS = 8  # that can tell one text from another
_SAME_RUNS = 0.3  # of the stub's runs of words stand on the page: it is the page's beginning or an excerpt
_SAME_WORDS = 0.6  # of the stub's longer words do: it is a summary of it
_SOME_WORDS = 0.2
_LONG_WORD = 5


def completed(entry: Entry, page: Entry) -> Entry:
    """The entry with its page's text, or as it was where the page is no better.

    A page is better when it is about the same thing and says more. A wall of consent, a login or an error page that
    answers "200 OK" has neither the words of the entry nor its title, and a teaser says no more than the feed.
    What the feed says of the entry (identity, title, authors, dates, labels) stays; videos of both are kept.
    """
    if not is_better(entry, page):
        return entry
    return replace(
        entry,
        title=entry.title or page.title,
        authors=entry.authors or page.authors,
        published=entry.published or page.published,
        labels=entry.labels or page.labels,
        language=page.language or entry.language,
        html=page.html,
        text=page.text,
        summary=entry.summary or _own_summary(entry, page),
        videos=distinct_videos([*entry.videos, *page.videos]),
        comments=entry.comments or page.comments,
    )


def is_better(entry: Entry, page: Entry) -> bool:
    """Whether a page is the entry's own and says more than the entry does."""
    if len(page.text) < len(entry.text) + LEAST_GAIN:
        return False
    stub, whole = words(entry.text)[:_MOST_WORDS], words(page.text)
    if len(stub) >= _FEWEST_WORDS and (_has_runs(stub, whole) or _has_words(stub, whole)):
        return True
    return len(page.text) >= _LEAST_ALONE and _same_title(entry, page) and not _is_foreign(stub, whole)


def _has_runs(stub: Sequence[str], whole: Sequence[str]) -> bool:
    runs, there = _runs(stub), set(_runs(whole))
    return sum(run in there for run in runs) >= _SAME_RUNS * len(runs)


def _runs(found: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(*(islice(found, start, None) for start in range(_RUN)), strict=False))


def _has_words(stub: Sequence[str], whole: Sequence[str]) -> bool:
    telling = {word for word in stub if len(word) >= _LONG_WORD}
    return len(telling) >= _FEWEST_WORDS and len(telling & set(whole)) >= _SAME_WORDS * len(telling)


def _is_foreign(stub: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether hardly a word of what the entry says is on the page: a wall that keeps the title of what it hides."""
    telling = {word for word in stub if len(word) >= _LONG_WORD}
    return len(telling) >= _FEWEST_WORDS and len(telling & set(whole)) < _SOME_WORDS * len(telling)


def _same_title(entry: Entry, page: Entry) -> bool:
    """Whether one title has the other's words, as "The dam – Elm Valley" has those of "The dam"."""
    mine, its = set(words(entry.title)), set(words(page.title))
    return bool(mine and its) and (mine <= its or its <= mine) and 2 * len(mine & its) >= len(mine | its)


def _own_summary(entry: Entry, page: Entry) -> str:
    """What the feed gave instead of the text, where it is a summary and not the text's beginning."""
    said = normalise(entry.text)
    return "" if is_cut(said) or normalise(page.text).startswith(said) else said
