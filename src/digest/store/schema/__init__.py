"""The tables, their constraints and indexes; the same on SQLite and PostgreSQL.

Closed sets of states are CHECK constraints made from the enums of ``digest.model``. Columns hold model
values: an ``IssueId``, a member of an enum, an aware time, a tuple of videos.
"""

from __future__ import annotations

from digest.store.schema.api import api_tokens, keyed_requests
from digest.store.schema.audience import consents, erasures, subscribers, subscriptions, suppressions
from digest.store.schema.bounces import bounces, domain_pauses, holds
from digest.store.schema.collecting import rules, source_items, sources, themes
from digest.store.schema.desk import audit, editors, errands, looks, sessions, tries
from digest.store.schema.issues import digests, edits, issues, pings, renderings, settlements, versions
from digest.store.schema.ledger import deliveries, sends
from digest.store.schema.metadata import metadata
from digest.store.schema.moves import moves
from digest.store.schema.operation import checks, marks, notices
from digest.store.schema.outbox import networks, outbox, reader_links, sign_ups
from digest.store.schema.posts import (
    identities,
    meanings,
    merges,
    posts,
    redactions,
    revisions,
    telling,
    term_counts,
    withdrawals,
)
from digest.store.schema.upgrades import upgrades

__all__ = [
    "api_tokens",
    "audit",
    "bounces",
    "checks",
    "consents",
    "deliveries",
    "digests",
    "domain_pauses",
    "editors",
    "edits",
    "erasures",
    "errands",
    "holds",
    "identities",
    "issues",
    "keyed_requests",
    "looks",
    "marks",
    "meanings",
    "merges",
    "metadata",
    "moves",
    "networks",
    "notices",
    "outbox",
    "pings",
    "posts",
    "reader_links",
    "redactions",
    "renderings",
    "revisions",
    "rules",
    "sends",
    "sessions",
    "settlements",
    "sign_ups",
    "source_items",
    "sources",
    "subscribers",
    "subscriptions",
    "suppressions",
    "telling",
    "term_counts",
    "themes",
    "tries",
    "upgrades",
    "versions",
    "withdrawals",
]
