"""One turn of the sender: rows that are settled and rows that ask to begin, in the fewest statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from digest.deliver.ledger import Claim, Settled
from digest.model import Delivery
from digest.store.deliveries.columns import locked
from digest.store.deliveries.fencing import begin_locked
from digest.store.deliveries.settling import settle_locked


def turn(
    connection: Connection,
    settled: Sequence[tuple[Delivery, Settled]],
    asking: Sequence[Delivery],
    now: datetime,
) -> tuple[frozenset[Claim], frozenset[Claim]]:
    """``settle`` and ``begin`` at once: the claims that were written, and those whose bodies may leave."""
    held = locked(connection, [*(row for row, _ in settled), *asking])
    return settle_locked(connection, settled, held, now), begin_locked(connection, asking, held, now)
