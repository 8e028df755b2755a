"""What a theme would catch with other terms, before anybody saves them: the posts that it gains and loses, and why.

Only rules and terms are asked (``themes.assign``): what posts read like is learned anew in each issue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from digest.assemble.themes import assign
from digest.assemble.window import Material
from digest.model import Post, Rule, Theme


@dataclass(frozen=True, slots=True)
class Moved:
    """A post that a theme gains or loses: ``other`` is the title of the theme it comes from or goes to, or ""."""

    post: Post
    why: str  # why it is there, or was
    other: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A changed theme against posts; each list is in the order of the posts."""

    posts: int  # that were looked at
    before: int  # how many of them the theme catches as it is
    after: int  # and as it would be
    gained: tuple[Moved, ...]
    lost: tuple[Moved, ...]


def trial(
    material: Iterable[Material], themes: Sequence[Theme], changed: Theme, rules: Sequence[Rule]
) -> Trial:
    """What becomes of posts where ``changed`` takes the place of the theme of its slug, or is a further one."""
    known = any(theme.slug == changed.slug for theme in themes)
    others = [changed if theme.slug == changed.slug else theme for theme in themes]
    new = others if known else [*others, replace(changed, retired=False)]
    titles = {theme.slug: theme.title for theme in new} | {"": ""}
    gained, lost = [], []
    posts = before = after = 0
    for each in material:
        old = assign(each.post, each.reading, themes, rules)
        then = assign(each.post, each.reading, new, rules)
        was, would = old.theme == changed.slug, then.theme == changed.slug
        posts, before, after = posts + 1, before + was, after + would
        if would and not was:
            gained.append(Moved(each.post, then.why, titles[old.theme]))
        elif was and not would:
            lost.append(Moved(each.post, old.why, titles[then.theme]))
    return Trial(posts, before, after, tuple(gained), tuple(lost))
