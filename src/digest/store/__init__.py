"""What is kept: sources, posts, issues, the audience and the delivery ledger, on SQLite or PostgreSQL.

Functions, not classes: each takes an open ``Connection`` first, and its caller owns the transaction
(``database.transaction``). Rows become values of ``digest.model`` here; dicts never leave.
"""

from __future__ import annotations

from digest.store import (
    archive,
    audience,
    corrections,
    deliveries,
    editions,
    issues,
    merges,
    pings,
    posts,
    redactions,
    sources,
    sweeping,
    withdrawals,
)

__all__ = [
    "archive",
    "audience",
    "corrections",
    "deliveries",
    "editions",
    "issues",
    "merges",
    "pings",
    "posts",
    "redactions",
    "sources",
    "sweeping",
    "withdrawals",
]
