"""The ledger: one row per (issue, subscriber), written before the first byte is sent.

What may follow what is said by ``deliver.ledger``. Owner and fence say whose a row is: claiming raises the fence,
so a worker that was stopped past its lease changes nothing when it wakes. Only claimed and sending rows have
a lease. Claiming also binds a row to the version that its send gives out, and no body is begun once that is another.

Every step takes many rows at once, so that the connections of a sender share one transaction, and its fsync.
In one transaction: rows are locked first, in the order of their ids, then their send; nobody waits for a row
while holding a lock on its send, so a worker that settles rows and then looks at the send never meets, in a
deadlock, an editor who comes from the other side. Rows that an editor passes over because a worker holds them are
stopped by ``begin``.
"""

from __future__ import annotations

from digest.store.deliveries.claiming import claim, give_back_of
from digest.store.deliveries.columns import UNSENT
from digest.store.deliveries.fencing import SENDING_LEASE, begin
from digest.store.deliveries.looking import finished_since, last_send, newest_to, page, per_minute
from digest.store.deliveries.parts import end_first_part, first_part_of
from digest.store.deliveries.reading import Account, accounts, counts, gone_since, rows
from digest.store.deliveries.recalling import recall
from digest.store.deliveries.requesting import request_send, running_sends, send
from digest.store.deliveries.settling import settle, settle_doubt
from digest.store.deliveries.steering import (
    cancel_for,
    cancel_open,
    expire,
    finish_if_done,
    retry,
    set_send_state,
)
from digest.store.deliveries.turning import turn

__all__ = [
    "SENDING_LEASE",
    "UNSENT",
    "Account",
    "accounts",
    "begin",
    "cancel_for",
    "cancel_open",
    "claim",
    "counts",
    "end_first_part",
    "expire",
    "finish_if_done",
    "finished_since",
    "first_part_of",
    "give_back_of",
    "gone_since",
    "last_send",
    "newest_to",
    "page",
    "per_minute",
    "recall",
    "request_send",
    "retry",
    "rows",
    "running_sends",
    "send",
    "set_send_state",
    "settle",
    "settle_doubt",
    "turn",
]
