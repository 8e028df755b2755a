"""What came back, and what it does: each bounce once, in one transaction with its effect.

The rules are those of ``deliver.verdicts``; here their grounds are read and their consequences written.
"""

from __future__ import annotations

from digest.store.bounces.reading import complaints, listed, refused, sent_to
from digest.store.bounces.recording import BY_RELAY, Heard, record, record_unmatched
from digest.store.bounces.undoing import Undone, erase, undo

__all__ = [
    "BY_RELAY",
    "Heard",
    "Undone",
    "complaints",
    "erase",
    "listed",
    "record",
    "record_unmatched",
    "refused",
    "sent_to",
    "undo",
]
