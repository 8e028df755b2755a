"""Where the posts of an issue stand: taken out, taken in, moved, placed, pinned; each as a new document."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from digest.assemble import quotes
from digest.assemble.related import video_key
from digest.errors import DigestError, NotFoundError
from digest.model import Group, IssueDocument, ListedPost, Pick, Theme
from digest.text.links import canonical


def key_of(document: IssueDocument, name: str) -> str:
    """The key of the post that is named by address or key, wherever in the issue it stands.

    Raises:
        NotFoundError: the issue neither shows nor names it.
    """
    shown: tuple[Pick | ListedPost, ...] = (
        *document.picks,
        *document.new_videos,
        *document.also_published,
    )
    for post in shown:
        if _named(post, name):
            return post.post
    raise NotFoundError(f"{document.id} has no post {name}; its posts: digest show {document.id}")


def pick_of(document: IssueDocument, name: str) -> Pick:
    """The pick that is named by address or key.

    Raises:
        NotFoundError: the issue shows no such post.
    """
    for pick in document.picks:
        if _named(pick, name):
            return pick
    raise NotFoundError(f"{document.id} has no post {name} under a theme; see: digest show {document.id}")


def group_of(document: IssueDocument, name: str) -> Group:
    """The group of that slug, name or anchor.

    Raises:
        NotFoundError: there is none; the sentence lists those there are.
    """
    for group in document.groups:
        if name in (group.slug, group.name, group.anchor) and name:
            return group
    there = ", ".join(group.slug or group.anchor for group in document.groups) or "none"
    raise NotFoundError(f"{document.id} has no theme {name!r}; there are {there}.")


def _named(post: Pick | ListedPost, name: str) -> bool:
    return name == post.post or (canonical(name) or name) == (canonical(post.url) or post.url)


# ── in and out ───────────────────────────────────────────────────────────────────────────────────


def without(document: IssueDocument, keys: Collection[str]) -> IssueDocument:
    """The issue without these posts."""
    if not keys:
        return document
    return grouped(
        replace(
            document,
            new_videos=tuple(post for post in document.new_videos if post.post not in keys),
            also_published=tuple(post for post in document.also_published if post.post not in keys),
        ),
        [_with_picks(group, lambda pick: pick.post not in keys) for group in document.groups],
    )


def joined(document: IssueDocument, added: IssueDocument, themes: Sequence[Theme]) -> IssueDocument:
    """The issue with what another one shows or names, as far as it does not do so itself."""
    known = set(document.posts)
    picked = {pick.post for pick in added.picks}
    groups = list(document.groups)
    for group in added.groups:
        new = _with_picks(group, lambda pick: pick.post not in {each.post for each in document.picks})
        groups = _with_group(groups, new, themes)
    named = tuple(post for post in document.also_published if post.post not in picked)
    videos = tuple(post for post in document.new_videos if post.post not in picked)
    more = tuple(post for post in added.new_videos if post.post not in known)
    whole = replace(document, new_videos=(*videos, *more), also_published=named)
    return grouped(whole, _each_video_once(groups))


def _each_video_once(groups: Iterable[Group]) -> list[Group]:
    """A video that is a pick of its own stands there, any other under the first pick that shows it."""
    groups = list(groups)
    shown = {
        video_key(each.video)
        for group in groups
        for pick in group.picks
        if not pick.minutes
        for each in pick.videos
    }

    def once(pick: Pick) -> Pick:
        if not pick.minutes:
            return pick
        videos = tuple(each for each in pick.videos if video_key(each.video) not in shown)
        shown.update(video_key(each.video) for each in videos)
        return replace(pick, videos=videos)

    return [replace(group, picks=tuple(map(once, group.picks))) for group in groups]


# ── where ────────────────────────────────────────────────────────────────────────────────────────


def moved(document: IssueDocument, name: str, slug: str, themes: Sequence[Theme]) -> IssueDocument:
    """The issue with a pick at the end of another theme; a theme that has nothing yet gets its place in their order.

    Raises:
        NotFoundError: the digest has no such theme, or the issue no such pick.
    """
    titles: Mapping[str, str] = {theme.slug: theme.title for theme in themes}
    if slug not in titles:
        raise NotFoundError(f"There is no theme {slug!r}; there are {', '.join(titles) or 'none'}.")
    pick = pick_of(document, name)
    groups = [_with_picks(group, lambda each: each is not pick) for group in document.groups]
    here = Group(slug, titles[slug], (replace(pick, why="An editor put it here."),))
    return grouped(document, _with_group(groups, here, themes))


def placed(document: IssueDocument, name: str, number: int) -> IssueDocument:
    """The issue with a pick as the first (1), second, … of its group; a number too high makes it the last.

    Raises:
        NotFoundError: the issue has no such pick.
        DigestError: the number is none from 1 on.
    """
    if number < 1:
        raise DigestError(f"{number} is no place under a theme: give 1 for the first.")
    pick = pick_of(document, name)

    def arranged(picks: tuple[Pick, ...]) -> tuple[Pick, ...]:
        others = [each for each in picks if each is not pick]
        return (*others[: number - 1], pick, *others[number - 1 :]) if pick in picks else picks

    return grouped(document, [replace(group, picks=arranged(group.picks)) for group in document.groups])


def pinned(document: IssueDocument, name: str, keep: bool) -> IssueDocument:
    """The issue with a pick kept at the head of its group, or no longer kept there.

    Raises:
        NotFoundError: the issue has no such pick.
    """
    pick = pick_of(document, name)
    return changed(document, pick, replace(pick, pinned=keep))


def ordered(document: IssueDocument, names: Sequence[str]) -> IssueDocument:
    """The issue with these groups first, in this order; the others follow as they stood.

    Raises:
        NotFoundError: it has no such group.
    """
    first = list(dict.fromkeys(group_of(document, name) for name in names))
    return replace(document, groups=(*first, *(group for group in document.groups if group not in first)))


def changed(document: IssueDocument, pick: Pick, new: Pick) -> IssueDocument:
    """The issue with one pick in the place of another."""
    groups = [
        replace(group, picks=tuple(new if each is pick else each for each in group.picks))
        for group in document.groups
    ]
    return grouped(document, groups)


def grouped(document: IssueDocument, groups: Sequence[Group]) -> IssueDocument:
    """The issue with other groups, without the empty ones; in each what is pinned comes first.

    Its quote of the week is one that it still prints.
    """
    shown = tuple(_pins_first(group) for group in groups if group.picks)
    document = replace(document, groups=shown)
    printed = {quote.id for pick in document.picks for quote in pick.quotes}
    if document.quote_of_the_week in printed:
        return document
    best = quotes.quote_of_the_week(document.picks)
    return replace(document, quote_of_the_week=best.id, quote_of_the_week_why=best.why)


def _pins_first(group: Group) -> Group:
    return replace(group, picks=tuple(sorted(group.picks, key=lambda pick: not pick.pinned)))


def _with_picks(group: Group, stays: Callable[[Pick], bool]) -> Group:
    return replace(group, picks=tuple(filter(stays, group.picks)))


def _with_group(groups: Sequence[Group], new: Group, themes: Sequence[Theme]) -> list[Group]:
    """The groups with the picks of another at the end of the one that has its anchor, or in its place among them."""
    if any(group.anchor == new.anchor for group in groups):
        return [
            replace(group, picks=(*group.picks, *new.picks)) if group.anchor == new.anchor else group
            for group in groups
        ]
    place = {theme.slug: number for number, theme in enumerate(themes)}
    return sorted(
        (*groups, new), key=lambda group: (place.get(group.slug, len(place)), group.anchor == "more")
    )
