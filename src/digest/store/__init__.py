"""What is kept: sources, posts, issues, the audience and the delivery ledger, on SQLite or PostgreSQL.

Functions, not classes: each takes an open ``Connection`` first, and its caller owns the transaction
(``database.transaction``). Rows become values of ``digest.model`` here; dicts never leave.
"""

from __future__ import annotations

from digest.store import audience, deliveries, issues, merges, posts, sources

__all__ = ["audience", "deliveries", "issues", "merges", "posts", "sources"]
