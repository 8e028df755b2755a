"""Somebody or something that a post names, and what its text tells of that."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

_TELLING = 0.9  # votes for a man or a woman that leave no doubt


class Sex(Enum):
    """What the grammar of a post tells of somebody."""

    UNKNOWN = 0
    MAN = 1
    WOMAN = 2


@dataclass(slots=True, eq=False)
class Entity:
    """A person or an organisation. ``votes`` are what speaks for a man and for a woman."""

    name: str
    words: tuple[str, ...]  # plain
    organisation: bool
    first: int  # the token that first names it; -1 for the title of the post
    trusted: bool = False  # surely a name, also where it is one word
    person: bool = False  # surely a person: has a title, a role or an age, or speaks
    title: str = ""  # "Judge", "Frau": what stands before a surname
    count: int = 0
    governed: int = 0  # how often a preposition stands before it, as before places
    headline: bool = False
    man: float = 0.0
    woman: float = 0.0
    roles: set[str] = field(default_factory=set)

    @property
    def sex(self) -> Sex:
        """The sex that most speaks for."""
        if self.man == self.woman or self.organisation:
            return Sex.UNKNOWN
        return Sex.MAN if self.man > self.woman else Sex.WOMAN

    def may_be(self, sex: Sex) -> float:
        """How well a man or a woman fits, 0–1."""
        own = self.sex
        if sex is Sex.UNKNOWN or sex is own:
            return 1.0
        if own is Sex.UNKNOWN:
            return 0.65
        return 0.25 if abs(self.man - self.woman) < _TELLING else 0.0

    @property
    def is_governed(self) -> bool:
        """Whether a preposition stands before the name each time, as before places."""
        return 0 < self.count == self.governed

    @property
    def shown(self) -> str:
        """The name as it is printed: with its title where there is only a surname."""
        return f"{self.title} {self.name}" if self.title and " " not in self.name else self.name


class Mention(NamedTuple):
    """Where an entity is named: tokens ``[first, end)``, the title before the name included."""

    first: int
    end: int
    entity: Entity


def vote(entity: Entity, sex: Sex, weight: float) -> None:
    """Let something speak for a man or a woman, with a weight of up to 3."""
    if sex is Sex.MAN:
        entity.man += weight
    elif sex is Sex.WOMAN:
        entity.woman += weight
