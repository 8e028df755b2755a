"""Which issue of a digest was sent last, and whether somebody is in its ledger."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import Connection, and_, exists, select

from digest.deliver.ledger import OPEN
from digest.model import DeliveryState, IssueId, Send, SendState
from digest.store.schema import deliveries, issues, sends

_COLUMNS = tuple(sends.c[field.name] for field in fields(Send))
# A row in one of these states has been a copy, or may still become one: expired and rejected ones by ``digest retry``.
_A_COPY = frozenset({*OPEN, DeliveryState.ACCEPTED, DeliveryState.EXPIRED, DeliveryState.REJECTED})


def newest_send(connection: Connection, digest: str) -> Send | None:
    """The send that was requested last of those that go on or are done, or None."""
    gone_out = sends.c.state.in_((SendState.RUNNING, SendState.FINISHED))
    query = select(*_COLUMNS).join(issues, issues.c.id == sends.c.issue)
    newest = query.where(issues.c.digest == digest, gone_out).order_by(sends.c.requested_at.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    return Send(**row._mapping) if row else None


def is_in_ledger(connection: Connection, issue: IssueId, subscriber: int) -> bool:
    """Whether the ledger has, or may still send, a copy of an issue for a subscriber."""
    theirs = and_(deliveries.c.issue == issue, deliveries.c.subscriber == subscriber)
    query = select(exists().where(theirs, deliveries.c.state.in_(_A_COPY)))
    return connection.execute(query).scalar_one()
