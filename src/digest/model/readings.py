"""What extraction reads in a post: quotes, key themes, related posts and videos."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from digest.model.sources import Link, Video


class QuoteOrigin(StrEnum):
    """Where a quote was found."""

    LISTED = "listed"  # the post lists it under its key quotes
    PROSE = "prose"
    EDITOR = "editor"


class ThemeOrigin(StrEnum):
    """Where a key theme was found."""

    LISTED = "listed"
    DERIVED = "derived"


SPAN_JOINT = " […] "
OPENING = SPAN_JOINT.lstrip()  # before a quote whose beginning an editor has cut off
CLOSING = SPAN_JOINT.rstrip()  # after one whose end was cut off

Span = tuple[int, int]  # (start, end), code points, end exclusive


@dataclass(frozen=True, slots=True)
class Quote:
    """Words verbatim from one revision of a post.

    ``spans`` are (start, end) offsets into the post's text, in code points, in order; ``text`` is the
    spans, each after ``text.language.normalise``, joined by ``SPAN_JOINT``; where an editor has cut an end, it is
    marked by ``OPENING`` or ``CLOSING``.
    """

    text: str
    speaker: str  # "" where unknown
    topics: tuple[str, ...]
    spans: tuple[Span, ...]
    origin: QuoteOrigin
    confidence: float  # 0–1: how sure we are of the speaker and that this is a quotation
    link: str  # the post's address with a text fragment (WICG scroll-to-text-fragment)
    key: float = (
        1.0  # 0–1: how much it is worth printing among the quotes of its post; 1 if the post lists it
    )

    @property
    def start(self) -> int:
        """Outer bound, inclusive."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Outer bound, exclusive."""
        return self.spans[-1][1]


@dataclass(frozen=True, slots=True)
class KeyTheme:
    """A subject that a post itself lists under its key themes, or that was derived from it."""

    title: str
    description: str
    origin: ThemeOrigin


@dataclass(frozen=True, slots=True)
class Reading:
    """What extraction read in one post."""

    summary: str = ""
    themes: tuple[KeyTheme, ...] = ()
    quotes: tuple[Quote, ...] = ()
    related_posts: tuple[Link, ...] = ()
    related_videos: tuple[Video, ...] = ()  # platform and id are "" for a link to no known platform
    embedded_videos: tuple[Video, ...] = ()
