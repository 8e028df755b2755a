"""The pictures of an issue: which there are, and where they stand in the tree and on the web."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from digest.model import Group, IssueDocument, ListedPost, PickVideo, Picture
from digest.settings import PublishSettings

FOLDER = "pictures"


def picture_path(picture: Picture) -> str:
    """Its path below ``feeds_dir``; what stands there never changes."""
    return f"{FOLDER}/{picture.name}"


def picture_url(publish: PublishSettings, picture: Picture) -> str:
    """Its address, of our own host: who opens a mail tells nobody else of it."""
    return f"{publish.feeds_url.rstrip('/')}/{picture_path(picture)}"


def pictures(document: IssueDocument) -> tuple[Picture, ...]:
    """All pictures that an issue shows, each once."""
    return tuple(dict.fromkeys(shown.picture for shown in _shown(document) if shown.picture))


def known(document: IssueDocument) -> Mapping[str, Picture]:
    """The pictures that an issue has, by the address from which each was fetched."""
    return {
        address: shown.picture for shown in _shown(document) if shown.picture and (address := _wanted(shown))
    }


def missing(document: IssueDocument) -> tuple[str, ...]:
    """The addresses of the stills of videos that have no picture yet, in reading order."""
    return tuple(
        dict.fromkeys(filter(None, (_wanted(shown) for shown in _shown(document) if not shown.picture)))
    )


def illustrated(document: IssueDocument, found: Mapping[str, Picture]) -> IssueDocument:
    """The issue with these pictures, by address, where it had none."""

    def with_picture(shown: PickVideo) -> PickVideo:
        return replace(shown, picture=shown.picture or found.get(_wanted(shown)))

    def listed(post: ListedPost) -> ListedPost:
        return replace(post, picture=post.picture or found.get(_wanted(post)))

    def group(shown: Group) -> Group:
        picks = (replace(pick, videos=tuple(map(with_picture, pick.videos))) for pick in shown.picks)
        return replace(shown, picks=tuple(picks))

    groups, videos = tuple(map(group, document.groups)), tuple(map(listed, document.new_videos))
    return replace(document, groups=groups, new_videos=videos)


def _shown(document: IssueDocument) -> Iterator[PickVideo | ListedPost]:
    for pick in document.picks:
        yield from pick.videos
    yield from document.new_videos


def _wanted(shown: PickVideo | ListedPost) -> str:
    """The address of its still, or ""."""
    return shown.video.thumbnail if shown.video else ""
