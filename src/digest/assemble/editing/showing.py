"""Which videos and related posts an editor wants under a pick."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import TypeVar

from digest.assemble import arranging
from digest.assemble.editing.change import Change, Stock
from digest.assemble.related import video_key
from digest.errors import DigestError, NotFoundError
from digest.model import IssueDocument, Pick, PickLink, PickVideo, Video
from digest.text.links import canonical, video

T = TypeVar("T")

MOST_SHOWN = 12  # videos or related posts under one pick


def without_videos(document: IssueDocument, addresses: Sequence[str]) -> IssueDocument:
    """The document without the videos of these addresses, wherever they stand.

    Raises:
        NotFoundError: the issue shows no such video.
    """
    for address in addresses:
        hidden = _video(address)
        groups = [
            replace(group, picks=tuple(_without_video(pick, hidden) for pick in group.picks))
            for group in document.groups
        ]
        listed = tuple(
            each for each in document.new_videos if not each.video or video_key(each.video) != hidden
        )
        shown = arranging.grouped(replace(document, new_videos=listed), groups)
        if shown == document:
            raise NotFoundError(f"{document.id} shows no video {address}; see: digest show {document.id}")
        document = shown
    return document


def with_videos(document: IssueDocument, change: Change, stock: Stock) -> IssueDocument:
    """The document with the videos that the change puts under its picks; none stands in two places.

    Raises:
        NotFoundError: the issue has no such post, or the post no such video.
        DigestError: there are too many.
    """
    for name, addresses in change.videos:
        pick = arranging.pick_of(document, name)
        offered = (*pick.videos, *stock.videos.get(pick.post, ()))
        chosen = _chosen(pick, addresses, offered, _video, _key_of_video)
        taken = {_key_of_video(each) for each in chosen}
        for key in taken:
            others = [_without_video(other, key) for other in document.picks]
            document = _repicked(document, others)
        listed = tuple(
            each for each in document.new_videos if not each.video or video_key(each.video) not in taken
        )
        bare = arranging.pick_of(document, name)
        document = replace(document, new_videos=listed)
        document = arranging.changed(document, bare, replace(bare, videos=chosen))
    return document


def with_related(document: IssueDocument, change: Change, stock: Stock) -> IssueDocument:
    """The document with the related posts that the change puts under its picks.

    Raises:
        NotFoundError: the issue has no such post, or nothing offers such a related one.
        DigestError: there are too many.
    """
    for name, addresses in change.related:
        pick = arranging.pick_of(document, name)
        offered = (*pick.related_posts, *stock.related.get(pick.post, ()))
        chosen = _chosen(pick, addresses, offered, _address, _key_of_link)
        document = arranging.changed(document, pick, replace(pick, related_posts=chosen))
    return document


def _chosen(
    pick: Pick,
    addresses: Sequence[str],
    offered: Sequence[T],
    key_of_address: Callable[[str], Hashable],
    key_of: Callable[[T], Hashable],
) -> tuple[T, ...]:
    """What is offered under these addresses, each once, in their order."""
    by_key = {key_of(each): each for each in reversed(offered)}
    keys = dict.fromkeys(key_of_address(address) for address in addresses)
    if len(keys) > MOST_SHOWN:
        raise DigestError(f"“{pick.title}” can show {MOST_SHOWN} at most; {len(keys)} were chosen.")
    for address in addresses:
        if key_of_address(address) not in by_key:
            raise NotFoundError(f"“{pick.title}” offers no {address} to choose from.")
    return tuple(by_key[key] for key in keys)


def _repicked(document: IssueDocument, picks: Sequence[Pick]) -> IssueDocument:
    by_post = {pick.post: pick for pick in picks}
    groups = [
        replace(group, picks=tuple(by_post[pick.post] for pick in group.picks)) for group in document.groups
    ]
    return arranging.grouped(document, groups)


def _without_video(pick: Pick, hidden: Hashable) -> Pick:
    return replace(pick, videos=tuple(each for each in pick.videos if _key_of_video(each) != hidden))


def _video(address: str) -> Hashable:
    return video_key(video(address) or Video("", "", address))


def _key_of_video(shown: PickVideo) -> Hashable:
    return video_key(shown.video)


def _address(address: str) -> Hashable:
    return canonical(address) or address


def _key_of_link(shown: PickLink) -> Hashable:
    return _address(shown.link.url)
