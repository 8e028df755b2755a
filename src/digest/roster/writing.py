"""Our own list: what ``reading`` reads back equal, and a spreadsheet shows without running any of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

from digest.model import Subscription, SubscriptionState, Suppression
from digest.roster.formats import GUARDED
from digest.roster.rows import Standing

COLUMNS = (
    "address",
    "digest",
    "state",
    "themes",
    "consent_at",
    "consent_source",
    "left_at",
    "why",
    "cause",
    "paused_until",
    "number",
)
_STATES = {
    SubscriptionState.PENDING: Standing.PENDING,
    SubscriptionState.CONFIRMED: Standing.SUBSCRIBED,
    SubscriptionState.UNSUBSCRIBED: Standing.UNSUBSCRIBED,
}


def subscription_cells(subscription: Subscription) -> Sequence[str]:
    """A subscription as cells, in the order of ``COLUMNS``; no themes mean all of them."""
    return (
        subscription.address,
        subscription.digest,
        _STATES[subscription.state],
        ";".join(subscription.themes or ()),
        _moment(subscription.consent_at),
        subscription.consent_source,
        _moment(subscription.unsubscribed_at),
        "",
        "",
        _moment(subscription.paused_until),
        str(subscription.subscriber),
    )


def suppression_cells(suppression: Suppression) -> Sequence[str]:
    """A suppression as cells: it is of no one digest."""
    return (
        suppression.address,
        "",
        Standing.SUPPRESSED,
        "",
        "",
        "",
        _moment(suppression.at),
        suppression.reason,
        suppression.cause,
        "",
        "",
    )


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else ""


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A CSV file (RFC 4180) line by line, its header first; cells are guarded."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in chain((columns,), rows):
        writer.writerow([guarded(str(cell)) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: where it might, a ' stands before it (OWASP, "CSV Injection")."""
    return f"'{cell}" if cell[:1] and cell[0] in GUARDED else cell
