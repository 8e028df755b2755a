"""What happened to a database as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MoveKind(StrEnum):
    """Why a database is not used as any other."""

    DEPARTED = "departed"  # it was moved elsewhere: nothing is written to it any more
    ARRIVING = "arriving"  # it is being filled, and the one it comes from is still in use
    HELD = "held"  # restored or copied: no mail leaves until a person has looked


@dataclass(frozen=True, slots=True)
class Move:
    """One such fact, with the other place: an address without its password, or the name of a backup."""

    kind: MoveKind
    place: str
    at: datetime
