"""How much of an issue goes into a mail: what gives way first, and where that ends.

Gmail cuts a mail near 102 KB, with the way to unsubscribe at its end. What does not fit is given up in this order, each
step only where the one before did not do:

1. of the lists at the end, all but the first titles;
2. related posts;
3. further quotes, so that each post keeps one beside the quote of the week, and one that is a text by itself;
4. of what is said about a post, all but the first two lines;
5. the last posts of the longest groups, counted and linked as "more on the web", in the end whole groups.
"""

from __future__ import annotations

from binascii import b2a_qp
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import replace

from digest.errors import DigestError
from digest.model import IssueDocument, Pick, PickQuote
from digest.publish import shown
from digest.publish.shown import Shown
from digest.text.language import shorten

HTML_LIMIT = 95_000  # bytes: Gmail cuts a mail near 102 KB,
TRANSFER_LIMIT = 102_000  # in which the encoding for transfer counts too
LISTED_LIMIT = 20  # titles in each list at the end of a mail
FEW_LISTED = 5  # of them, where room is short
LONG_QUOTE = 1_000  # characters
SHORT_BLURB = 160


def fitted(document: IssueDocument, html_of: Callable[[Shown], str]) -> tuple[Shown, str]:
    """As much of the issue as fits, and its HTML; ``html_of`` is asked some ten times where it is far too long.

    Raises:
        DigestError: what stands around the posts is too long by itself.
    """
    picks = len(document.picks)
    for thinned, listed in _thinner(document):
        part = _abridged(thinned, picks, listed)
        html = html_of(part)
        if fill(html) <= 1:
            return part, html
    most = _most(picks, lambda count: fill(html_of(_abridged(thinned, count, FEW_LISTED))) <= 1)
    if most is None:
        raise DigestError(
            f"The mail of {document.id} is too long even without its posts; shorten its introduction or notes."
        )
    part = _abridged(thinned, most, FEW_LISTED)
    return part, html_of(part)


def _thinner(document: IssueDocument) -> Iterator[tuple[IssueDocument, int]]:
    """The issue and the titles in each of its lists, step by step with less."""
    yield document, LISTED_LIMIT
    yield document, FEW_LISTED
    bare = _each_pick(document, lambda pick: replace(pick, related_posts=()))
    yield bare, FEW_LISTED
    week = document.quote_of_the_week
    quoted = _each_pick(bare, lambda pick: replace(pick, quotes=_one_quote(pick, week)))
    yield quoted, FEW_LISTED
    yield _each_pick(quoted, _with_short_blurb), FEW_LISTED


def _abridged(document: IssueDocument, picks: int, listed: int) -> Shown:
    """At most so many picks and titles. A group that has none left is only counted, at the end of the mail."""
    part = shown.abridged(document, picks, listed)
    left = tuple(group for group in part.document.groups if group.picks)
    gone = sum(part.more[group.anchor] for group in part.document.groups if not group.picks)
    return replace(part, document=replace(part.document, groups=left), more_listed=part.more_listed + gone)


def _each_pick(document: IssueDocument, change: Callable[[Pick], Pick]) -> IssueDocument:
    groups = tuple(replace(group, picks=tuple(map(change, group.picks))) for group in document.groups)
    return replace(document, groups=groups)


def _one_quote(pick: Pick, week: str) -> tuple[PickQuote, ...]:
    """The quote of the week, which stands elsewhere, and the first of the others that is not too long."""
    others = [quote for quote in pick.quotes if quote.id != week and len(quote.quote.text) <= LONG_QUOTE]
    return tuple(quote for quote in pick.quotes if quote.id == week or quote in others[:1])


def _with_short_blurb(pick: Pick) -> Pick:
    return replace(pick, blurb=shorten(pick.blurb, SHORT_BLURB, pick.language))


def _most(below: int, fits: Callable[[int], bool]) -> int | None:
    """The largest number under ``below`` that fits, where smaller ones do, too; None where not even 0 does."""
    return bisect_right(range(below), False, key=lambda number: not fits(number)) - 1 if fits(0) else None


def fill(html: str) -> float:
    """How much of what Gmail shows is used; 1 is all. In transfer a body takes the shorter of its two encodings."""
    data = html.encode()
    quoted = b2a_qp(data)
    printable = len(quoted) + quoted.count(b"\n")  # lines end in CRLF on their way
    base64 = len(data) * 78 // 57  # lines of 76 characters for 57 bytes
    return max(len(data) / HTML_LIMIT, min(printable, base64) / TRANSFER_LIMIT)
