"""What editors cover, and what they have decided once and for all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from digest.model.sources import SourceOwner


@dataclass(frozen=True, slots=True)
class Theme:
    """A subject the editors cover."""

    slug: str
    title: str
    terms: tuple[str, ...] = ()
    not_terms: tuple[str, ...] = ()
    terms_by_language: tuple[tuple[str, tuple[str, ...]], ...] = ()  # ("de", ("Wahlen", …)), …
    description: str = ""
    weight: float = 1.0
    owner: SourceOwner = SourceOwner.FILE
    retired: bool = False


class RuleKind(StrEnum):
    """What an editor's standing rule does."""

    SOURCE_THEME = "source-theme"  # posts of this source always stand under this theme
    NEVER_VIDEO = "never-video"  # this video is never shown
    SPELLING = "spelling"  # this name is spelt so


@dataclass(frozen=True, slots=True)
class Rule:
    """A standing correction: ``subject`` is a source slug, a video's address, or a name as posts spell it."""

    kind: RuleKind
    subject: str
    theme: str = ""  # the slug of a source's theme
    owner: SourceOwner = SourceOwner.FILE
    retired: bool = False
    spelling: str = ""  # the name as it is to be printed
