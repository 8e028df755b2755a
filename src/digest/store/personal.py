"""What is kept of one person, gathered for them to take along (GDPR, articles 15 and 20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from digest.model import Consent, DeliveryState, IssueId, OutboxKind, SignUp, Subscription
from digest.store import audience, consents
from digest.store.schema import deliveries, outbox, sign_ups, subscribers, subscriptions, suppressions


@dataclass(frozen=True, slots=True)
class SentIssue:
    """An issue that was to go to a person, and what became of it."""

    issue: IssueId
    state: DeliveryState
    at: datetime | None
    reply: str  # of the mail server


@dataclass(frozen=True, slots=True)
class SentMail:
    """Another mail that was written to a person."""

    kind: OutboxKind
    written_at: datetime
    state: DeliveryState


@dataclass(frozen=True, slots=True)
class PersonalData:
    """All that is kept of one person."""

    address: str
    known_since: datetime
    subscriptions: tuple[Subscription, ...]
    asked_for: tuple[SignUp, ...]  # and not confirmed
    issues: tuple[SentIssue, ...]
    other_mail: tuple[SentMail, ...]
    not_written_to: str  # why, where we must not; or ""
    consents: tuple[Consent, ...] = ()  # step by step, the newest first


def about(connection: Connection, subscriber: int) -> PersonalData:
    """What is kept of a subscriber."""
    row = connection.execute(select(subscribers).where(subscribers.c.id == subscriber)).one()
    digests = select(subscriptions.c.digest).where(subscriptions.c.subscriber == subscriber)
    found = (
        audience.subscription(connection, subscriber, digest)
        for digest in connection.execute(digests).scalars()
    )
    why = select(suppressions.c.reason).where(suppressions.c.address_key == row.address_key)
    return PersonalData(
        row.address,
        row.created_at,
        tuple(subscription for subscription in found if subscription),
        _asked_for(connection, subscriber),
        _issues(connection, subscriber),
        _other_mail(connection, row.address_key),
        connection.execute(why).scalar() or "",
        consents.trail(connection, subscriber),
    )


def _asked_for(connection: Connection, subscriber: int) -> tuple[SignUp, ...]:
    query = select(sign_ups).where(sign_ups.c.subscriber == subscriber).order_by(sign_ups.c.digest)
    return tuple(SignUp(**row._mapping) for row in connection.execute(query))


def _issues(connection: Connection, subscriber: int) -> tuple[SentIssue, ...]:
    columns = (deliveries.c.issue, deliveries.c.state, deliveries.c.settled_at, deliveries.c.reply)
    query = select(*columns).where(deliveries.c.subscriber == subscriber).order_by(deliveries.c.id)
    return tuple(SentIssue(*row) for row in connection.execute(query))


def _other_mail(connection: Connection, key: str) -> tuple[SentMail, ...]:
    columns = (outbox.c.kind, outbox.c.created_at, outbox.c.state)
    query = select(*columns).where(outbox.c.address_key == key).order_by(outbox.c.id)
    return tuple(SentMail(*row) for row in connection.execute(query))
