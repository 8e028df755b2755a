"""What an editor wants changed, and what that draws on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from digest.model import IssueDocument, PickLink, PickVideo, Quote, Theme


@dataclass(frozen=True, slots=True)
class NewNote:
    """What an editor adds by hand: words, a titled link, or both; ``group`` names the theme at whose head it stands."""

    text: str = ""
    url: str = ""
    title: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What an editor wants changed; what is None or empty stays. A post is named by its address or its key."""

    title: str | None = None
    subject: str | None = None
    introduction: str | None = None
    add: Sequence[str] = ()  # stored posts, also those that came since it was drafted
    drop: Sequence[str] = ()  # never in an issue of the digest
    later: Sequence[str] = ()  # not in this one; it is open for the next
    move: Sequence[tuple[str, str]] = ()  # post and slug of its new theme
    blurbs: Sequence[tuple[str, str]] = ()  # post and what is said of it
    places: Sequence[tuple[str, int]] = ()  # post and its place in its theme, from 1
    pin: Sequence[str] = ()  # posts that stay at the head of their theme
    unpin: Sequence[str] = ()
    themes: Sequence[str] = ()  # that stand first, in this order
    quotes: Sequence[tuple[str, Sequence[int]]] = ()  # post and numbers of the quotes read in it, from 1
    excerpts: Sequence[
        tuple[str, str, str]
    ] = ()  # post, words of it that are printed, and who says them or ""
    cuts: Sequence[
        tuple[str, str]
    ] = ()  # id of a printed quote and what is left of its words, cut at its ends
    speakers: Sequence[tuple[str, str]] = ()  # id of a printed quote and who says it; "" for nobody
    best: str | None = None  # the id of the quote of the week; "" for none
    hide: Sequence[str] = ()  # addresses of videos that are shown no longer
    videos: Sequence[tuple[str, Sequence[str]]] = ()  # post and addresses of the videos that stand under it
    related: Sequence[tuple[str, Sequence[str]]] = ()  # post and addresses of the related posts under it
    names: Sequence[tuple[str, str]] = ()  # a name as it is spelt, and as it should be
    notes: Sequence[NewNote] = ()
    unnote: Sequence[str] = ()  # ids of notes


@dataclass(frozen=True, slots=True)
class Stock:
    """What a change may draw on besides the issue.

    Args:
        themes: of the digest, in the order of the issue.
        added: what the posts of ``Change.add`` make of themselves.
        quotes: what is read in the posts of ``Change.quotes``, by post key.
        texts: of the posts of ``Change.excerpts`` and ``Change.cuts``, in the revisions that the issue shows, by post key.
        videos: that the posts of ``Change.videos`` can show, by post key.
        related: that the posts of ``Change.related`` can point to, by post key.
    """

    themes: Sequence[Theme] = ()
    added: Sequence[IssueDocument] = ()
    quotes: Mapping[str, Sequence[Quote]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    videos: Mapping[str, Sequence[PickVideo]] = field(default_factory=dict)
    related: Mapping[str, Sequence[PickLink]] = field(default_factory=dict)
