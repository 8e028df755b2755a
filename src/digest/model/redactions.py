"""What was removed on request, known by fingerprints only: a rule that keeps a name would be one more place with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RedactionKind(StrEnum):
    """What a fingerprint is of."""

    WORDS = "words"  # a name or a quote: these words, one after the other
    ADDRESS = "address"  # a post or a source: whatever is known by this address, id, key or slug


@dataclass(frozen=True, slots=True)
class Redaction:
    """A standing rule: what has this fingerprint is not kept and not shown, wherever it comes from."""

    fingerprint: str  # ``text.blackout.fingerprint``
    kind: RedactionKind
    words: int  # how many; 0 for an address
    salt: str  # hexadecimal
    at: datetime
