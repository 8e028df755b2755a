"""Themes, in requests and answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field, Strict, StringConstraints

from digest.api.shapes.words import Line, Slug, Term, Wanted
from digest.assemble.trial import Moved, Trial
from digest.model import SourceOwner, Theme

Terms = Annotated[tuple[Term, ...], Field(max_length=100)]


class TermsWanted(Wanted):
    """The terms of a theme in one language."""

    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    terms: Terms


class ChangedTheme(Wanted):
    """A theme as it is to be; without terms its title is its term."""

    title: Term
    description: Line = ""
    weight: Annotated[float, Strict(), Field(gt=0, le=10, allow_inf_nan=False)] = 1.0
    terms: Terms = ()
    not_terms: Terms = ()
    terms_by_language: Annotated[tuple[TermsWanted, ...], Field(max_length=20)] = ()

    def given(self, slug: str) -> dict[str, str]:
        """The same as the verbs take it, which read it as a form says it."""
        return {
            "slug": slug,
            "title": self.title,
            "description": " ".join(self.description.split()),
            "weight": f"{self.weight:.6g}",
            "terms": "\n".join(self.terms),
            "not_terms": "\n".join(self.not_terms),
            "terms_by_language": "\n".join(
                f"{each.language}: {', '.join(each.terms)}" for each in self.terms_by_language
            ),
        }


class ThemeWanted(ChangedTheme):
    """A theme that is to be covered, or tried."""

    slug: Slug


class MergeWanted(Wanted):
    """The theme that the readers of another one read from now on."""

    into: Slug


@dataclass(frozen=True, slots=True)
class LanguageTerms:
    """The terms of a theme in one language."""

    language: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ThemeNow:
    """A subject that the editors cover; what stands in config.toml (``owner``) is changed there only."""

    slug: str
    title: str
    description: str
    terms: tuple[str, ...]
    not_terms: tuple[str, ...]
    terms_by_language: tuple[LanguageTerms, ...]
    weight: float
    owner: SourceOwner


@dataclass(frozen=True, slots=True)
class PostMoved:
    """A post that a changed theme would gain or lose, and why."""

    post: str
    title: str
    url: str
    published: datetime
    why: str


@dataclass(frozen=True, slots=True)
class ThemeTried:
    """What a theme would catch of the posts of the last days, and what it catches as it is."""

    posts: int
    before: int
    after: int
    gained: tuple[PostMoved, ...]
    lost: tuple[PostMoved, ...]


def theme_now(theme: Theme) -> ThemeNow:
    """A theme."""
    return ThemeNow(
        theme.slug,
        theme.title,
        theme.description,
        theme.terms,
        theme.not_terms,
        tuple(LanguageTerms(language, terms) for language, terms in theme.terms_by_language),
        theme.weight,
        theme.owner,
    )


def theme_tried(trial: Trial) -> ThemeTried:
    """What came of trying a theme."""
    gained, lost = tuple(map(_moved, trial.gained)), tuple(map(_moved, trial.lost))
    return ThemeTried(trial.posts, trial.before, trial.after, gained, lost)


def _moved(moved: Moved) -> PostMoved:
    return PostMoved(moved.post.key, moved.post.title, moved.post.url, moved.post.published, moved.why)
