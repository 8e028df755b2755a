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


@dataclass(frozen=True, slots=True)
class Rule:
    """A standing correction: ``subject`` is a source slug or a video address, ``theme`` a slug or ""."""

    kind: RuleKind
    subject: str
    theme: str = ""
    owner: SourceOwner = SourceOwner.FILE
    retired: bool = False
