"""What editors are told of a send afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from digest.model import BounceKind, IssueId
from digest.store.bounces import BY_RELAY
from digest.store.schema import bounces, deliveries, subscriptions


def bounced(connection: Connection, issue: IssueId) -> Mapping[str, int]:
    """How many mails of an issue came back, by what the bounce means."""
    query = select(bounces.c.kind, func.count()).join(deliveries, deliveries.c.id == bounces.c.delivery)
    came_back = (deliveries.c.issue == issue) & (bounces.c.source != BY_RELAY)
    rows = connection.execute(query.where(came_back).group_by(bounces.c.kind))
    return {str(kind): count for kind, count in rows}


def left_since(connection: Connection, digest: str, since: datetime) -> int:
    """How many have unsubscribed from a digest since then."""
    query = select(func.count()).select_from(subscriptions)
    left = (subscriptions.c.digest == digest) & (subscriptions.c.unsubscribed_at >= since)
    return connection.execute(query.where(left)).scalar_one()


def bounced_since(connection: Connection, since: datetime) -> Mapping[tuple[BounceKind, str], int]:
    """How many mails of ours came back since then, by what the bounce means and by domain."""
    ours = (bounces.c.at >= since) & bounces.c.delivery.is_not(None) & (bounces.c.source != BY_RELAY)
    query = select(bounces.c.kind, bounces.c.domain, func.count()).where(ours)
    rows = connection.execute(query.group_by(bounces.c.kind, bounces.c.domain))
    return {(kind, domain): count for kind, domain, count in rows}
