"""What is kept: sources, posts, issues, the audience and the delivery ledger, on SQLite or PostgreSQL.

Functions, not classes: each takes an open ``Connection`` first, and its caller owns the transaction
(``database.transaction``). Rows become values of ``digest.model`` here; dicts never leave.
"""

from __future__ import annotations

from digest.store import (
    archive,
    audience,
    audit,
    bounces,
    choices,
    corrections,
    deliveries,
    editions,
    editors,
    holdings,
    holds,
    issues,
    latest,
    meanings,
    merges,
    outbox,
    pings,
    posts,
    reader_changes,
    reader_links,
    redactions,
    reports,
    sign_ups,
    sources,
    suppressions,
    sweeping,
    withdrawals,
)

__all__ = [
    "archive",
    "audience",
    "audit",
    "bounces",
    "choices",
    "corrections",
    "deliveries",
    "editions",
    "editors",
    "holdings",
    "holds",
    "issues",
    "latest",
    "meanings",
    "merges",
    "outbox",
    "pings",
    "posts",
    "reader_changes",
    "reader_links",
    "redactions",
    "reports",
    "sign_ups",
    "sources",
    "suppressions",
    "sweeping",
    "withdrawals",
]
