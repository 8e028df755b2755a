"""An editor's change of an issue, as a new document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from digest.assemble import quotes
from digest.errors import DigestError, NotFoundError
from digest.model import Group, Issue, IssueDocument, IssueState, ListedPost, Pick, Theme
from digest.text.language import clean, collapsed
from digest.text.links import canonical

LONGEST_LINE = 300  # characters of a title or subject
LONGEST_INTRODUCTION = 20_000  # characters


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


def edited(
    issue: Issue, change: Change, themes: Sequence[Theme], added: IssueDocument | None = None
) -> Issue:
    """The draft as the editor wants it, its count of changes raised by one.

    Args:
        themes: of the digest, in the order of the issue.
        added: what the posts of ``change.add`` make of themselves.

    Raises:
        NotFoundError: the issue has no such post, or the digest no such theme.
        DigestError: it is no draft, nothing is to change, or a text is empty or too long.
    """
    if issue.state is not IssueState.DRAFT:
        raise DigestError(f"{issue.id} is {issue.state} already and cannot be changed any more.")
    if change == Change():
        raise DigestError(f"Nothing is to change in {issue.id}: see digest edit --help")
    document = _joined(issue.document, added, themes) if added else issue.document
    for name, slug in change.move:
        document = _moved(document, name, slug, themes)
    dropped = [_key(document, name) for name in change.drop]
    document = _without(document, {*dropped, *(_key(document, name) for name in change.later)})
    document = replace(
        document,
        title=document.title if change.title is None else _line("title", change.title),
        subject=document.subject if change.subject is None else _line("subject", change.subject),
        introduction=document.introduction
        if change.introduction is None
        else introduction(change.introduction),
    )
    gone = tuple(dict.fromkeys(key for key in (*issue.dropped, *dropped) if key not in document.posts))
    return replace(issue, document=document, edit=issue.edit + 1, dropped=gone)


def introduction(text: str) -> str:
    """An editor's words as the plain paragraphs that an issue prints.

    Raises:
        DigestError: they are too long.
    """
    text = clean(text).strip()
    if len(text) > LONGEST_INTRODUCTION:
        raise DigestError(
            f"The introduction has {len(text)} characters; {LONGEST_INTRODUCTION} are the most."
        )
    return text


def _line(what: str, text: str) -> str:
    line = collapsed(clean(text))
    if not line or len(line) > LONGEST_LINE:
        raise DigestError(f"The {what} needs between 1 and {LONGEST_LINE} characters; it has {len(line)}.")
    return line


def _named(post: Pick | ListedPost, name: str) -> bool:
    return name == post.post or (canonical(name) or name) == (canonical(post.url) or post.url)


def _key(document: IssueDocument, name: str) -> str:
    """The key of the post that is named, wherever in the issue it stands."""
    shown: tuple[Pick | ListedPost, ...] = (
        *document.picks,
        *document.new_videos,
        *document.also_published,
    )
    for post in shown:
        if _named(post, name):
            return post.post
    raise NotFoundError(f"{document.id} has no post {name}; its posts: digest show {document.id}")


def _without(document: IssueDocument, keys: set[str]) -> IssueDocument:
    if not keys:
        return document
    return _grouped(
        replace(
            document,
            new_videos=tuple(post for post in document.new_videos if post.post not in keys),
            also_published=tuple(post for post in document.also_published if post.post not in keys),
        ),
        [_with_picks(group, lambda pick: pick.post not in keys) for group in document.groups],
    )


def _with_picks(group: Group, stays: Callable[[Pick], bool]) -> Group:
    return replace(group, picks=tuple(filter(stays, group.picks)))


def _moved(document: IssueDocument, name: str, slug: str, themes: Sequence[Theme]) -> IssueDocument:
    """The issue with a pick at the end of another theme; a theme that has nothing yet gets its place in their order."""
    titles: Mapping[str, str] = {theme.slug: theme.title for theme in themes}
    if slug not in titles:
        raise NotFoundError(f"There is no theme {slug!r}; there are {', '.join(titles) or 'none'}.")
    pick = next((pick for pick in document.picks if _named(pick, name)), None)
    if pick is None:
        raise NotFoundError(f"{document.id} has no post {name} under a theme; see: digest show {document.id}")
    groups = [_with_picks(group, lambda each: each is not pick) for group in document.groups]
    here = Group(slug, titles[slug], (replace(pick, why="An editor put it here."),))
    return _grouped(document, _with_group(groups, here, themes))


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


def _joined(document: IssueDocument, added: IssueDocument, themes: Sequence[Theme]) -> IssueDocument:
    """The issue with what another one shows or names, as far as it does not do so itself."""
    known = set(document.posts)
    picked = {pick.post for pick in added.picks}
    groups = list(document.groups)
    for group in added.groups:
        new = _with_picks(group, lambda pick: pick.post not in {each.post for each in document.picks})
        groups = _with_group(groups, new, themes)
    return _grouped(
        replace(
            document,
            new_videos=(
                *document.new_videos,
                *(post for post in added.new_videos if post.post not in known),
            ),
            also_published=tuple(post for post in document.also_published if post.post not in picked),
        ),
        groups,
    )


def _grouped(document: IssueDocument, groups: Sequence[Group]) -> IssueDocument:
    """The issue with other groups, without the empty ones; its quote of the week is one that it still prints."""
    changed = replace(document, groups=tuple(group for group in groups if group.picks))
    printed = {quote.id for pick in changed.picks for quote in pick.quotes}
    if changed.quote_of_the_week in printed:
        return changed
    return replace(changed, quote_of_the_week=quotes.quote_of_the_week(changed.picks))
