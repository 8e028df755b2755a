"""What an editor's change draws on: themes, the posts that it adds, and what is read in the posts that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection

from digest import store
from digest.assemble.arranging import pick_of
from digest.assemble.drafting import covered
from digest.assemble.editing import Change, Stock
from digest.assemble.related import offered_posts, offered_videos
from digest.assemble.spelling import respelt
from digest.assemble.window import Material
from digest.extract.reading import read_post
from digest.model import Issue, IssueDocument, Pick, Post, PostKind
from digest.pipeline.drafts.composing import compose
from digest.pipeline.drafts.draft import chosen
from digest.pipeline.installation import Installation


def stock_of(installation: Installation, connection: Connection, issue: Issue, change: Change) -> Stock:
    """What the change draws on.

    Raises:
        NotFoundError: the issue has no such post, or none of those that are to be added is stored.
    """
    digest = installation.digest(issue.id.digest)
    posts = tuple(chosen(connection, change.add))
    named = [name for name, _ in (*change.quotes, *change.videos, *change.related)]
    offered = _offered(installation, connection, issue, named)
    return Stock(
        covered(store.sources.themes(connection), digest),
        tuple(
            compose(installation, connection, issue.id, together, chosen=True) for together in _apart(posts)
        ),
        {key: material.reading.quotes for key, material in offered.items()},
        _texts(connection, _quoted(issue.document, change)),
        {key: offered_videos(material) for key, material in offered.items()},
        {key: offered_posts(material) for key, material in offered.items()},
    )


def offer(installation: Installation, connection: Connection, pick: Pick) -> Material | None:
    """The post of a pick, in the revision that the issue shows, and all that is read in it; None where it is gone."""
    post = store.posts.post(connection, pick.post, pick.revision)
    source = store.sources.source(connection, pick.source)
    if post is None or source is None:
        return None
    rules = store.sources.rules(connection)
    return respelt(Material(post, read_post(post, installation.words), source), rules)


def _apart(posts: Sequence[Post]) -> Iterator[Sequence[Post]]:
    """Articles, and the videos that the editor makes picks of."""
    for kind in PostKind:
        if found := [post for post in posts if post.kind is kind]:
            yield found


def _offered(
    installation: Installation, connection: Connection, issue: Issue, names: Iterable[str]
) -> Mapping[str, Material]:
    picks = {pick.post: pick for pick in (pick_of(issue.document, name) for name in names)}
    found = {key: offer(installation, connection, pick) for key, pick in picks.items()}
    return {key: material for key, material in found.items() if material}


def _quoted(document: IssueDocument, change: Change) -> list[Pick]:
    """The picks whose texts the change takes words from."""
    cut = {name for name, _ in change.cuts}
    picks = [pick_of(document, name) for name, _, _ in change.excerpts]
    return picks + [pick for pick in document.picks if cut & {shown.id for shown in pick.quotes}]


def _texts(connection: Connection, picks: Iterable[Pick]) -> Mapping[str, str]:
    return {pick.post: store.posts.revision_text(connection, pick.post, pick.revision) for pick in picks}
