"""What of an issue is shown: cleaned, narrowed to a reader's choice of themes, cut to a size."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeVar, cast

from digest.model import Group, IssueDocument, ListedPost, Pick, PickQuote
from digest.text.language import clean, normalise, shorten

T = TypeVar("T")

TITLE_LIMIT = 50  # characters of a subject that a phone shows
SUMMARY_LIMIT = 300  # characters


@dataclass(frozen=True, slots=True)
class Headline:
    """The quote of the week and the pick it stands in."""

    pick: Pick
    quote: PickQuote


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as one mail or page shows it; ``more`` counts the picks of a group that were left out, by anchor."""

    document: IssueDocument
    more: Mapping[str, int]
    more_listed: int = 0

    @property
    def headline(self) -> Headline | None:
        """The quote of the week, if its pick is shown."""
        return headline(self.document)

    def values(self) -> Mapping[str, object]:
        """What templates get of it."""
        return {
            "issue": self.document,
            "headline": self.headline,
            "more": self.more,
            "more_listed": self.more_listed,
            "listed_url": listed_url,
        }


def cleaned(value: T) -> T:
    """The value with every text in it cleaned (``text.language.clean``): one control character would break a feed.

    What is clean, as nearly everything is, is given back as it is, and not copied.
    """
    if type(value) is str:  # a StrEnum is a str too, and has nothing to clean
        return cast(T, clean(str(value)))
    if isinstance(value, tuple):
        parts = tuple(map(cleaned, value))
        return value if all(map(operator.is_, parts, value)) else cast(T, parts)
    changed = {}
    for name in _field_names(cast(type, type(value))):
        before = getattr(value, name)
        after = cleaned(before)
        if after is not before:
            changed[name] = after
    return replace(cast(Any, value), **changed) if changed else value


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass; of any other kind of value none."""
    return tuple(part.name for part in fields(kind)) if is_dataclass(kind) else ()


def headline(document: IssueDocument) -> Headline | None:
    """The quote of the week with its pick, or None where the issue has none."""
    wanted = document.quote_of_the_week
    return next(
        (
            Headline(pick, quote)
            for pick in document.picks
            for quote in pick.quotes
            if wanted and quote.id == wanted
        ),
        None,
    )


def narrow(document: IssueDocument, choice: str) -> IssueDocument | None:
    """The issue for one choice of themes: "" is everything, else slugs joined by ",".

    Subject, title and quote of the week come from the chosen themes only; what stands under no theme is left
    out. None where nothing is left. An issue that has only its editor's words is for everybody.
    """
    if not choice or (document.introduction and not document.posts):
        return document
    chosen = set(choice.split(",")) - {""}
    groups = tuple(group for group in document.groups if group.slug in chosen and group.picks)
    if not groups:
        return None
    if groups == document.groups:
        return replace(document, new_videos=(), also_published=())
    narrowed = replace(document, groups=groups, new_videos=(), also_published=())
    title = _title(groups)
    return replace(
        narrowed,
        title=title,
        subject=title,
        quote_of_the_week=_week_quote(narrowed),
    )


def _title(groups: tuple[Group, ...]) -> str:
    """The first themes that fit into a subject, at least one."""
    title = groups[0].title
    for group in groups[1:]:
        longer = f"{title} · {group.title}"
        if len(longer) > TITLE_LIMIT:
            break
        title = longer
    return title


def _week_quote(document: IssueDocument) -> str:
    """The issue's own quote of the week if it is still there, else the best pick's first quote with a speaker."""
    if headline(document):
        return document.quote_of_the_week
    best_first = sorted(document.picks, key=lambda pick: -pick.score)
    return next((quote.id for pick in best_first for quote in pick.quotes if quote.quote.speaker), "")


def summary(document: IssueDocument) -> str:
    """What the issue is about, as plain text: the introduction, else the titles of its first picks."""
    text = document.introduction or " · ".join(pick.title for pick in document.picks) or document.title
    return shorten(text, SUMMARY_LIMIT, document.language) or document.digest_title


def subject_line(text: str) -> str:
    """A subject in one line that no mail program takes for an encoded word (RFC 2047 §2)."""
    return normalise(text).replace("=?", "= ?")


def abridged(document: IssueDocument, picks: int, listed: int) -> Shown:
    """At most that many picks, cut from the end of the longest groups, and that many posts in each list of titles."""
    sizes = [len(group.picks) for group in document.groups]
    for _ in range(max(sum(sizes) - picks, 0)):
        sizes[_last_longest(sizes)] -= 1
    groups = tuple(
        replace(group, picks=group.picks[:size]) for group, size in zip(document.groups, sizes, strict=True)
    )
    more = {group.anchor: len(group.picks) - size for group, size in zip(document.groups, sizes, strict=True)}
    lists = (document.new_videos, document.also_published)
    new_videos, also_published = (posts[:listed] for posts in lists)
    return Shown(
        replace(document, groups=groups, new_videos=new_videos, also_published=also_published),
        more,
        sum(len(posts) - listed for posts in lists if len(posts) > listed),
    )


def _last_longest(sizes: Sequence[int]) -> int:
    """Of groups that are equally long the last one gives way: editors put first what matters most."""
    return max(range(len(sizes)), key=lambda index: (sizes[index], index))


def listed_url(post: ListedPost) -> str:
    """Where the title of a listed post leads: the video's own page if it is one."""
    return post.video.url if post.video else post.url
