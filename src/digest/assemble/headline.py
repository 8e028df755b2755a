"""An issue's title and subject: from its strongest themes, short, and never cut in a word."""

from __future__ import annotations

from collections.abc import Sequence

from digest.model import Group
from digest.text.language import normalise

COMFORTABLE = 50  # characters that a phone shows of a subject
MOST_THEMES = 3
SEPARATOR = " · "  # the same in every language


def title(groups: Sequence[Group], fallback: str) -> str:
    """The strongest themes that fit in 50 characters; without themes, the words of the best pick's title.

    Args:
        groups: of the issue; the strength of one is what its picks score together.
        fallback: for an issue without picks: the digest's own title.
    """
    themed = [group for group in groups if group.slug and group.picks]
    if themed:
        strongest = sorted(themed, key=_strength, reverse=True)  # stable: of equals the first
        return _joined([shortened(group.title) for group in strongest])
    best = max((pick for group in groups for pick in group.picks), key=lambda pick: pick.score, default=None)
    return shortened(best.title if best else fallback)


def _strength(group: Group) -> float:
    return round(sum(pick.score for pick in group.picks), 4)


def _joined(titles: Sequence[str]) -> str:
    line = titles[0]
    for following in titles[1:MOST_THEMES]:
        longer = line + SEPARATOR + following
        if len(longer) <= COMFORTABLE:
            line = longer
    return line


def shortened(text: str, limit: int = COMFORTABLE) -> str:
    """The text in at most ``limit`` characters, cut between words; one longer word stays whole, up to three times that."""
    text = normalise(text)
    if len(text) <= limit:
        return text
    head, space, _ = text[:limit].rpartition(" ")
    if not space:
        head = text[: 3 * limit].partition(" ")[0]
        return head if head == text else head + "…"
    return head.rstrip(" ,;:–—-·") + "…"
