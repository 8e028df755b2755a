"""Claim → send → settle: what is due of a ledger, over several connections at once.

One thread drives all connections (``loop``). Two commits concern a message, and all connections share them
(``scribe``): one settles the row before and lets the body of this one begin, after the relay's 354 and before the first
byte; the next one settles it. Whatever dies in between leaves rows that tell how far they came, so nothing is lost and
nothing is sent twice; of each connection at most one row is in doubt, and a few that were only claimed go back to
the queue.
"""

from __future__ import annotations

from digest.sender.issue import LEASE, IssueLedger, send_issue
from digest.sender.ledgers import Ledger
from digest.sender.owners import is_gone
from digest.sender.run import Report, send_all
from digest.sender.transport import Transport, dry_run, send_copy

__all__ = [
    "LEASE",
    "IssueLedger",
    "Ledger",
    "Report",
    "Transport",
    "dry_run",
    "is_gone",
    "send_all",
    "send_copy",
    "send_issue",
]
