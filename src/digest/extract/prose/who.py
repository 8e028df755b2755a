"""Whom the words of a sentence mean, by which of them, and on what grounds."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from digest.extract.prose.entities import Entity


class Link(Enum):
    """What the text has in place of a name."""

    NAME = auto()
    PRONOUN = auto()
    ROLE = auto()
    VERB = auto()  # without a subject
    NOTHING = auto()  # a quotation without a frame


class Pick(Enum):
    """Why it means that person."""

    NAMED = "is {name}"
    DOUBTFUL = "may be no name"
    SUBJECT = "is {name}, the subject of the sentence before"
    ONLY = "is {name}, the only one whom it can mean"
    MAIN = "is {name}, whom the post names most"
    LAST = "is {name}, who was named last"
    EARLIER = "is {name}, who was named before"
    UNCLEAR = "may be {name} or somebody else"
    AHEAD = "is {name}, whom the next sentences introduce"
    AUTHOR = "is the author"
    UNNAMED = "is nobody whom the post names"
    GOES_ON = "goes on speaking"
    TURN = "is {name}, whose turn it is again"


class Who(NamedTuple):  # made for most sentences of a post, as events are: a third of the time of a dataclass
    """Somebody who is meant, and on what grounds."""

    entity: Entity | None
    link: Link
    pick: Pick
    words: str = ""  # by which
    name: str = ""  # of who is no entity

    @property
    def shown(self) -> str:
        """The name as it is printed, or ``""``."""
        return self.entity.shown if self.entity else self.name
