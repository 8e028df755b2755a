"""What an editor can choose from a post: every quote that was found in it, seen in its context; its videos and links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from digest.assemble.related import offered_posts, offered_videos, video_key
from digest.assemble.window import Material
from digest.model import IssueDocument, Pick, PickLink, PickQuote, PickVideo, Quote
from digest.text.links import canonical

AROUND = 160  # characters of context on each side


@dataclass(frozen=True, slots=True)
class QuoteChoice:
    """A quote that was found: its number in the post, from 1, and what stands around it; ``printed`` where it is."""

    number: int
    quote: Quote
    before: str
    after: str
    printed: PickQuote | None


@dataclass(frozen=True, slots=True)
class VideoChoice:
    """A video under a pick, or one that could stand there."""

    shown: PickVideo
    chosen: bool


@dataclass(frozen=True, slots=True)
class LinkChoice:
    """A related post under a pick, or one that could stand there."""

    shown: PickLink
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """All that one post offers; ``own`` are printed quotes that an editor picked out by hand."""

    quotes: tuple[QuoteChoice, ...]
    own: tuple[PickQuote, ...]
    videos: tuple[VideoChoice, ...]
    links: tuple[LinkChoice, ...]


def choices_of(document: IssueDocument, pick: Pick, material: Material | None) -> Choices:
    """What can be chosen for a pick; of a post that is gone only what is there already."""
    quotes = _quotes(pick, material) if material else ()
    found = {choice.printed.id for choice in quotes if choice.printed}
    others = {canonical(other.url) for other in document.picks}
    videos = (*pick.videos, *(offered_videos(material) if material else ()))
    links = (*pick.related_posts, *(offered_posts(material, others) if material else ()))
    return Choices(
        quotes,
        tuple(shown for shown in pick.quotes if shown.id not in found),
        _videos(videos, len(pick.videos)),
        _links(links, len(pick.related_posts)),
    )


def _quotes(pick: Pick, material: Material) -> tuple[QuoteChoice, ...]:
    text = material.post.text
    return tuple(
        QuoteChoice(number, quote, _before(text, quote.start), _after(text, quote.end), _printed(pick, quote))
        for number, quote in enumerate(material.reading.quotes, 1)
    )


def _printed(pick: Pick, quote: Quote) -> PickQuote | None:
    """How the pick prints a quote, cut or not; None where it does not."""
    within = (
        shown for shown in pick.quotes if quote.start <= shown.quote.start and shown.quote.end <= quote.end
    )
    return next(within, None)


def _before(text: str, start: int) -> str:
    near = text[max(0, start - AROUND) : start]
    whole = near if start <= AROUND else near.partition(" ")[2]
    return " ".join(whole.split())


def _after(text: str, end: int) -> str:
    near = text[end : end + AROUND]
    whole = near if end + AROUND >= len(text) else near.rpartition(" ")[0]
    return " ".join(whole.split())


def _videos(found: Iterable[PickVideo], chosen: int) -> tuple[VideoChoice, ...]:
    """Each once; the first so many are those that stand there."""
    once: dict[tuple[str, str], VideoChoice] = {}
    for place, shown in enumerate(found):
        once.setdefault(video_key(shown.video), VideoChoice(shown, place < chosen))
    return tuple(once.values())


def _links(found: Iterable[PickLink], chosen: int) -> tuple[LinkChoice, ...]:
    once: dict[str, LinkChoice] = {}
    for place, shown in enumerate(found):
        once.setdefault(canonical(shown.link.url) or shown.link.url, LinkChoice(shown, place < chosen))
    return tuple(once.values())
